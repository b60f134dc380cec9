"""The languages that people read: Chinese or English, by gettext.

A sentence is put together where it is shown, from the message in the reader's language and what
fills its holes: {0}, {1} … or {name}. A hole may say how it is filled, besides what `format` knows:
`{0:unit|units}` chooses by number, `{more:? (and # more)}` is there only if its value is not 0 or
empty, and # stands for the value.
"""

from __future__ import annotations

import gettext
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

LANGUAGES = ("zh", "en")
SOURCE, PSEUDO = "source", "pseudo"
"""For tests: everything as it stands in the source; every message marked that a catalogue has."""
_KNOWN = (*LANGUAGES, SOURCE, PSEUDO)
VARIABLE = "YCAUDIT_LANG"
DOMAIN = "ycaudit"

_chosen: ContextVar[str | None] = ContextVar("chosen", default=None)
_is_at_terminal: ContextVar[bool] = ContextVar("is_at_terminal", default=True)
Key = TypeVar("Key")
_BEFORE_HINT = {"zh": "；"}
_BETWEEN = {"zh": "、"}
_HOLE = re.compile(r"\{(\d+|[a-z][a-z_]*)(?:!([rs]))?(?::([^{}]*))?\}")


def is_known(name: str) -> bool:
    """Whether YCAUDIT_LANG may name it."""
    return name in _KNOWN


def named(text: str) -> str:
    """The language that a tag such as zh-CN or en_US is of; what names none stays as it is."""
    language = re.split(r"[-_.]", text, maxsplit=1)[0].lower()
    return language if language in LANGUAGES else text


def wanted(environment: Mapping[str, str]) -> str:
    """The language that YCAUDIT_LANG names, else that of the locale: Chinese or English.

    Where no variable says a locale, Windows and macOS are asked which language they show.
    """
    if is_known(named := environment.get(VARIABLE, "")):
        return named
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(variable):
            return _language_of(locale)
    return _language_of(_system_locale())


def _language_of(locale: str) -> str:
    return "zh" if locale.lower().startswith("zh") else "en"


@lru_cache(maxsize=1)
def _system_locale() -> str:
    """The language of the system's own windows, such as zh_CN or zh-Hans-CN; empty: unknown."""
    if sys.platform == "win32":  # pragma: no cover - not tried: no such machine here
        import ctypes
        from locale import windows_locale

        return windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return _of_macos() if sys.platform == "darwin" else ""


def _of_macos() -> str:
    """The first of AppleLanguages, which `defaults` prints as ( "zh-Hans-CN", … )."""
    import subprocess

    try:
        done = subprocess.run(
            ["/usr/bin/defaults", "read", "-g", "AppleLanguages"],
            capture_output=True, check=False, timeout=5,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    first = re.search(rb"[A-Za-z][\w-]+", done.stdout)
    return first[0].decode() if first else ""


def official(environment: Mapping[str, str]) -> str:
    """The language of papers for offices: as YCAUDIT_LANG says, else Chinese."""
    named = environment.get(VARIABLE, "")
    return named if named in _KNOWN else "zh"


def of_office(text: str) -> str:
    """A word as the tables of the office have it."""
    with in_language(office_language()):
        return translate(text)


def language() -> str:
    """The language in use now."""
    return _chosen.get() or wanted(os.environ)


def office_language() -> str:
    """The language of papers for offices."""
    return official(os.environ)


def use(name: str) -> None:
    """This language from now on, whatever the environment says."""
    _chosen.set(name)


@contextmanager
def in_language(name: str) -> Iterator[None]:
    """Another language, until the block ends."""
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


@contextmanager
def away_from_terminal() -> Iterator[None]:
    """Leave out of messages what can be done at a terminal alone, until the block ends."""
    token = _is_at_terminal.set(False)
    try:
        yield
    finally:
        _is_at_terminal.reset(token)


class Message(str):
    """A sentence as the source writes it, which knows the message and the values it is made of."""

    template: str
    values: tuple[object, ...]
    hint: str
    """What to do about it at a terminal, such as a command to run; empty where nothing."""

    def __new__(cls, template: str, *values: object, hint: str = "") -> Self:
        """The message with its holes filled by the values, in order."""
        filled = _fill_source(template, values)
        message = super().__new__(cls, f"{filled}; {hint}" if hint else filled)
        message.template = template
        message.values = values
        message.hint = hint
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, str]]:
        return (self.template, *self.values), {"hint": self.hint}


