"""Reasons: assessments, explanations, what is missing, tests of the law.

Imports inference, rulebase and model only.
"""
