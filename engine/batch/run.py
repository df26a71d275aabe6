"""A run: units in, parts, one output, one file of faults; resumable at any moment."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from engine.batch.columns import FILE, Options, output_columns
from engine.batch.faults import Fault
from engine.batch.parts import Part, PartFolder, write_whole
from engine.batch.pool import Job, default_jobs, in_order
from engine.batch.results import schema_of
from engine.batch.units import Input, Unit, cut, read_inputs
from engine.batch.writers import Writer, format_of, settle_ids, writer_of
from engine.inference.law import Law, version
from engine.model.problem import InputError

Progress = Callable[[int, int], None]
"""Called with the rows read and the bytes of input done so far."""

SHOWN = 12
"""Bad rows that are told of one by one in a summary."""

Parts = Generator[tuple[Unit, Part], None, None]
InOrder = Callable[[Iterator[Unit], Job, int, dict[int, Part]], Parts]


@dataclass(frozen=True)
class BadRow:
    """A row that could not be used: its first fault as written to the errors file, and how many."""

    fault: dict[str, object]
    faults: int

    @property
    def place(self) -> str:
        """The file with the line or the row, as editors understand it."""
        record = self.fault
        line = f":{record['line']}" if "line" in record else ""
        return f"{record['file']}{line}" + (f", row {record['row']}" if "row" in record else "")

    def __str__(self) -> str:
        record = self.fault
        return f"{self.place}: {_said_of(record)}"


@dataclass
class Summary:
    """What a run did.

    ``bad`` rows have ``faults``; the first of them are in ``bad_rows``, and ``common`` counts
    faults that are alike. ``stopped``: too many rows were bad, and no output was written.
    ``passed_over``: files of a folder that are no scenarios.
    """

    rows: int = 0
    good: int = 0
    bad: int = 0
    faults: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    common: Counter[str] = field(default_factory=Counter)
    output: Path | None = None
    errors_file: Path | None = None
    stopped: bool = False
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """How a run goes about it. ``max_errors``: bad rows after which it stops; -1 never.

    ``jobs``: processes; 0 is one a processor. ``form``: the format, whatever the suffix.
    ``errors``: the file of faults; that of the output with ``.errors.jsonl`` if left out.
    """

    jobs: int = 0
    resume: bool = False
    restart: bool = False
    max_errors: int = -1
    form: str = ""
    errors: Path | None = None


def run(
    names: Sequence[str],
    output: Path | BinaryIO,
    law: Law,
    options: Options,
    settings: Settings = Settings(),
    progress: Progress | None = None,
    work: InOrder = in_order,
) -> Summary:
    """Assess every scenario of the inputs into a file, or into a stream.

    Raises ``InputError`` where the whole cannot go on; what was finished by then stays in parts
    beside the output, and ``resume`` goes on from there.
    """
    inputs = read_inputs(names)
    options = checked(options, inputs, law)
    summary = Summary(passed_over=tuple(name for item in inputs for name in item.passed_over))
    if isinstance(output, Path):
        _to_file(inputs, output, law, options, settings, summary, progress, work)
        return summary
    if settings.resume or settings.restart:
        raise InputError.single(
            "--resume" if settings.resume else "--restart",
            "only a run into a file can be resumed",
            "name one with -o OUT",
        )
    form = settings.form or "jsonl"
    with _said("the output"), _errors_beside_stream(inputs, settings.errors, summary) as errors:
        writer = writer_of(output, schema_of(law, options), form)
        job = Job(law, options, None)
        parts = work(cut(inputs), job, settings.jobs or default_jobs(), {})
        _assemble(parts, writer, errors, summary, settings, progress)
        output.flush()
    return summary


def checked(options: Options, inputs: Sequence[Input], law: Law) -> Options:
    """The options of a run on these inputs: scenarios from files carry the file's name.

    Raises ``InputError`` for a column carried over that the output has already.
    """
    keep = tuple(dict.fromkeys(options.keep))
    if any(item.kind == "files" for item in inputs) and FILE not in keep:
        keep = (FILE, *keep)
    own = {column.name for column in output_columns(law.base, replace(options, keep=()))}
    for name in keep:
        if name in own:
            raise InputError.single("--keep", f"the output has a column {name} of its own")
        if name in options.ignore:
            raise InputError.single("--keep", f"{name} is to be kept and to be ignored")
    return replace(options, keep=keep)


@contextmanager
def _errors_beside_stream(
    inputs: list[Input], path: Path | None, summary: Summary
) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    _not_an_input(path, inputs)
    with open(path, "wb") as file:
        summary.errors_file = path
        yield file


def _to_file(
    inputs: list[Input],
    output: Path,
    law: Law,
    options: Options,
    settings: Settings,
    summary: Summary,
    progress: Progress | None,
    work: InOrder,
) -> None:
    errors = settings.errors or output.with_name(output.name + ".errors.jsonl")
    for path in (output, errors):
        _can_be_written(path, inputs)
    form = settings.form or format_of(output)
    if settings.resume and any(item.path == "-" for item in inputs):
        raise InputError.single("--resume", "standard input cannot be read again", "name a file")
    folder = PartFolder(output)
    new = folder.path / "output.new"
    new_errors = folder.path / "errors.new"
    with _said(str(output)), folder.locked():
        done = folder.open(
            plan_of(inputs, law, options, form), resume=settings.resume, restart=settings.restart
        )
        job = Job(law, options, folder.path)
        parts = work(cut(inputs), job, settings.jobs or default_jobs(), done)
        with open(new, "wb") as file, open(new_errors, "wb") as error_file:
            writer = writer_of(file, schema_of(law, options), form)
            _assemble(parts, writer, error_file, summary, settings, progress)
            for handle in (file, error_file):
                if not handle.closed:
                    handle.flush()
                    os.fsync(handle.fileno())
        if summary.stopped:
            return
        _put_in_place(new, new_errors, output, errors, summary)
        folder.remove()


def _can_be_written(path: Path, inputs: list[Input]) -> None:
    if path.is_dir():
        raise InputError.single(str(path), "this is a folder", f"name a file: {path}/out.parquet")
    if not path.parent.is_dir():
        raise InputError.single(str(path), f"the folder {path.parent} is not there")
    _not_an_input(path, inputs)


def _not_an_input(path: Path, inputs: list[Input]) -> None:
    """Refuse to write over what is to be read."""
    if not path.exists():
        return
    for item in inputs:
        for name in item.files or (item.path,):
            if name != "-" and os.path.exists(name) and os.path.samefile(name, path):
                raise InputError.single(
                    str(path), "the input would be written over", "name another output"
                )


def _put_in_place(
    new: Path, new_errors: Path, output: Path, errors: Path, summary: Summary
) -> None:
    """Show the output and the faults. The output is last: where it is, all is."""
    if summary.faults:
        _move(new_errors, errors)
        summary.errors_file = errors
    else:
        errors.unlink(missing_ok=True)
    os.replace(new, output)
    summary.output = output
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(output.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _move(new: Path, target: Path) -> None:
    """Move a file, by way of a copy where the target is on another file system."""
    try:
        os.replace(new, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        write_whole(target, new.read_bytes())


def plan_of(inputs: list[Input], law: Law, options: Options, form: str) -> dict[str, Any]:
    """Everything that a run's result follows from."""
    return {
        "version": version(),
        "rules": law.base.digest,
        "options": asdict(options),
        "format": form,
        "inputs": [item.stamps for item in inputs],
    }


