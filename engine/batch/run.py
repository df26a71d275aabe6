"""A run: units in, parts, one output, one file of faults; resumable at any moment."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from engine.batch.columns import Options
from engine.batch.parts import Part, PartFolder
from engine.batch.pool import Job, default_jobs, in_order
from engine.batch.results import schema_of
from engine.batch.units import Input, Unit, cut, read_inputs
from engine.batch.writers import Writer, format_of, settle_ids, writer_of
from engine.inference.law import Law, version
from engine.model.problem import InputError

Progress = Callable[[int, int], None]
"""Called with the rows read and the bytes of input done so far."""

InOrder = Callable[[Iterator[Unit], Job, int, dict[int, Part]], Iterator[tuple[Unit, Part]]]


@dataclass
class Summary:
    """What a run did."""

    rows: int = 0
    good: int = 0
    bad: int = 0
    faults: int = 0
    first_faults: list[dict[str, object]] = field(default_factory=list)
    errors_file: Path | None = None
    stopped: bool = False


@dataclass(frozen=True)
class Settings:
    """How a run goes about it. ``max_errors``: bad rows after which it stops; -1 never."""

    jobs: int = 0
    resume: bool = False
    restart: bool = False
    max_errors: int = -1
    form: str = ""


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
    if isinstance(output, Path):
        return _to_file(inputs, output, law, options, settings, progress, work)
    form = settings.form or "jsonl"
    summary = Summary()
    with _said("the output"):
        writer = writer_of(output, schema_of(law.base, options), form)
        job = Job(law, options, None)
        parts = work(cut(inputs), job, settings.jobs or default_jobs(), {})
        _assemble(parts, writer, None, summary, settings, progress)
        output.flush()
    return summary


def _to_file(
    inputs: list[Input],
    output: Path,
    law: Law,
    options: Options,
    settings: Settings,
    progress: Progress | None,
    work: InOrder,
) -> Summary:
    form = settings.form or format_of(output)
    if settings.resume and any(item.path == "-" for item in inputs):
        raise InputError.single("--resume", "standard input cannot be read again", "name a file")
    if not output.parent.is_dir():
        raise InputError.single(str(output), f"the folder {output.parent} is not there")
    folder = PartFolder(output)
    summary = Summary()
    errors = output.with_name(output.name + ".errors.jsonl")
    new = folder.path / "output.new"
    new_errors = folder.path / "errors.new"
    with _said(str(output)):
        done = folder.open(
            plan_of(inputs, law, options, form), resume=settings.resume, restart=settings.restart
        )
        job = Job(law, options, folder.path)
        parts = work(cut(inputs), job, settings.jobs or default_jobs(), done)
        with open(new, "wb") as file, open(new_errors, "wb") as error_file:
            writer = writer_of(file, schema_of(law.base, options), form)
            _assemble(parts, writer, error_file, summary, settings, progress)
            for handle in (file, error_file):
                if not handle.closed:
                    handle.flush()
                    os.fsync(handle.fileno())
        if summary.stopped:
            return summary
        _put_in_place(new, new_errors, output, errors, summary)
        folder.remove()
    return summary


def _put_in_place(
    new: Path, new_errors: Path, output: Path, errors: Path, summary: Summary
) -> None:
    """Show the output and the faults. The output is last: where it is, all is."""
    if summary.faults:
        os.replace(new_errors, errors)
        summary.errors_file = errors
    else:
        errors.unlink(missing_ok=True)
    os.replace(new, output)
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(output.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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
    parts: Iterator[tuple[Unit, Part]],
    writer: Writer,
    errors: BinaryIO | None,
    summary: Summary,
    settings: Settings,
    progress: Progress | None,
) -> None:
    """Write the parts in order; a writer that fails is abandoned."""
    try:
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
    first, path, read = 1, "", 0
    for unit, part in parts:
        if unit.path != path:
            first, path = 1, unit.path
        result = part.read()
        for batch in result.batches:
            writer.write(settle_ids(batch, first))
            summary.good += batch.num_rows
        bad: set[int] = set()
        for fault in result.faults:
            record = fault.record(first, _file_of(unit, fault.row))
            bad.add(fault.row)
            if len(summary.first_faults) < 10:
                summary.first_faults.append(record)
            if errors is not None:
                errors.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
        summary.rows += result.rows
        summary.faults += len(result.faults)
        summary.bad += len(bad)
        first += result.rows
        read += unit.size
        if progress:
            progress(summary.rows, read)
        if 0 <= settings.max_errors < summary.bad:
            summary.stopped = True
            break


def _file_of(unit: Unit, row: int) -> str:
    return unit.files[row] if unit.kind == "files" else ""


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


def stdout() -> BinaryIO:
    """Standard output for bytes."""
    return sys.stdout.buffer


def write_batches(batches: Iterator[Any], schema: Any, output: Path | None) -> None:
    """Write batches to a file that appears only when it is whole; ``None`` writes nowhere."""
    if output is None:
        for _ in batches:
            pass
        return
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
