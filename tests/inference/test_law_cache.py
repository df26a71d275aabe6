"""The cache of the compiled law: keyed by content, private, never trusted when damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.inference import law as module
from engine.inference.law import load_law
from engine.rulebase.load import shipped_rules


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALERMO_CACHE", str(tmp_path))
    monkeypatch.delenv("PALERMO_NO_CACHE", raising=False)
    return tmp_path / "palermo"


def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one whenever rules are really built."""
    built: list[int] = []
    real = module.build_rules

    def counting(folders):  # type: ignore[no-untyped-def]
        built.append(1)
        return real(folders)

    monkeypatch.setattr(module, "build_rules", counting)
    return built


def toy(tmp_path: Path, question: str) -> Path:
    root = tmp_path / "rules"
    for name, text in {
        "facts/a.yaml": "group: a\ntitle: A\nfacts:\n"
        f"  - {{id: a.b, scope: episode, question: {question}}}\n",
        "limits/x.yaml": "id: limit.x\nname: X\nper: episode\nholds: a.b\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_second_load_comes_from_the_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = count(monkeypatch)
    root = toy(tmp_path, "One?")
    first, second = load_law(root), load_law(root)
    assert len(built) == 1
    assert first.plan == second.plan
    assert first.base.facts == second.base.facts


def test_a_changed_rule_is_never_answered_from_the_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = count(monkeypatch)
    load_law(toy(tmp_path, "One?"))
    assert load_law(toy(tmp_path, "Two?")).base.facts["a.b"].question == "Two?"
    assert len(built) == 2


def test_a_damaged_cache_is_ignored(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = count(monkeypatch)
    root = toy(tmp_path, "One?")
    load_law(root)
    (path,) = folder.glob("*.law")
    for damage in (b"", b"x" * 100, path.read_bytes()[:-1]):
        path.write_bytes(damage)
        assert load_law(root).base.facts["a.b"].question == "One?"
    assert len(built) == 4


def test_a_folder_that_others_can_write_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    load_law(toy(tmp_path, "One?"))
    assert not list(folder.glob("*.law"))


def test_a_home_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALERMO_CACHE", "/proc/nowhere")
    monkeypatch.delenv("PALERMO_NO_CACHE", raising=False)
    assert load_law(toy(tmp_path, "One?")).base.facts


def test_compiling_is_deterministic() -> None:
    one = load_law(shipped_rules(), cache=False)
    two = load_law(shipped_rules(), cache=False)
    assert one.plan == two.plan
    assert one.order == two.order
