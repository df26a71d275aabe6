"""The law as data: one article a file. See docs/writing-rules.md."""
