"""Shared fixtures: the shipped law, compiled once a test process."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.api import load_law
from engine.inference.law import Law

settings.register_profile(
    "palermo",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("palermo")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law()


@pytest.fixture
def root() -> Path:
    return ROOT