def _assemble(
    parts: Parts,
    writer: Writer,
    errors: BinaryIO | None,
    summary: Summary,
    settings: Settings,
    progress: Progress | None,
) -> None:
    """Write the parts in order; a writer that fails is abandoned."""
    try:
        with closing(parts):
            _write(parts, writer, errors, summary, settings, progress)
        writer.close()
    except BaseException:
        writer.abandon()
        raise


def _write(
    parts: Iterator[tuple[Unit, Part]],
    writer: Writer,
    errors: BinaryIO | None,
    summary: Summary,
    settings: Settings,
    progress: Progress | None,
) -> None:
    """Write the parts, numbering rows through within each input."""
    first, before, read = 1, ("", -1), 0
    for unit, part in parts:
        if unit.path != before[0] or unit.start <= before[1]:
            first = 1
        before = (unit.path, unit.start if unit.path != "-" else -1)
        result = part.read()
        for batch in result.batches:
            writer.write(settle_ids(batch, first))
            summary.good += batch.num_rows
        faults = sorted(result.faults, key=lambda fault: fault.row)
        for row, group in groupby(faults, lambda fault: fault.row):
            found = list(group)
            records = [fault.record(_place(unit, fault, first + row)) for fault in found]
            count = sum(fault.others or 1 for fault in found)
            summary.bad += 1
            summary.faults += count
            if len(summary.bad_rows) < SHOWN:
                summary.bad_rows.append(BadRow(records[0], count))
            for fault, record in zip(found, records, strict=True):
                if not fault.others:
                    _count(summary.common, record)
                if errors is not None:
                    errors.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            if 0 <= settings.max_errors < summary.bad:
                summary.stopped = True
                return
        summary.rows += result.rows
        first += result.rows
        read += unit.weight
        if progress:
            progress(summary.rows, read)


