"""Lines read as columns say exactly what each line says when it is read by itself.

Whatever the bytes are: a line that the reader of tokens takes is a line that the plain way takes,
with the same structure, the same facts and the same setting. The plain way is Python's own JSON
parser and the check of single scenarios.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.batch.block import Block
from engine.batch.columns import Options
from engine.batch.documents import Group, Unusual
from engine.batch.faults import parse_line
from engine.batch.lines import Lines, framed
from engine.batch.structure import Structure
from engine.batch.work import Worker
from engine.inference.law import Law
from engine.model.problem import InputError
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import Source
from tests.batch.samples import document, wide_row

TEXTS = [
    "plain",
    "",
    "a, b, and c",
    'she said "no", twice',
    "braces {a, b} and [c, d]: e",
    "back\\slash, and \\",
    "tab\tand\nline",
    "Ünïcode, 人身取引 \u2028 😀",
    '","facts":{"act.recruitment":true},"x":"',
    "unknown",
    "2001-02-03",
]
ODD = [None, "unknown", "yes", 0, 1, -1, 1.0, 2.5, 10**30, [], {}, [True], {"value": True}, "true"]
PIECES = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b" ", b"\t", b"\r", b"\n", b"\x00"]
PIECES += [
    b"\xff",
    b"\xc3",
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-",
    b"\xef\xbb\xbf",
    b'"id":"x",',
]


@pytest.fixture(scope="module")
def worker(law: Law) -> Worker:
    return Worker(law, Options(contested=False))


def read(worker: Worker, data: bytes) -> Lines:
    return worker.lines.read(framed(memoryview(bytearray(b" " + data + b" "))))


Said = tuple[Structure, object, dict[Any, Any]]


def taken(block: Block, row: int) -> Said:
    """Structure, setting and facts of one line of a block."""
    cells, bit = block.cells, 1 << row % 64
    facts: dict[Any, Any] = {}
    for (section, test), (true, false) in cells._pairs.items():
        yes, no = (bool(int(plane[row // 64]) & bit) for plane in (true, false))
        assert not (yes and no)
        if yes or no:
            facts[section, test[0]] = yes
    for (section, fact), array in cells.arrays.items():
        if array[row].as_py() is not None:
            facts[section, fact] = array[row].as_py()
    return block.shape, block.settings[block.codes[row]], facts


def plainly(worker: Worker, line: bytes) -> tuple[Said, str | None] | None:
    """The same of a line read by itself; ``None`` where something is wrong with it."""
    try:
        value = parse_line(line)
        made = worker.lines.document(value) if type(value) is dict else value
        base, reads = worker.law.base, worker.law.reads
        check_scenario(Source("row", made), base, reads)
        groups: dict[Structure, Group] = {}
        worker.documents.lay_out(made, 0, groups)
    except (InputError, ValueError, Unusual):
        return None
    ((shape, group),) = groups.items()
    facts = {place: values[0] for place, (_, values) in group.stated.items()}
    return (shape, next(iter(group.settings)), facts), made.get("id") or None


def agree(worker: Worker, data: bytes) -> int:
    """Check every line of some bytes; the number of lines taken as columns is returned."""
    found = read(worker, data)
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not lines[-1]:
        lines.pop()
    assert found.rows == len(lines)
    count = 0
    for row, line in enumerate(lines):
        assert found.line(row) == line
        places = [block for block in found.blocks if block.codes[row] >= 0]
        if found.hard[row]:
            assert not places
            continue
        count += 1
        (block,) = places
        plain = plainly(worker, line)
        assert plain is not None, line
        assert taken(block, row) == plain[0], line
        assert found.ids[row].as_py() == plain[1]
    return count


class Pen:
    """Writes JSON in a hand of its own: blanks, escapes, order of keys, keys twice."""

    def __init__(self, seed: int, blanks: float, escapes: float, twice: float) -> None:
        self.rng, self.blanks, self.escapes, self.twice = (
            random.Random(seed),
            blanks,
            escapes,
            twice,
        )

    def blank(self) -> str:
        return self.rng.choice(" \t\r") if self.rng.random() < self.blanks else ""

    def text(self, text: str) -> str:
        def letter(one: str) -> str:
            if self.rng.random() < self.escapes:
                return "".join(f"\\u{half:04x}" for half in _halves(one))
            return json.dumps(one, ensure_ascii=False)[1:-1]

        return '"' + "".join(map(letter, text)) + '"'

    def write(self, value: Any) -> str:
        if isinstance(value, dict):
            items = list(value.items())
            if self.rng.random() < 0.2:
                self.rng.shuffle(items)
            if items and self.rng.random() < self.twice:
                items.append(self.rng.choice(items))
            inner = [
                f"{self.blank()}{self.text(key)}{self.blank()}:{self.blank()}{self.write(item)}"
                for key, item in items
            ]
            return "{" + f"{self.blank()},".join(inner) + self.blank() + "}"
        if isinstance(value, list):
            return "[" + f"{self.blank()},".join(map(self.write, value)) + self.blank() + "]"
        return self.text(value) if isinstance(value, str) else json.dumps(value)


def _halves(one: str) -> list[int]:
    code = one.encode("utf-16-be")
    return [int.from_bytes(code[n : n + 2], "big") for n in range(0, len(code), 2)]


def scenario(rng: random.Random, law: Law, number: int) -> dict[str, Any]:
    made = wide_row(rng, law, number) if rng.random() < 0.4 else document(rng, law, number, number)
    if "facts" in made:
        made["narrative"] = rng.choice(TEXTS)
        for part in made["episodes"].values():
            part["places"] = rng.sample(TEXTS, 2)
        for part in made["actors"].values():
            part["nationality"] = rng.choice([["GRC", "SLE"], "USA", []])
    made["id"] = rng.choice([made["id"], *TEXTS])
    made["title"] = rng.choice(TEXTS)
    return made


def spoiled(rng: random.Random, made: dict[str, Any]) -> dict[str, Any]:
    """The same with one value somewhere replaced by an odd one, or under an unknown key."""
    part = made
    while True:
        key = rng.choice(list(part))
        if type(part[key]) is dict and part[key] and rng.random() < 0.9:
            part = part[key]
            continue
        name = key if rng.random() < 0.8 else rng.choice(["nope", "", "facts", "act.nope", "id"])
        part[name] = rng.choice(ODD)
        return made


@given(
    seed=st.integers(0, 2**32),
    blanks=st.sampled_from([0, 0, 0.05, 0.5]),
    escapes=st.sampled_from([0, 0, 0.02]),
    twice=st.sampled_from([0, 0, 0.1]),
    odd=st.sampled_from([0, 0.3]),
)
@settings(max_examples=250, deadline=None)
def test_any_hand_reads_as_the_plain_way_reads(
    worker: Worker, seed: int, blanks: float, escapes: float, twice: float, odd: float
) -> None:
    rng = random.Random(seed)
    pen = Pen(seed, blanks, escapes, twice)
    made = [scenario(rng, worker.law, rng.randint(0, 5)) for _ in range(rng.randint(1, 8))]
    made = [spoiled(rng, one) if rng.random() < odd else one for one in made]
    end = rng.choice(["\n", "\r\n"])
    text = end.join(map(pen.write, made)) + rng.choice(["", end, end * 3])
    agree(worker, text.encode())


@given(
    seed=st.integers(0, 2**32),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), max_size=4
    ),
)
@settings(max_examples=400, deadline=None)
def test_damaged_bytes_are_never_taken_for_something_else(
    worker: Worker, seed: int, changes: list[tuple[float, int, bytes]]
) -> None:
    rng = random.Random(seed)
    made = [scenario(rng, worker.law, rng.randint(0, 3)) for _ in range(3)]
    data = "\n".join(json.dumps(one, ensure_ascii=False) for one in made).encode()
    for where, gone, piece in changes:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + gone :]
    agree(worker, data or b"\n")


def test_usual_lines_are_read_as_columns(worker: Worker) -> None:
    """Prose, lists, blanks, escapes and several forms do not send a line the plain way."""
    rng = random.Random(8)
    made = []
    for number in range(60):
        one = document(rng, worker.law, number, shape=number % 4)
        one["narrative"] = TEXTS[number % len(TEXTS)]
        for part in one["episodes"].values():
            part["places"] = ["Athens, Greece", "Freetown"]
        for part in [*one["episodes"].values(), *one["actors"].values()]:
            part["facts"] = {k: v for k, v in part["facts"].items() if type(v) is not dict}
        made.append(one if number % 3 else wide_row(rng, worker.law, number))
    pen = Pen(3, 0.1, 0.01, 0)
    lines = [pen.write(one).encode() for one in made]
    usual = sum(plainly(worker, line) is not None for line in lines)
    assert usual > 40
    assert agree(worker, b"\r\n".join(lines)) >= usual - 1


def test_what_people_and_episodes_are_called_is_all_one(worker: Worker) -> None:
    lines = []
    for number in range(40):
        who, what = f"person {number}", f"part {number}"
        lines.append(
            json.dumps(
                {
                    "actors": {who: {"facts": {"part.intentional": number % 2 == 0}}},
                    "states": {"GRC" if number % 3 else "SLE": {"treaties": {"crc": True}}},
                    "episodes": {what: {"actors": [who], "facts": {"act.receipt": True}}},
                }
            ).encode()
        )
    assert agree(worker, b"\n".join(lines)) == 40
    assert len(read(worker, b"\n".join(lines)).blocks) == 1


def test_keys_are_carried_over_and_passed_over(law: Law) -> None:
    options = Options(contested=False, keep=("title", "coder", "victim.child"), ignore=("remark",))
    keeping = Worker(law, options)
    rows: list[dict[str, Any]] = [
        {"title": "a, b", "coder": "Ann", "victim.child": True, "remark": [1, "x, y"]},
        {"title": "t", "coder": 7, "remark": None},
        {"title": "t", "coder": None, "victim.child": None, "act.receipt": True},
        {"title": "t", "facts": {"victim.child": True}, "coder": "x" * 40, "remark": "r"},
        {"title": "t", "facts": {}, "victim.child": True},
        {"coder": {"first": "Ann"}, "act.receipt": True},
    ]
    found = read(keeping, "\n".join(map(json.dumps, rows)).encode())
    assert found.hard.tolist() == [False, False, False, False, True, True]
    for row, made in enumerate(rows):
        kept: dict[str, str | None] = {}
        keeping.lines.without(made, kept)
        if not found.hard[row]:
            assert {name: found.kept[name][row].as_py() for name in options.keep} == {
                name: kept.get(name) for name in options.keep
            }


def test_nothing_usable_is_no_stumbling_block(law: Law) -> None:
    fresh = Worker(law, Options(contested=False))
    assert read(fresh, b'nonsense\n\n{"facts":{"act.receipt":{"value":true}}}\n').hard.all()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"   ",
        b"{}",
        b"[]",
        b"null",
        b'{"act.recruitment":true}}',
        b'{"act.recruitment":true},{"act.receipt":true}',
        b'{"act.recruitment":true}{"act.receipt":true}',
        b'{"act.recruitment":true,}',
        b',{"act.recruitment":true}',
        b'{"act.recruitment":true,"act.recruitment":true}',
        b'{"facts":{"act.recruitment":true},"facts":{"act.receipt":true}}',
        b'{"facts":{"act.recruitment":true}},"dates":{}}',
        b'{"facts":{"act.recruitment":true},"":1}',
        b'{"facts":{"act.recruitment":NaN}}',
        b'{"id":"a\x01b","act.recruitment":true}',
        b'{"id":"a\xffb","act.recruitment":true}',
        b'{"id":"a\\ud800b","act.recruitment":true}',
        b'{"id":3,"act.recruitment":true}',
        b'{"victim.count":-1}',
        b'{"victim.count":1.0}',
        b'{"victim.count":123456789012345678901234567890}',
        b'{"state":"SLE","treaties.crc":1}',
        b'{"start":"2001-02-30"}',
        b'{"start":"2003-01-01","end":"2001-01-01"}',
        b'{"actors":{"a":{}},"episodes":{"e":{"actors":["b"]}}}',
        b'{"actors":{"a":{}},"episodes":{"e":{"actors":["a","a"]}}}',
        b'{"actors":["a"],"facts":{}}',
        b'{"states":{"GRC":{"treaties":{"crc":true,"crc":{"until":"2001-01-01"}}}}}',
        b'{"facts":{"act.recruitment":{"value":true,"note":"n"}}}',
        b'{"actors":{"a":{}},"episodes":{"e":{"charges":{"a":{"adm.collapse":null}}}}}',
        b'{"facts":{"act.receipt":true},"episodes":{"e":{"facts":{"act.receipt":"unknown"}}}}',
    ],
)
def test_what_is_out_of_the_ordinary_goes_the_plain_way_alone(worker: Worker, line: bytes) -> None:
    good = b'{"id":"good","act.recruitment":true,"victim.child":false}'
    data = b"\n".join([good, line, good]) + b"\n"
    assert agree(worker, data) == 2
    assert read(worker, data).hard.tolist() == [False, True, False]
