"""YAML 1.2 with positions; hostile files end early with a clear error."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.problem import InputError
from engine.rulebase.source import parse_source, read_source


def fault(text: str | bytes, name: str = "x.yaml") -> str:
    with pytest.raises(InputError) as caught:
        parse_source(text, name)
    return str(caught.value)


def test_no_is_a_word_and_norway_is_a_country() -> None:
    value = parse_source("a: no\nb: NO\nc: yes\nd: on\ne: true\nf: FALSE\n", "x").value
    assert value == {"a": "no", "b": "NO", "c": "yes", "d": "on", "e": True, "f": False}


def test_dates_stay_text_and_numbers_are_numbers() -> None:
    value = parse_source("a: 2018-01-01\nb: 12\nc: 0o7\nd: 1.5\ne: '12'\nf: ~\n", "x").value
    assert value == {"a": "2018-01-01", "b": 12, "c": "0o7", "d": 1.5, "e": "12", "f": None}


def test_a_duplicate_key_names_both_lines() -> None:
    assert fault("a: 1\nb: 2\na: 3\n") == "x.yaml:3:1: a is given twice (first on line 1; keep one)"


def test_every_duplicate_is_reported_at_once() -> None:
    assert fault("a: 1\na: 2\nb: {c: 1, c: 2}\n").count("given twice") == 2


def test_places_count_from_one() -> None:
    source = parse_source("a:\n  - b: 1\n    c: x\n", "x")
    assert source.place(("a", 0, "c")) == (3, 8)
    assert source.place(("a", 0, "c"), of_key=True) == (3, 5)
    assert source.place(("a", 0, "nothing", "there")) == (2, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("   \n\n", "the file is empty"),
        ("# only a comment\n", "the file says nothing"),
        ("a: [1,\n", "not YAML"),
        ("a: b: c\n", "not YAML"),
        ("\tx: 1\n", "not YAML"),
        ("a: 1\n---\nb: 2\n", "a second document begins here"),
        ("a: *nobody\n", "refers to nothing"),
        ("a: &a [*a]\n", "refers to nothing"),
        ("a: !!python/object:os.system x\n", "is not allowed"),
        ("? [a]\n: b\n", "a key must be a word"),
        ("a: 9999999999999999999999\n", "too long"),
        (b"a: \xff\xfe\n", "not UTF-8"),
        ("a: \x00\n", "not YAML"),
    ],
)
def test_bad_text_is_a_clear_error(text: str | bytes, message: str) -> None:
    assert message in fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "a: " + "[" * 39 + "[1]" + "]" * 39,
    ],
)
def test_deep_nesting_ends_early(text: str) -> None:
    start = time.perf_counter()
    assert "levels deep" in fault(text)
    assert time.perf_counter() - start < 5


def test_a_yaml_bomb_ends_early() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    start = time.perf_counter()
    assert "once aliases are expanded" in fault("\n".join(lines))
    assert time.perf_counter() - start < 5


def test_aliases_are_fine_in_moderation() -> None:
    value = parse_source("a: &a {x: 1}\nb: *a\nc: [*a, *a]\n", "x").value
    assert value == {"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 1}]}


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    start = time.perf_counter()
    with pytest.raises(InputError, match="104,857,600 bytes is too large"):
        read_source(path)
    assert time.perf_counter() - start < 1


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is a folder"):
        read_source(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_source(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "a is given twice"),
        ('{"a": }', "x.json:1:7: not JSON"),
        ('{"a": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "JSON"),
        ("[" * 60 + "]" * 60, "levels deep"),
    ],
)
def test_bad_json(text: str, message: str) -> None:
    found = fault(text, "x.json")
    assert message in found or (message == "JSON" and "levels deep" in found)


def test_json_has_places_too() -> None:
    source = parse_source('{\n  "a": {"b":\t1}\n}', "x.json")
    assert source.value == {"a": {"b": 1}}
    assert source.place(("a", "b"), of_key=True) == (2, 9)


def problems(data: str | bytes, name: str) -> int | None:
    try:
        parse_source(data, name)
    except InputError as error:
        return len(error.problems)
    return None


@given(st.text(max_size=300))
def test_no_text_does_worse_than_an_input_error(text: str) -> None:
    assert problems(text, "x.yaml") != 0
    assert problems(text, "x.json") != 0


@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_an_input_error(data: bytes) -> None:
    assert problems(data, "x.yaml") != 0