@runtime_checkable
class Translatable(Protocol):
    """What makes its own sentence in the reader's language."""

    def translated(self) -> str:
        """The sentence."""


class Listed:
    """Several words or messages in one line, as the reader's language separates them."""

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = tuple(parts)

    def __str__(self) -> str:
        """As the source writes it."""
        return ", ".join(self._parts)

    def translated(self) -> str:
        """As the reader reads it."""
        return _BETWEEN.get(language(), ", ").join(str(translated(part)) for part in self._parts)


def translate(text: str, *values: object) -> str:
    """A message in the reader's language, its values filled in.

    Values that are messages themselves, or errors that carry one, are translated too; all other
    text is somebody's words and stays as it is.
    """
    message = text if isinstance(text, Message) and not values else Message(text, *values)
    found = lookup(message.template)
    told = fill(found, _numbered(message.values), translated) if message.values else found
    if not (message.hint and _is_at_terminal.get()):
        return told
    return f"{told}{_BEFORE_HINT.get(language(), '; ')}{translated(message.hint)}"


def translated(value: object) -> object:
    """What stands in a hole: messages in the reader's language, everything else as it is."""
    if type(value) in (str, int):  # nearly all; to ask for a protocol takes 60 times as long
        return value
    own = getattr(value, "message", value)
    if isinstance(own, Message):
        return translate(own)
    return value.translated() if isinstance(value, Translatable) else value


def lookup(key: str, default: str | None = None) -> str:
    """What the catalogue of the reader's language has under this key, else the default or key."""
    plain = key if default is None else default
    name = language()
    if name == SOURCE:
        return plain
    if name == PSEUDO:
        return f"⟦{plain}⟧" if any(key in _messages(one) for one in LANGUAGES) else plain
    return _messages(name).get(key, plain)


def fill(
    template: str, values: Mapping[str, object], shown: Callable[[object], object] = str
) -> str:
    """The template with its holes filled; a hole without a value stays as it is."""

    def filled(hole: re.Match[str]) -> str:
        name, conversion, spec = hole.groups()
        if name not in values:
            return hole[0]
        value = values[name]
        if spec is not None and "|" in spec:
            return spec.split("|")[value != 1]
        if spec is not None and spec.startswith("?"):
            return spec[1:].replace("#", str(shown(value))) if value else ""
        value = shown(value)
        return format(repr(value) if conversion == "r" else value, spec or "")

    return _HOLE.sub(filled, template)


def _fill_source(template: str, values: tuple[object, ...]) -> str:
    return fill(template, _numbered(values), lambda value: value) if values else template


def _numbered(values: tuple[object, ...]) -> dict[str, object]:
    return {str(number): value for number, value in enumerate(values)}


class Translated(Mapping[Key, str]):
    """A table of words, each translated when it is asked for."""

    def __init__(self, table: Mapping[Key, str]) -> None:
        self._table = dict(table)

    def __getitem__(self, key: Key) -> str:
        return translate(self._table[key])

    def source(self, key: Key) -> str:
        """The word as it stands in the source, for papers that are in one language."""
        return self._table[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


@lru_cache(maxsize=4)
def _messages(name: str) -> dict[str, str]:
    folder = Path(__file__).parent / "locale"
    found = gettext.translation(DOMAIN, folder, languages=[name], fallback=True)
    # The one way to all messages at once; its name has been the same since Python 2.
    catalogue: dict[object, str] = getattr(found, "_catalog", {})
    return {text: says for text, says in catalogue.items() if text and isinstance(text, str)}
