"""Lines of scenario documents of one form, read as a table of tables.

A form is learnt from documents already laid out: the names of actors, States and episodes, and
the keys that occur under them. Lines of the same form are read by a library at once; counting
shows whether they were, see ``lines``. What reads differently takes the way of single documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.batch.block import Block
from engine.batch.cells import Cells
from engine.batch.decode import distinct
from engine.batch.documents import DocumentReader, Unusual
from engine.batch.extras import need
from engine.batch.settings import Calendar, Setting
from engine.batch.structure import TOP, Section, Structure
from engine.batch.wide import NO_DAY, combined, days_of, numbers_of

Path = tuple[str, ...]
_LISTS = ("roles", "places", "actors")
_TEXTS = ("id", "title", "narrative", "kind", "note", "name", "nationality", "start", "end")


@dataclass
class Form:
    """The names in documents of one form, and the paths of every value in them.

    ``leaves`` maps each path to its type: yes/no, number, text or list of texts.
    """

    actors: tuple[str, ...]
    states: tuple[str, ...]
    episodes: tuple[str, ...]
    taking_part: tuple[tuple[int, ...], ...]
    leaves: dict[Path, str] = field(default_factory=dict)
    branches: set[Path] = field(default_factory=set)

    @property
    def names(self) -> tuple[object, ...]:
        """What two documents of one form have in common."""
        return (self.actors, self.states, self.episodes, self.taking_part)

    def section(self, path: Path) -> Section | None:
        """The section of a path whose last word is a fact, or ``None`` for another value."""
        if path[:1] == ("facts",):
            return TOP
        if len(path) == 4 and path[2] == "facts":
            kind = {"actors": "actor", "states": "state", "episodes": "episode"}[path[0]]
            return (kind, getattr(self, path[0]).index(path[1]), -1)
        if len(path) == 5 and path[2] in ("charges", "duties"):
            episode = self.episodes.index(path[1])
            if path[2] == "charges":
                return ("charge", self.actors.index(path[3]), episode)
            return ("duty", self.states.index(path[3]), episode)
        return None


def form_of(document: dict[str, Any], types: dict[str, str]) -> Form | None:
    """The form of a usual document; ``types`` has the type of every fact."""
    actors = tuple(document.get("actors", ()))
    episodes = document.get("episodes", {})
    taking_part = tuple(
        tuple(actors.index(name) for name in part.get("actors", ())) for part in episodes.values()
    )
    form = Form(actors, tuple(document.get("states", ())), tuple(episodes), taking_part)
    try:
        for path, value in _walk(document, ()):
            if value is None:
                form.branches.add(path)
            else:
                form.leaves[path] = _type_of(form, path, value, types)
    except (Unusual, ValueError):
        return None
    return form


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    for key, item in value.items():
        here = (*path, key)
        if type(item) is dict:
            yield here, None
            yield from _walk(item, here)
        else:
            yield here, item


def _type_of(form: Form, path: Path, value: Any, types: dict[str, str]) -> str:
    if form.section(path) is not None:
        return types[path[-1]]
    if path[-1] in _LISTS and type(value) is list:
        return "list"
    if type(value) is bool and path[-2:-1] == ("treaties",):
        return "tri"
    if type(value) is str:
        return "choice"
    raise Unusual


class NestedReader:
    """Reads lines of documents of the form learnt last."""

    def __init__(self, documents: DocumentReader) -> None:
        self.documents = documents
        law = documents.decider.law
        self._types = {fact.id: fact.type for fact in law.base.facts.values()}
        self._form: Form | None = None
        self._looked = 40

    def learn(self, documents: list[Any]) -> None:
        """Widen the form by documents that were laid out, or take up another.

        A few hundred documents mostly show every key; where they did not, more are read.
        """
        self._looked = min(self._looked * 8, 1 << 20)
        for document in documents[: self._looked]:
            if type(document) is not dict:
                continue
            form = form_of(document, self._types)
            if form is None:
                continue
            if self._form is None or self._form.names != form.names:
                self._form = form
                continue
            self._form.leaves.update(form.leaves)
            self._form.branches.update(form.branches)

    def read(self, data: bytes, keys: int, texts: int) -> tuple[Block, Any, Any] | None:
        """A block, the ids and a mask of hard rows; ``None`` where the reading is not exact."""
        form = self._form
        if form is None:
            return None
        polars = need("polars")
        try:
            frame = polars.read_ndjson(data, schema=self._schema(form, polars))
        except polars.exceptions.PolarsError:
            return None
        rows = data.count(b"\n") + (not data.endswith(b"\n"))
        if frame.height != rows or not rows:
            return None
        table = frame.rechunk().to_arrow(compat_level=polars.CompatLevel.oldest())
        columns = dict(_columns(table.combine_chunks()))
        if not self._exact(form, columns, data, keys, texts):
            return None
        return self._block(form, columns, rows)

    def _schema(self, form: Form, polars: Any) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        of = {
            "tri": polars.Boolean,
            "integer": polars.Int64,
            "choice": polars.String,
            "list": polars.List(polars.String),
        }
        for path in form.branches:
            _place(tree, path)
        for path, kind in form.leaves.items():
            _place(tree, path[:-1])[path[-1]] = of[kind]

        def struct(node: dict[str, Any]) -> Any:
            fields = {name: struct(item) if isinstance(item, dict) else item for name, item in node.items()}
            return polars.Struct(fields) if fields else polars.Struct({"": polars.Null})

        return {name: struct(item) if isinstance(item, dict) else item for name, item in tree.items()}

    def _exact(self, form: Form, columns: dict[Path, Any], data: bytes, keys: int, texts: int) -> bool:
        filled = words = items = 0
        for path, array in columns.items():
            count = len(array) - array.null_count
            kind = form.leaves.get(path)
            if kind is None and path not in form.branches:
                continue
            filled += count
            if kind == "choice":
                words += count
            elif kind == "list":
                items += len(array.flatten())
                if path[-1] == "actors" and not _constant(array):
                    return False
        if filled != keys or words != texts:
            return False
        if items:  # every item of a list was text, and no number or truth value turned into it
            return b'\\"' not in data and data.count(b'"') == 2 * (keys + texts + items)
        return True

    def _block(self, form: Form, columns: dict[Path, Any], rows: int) -> tuple[Block, Any, Any] | None:
        np, compute = need("numpy"), need("pyarrow.compute")
        base = self.documents.decider.law.base
        hard = np.zeros(rows, dtype=bool)
        arrays: dict[tuple[Section, str], Any] = {}
        for path in form.leaves:
            section = form.section(path)
            if section is None:
                continue
            array, fact = columns[path], base.facts[path[-1]]
            if fact.type == "integer":
                hard |= _yes(compute.less(array, 0))
            elif fact.type == "choice":
                known = compute.is_in(array, value_set=need("pyarrow").array(fact.values))
                hard |= _yes(compute.and_(array.is_valid(), compute.invert(known)))
            arrays[(section, path[-1])] = array
        self._contradictions(arrays, hard)
        if ("kind",) in columns:
            kinds = need("pyarrow").array(["case", "hypothetical", "exercise"])
            known = compute.is_in(columns[("kind",)], value_set=kinds)
            hard |= _yes(compute.and_(columns[("kind",)].is_valid(), compute.invert(known)))
        entered, calendars = self._calendars(form, columns, rows)
        hard |= np.array([calendar is None for calendar in calendars])[entered]
        spans = self._spans(form, columns, rows, hard)
        numbers = [
            numbers_of(days, entered, [(("", c) if c else None) for c in calendars], rows)
            for span in spans
            for days in span
        ]
        codes, rest = entered.astype(np.int64), [(number,) for number in range(len(calendars))]
        places: list[tuple[int, ...]] = list(rest)
        for found in numbers:
            codes, keys = distinct((codes * 4096 + found + 1).astype(np.uint64))
            places = [(*places[key // 4096], key % 4096 - 1) for key in keys]
        settings: list[Setting] = []
        for entry, *ends in places:
            calendar = calendars[entry]
            if calendar is None:
                settings.append(Setting((), ()))
            else:
                pairs = tuple(zip(ends[::2], ends[1::2], strict=True))
                settings.append(calendar.setting(pairs))
        shape = Structure(
            len(form.actors), form.taking_part, len(form.states), (1,) * max(1, len(form.episodes))
        )
        codes = np.where(hard, -1, codes)
        block = Block(shape, Cells(rows, arrays), codes, settings)
        ids = columns.get(("id",))
        return block, need("pyarrow").nulls(rows, need("pyarrow").string()) if ids is None else ids.cast(need("pyarrow").string()), hard

    def _contradictions(self, arrays: dict[tuple[Section, str], Any], hard: Any) -> None:
        """A fact stated for an episode and for an actor or State too may contradict itself."""
        compute = need("pyarrow.compute")
        for (section, fact), array in arrays.items():
            if section[0] != "episode":
                continue
            for (other, name), second in arrays.items():
                if name == fact and other[0] in ("actor", "state"):
                    both = compute.and_(array.is_valid(), second.is_valid())
                    hard |= _yes(both)

    def _calendars(
        self, form: Form, columns: dict[Path, Any], rows: int
    ) -> tuple[Any, list[Calendar | None]]:
        np = need("numpy")
        codes = np.zeros(rows, dtype=np.int64)
        entries: list[tuple[Any, ...] | None] = [()]
        for code in form.states:
            paths = [
                path
                for path in form.leaves
                if path[:2] == ("states", code)
                and path[2] not in ("facts", "name", "note", "roles")
            ]
            inner = [path for path in form.branches if path[:2] == ("states", code) and len(path) > 3 and path[2] == "treaties"]
            inner += [p for p in form.branches if p[:2] == ("states", code) and len(p) == 3 and p[2] not in ("facts", "treaties")]
            own, values = combined([columns[p] for p in paths] + [columns[p].is_valid() for p in inner], rows)
            made = [self._entry(code, paths, inner, value) for value in values]
            codes, keys = distinct((codes * len(made) + own).astype(np.uint64))
            joined: list[tuple[Any, ...] | None] = []
            for key in keys:
                before, state = entries[key // len(made)], made[key % len(made)]
                joined.append(None if before is None or state is None else (*before, state))
            entries = joined
        settings = self.documents.settings
        return codes, [None if entry is None else settings.calendar(entry) for entry in entries]

    def _entry(self, code: str, paths: list[Path], inner: list[Path], values: tuple[object, ...]) -> Any:
        entered: dict[str, Any] = {}
        for path, there in zip(inner, values[len(paths) :], strict=True):
            if there:
                _place(entered, path[2:])
        for path, value in zip(paths, values, strict=False):
            if value is not None:
                _place(entered, path[2:-1])[path[-1]] = value
        try:
            return self.documents.state(code, entered)
        except Unusual:
            return None

    def _spans(self, form: Form, columns: dict[Path, Any], rows: int, hard: Any) -> list[tuple[Any, Any]]:
        """First and last day of every episode, as ordinals."""
        np = need("numpy")

        def days(path: Path) -> Any:
            if path not in columns:
                return np.full(rows, NO_DAY, dtype=np.int64)
            found, wrong = days_of(columns[path])
            hard[wrong] = True
            return found

        def check(start: Any, end: Any) -> None:
            hard[(start > end) & (end != NO_DAY)] = True

        whole = (days(("dates", "start")), days(("dates", "end")))
        check(*whole)
        spans = []
        for name in form.episodes:
            start, end = days(("episodes", name, "start")), days(("episodes", name, "end"))
            check(start, end)
            hard[(start != NO_DAY) & (start < whole[0])] = True
            hard[(whole[1] != NO_DAY) & (end > whole[1])] = True
            spans.append(
                (np.where(start == NO_DAY, whole[0], start), np.where(end == NO_DAY, whole[1], end))
            )
        return spans or [whole]


def _place(tree: dict[str, Any], path: Path) -> dict[str, Any]:
    for name in path:
        tree = tree.setdefault(name, {})
    return tree


def _columns(table: Any) -> Iterator[tuple[Path, Any]]:
    """Every value and every map of a table, with its path."""
    types = need("pyarrow").types

    def below(path: Path, array: Any) -> Iterator[tuple[Path, Any]]:
        yield path, array
        if types.is_struct(array.type):
            for kind, child in zip(array.type, array.flatten(), strict=True):
                yield from below((*path, kind.name), child)

    for name in table.column_names:
        column = table.column(name)
        yield from below((name,), column.chunk(0) if column.num_chunks else column.combine_chunks())


def _constant(array: Any) -> bool:
    if array.null_count:
        return False
    first = array[0].as_py()
    flat = array.flatten().to_pylist()
    return len(flat) == len(first) * len(array) and flat == first * len(array)


def _yes(array: Any) -> Any:
    return array.fill_null(False).to_numpy(zero_copy_only=False)
