"""In bulk: many scenarios at once, as columns of bits, in parts that survive a crash.

Imports reasoning and what is below it.
"""
