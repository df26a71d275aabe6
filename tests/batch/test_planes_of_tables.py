"""Tables are planes already: they are read where they stand, and results stay where they are."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.batch.block import by_structure, filled
from engine.batch.cells import pair_of, words_of
from engine.batch.columns import Options
from engine.batch.decide import Decider
from engine.batch.decode import Planes, listed, texts_of
from engine.batch.frames import assess_frame
from engine.batch.program import Program, Room
from engine.batch.run import Settings, run
from engine.batch.settings import Setting
from engine.batch.symbols import Graph, Symbol
from engine.inference.law import Law
from tests.batch.samples import wide_row

ROWS = 640
FACT = "act.recruitment"


def booleans(rows: int, *, gaps: bool) -> pa.Array:
    rng = np.random.default_rng(3)
    return pa.array(rng.random(rows) < 0.5, mask=(rng.random(rows) < 0.3) if gaps else None)


def test_both_bitmaps_of_a_column_are_read_where_they_stand() -> None:
    column = booleans(ROWS, gaps=True)
    assert column.offset == 0
    for bitmap in column.buffers():
        assert words_of(bitmap, 0, ROWS).ctypes.data == bitmap.address


def test_a_column_without_gaps_is_the_true_plane_itself() -> None:
    column = booleans(ROWS, gaps=False)
    assert pair_of(column, (FACT,))[0].ctypes.data == column.buffers()[1].address


@pytest.mark.parametrize("offset", [0, 8, 64, 3, 77])
def test_the_planes_of_a_slice_are_those_of_its_rows(offset: int) -> None:
    column = booleans(ROWS, gaps=True).slice(offset, 200)
    true, false = pair_of(column, (FACT,))
    for plane, value in ((true, True), (false, False)):
        bits = np.unpackbits(plane.view(np.uint8), count=200, bitorder="little")
        assert bits.tolist() == [cell is value for cell in column.to_pylist()]


def test_a_program_reads_its_inputs_in_place_and_gives_away_what_is_kept() -> None:
    graph = Graph()
    one, other = graph.input(), graph.input()
    both = one & other
    assert isinstance(both, Symbol)
    program = Program(graph, {"one": one, "other": other}, [both, one, -1], kept=[0, 1])
    planes = {name: np.array([value], dtype=np.int64) for name, value in (("one", 6), ("other", 3))}
    room = Room()
    first = program.run(planes, 1, room)
    assert [int(plane[0]) for plane in first] == [2, 6, -1]
    assert first[1] is planes["one"]
    program.run({"one": np.array([0], dtype=np.int64)}, 1, room)
    assert int(first[0][0]) == 2, "the caller's plane is not overwritten by the next run"


def test_yes_no_results_are_the_planes_that_were_computed(
    law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[dict[str, Any]] = []
    decide = Decider.decide

    def remember(self: Decider, *args: Any) -> dict[str, Any]:
        computed.append(decide(self, *args))
        return computed[-1]

    monkeypatch.setattr(Decider, "decide", remember)
    table = pa.table({"id": [str(n) for n in range(ROWS)], FACT: booleans(ROWS, gaps=True)})
    result = assess_frame(table, law, Options(provisions=True))
    [columns] = computed
    planes = {name: column for name, column in columns.items() if isinstance(column, Planes)}
    assert len(planes) == len(list(law.base.provisions()))
    for name, column in planes.items():
        known, true = result[name].chunk(0).buffers()
        assert true.address == column.true.ctypes.data
        assert known.address == column.known.ctypes.data


def test_rows_filled_up_with_periods_give_what_their_own_program_gives(
    law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.batch.block.FEW", 1)
    rng = random.Random(8)
    frame = pl.DataFrame([wide_row(rng, law, n) for n in range(150)], infer_schema_length=None)
    found = []
    for spare in (6, -1):
        monkeypatch.setattr("engine.batch.block.SPARE", spare)
        found.append(assess_frame(frame, law, Options(provisions=True, explain=True)))
    assert found[0].equals(found[1])


def test_a_setting_is_filled_up_with_its_last_period() -> None:
    setting = Setting((1, 2), (b"a", b"b", b"c"))
    assert filled(setting, (2, 3)) == Setting((2, 3), (b"a", b"a", b"b", b"c", b"c"))
    assert filled(setting, (1, 2)) is setting


def test_settings_with_many_periods_keep_to_themselves() -> None:
    settings = [Setting((n,), (b"x",) * n) for n in (1, 3, 8, 9, 2)]
    assert by_structure(settings, [5, 1, 2, 7, 0]) == {(8,): [0, 1, 2], (9,): [3]}
    assert by_structure(settings, [0, 0, 0, 0, 4]) == {(2,): [4]}


@pytest.mark.parametrize("size", [1, 8, 9, 33])
def test_a_listing_names_the_words_whose_bits_are_set(size: int) -> None:
    rng = np.random.default_rng(size)
    words = [f"word{number}" for number in range(size)]
    planes = [rng.integers(-(2**60), 2**60, 2) for _ in words]
    bits = listed(list(enumerate(planes)), words, 100).bits
    said = texts_of(bits, words).to_pylist()
    for row in range(100):
        wanted = [
            word
            for word, plane in zip(words, planes, strict=True)
            if int(plane[row // 64]) >> row % 64 & 1
        ]
        assert said[row].split() == wanted


@pytest.mark.parametrize("jobs", [1, 2])
def test_pieces_of_a_large_row_group_give_the_bytes_of_small_ones(
    law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr("engine.batch.units.GROUP_ROWS", 50)
    rng = random.Random(9)
    rows = [wide_row(rng, law, number) for number in range(200)]
    table = pl.DataFrame(rows, infer_schema_length=None).to_arrow()
    outputs = []
    for name, size in (("large[1].parquet", 200), ("small.parquet", 50)):
        pq.write_table(table, tmp_path / name, row_group_size=size)
        output = tmp_path / f"out-{name}"
        run([str(tmp_path / name)], output, law, Options(), Settings(jobs=jobs))
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1]
