"""Lines of JSON cut into tokens, each distinct token once.

A line is cut before every comma that stands outside texts and lists, so that a token is one pair
of a map with what opens before it and closes after it: ``{"id":"x"``, ``,"facts":{"act.a":true``,
``,"act.b":false}``. Millions of tokens are copies of a few hundred texts, so a library numbers
the distinct ones and everything else is done with the numbers.

Nothing that follows relies on the cuts being right: a token counts only when a JSON library reads
it as one whole pair (``book``), and tokens that are whole pairs make a whole line (``forms``).
A wrong cut leaves a token that is no pair, and its line to the plain way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from engine.batch.extras import need

COMMA, NEWLINE = ord(","), ord("\n")
_PIECE = 1 << 19
_ESCAPED = re.compile(rb"\\.", re.DOTALL)


@dataclass
class Tokens:
    """The tokens of some lines: ``texts[codes[i]]`` is the text of token ``i``.

    ``first[r]`` is the number of the first token of line ``r``, and ``places[r]`` the byte where
    that line begins (a line break); one entry more stands for the end.
    """

    texts: Any
    codes: Any
    first: Any
    places: Any

    @property
    def rows(self) -> int:
        """The number of lines."""
        return len(self.first) - 1

    def by_line(self, flags: Any) -> Any:
        """For each line whether some token of it is marked."""
        np = need("numpy")
        found = np.zeros(self.rows, dtype=bool)
        if flags.any():
            found[np.searchsorted(self.first, np.flatnonzero(flags), side="right") - 1] = True
        return found


def cut(data: memoryview) -> Tokens:
    """The tokens of lines. ``data`` begins with a line break and ends with one."""
    arrow, np = need("pyarrow"), need("numpy")
    text = np.frombuffer(data, dtype=np.uint8)
    at = _cuts(text)
    begins = text[at] == NEWLINE
    codes, texts = _encode(data, at, ~begins[:-1])
    first = np.flatnonzero(begins[:-1])
    # What begins a line mostly holds an id, which is there once: numbering it gains nothing.
    codes[first] = np.arange(len(texts), len(texts) + len(first))
    texts = arrow.concat_arrays([texts, _spans(data, at).take(arrow.array(first))])
    effects = _effects(texts)
    if effects is not None:
        joined = _inside(effects, codes, first, len(codes))
        if joined.any():
            codes, texts, at, begins = _join(data, at, begins, codes, texts, joined)
    lines = np.flatnonzero(begins)
    return Tokens(texts, codes, lines, at[lines])


def _cuts(text: Any) -> Any:
    """Where a comma or a line break stands, found a piece at a time to stay in the cache."""
    np = need("numpy")
    found = []
    for start in range(0, len(text), _PIECE):
        piece = text[start : start + _PIECE]
        mark = piece == COMMA
        mark |= piece == NEWLINE
        at = np.flatnonzero(mark).astype(np.int32)
        at += np.int32(start)
        found.append(at)
    return np.concatenate(found)


def _spans(data: Any, at: Any, valid: Any = None) -> Any:
    """The bytes between these places as an Arrow array, without copying them."""
    arrow = need("pyarrow")
    return arrow.Array.from_buffers(
        arrow.binary(), len(at) - 1, [valid, arrow.py_buffer(at), arrow.py_buffer(data)]
    )


def _encode(data: Any, at: Any, wanted: Any) -> tuple[Any, Any]:
    """The number of each wanted token, anything for the others, and the distinct texts."""
    arrow, np = need("pyarrow"), need("numpy")
    valid = arrow.py_buffer(np.packbits(wanted, bitorder="little"))
    encoded = _spans(data, at, valid).dictionary_encode()
    codes = np.frombuffer(encoded.indices.buffers()[1], dtype=np.int32, count=len(at) - 1)
    return codes.copy(), encoded.dictionary


def _effects(texts: Any) -> Any:
    """What each distinct token does to the state of a line; ``None`` when none does anything.

    Three rows: whether it turns text on or off, and how many lists it opens less those it closes
    when it begins outside a text, and when it begins inside one.
    """
    compute, np = need("pyarrow.compute"), need("numpy")
    quotes = compute.count_substring(texts, b'"').to_numpy(zero_copy_only=False)
    found = np.zeros((3, len(quotes)), dtype=np.int32)
    found[0] = quotes & 1
    body = texts.buffers()[2].to_pybytes() if len(texts) else b""
    for sign in (b"\\", b"[", b"]"):
        if sign not in body:
            continue
        special = compute.match_substring(texts, sign).to_numpy(zero_copy_only=False)
        for number in np.flatnonzero(special).tolist():
            parts = _ESCAPED.sub(b"", texts[number].as_py()).split(b'"')
            found[0, number] = (len(parts) - 1) & 1
            for row, some in ((1, parts[::2]), (2, parts[1::2])):
                found[row, number] = sum(p.count(b"[") - p.count(b"]") for p in some)
    return found if found.any() else None


def _inside(effects: Any, codes: Any, first: Any, size: int) -> Any:
    """Which tokens begin inside a text or a list, and so belong to the token before."""
    np = need("numpy")
    length = np.diff(first, append=size)

    def running(change: Any) -> Any:
        before = np.cumsum(change, dtype=np.int32)
        before -= change
        before -= np.repeat(before[first], length)
        return before

    text = (running(effects[0][codes]) & 1).astype(bool)
    if not effects[1:].any():
        return text
    depth = running(np.where(text, effects[2][codes], effects[1][codes]))
    text |= depth > 0
    text[first] = False
    return text


def _join(
    data: Any, at: Any, begins: Any, codes: Any, texts: Any, joined: Any
) -> tuple[Any, Any, Any, Any]:
    """Join tokens to the one before; only the longer ones are numbered anew."""
    arrow, np = need("pyarrow"), need("numpy")
    keep = ~np.append(joined, False)
    longer = np.append(joined[1:], False)[keep[:-1]]
    at, begins, codes = at[keep], begins[keep], codes[keep[:-1]]
    again, more = _encode(data, at, longer)
    codes = np.where(longer, again + len(texts), codes)
    texts = arrow.concat_arrays([texts, more])
    used = np.zeros(len(texts), dtype=bool)
    used[codes] = True
    place = np.cumsum(used, dtype=np.int32) - 1
    return place[codes], texts.filter(arrow.array(used)), at, begins
