"""Deciding: the compiled plan, the rows of a scenario, and the two evaluators.

Imports the rulebase and the model only.
"""
