"""Parts: the results of single units on disk, until the whole is there.

A part is written beside its place and moved there, so that it is there whole or not at all;
its name holds its length and checksum. The output itself is put together from the parts in
order, in a file beside it, and moved into its place at the very end.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.batch.extras import need
from engine.batch.faults import Fault
from engine.batch.results import UnitResult
from engine.batch.units import Unit
from engine.model.problem import InputError

_MAGIC = b"palermo part 2\n\n"


@dataclass(frozen=True)
class Part:
    """A finished unit: rows read, and the file (or the bytes) that holds its result."""

    number: int
    path: Path | None
    data: bytes | None = None

    def read(self) -> UnitResult:
        """The result. A part left by an earlier run was checked when that was taken up."""
        if self.data is not None:
            return unpack(self.data)
        assert self.path is not None
        with need("pyarrow").memory_map(str(self.path)) as file:
            return unpack(file.read_buffer())


def pack(result: UnitResult) -> Any:
    """A result as a buffer of bytes: the length of a line of JSON, that line, an Arrow stream."""
    arrow = need("pyarrow")
    head = json.dumps(
        {"rows": result.rows, "faults": [asdict(fault) for fault in result.faults]}
    ).encode()
    head += b" " * (-len(head) % 8)  # what follows is read where it stands, in whole words
    sink = arrow.BufferOutputStream()
    sink.write(_MAGIC + len(head).to_bytes(8, "little") + head)
    if result.batches:
        with arrow.ipc.new_stream(sink, result.batches[0].schema) as writer:
            for batch in result.batches:
                writer.write_batch(batch)
    return sink.getvalue()


def unpack(data: Any) -> UnitResult:
    """The result that ``pack`` wrote, read where it stands."""
    arrow = need("pyarrow")
    buffer = arrow.py_buffer(data)
    start = len(_MAGIC) + 8
    end = start + int.from_bytes(buffer[len(_MAGIC) : start], "little")
    head = json.loads(bytes(buffer[start:end]))
    batches = []
    if end < len(data):
        with arrow.ipc.open_stream(buffer[end:]) as reader:
            batches = list(reader)
    return UnitResult(head["rows"], batches, [Fault(**fault) for fault in head["faults"]])


def _name(number: int, data: Any) -> str:
    return f"{number:08d}-{len(data)}-{zlib.crc32(data):08x}.part"


class PartFolder:
    """The folder beside the output that holds the parts of a run under way."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.path = output.with_name(output.name + ".parts")
        self.plan = self.path / "run.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from the same output. Raises ``InputError`` where one is under way.

        The lock belongs to this process alone and ends with it, however it ends.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / "lock"
        with open(path, "a+b") as file:
            if not _lock(file):
                file.seek(0)
                other = file.read(20).decode(errors="replace")
                raise InputError.single(
                    str(self.output),
                    f"another run writes it (process {other})",
                    "wait for it, or name another output",
                )
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            try:
                yield
            finally:
                if not self.plan.exists() or not any(self._files("*.part")):
                    # all is done, or nothing is worth keeping
                    shutil.rmtree(self.path, ignore_errors=True)

    def open(self, plan: dict[str, Any], *, resume: bool, restart: bool) -> dict[int, Part]:
        """Begin a run, or go on with one; the parts that are done already are returned.

        ``plan`` is everything the result follows from. Raises ``InputError`` where an
        interrupted run stands in the way, or another run than the one to resume.
        """
        known = self._known_plan()
        if known is not None and not resume and _outlived(known, plan):
            known = None
        if known is not None and not resume and not restart and any(self._files("*.part")):
            raise InputError.single(
                str(self.output),
                f"an interrupted run stands in {self.path.name}",
                "--resume goes on with it, --restart throws it away",
            )
        if known is not None and resume:
            plain = json.loads(json.dumps(plan))
            changed = [key for key in plain if known.get(key) != plain[key]]
            if changed:
                raise InputError.single(
                    str(self.path),
                    "the interrupted run was another one; changed since: " + ", ".join(changed),
                    "--restart begins anew",
                )
            return self._done()
        for path in self._files("*"):
            if path.name != "lock":
                path.unlink()
        write_whole(self.plan, json.dumps(plan, indent=1).encode())
        return {}

    def _known_plan(self) -> dict[str, Any] | None:
        try:
            known: dict[str, Any] = json.loads(self.plan.read_bytes())
            return known
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None

    def _done(self) -> dict[int, Part]:
        found: dict[int, Part] = {}
        for path in self._files("*.part"):
            number = path.stem.partition("-")[0]
            if number.isdecimal() and path.name == _name(int(number), path.read_bytes()):
                found[int(number)] = Part(int(number), path)
            else:  # damaged, or no part of a run
                path.unlink()
        for path in self._files("*.new"):
            path.unlink()
        return found

    def _files(self, pattern: str) -> Iterator[Path]:
        return iter(sorted(self.path.glob(pattern)))

    def remove(self) -> None:
        """Take the parts away; the plan last, so that a half-removed folder can be resumed."""
        for path in [*self._files("*.part"), *self._files("*.new")]:
            path.unlink(missing_ok=True)
        self.plan.unlink(missing_ok=True)


def _outlived(known: dict[str, Any], plan: dict[str, Any]) -> bool:
    """Whether the input of an interrupted run was changed since, so that nothing can go on."""
    before, now = (
        {name: rest for inputs in one.get("inputs", []) for name, *rest in inputs}
        for one in (known, json.loads(json.dumps(plan)))
    )
    return before.keys() == now.keys() and before != now


def _lock(file: Any) -> bool:
    """Lock a file for this process; ``False`` where another has it."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def save(folder: Path | None, unit: Unit, result: UnitResult) -> Part:
    """The part of a unit's result, on disk where there is a folder for it."""
    return keep(folder, unit, pack(result))


def keep(folder: Path | None, unit: Unit, data: Any) -> Part:
    """The part of a packed result, on disk where there is a folder for it."""
    if folder is None:
        return Part(unit.number, None, bytes(data))
    path = folder / _name(unit.number, data)
    write_whole(path, data, to_disk=False)  # its name tells whether it reached the disk whole
    return Part(unit.number, path)


def write_whole(path: Path, data: Any, *, to_disk: bool = True) -> None:
    """Write a file so that it is there whole or not at all, even after a loss of power."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with open(new, "wb") as file:
            file.write(data)
            if to_disk:
                file.flush()
                os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
