"""The text of a page in lines, as its blocks part it; and which lines hold what rules ask for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Generic, TypeVar

from ycaudit.rules.wordings import Span, folded, places

MAX_TEXT = 200_000
"""Characters of one page that are kept."""
WITHOUT_TEXT = frozenset(
    {"script", "style", "noscript", "noframes", "template", "title", "head", "textarea", "iframe"}
    | {"rt", "rp"}
)
"""What stands in these is no text of the page, or is written above it."""
MOST_ACROSS = 4
"""Blocks in which parts of one text may stand."""
_INLINE = frozenset(
    {
        *("#text", "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "img", "input", "ins", "kbd", "label", "mark", "nobr"),
        *("output", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike"),
        *("strong", "sub", "sup", "time", "tspan", "tt", "u", "var", "wbr"),
    }
)
FIELDS = frozenset({"input", "textarea"})
_FIELDS = frozenset({"text", "button", "submit", "reset", "search", "url", "tel", "email"})
"""Types of fields that show their value."""
Owner = TypeVar("Owner")
Spans = Callable[[str], Iterable[Span]]


def parts_lines(name: str) -> bool:
    """Whether an element of this name stands between two lines, as far as names tell."""
    return name not in _INLINE


def shown_in_field(name: str, attributes: Mapping[str, str | None], inner: str = "") -> str:
    """What a field shows: its value, else what is to be put in; `inner` is what stands in it."""
    kind = (attributes.get("type") or "text").lower()
    if name == "input" and kind not in _FIELDS:
        return ""
    said = inner if name == "textarea" else attributes.get("value") or ""
    return said if said.strip() else attributes.get("placeholder") or ""


@dataclass(slots=True)
class Piece(Generic[Owner]):
    """A part of a line, and what it belongs to."""

    text: str
    owner: Owner


@dataclass
class Line(Generic[Owner]):
    """Pieces that a visitor reads in one go."""

    pieces: list[Piece[Owner]] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)

    def cut(self, start: int, end: int) -> Iterator[tuple[Owner, Span]]:
        """The owners of a part of the folded line, each with the part of its own text."""
        where = places(self.text)
        first, last = where[start], where[end - 1] + 1
        at = 0
        for piece in self.pieces:
            low, high = max(first - at, 0), min(last - at, len(piece.text))
            if low < high and piece.text[low:high].strip():
                yield piece.owner, (low, high)
            at += len(piece.text)


@dataclass(frozen=True, slots=True)
class Sought(Generic[Owner]):
    """Lines with something that rules ask for."""

    text: str
    parts: tuple[tuple[Owner, Span], ...]


def lines_of(pieces: Iterable[tuple[Piece[Owner], bool]]) -> list[Line[Owner]]:
    """Lines of pieces, each with whether a new line begins with it."""
    found: list[Line[Owner]] = []
    for piece, begins in pieces:
        if begins or not found:
            found.append(Line())
        found[-1].pieces.append(piece)
    return [line for line in found if line.text.strip()]


def parted(lines: Sequence[Line[Owner]], spans: Spans) -> tuple[list[Sought[Owner]], list[str]]:
    """What rules ask for in these lines, and all other lines."""
    starts, at = [], 0
    texts = [folded(line.text) for line in lines]
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    sought: list[Sought[Owner]] = []
    taken: set[int] = set()
    for start, end in spans("\n".join(texts)):
        touched = [
            n for n, text in enumerate(texts) if starts[n] < end and start < starts[n] + len(text)
        ]
        taken.update(touched)
        parts = (
            part
            for n in touched
            for part in lines[n].cut(max(start - starts[n], 0), min(end - starts[n], len(texts[n])))
        )
        sought.append(Sought("\n".join(_plain(lines[n]) for n in touched), tuple(parts)))
    return sought, [_plain(line) for n, line in enumerate(lines) if n not in taken]


def across(lines: Sequence[Line[Owner]], spans: Spans) -> Iterator[Sought[Owner]]:
    """What rules ask for that begins in one line and ends in one of the next: where nobody knows
    how blocks are laid out, they may stand side by side."""
    texts = [folded(line.text) for line in lines]
    ends = list(accumulate(map(len, texts)))
    for start, end in spans("".join(texts)):
        first, last = bisect_right(ends, start), bisect_left(ends, end)
        if first < last < first + MOST_ACROSS:
            parts = [
                part
                for n in range(first, last + 1)
                for part in lines[n].cut(
                    max(start - (ends[n] - len(texts[n])), 0),
                    min(end, ends[n]) - (ends[n] - len(texts[n])),
                )
            ]
            joined = "".join(_plain(line) for line in lines[first : last + 1])
            yield Sought(joined, tuple(parts))


def _plain(line: Line[Owner]) -> str:
    return " ".join(line.text.split())


class Kept:
    """Lines that rules do not ask for, each once, up to MAX_TEXT characters."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}
        self._size = 0
        self.is_cut = False

    def add(self, lines: Iterable[str]) -> None:
        """Keep these, too."""
        for line in lines:
            if line in self._lines:
                continue
            if self._size + len(line) > MAX_TEXT:
                self.is_cut = True
                return
            self._size += len(line)
            self._lines[line] = None

    @property
    def text(self) -> str:
        """All of them."""
        return "\n".join(self._lines)
