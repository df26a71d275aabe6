"""Typed records: facts, provisions, scenarios, truth values. Imports nothing of palermo."""
