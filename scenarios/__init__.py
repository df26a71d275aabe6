"""Shipped scenarios: decided cases, hypotheticals, exercises."""