def _place(unit: Unit, fault: Fault, number: int) -> dict[str, object]:
    """Where a fault stands: the file, and the line where rows are lines or the line is known."""
    place: dict[str, object]
    if fault.file:
        place = {"file": fault.file}
        return place | ({"line": fault.line} if fault.line else {"row": fault.at})
    if unit.kind == "files":
        place = {"file": unit.files[fault.row]}
        return place | ({"line": fault.line} if fault.line else {})
    place = {"file": "standard input" if unit.path == "-" else unit.path}
    if unit.kind == "lines" or fault.line:
        return place | {"line": fault.line or number}
    return place | {"row": number}


def _said_of(record: dict[str, object]) -> str:
    """The field, what is wrong with it, and what would be right."""
    field, message = str(record.get("field", "")), str(record["message"])
    named = "" if not field or message.startswith(f"{field} ") else f"{field}: "
    hint = f" ({record['hint']})" if "hint" in record else ""
    return f"{named}{message}{hint}"


def _count(common: Counter[str], record: dict[str, object]) -> None:
    """Count faults that are alike, as long as there are not too many kinds."""
    kind = _said_of(record)
    if kind in common or len(common) < 1000:
        common[kind] += 1


@contextmanager
def _said(where: str) -> Iterator[None]:
    """Turn what the system refuses into a plain error."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise InputError.single(
                where, "no space is left to write the output", "make room, then --resume"
            ) from None
        if error.errno is None:
            raise InputError.single(where, str(error).splitlines()[0]) from None
        raise InputError.single(
            error.filename or where, f"cannot be written: {error.strerror or error}"
        ) from None


@contextmanager
def workers_of(scheduler: str | None) -> Iterator[InOrder]:
    """Where units are worked on: processes of this machine, or the cluster of a scheduler."""
    if scheduler is None:
        yield in_order
        return
    from engine.batch.cluster import on_cluster

    with on_cluster(scheduler) as work:
        yield work


def stdout() -> BinaryIO:
    """Standard output for bytes."""
    return sys.stdout.buffer


def write_batches(batches: Iterator[Any], schema: Any, output: Path) -> None:
    """Write batches to a file that appears only when it is whole."""
    _can_be_written(output, [])
    form = format_of(output)
    new = output.with_name(f"{output.name}.{os.getpid()}.new")
    with _said(str(output)):
        try:
            with open(new, "wb") as file:
                writer = writer_of(file, schema, form)
                try:
                    for batch in batches:
                        writer.write(settle_ids(batch, 1))
                    writer.close()
                except BaseException:
                    writer.abandon()
                    raise
            os.replace(new, output)
        finally:
            new.unlink(missing_ok=True)
