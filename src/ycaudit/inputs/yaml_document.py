"""Reads a YAML file into plain values that know their lines, within limits."""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ycaudit.errors import Problem, why_of
from ycaudit.i18n import Message
from ycaudit.inputs import full_width, yaml_mistakes
from ycaudit.inputs.cells import row_problem

# A list of 100,000 units is about 15 MB.
MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 30
MAX_ALIASES = 100
MAX_UNFOLDED = 100_000
"""Values that aliases repeat: a group of tags is repeated, a whole list never."""
MAX_NODES = 3_000_000
STDIN = Path("-")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Path = tuple[Hashable, ...]
Keep = Callable[[Any], Any]
"""What is kept of a unit, for its values: something smaller, or these."""


@dataclass(slots=True)
class Document:
    """A file of units or rules: its values, which know their lines, and its problems."""

    file: str
    values: Any
    lines: dict[_Path, int]
    """Lines of parts of values that do not know them."""
    sheets: dict[_Path, str] = field(default_factory=dict)
    """The sheets in which parts of a list stand; none where it has only one."""
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def line(self, path: Iterable[Hashable]) -> int | None:
        """The line (1-based) of the innermost part of the path that is in the file."""
        steps = tuple(path)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        known = None if steps else _line_in(self.values, tuple(path))
        return self.lines.get(steps) if known is None else known

    def located(self, path: Iterable[Hashable], what: str) -> Problem:
        """Something to tell about this path, with the place where it stands."""
        steps = tuple(path)
        starts = (steps[:length] for length in range(len(steps), 0, -1))
        sheet = next((self.sheets[start] for start in starts if start in self.sheets), "")
        return row_problem(self.file, sheet, self.line(steps), what)

    def problem(self, path: Iterable[Hashable], what: str) -> None:
        """Add a problem at this path."""
        self.problems.append(self.located(path, what))


def read(path: Path, *, keep: Keep | None = None) -> Document:
    """The file as dicts, lists, text and None; errors are added to the problems.

    `STDIN` reads standard input. `keep` is asked for each item of `units` that is no bare text.
    """
    doc = Document(file="stdin" if path == STDIN else str(path), values=None, lines={})
    text = ""
    try:
        text = _text(path)
        doc.values = _compose(text, doc, keep)
    except _BadFileError as error:
        doc.problems.append(Problem(doc.file, error.line, error.message))
    except yaml.YAMLError as error:
        # Where a wide sign is to blame, the parser stumbles further down and says the opposite.
        wide = [Problem(doc.file, line, what) for line, what in full_width.in_yaml(text)]
        line, problem = _yaml_line(error), str(getattr(error, "problem", None) or "")
        what = yaml_mistakes.meaning(problem, line, text)
        doc.problems += wide or [Problem(doc.file, line, what)]
    if _is_of_another_kind(path) and not isinstance(doc.values, dict):
        doc.values, doc.problems = None, [Problem(doc.file, None, _OF_ANOTHER_KIND)]
    return doc


_OF_ANOTHER_KIND = Message("no YAML file; lists may also be .xlsx, .xls, .ods or .csv")


def _is_of_another_kind(path: Path) -> bool:
    """Whether it is a file whose name does not say that it is YAML."""
    return path.suffix.lower() not in ("", ".yaml", ".yml", ".json") and path.is_file()


class _BadFileError(Exception):
    """The file as a whole cannot be used."""

    def __init__(self, text: str, *values: object, line: int | None = None) -> None:
        self.message = text if isinstance(text, Message) else Message(text, *values)
        super().__init__(self.message)
        self.line = line


