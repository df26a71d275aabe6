"""palermo: a scenario-based legal reasoning engine on human trafficking.

Layers, imports pointing down only: commands, api, report, reasoning, inference, rulebase,
model. See ``engine.api`` for the Python API.
"""
