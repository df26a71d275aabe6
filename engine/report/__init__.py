"""One result, many formats: the published document, terminal text, JSON.

Imports reasoning and what is below it.
"""
