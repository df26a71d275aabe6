"""Reading: YAML with positions, the law of ``rules/``, scenarios, treaty status, lint.

Imports the model only.
"""
