"""Large libraries, imported only where they are used, with a plain error when missing."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from engine.model.problem import InputError

_EXTRA = {"dask": "cluster", "distributed": "cluster"}


@lru_cache(maxsize=64)
def need(module: str) -> Any:
    """The module. Raises ``InputError`` that says what to install when it is not there."""
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        extra = _EXTRA.get(name)
        raise InputError.single(
            "palermo batch",
            f"{name} is not installed",
            f"pip install 'palermo[{extra}]'" if extra else f"pip install {name}",
        ) from None
