"""What a batch costs beside reading and writing the same files with nothing in between.

    python benchmarks/bench_batch.py [--rows 1000000] [--only parquet,lines,documents,jobs,memory]

Every figure is a ratio of two things measured side by side, whole processes from start to end,
the whole law loaded; each is run ``--repeat`` times in turn and the best of each is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from engine.api import load_law

STATES = ["SLE", "GRC", "USA", "PHL", "LBY", "NGA", "THA", "BRA", "ALAND", "BORUNIA"]
KNOWN = 40  # facts known in a row

READ_AND_WRITE = """
import sys, polars as pl
pl.read_parquet(sys.argv[1])
pl.read_parquet(sys.argv[2]).write_parquet(sys.argv[3])
"""
PLAIN_PARSE = {
    "polars": "import polars as pl; pl.read_ndjson(sys.argv[1])",
    "polars, told the columns": (
        "import polars as pl, json; "
        "s = {k: getattr(pl, t) for k, t in json.load(open(sys.argv[2])).items()};"
        "pl.read_ndjson(sys.argv[1], schema=s)"
    ),
    "pyarrow": (
        "import pyarrow.json as j;"
        "j.read_json(sys.argv[1], read_options=j.ReadOptions(block_size=1 << 24))"
    ),
    "duckdb": (
        "import duckdb; duckdb.sql(f\"select * from read_json('{sys.argv[1]}', "
        "format='newline_delimited')\").to_arrow_table()"
    ),
    "msgspec": (
        "import msgspec; d = msgspec.json.Decoder().decode\n"
        "for line in open(sys.argv[1], 'rb'): d(line)"
    ),
    "orjson": ("import orjson; d = orjson.loads\nfor line in open(sys.argv[1], 'rb'): d(line)"),
    "simdjson": (
        "import simdjson; d = simdjson.Parser().parse\n"
        "for line in open(sys.argv[1], 'rb'): d(line).as_dict()"
    ),
}


def facts_of(law) -> list:
    return [fact for fact in law.base.facts.values() if not fact.derived]


def write_wide(path: Path, rows: int) -> None:
    """Rows with about 40 facts known, several States, dates over thirty years."""
    rng = np.random.default_rng(7)
    facts = facts_of(load_law())
    columns = {"id": pl.Series([f"case-{number:08d}" for number in range(rows)])}
    share = KNOWN / len(facts)
    for fact in facts:
        known = rng.random(rows) < share
        if fact.type == "tri":
            values = pl.Series(rng.random(rows) < 0.65)
        elif fact.type == "integer":
            values = pl.Series(rng.integers(0, 12, rows))
        else:
            values = pl.Series(np.array(fact.values)[rng.integers(0, len(fact.values), rows)])
        columns[fact.id] = pl.select(pl.when(pl.Series(known)).then(values)).to_series()
    columns["state"] = pl.Series(np.array(STATES)[rng.integers(0, len(STATES), rows)])
    start = np.datetime64("1995-01-01") + rng.integers(0, 10_000, rows)
    columns["start"] = pl.Series(start.astype("datetime64[D]"))
    columns["end"] = pl.Series((start + rng.integers(0, 300, rows)).astype("datetime64[D]"))
    pl.DataFrame(columns).write_parquet(path)


def write_lines(source: Path, path: Path) -> None:
    """The rows of a wide table as JSON lines; what is not known is left out."""
    with path.open("wb") as file:
        for part in pl.read_parquet(source).iter_slices(50_000):
            part = part.with_columns(pl.col("start", "end").cast(pl.String))
            lines = part.rows(named=True)
            for row in lines:
                row = {name: value for name, value in row.items() if value is not None}
                file.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")


def write_documents(path: Path, rows: int) -> None:
    """Nested documents: 40 facts spread over the top, a State, an actor and an episode."""
    rng = random.Random(7)
    law = load_law()
    facts = [fact for fact in facts_of(law) if fact.type == "tri"]
    place = {"situation": "top", "episode": "episode", "actor": "actor", "state": "state"}
    with path.open("w") as file:
        for number in range(rows):
            parts: dict[str, dict[str, bool]] = {"top": {}, "episode": {}, "actor": {}, "state": {}}
            for fact in rng.sample(facts, KNOWN):
                parts[place[fact.scope.value]][fact.id] = rng.random() < 0.65
            document = {
                "id": f"case-{number:08d}",
                "title": f"Case {number}",
                "dates": {"start": "2009-03-01", "end": f"2009-1{number % 3}-20"},
                "facts": parts["top"],
                "states": {
                    "ALAND": {
                        "treaties": {"palermo": True, "untoc": True, "iccpr": number % 2 == 0},
                        "facts": parts["state"],
                    }
                },
                "actors": {"main": {"facts": parts["actor"]}},
                "episodes": {"e1": {"facts": parts["episode"]}},
            }
            file.write(json.dumps(document, separators=(",", ":")) + "\n")


def timed(command: list[str], *, cores: int | None = None) -> tuple[float, int]:
    """Seconds from start to end of a process, and its largest resident size in bytes."""
    if cores:
        command = ["taskset", "-c", ",".join(map(str, range(cores))), *command]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return seconds, usage.ru_maxrss * 1024


def side_by_side(commands: dict[str, list[str]], repeat: int, cores: int | None = None) -> dict:
    best: dict[str, float] = {}
    for _ in range(repeat):
        for name, command in commands.items():
            seconds, _ = timed(command, cores=cores)
            best[name] = min(best.get(name, 1e9), seconds)
    return best


def against(figure: float, limit: float, unit: str, *, most: bool) -> str:
    """The limit beside the figure, and whether it is met."""
    met = figure <= limit if most else figure >= limit
    word = "at most" if most else "at least"
    return f"   {word} {limit:,g}{unit}: {'met' if met else 'missed'}"


def batch(source: Path, output: Path, *more: str) -> list[str]:
    return [sys.executable, "cli.py", "batch", str(source), "-o", str(output), "--restart", *more]


def python(code: str, *args: object) -> list[str]:
    return [sys.executable, "-c", "import sys\n" + code, *map(str, args)]


def bench_parquet(folder: Path, rows: int, repeat: int) -> None:
    source, output = folder / "wide.parquet", folder / "out.parquet"
    timed(batch(source, output))
    best = side_by_side(
        {
            "polars": python(READ_AND_WRITE, source, output, folder / "copy.parquet"),
            "palermo": batch(source, output),
            "palermo, no contested": batch(source, output, "--no-contested"),
        },
        repeat,
    )
    print(f"wide Parquet to Parquet, {rows:,} rows ({source.stat().st_size / 1e6:.0f} MB)")
    print(f"  polars reads the input and writes the output   {best['polars']:7.2f} s")
    for name in ("palermo", "palermo, no contested"):
        ratio = best[name] / best["polars"]
        text = f"  {name:<46} {best[name]:7.2f} s   {ratio:.2f}x   {rows / best[name]:,.0f} rows/s"
        print(text + against(ratio, 3, "x", most=True))


def bench_lines(folder: Path, rows: int, repeat: int) -> None:
    source, output = folder / "wide.jsonl", folder / "lines.parquet"
    kinds = {"tri": "Boolean", "integer": "Int64"}
    schema = dict.fromkeys(("id", "state", "start", "end"), "String")
    schema |= {fact.id: kinds.get(fact.type, "String") for fact in facts_of(load_law())}
    (folder / "schema.json").write_text(json.dumps(schema))
    commands = {
        name: python(code, source, folder / "schema.json") for name, code in PLAIN_PARSE.items()
    }
    commands = {name: command for name, command in commands.items() if _works(command, name)}
    best = side_by_side({**commands, "palermo": batch(source, output)}, repeat)
    fastest = min(commands, key=lambda name: best[name])
    print(f"wide JSON lines to Parquet, {rows:,} rows ({source.stat().st_size / 1e6:.0f} MB)")
    for name in commands:
        print(f"  plain parse, {name:<33} {best[name]:7.2f} s")
    ratio = best["palermo"] / best[fastest]
    print(
        f"  palermo {best['palermo']:45.2f} s   {ratio:.2f}x of {fastest}   "
        f"{rows / best['palermo']:,.0f} rows/s" + against(ratio, 1.5, "x", most=True)
    )


def _works(command: list[str], name: str) -> bool:
    try:
        timed(command)
    except SystemExit:
        print(f"  ({name} is not installed or cannot read the file)")
        return False
    return True


def bench_documents(folder: Path, rows: int, repeat: int) -> None:
    source = folder / "documents.jsonl"
    write_documents(source, rows)
    best = side_by_side(
        {"palermo": batch(source, folder / "d.parquet", "-j", "1")}, repeat, cores=1
    )
    print(f"nested documents with {KNOWN} facts, one core, {rows:,} rows")
    rate = rows / best["palermo"]
    text = f"  palermo {best['palermo']:45.2f} s   {rate:,.0f} a second"
    print(text + against(rate, 100_000, " a second", most=False))


def bench_jobs(folder: Path, rows: int, repeat: int) -> None:
    source = folder / "wide.jsonl"
    best = side_by_side(
        {jobs: batch(source, folder / "j.parquet", "-j", jobs) for jobs in ("1", "2")}, repeat
    )
    print(f"processes, wide JSON lines, {rows:,} rows")
    ratio = best["1"] / best["2"]
    text = f"  one {best['1']:.2f} s, two {best['2']:.2f} s: {ratio:.2f}x"
    print(text + against(ratio, 1.7, "x", most=False))


def bench_memory(folder: Path, rows: int) -> None:
    source = folder / "large.parquet"
    write_wide(folder / "piece.parquet", rows // 10)
    pl.concat([pl.scan_parquet(folder / "piece.parquet")] * 10).sink_parquet(source)
    output = folder / "large.out.parquet"
    alone, _ = timed(batch(source, output, "-j", "1"))
    seconds, resident = timed(batch(source, output, "-j", "2"))
    size = source.stat().st_size / 1e6
    print(f"memory and processes, wide Parquet, {rows:,} rows ({size:.0f} MB)")
    text = f"  {seconds:.1f} s, largest process {resident / 1e9:.2f} GB resident"
    print(text + against(resident / 1e9, 2, " GB", most=True))
    text = f"  one process {alone:.1f} s, two {seconds:.1f} s: {alone / seconds:.2f}x"
    print(text + against(alone / seconds, 1.7, "x", most=False))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=500_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default="parquet,lines,documents,jobs,memory")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    wanted = options.only.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        if not (folder / "wide.parquet").exists():
            write_wide(folder / "wide.parquet", options.rows)
        if {"lines", "jobs"} & set(wanted) and not (folder / "wide.jsonl").exists():
            write_lines(folder / "wide.parquet", folder / "wide.jsonl")
        for key, bench in (("parquet", bench_parquet), ("lines", bench_lines)):
            if key in wanted:
                bench(folder, options.rows, options.repeat)
        if "documents" in wanted:
            bench_documents(folder, options.documents, options.repeat)
        if "jobs" in wanted:
            bench_jobs(folder, options.rows, options.repeat)
        if "memory" in wanted:
            bench_memory(folder, options.large)


if __name__ == "__main__":
    main()