def _text(path: Path) -> str:
    if path == STDIN:
        return _stdin()
    if path.is_dir():
        raise _BadFileError("this is a folder; name a file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _BadFileError(
                "larger than {0} MB; split the list into several files", MAX_BYTES >> 20
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise _BadFileError("no such file") from error
    except UnicodeDecodeError as error:
        raise _BadFileError("not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise _BadFileError("cannot be read: {0}", why_of(error)) from error


def _stdin() -> str:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _BadFileError(
            "larger than {0} MB; split the list into several files", MAX_BYTES >> 20
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _BadFileError("not UTF-8 text; save it as UTF-8") from error


def _compose(text: str, doc: Document, keep: Keep | None) -> Any:
    """The values of the one document, in a single pass: a tree of nodes would cost twice as much.

    Refused, before it is built, is what would cost too much.
    """
    bounds, values = _Bounds(), _Values(doc, keep)
    events = yaml.parse(text, Loader=_LOADER)
    for event in events:
        if what := bounds.passed_by(event):
            raise _BadFileError(what, line=_line(event))
        try:
            values.take(event)
        except _BadFileError:
            deque(events, maxlen=0)  # that it is no YAML at all is told first
            raise
    if values.root is None:
        raise _BadFileError("the file is empty")
    return values.root


class _Bounds:
    """How deep a file goes, how many values it has, and how many more its aliases make of them."""

    def __init__(self) -> None:
        self._open: list[tuple[str | None, int]] = []
        """The anchors of the collections around this place, and the count when they began."""
        self._sizes: dict[str, int] = {}
        """Of what has an anchor, its aliases unfolded."""
        self._count = self._unfolded = self._aliases = 0

    def passed_by(self, event: yaml.Event) -> str:
        """Why the file is refused at this event; empty where it goes on."""
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(str(event.anchor))
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._note(anchor, before)
        elif isinstance(event, yaml.NodeEvent):
            self._count += 1
            if isinstance(event, yaml.ScalarEvent):
                self._note(event.anchor, self._count - 1)
            else:
                self._open.append((event.anchor, self._count - 1))
        if len(self._open) > MAX_DEPTH:
            return Message("nested deeper than {0}: this is no list of units or rules", MAX_DEPTH)
        if self._count > MAX_NODES:
            return Message("more than {0:,} values; split the list into several files", MAX_NODES)
        return ""

    def _note(self, anchor: str | None, before: int) -> None:
        if anchor is not None:
            self._sizes[anchor] = self._count - before

    def _repeated(self, anchor: str) -> str:
        if any(anchor == around for around, _ in self._open):
            return Message("the alias *{0} stands within what it repeats: write it out", anchor)
        size = self._sizes.get(anchor, 0)  # the parser tells of one that is not defined
        self._aliases += 1
        self._count += size
        self._unfolded += size
        if self._aliases > MAX_ALIASES or self._unfolded > MAX_UNFOLDED:
            return Message("too many aliases: write out what they repeat")
        return ""


class _Map(dict[str, Any]):
    """A mapping with its line, and the line of each key, in the order of the keys."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        self.line, self.lines = line, array("I")


class _List(list[Any]):
    """A sequence with its line, and the line of each item."""

    __slots__ = ("inside", "line", "lines")

    def __init__(self, line: int) -> None:
        self.line, self.lines = line, array("I")
        self.inside: dict[int, _Inside] = {}
        """By the places of items in whose stead something else is kept."""


class _Inside(NamedTuple):
    """The lines of all that stood in an item."""

    paths: tuple[_Path, ...]
    lines: array[int]

    def line(self, path: _Path) -> int | None:
        """The line of the innermost part of the path that is there."""
        starts = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[self.paths.index(p)] for p in starts if p in self.paths), None)


def _lines_inside(value: Any, above: _Path = ()) -> Iterator[tuple[_Path, int]]:
    """The path and the line of each part of a value."""
    if isinstance(value, _Map | _List):
        parts = value.items() if isinstance(value, _Map) else enumerate(value)
        for (step, part), line in zip(parts, value.lines, strict=True):
            path = (*above, step)
            yield path, line
            yield from _lines_inside(part, path)


def _line_in(value: Any, path: _Path) -> int | None:
    """The line of the innermost part of the path that is there; None where no line is known."""
    line: int | None = getattr(value, "line", None)
    for place, step in enumerate(path, start=1):
        if isinstance(value, _Map) and step in value:
            line = value.lines[[*value].index(str(step))]
        elif isinstance(value, _List) and isinstance(step, int) and step < len(value):
            line = value.lines[step]
            if (inside := value.inside.get(step)) is not None:
                return inside.line(path[place:]) or line
        else:
            break
        value = value[step]
    return line


@dataclass(slots=True)
class _Open:
    """A collection that is being read; of a mapping, the key whose value comes next."""

    values: _Map | _List
    key: str | None = None
    line: int = 0
    is_double: bool = False


class _Values:
    """Turns the events of a document into dicts, lists and text.

    Scalars stay text, which the models convert, so that an id `0123` or a query value `yes`
    stays what was written.
    """

    def __init__(self, doc: Document, keep: Keep | None) -> None:
        self.root: Any = None
        self._doc, self._keep = doc, keep
        self._open: list[_Open] = []
        self._anchors: dict[str, Any] = {}
        self._known: dict[str, str] = {}
        """Texts, so that what a list repeats is held once."""
        self._paths: dict[tuple[_Path, ...], tuple[_Path, ...]] = {}
        """Likewise what stands in units that are written alike."""
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take in the next event. Raises YAMLError and _BadFileError."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.CollectionEndEvent():
                self._end(self._open.pop().values)
            case yaml.AliasEvent():
                self._put(self._anchored(event), _line(event))
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _not_composed("expected a single document", event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        text = self._known.setdefault(event.value, event.value)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        value = None if _is_null(event) else text
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        if self._wants_key:
            self._key(text, _line(event))
        else:
            self._put(value, _line(event))

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        line = _line(event)
        if self._wants_key:
            raise _BadFileError("a key must be a word", line=line)
        values = (_Map if isinstance(event, yaml.MappingStartEvent) else _List)(line)
        if event.anchor is not None:
            self._anchors[event.anchor] = values
        self._put(values, line)
        self._open.append(_Open(values))

    def _end(self, ended: _Map | _List) -> None:
        """Of a unit that is read to its end, keep what is wanted of it."""
        if self._keep is None or len(self._open) != 2 or not isinstance(self.root, _Map):
            return
        units = self._open[1].values
        if not isinstance(units, _List) or units is not self.root.get("units"):
            return
        if (kept := self._keep(ended)) is not ended:
            lines = dict(_lines_inside(ended))
            paths = tuple(lines)
            shared = self._paths.setdefault(paths, paths)
            units.inside[len(units) - 1] = _Inside(shared, array("I", lines.values()))
            units[-1] = kept

    @property
    def _wants_key(self) -> bool:
        return (
            bool(self._open)
            and isinstance(self._open[-1].values, _Map)
            and (self._open[-1].key is None)
        )

    def _key(self, key: str, line: int) -> None:
        here = self._open[-1]
        here.key, here.line, here.is_double = key, line, key in here.values
        if here.is_double:
            first = _line_in(here.values, (key,))
            what = Message("{0!r} stands here twice (first in line {1})", key, first)
            self._doc.problems.append(Problem(self._doc.file, line, what))

    def _put(self, value: Any, line: int) -> None:
        """Put a value where it belongs; its line is that of its key, if it has one."""
        if not self._open:
            self.root, self._doc.lines[()] = value, line
            return
        here = self._open[-1]
        if isinstance(here.values, _List):
            here.values.append(value)
            here.values.lines.append(line)
        elif here.key is None:  # an alias in the place of a key
            if not isinstance(value, str):
                raise _BadFileError("a key must be a word", line=line)
            self._key(value, line)
        else:
            if not here.is_double:
                here.values[here.key] = value
                here.values.lines.append(here.line)
            here.key = None

    def _anchored(self, event: yaml.AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            raise _not_composed("found undefined alias", event)
        return self._anchors[event.anchor]


def _not_composed(what: str, event: Any) -> yaml.YAMLError:
    """As PyYAML's own composer says it."""
    return yaml.composer.ComposerError(problem=what, problem_mark=event.start_mark)


def _is_null(event: yaml.ScalarEvent) -> bool:
    if event.tag is not None:
        return bool(event.tag == "tag:yaml.org,2002:null")
    return bool(event.implicit[0]) and event.value in _NULLS


_NULLS = ("", "~", "null", "Null", "NULL")
"""https://yaml.org/type/null.html"""
MOST_KNOWN = 50_000


def _yaml_line(error: yaml.YAMLError) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else int(mark.line) + 1


def _line(marked: yaml.Event) -> int:
    mark = marked.start_mark
    return int(mark.line) + 1 if mark else 1
