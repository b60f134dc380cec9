"""The languages that people read: what the program says, in English or Chinese, by gettext.

Nothing is marked where it is said. What the program says of homepages stands in run documents in
one language, so that documents, histories and processes agree; it is put into the reader's language
where it is shown. So `told` takes a whole sentence and finds the message that it was made of: the
catalogue's {0}, {1} … stand for what had been filled in.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

LANGUAGES = ("zh", "en")
SOURCE, PSEUDO = "source", "pseudo"
"""For tests: everything as it stands in the source; every message marked that a catalogue has."""
_KNOWN = (*LANGUAGES, SOURCE, PSEUDO)
VARIABLE = "YCAUDIT_LANG"
DOMAIN = "ycaudit"
MOST = 4000
"""Longer texts are no sentences."""

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
Key = TypeVar("Key")
_HOLE = re.compile(r"\{(\d+|\w[\w.\[\]]*)(?::[^{}]*)?\}")


def wanted(environment: Mapping[str, str]) -> str:
    """The language that YCAUDIT_LANG names, else that of the locale: Chinese or English."""
    if (named := environment.get(VARIABLE, "")) in _KNOWN:
        return named
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(variable):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"


def official(environment: Mapping[str, str]) -> str:
    """The language of papers for offices: as YCAUDIT_LANG says, else Chinese."""
    named = environment.get(VARIABLE, "")
    return named if named in _KNOWN else "zh"


def language() -> str:
    """The language that is spoken now."""
    return _spoken.get() or wanted(os.environ)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Another language, until the block ends."""
    token = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(token)


def plural(count: int) -> str:
    """The ending of what English counts: 1 unit, 2 units."""
    return "" if count == 1 else "s"


def told(text: str) -> str:
    """A sentence of the program in the reader's language; any other text as it is."""
    return _told(language(), text) if text else text


class Spoken(Mapping[Key, str]):
    """A table of words, each told in the reader's language when it is asked for."""

    def __init__(self, table: Mapping[Key, str]) -> None:
        self._table = dict(table)

    def __getitem__(self, key: Key) -> str:
        return told(self._table[key])

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


@dataclass(frozen=True, slots=True)
class _Template:
    """A message with holes: what stands between them, their names, and the message told."""

    own: tuple[str, ...]
    names: tuple[str, ...]
    says: str

    def fillings(self, text: str) -> list[str] | None:
        """What the holes held; None where the text was not made of this. Takes linear time."""
        first, *between, last = self.own
        place, end = len(first), len(text) - len(last)
        if place > end or not text.startswith(first) or not text.endswith(last):
            return None
        found: list[str] = []
        for part in between:
            there = text.find(part, place, end)
            if there < 0:
                return None
            found.append(text[place:there])
            place = there + len(part)
        found.append(text[place:end])
        return found if self._counts(found) else None

    def _counts(self, found: list[str]) -> bool:
        """Whether what stands for a plural's ending is one, and counts what is before it."""
        return all(
            ending in ("", "s") and counted.replace(",", "").isdecimal()
            for counted, part, ending in zip(found, self.own[1:], found[1:], strict=False)
            if part[-1:].isascii() and part[-1:].isalpha()
        )

    def filled(self, fillings: Mapping[str, str]) -> str:
        """The message told, its holes filled."""
        return _HOLE.sub(lambda hole: fillings.get(hole[1], hole[0]), self.says)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The messages of a language."""

    plain: Mapping[str, str]
    by_start: Mapping[str, list[_Template]] = field(default_factory=dict)
    """Those with holes, by the first two characters; under "" those that begin with a hole."""

    def of(self, text: str) -> Iterator[_Template]:
        """Those that a text may have been made of, with most words of their own first."""
        yield from self.by_start.get(text[:2], ())
        yield from self.by_start.get("", ())


@lru_cache(maxsize=8192)
def _told(name: str, text: str) -> str:
    if name == SOURCE or len(text) > MOST:
        return text
    catalogue = _catalogue(name)
    if (whole := catalogue.plain.get(text)) is not None:
        return whole
    for template in catalogue.of(text):
        if (found := template.fillings(text)) is not None:
            filled = dict(zip(template.names, (_filling(name, f) for f in found), strict=True))
            return template.filled(filled)
    return _in_parts(name, text)


def _filling(name: str, text: str) -> str:
    """A sentence within a sentence. A word alone may be what a page says: it stays as it is."""
    is_sentence = " " in text or (len(text) > 5 and not text.isascii())
    return _told(name, text) if is_sentence else text


def _in_parts(name: str, text: str) -> str:
    """Sentences behind a place (`targets.yaml:3: …`), a mark or one another (`…; …`)."""
    for between in (": ", "; "):
        first, middle, rest = text.partition(between)
        if middle and rest:
            one, other = _filling(name, first), _told(name, rest)  # a key of the file stays
            if (one, other) != (first, rest):
                joint = {"zh": {"; ": "；"}}.get(name, {}).get(between, between)
                return f"{one}{joint}{other}"
    return text


@lru_cache(maxsize=4)
def _catalogue(name: str) -> _Catalogue:
    if name == PSEUDO:
        plain = {text: f"⟦{text}⟧" for one in LANGUAGES for text in _messages(one)}
    else:
        plain = _messages(name)
    by_start: dict[str, list[_Template]] = {}
    with_holes = [text for text in plain if _HOLE.search(text)]
    for text in sorted(with_holes, key=lambda text: -len(_HOLE.sub("", text))):
        start = "" if _HOLE.match(text) or _HOLE.match(text[1:]) else text[:2]
        by_start.setdefault(start, []).append(_template(text, plain[text]))
    return _Catalogue(plain, by_start)


def _messages(name: str) -> dict[str, str]:
    folder = Path(__file__).parent / "locale"
    found = gettext.translation(DOMAIN, folder, languages=[name], fallback=True)
    # The one way to all messages at once; its name has been the same since Python 2.
    catalogue: dict[object, str] = getattr(found, "_catalog", {})
    return {text: says for text, says in catalogue.items() if text and isinstance(text, str)}


def _template(text: str, says: str) -> _Template:
    names = tuple(hole[1] for hole in _HOLE.finditer(text))
    own = _HOLE.split(text)[::2]
    return _Template(tuple(own), names, says)
