"""What only reports need: imported when asked for, named plainly when missing."""

from __future__ import annotations

from importlib import import_module, util
from pathlib import Path

from engine.model.problem import InputError

_PACKAGE = {"docx": "python-docx", "fpdf": "fpdf2", "jinja2": "Jinja2"}


def needed(*modules: str) -> None:
    """Raises ``InputError`` that says how to install what is missing."""
    for module in modules:
        try:
            import_module(module)
        except ImportError:
            package = _PACKAGE.get(module, module)
            raise InputError.single(
                "report",
                f"this format needs {package}, which is not installed",
                "pip install 'palermo[reports]'",
            ) from None


def font_folder() -> Path:
    """The folder of the font files that PDFs embed. Raises ``InputError`` where it is missing."""
    found = util.find_spec("font_source_sans_pro")
    if found is None or found.origin is None:
        raise InputError.single(
            "report",
            "this format needs font-source-sans-pro, which is not installed",
            "pip install 'palermo[reports]'",
        )
    return Path(found.origin).parent / "files"
