"""Errors that a person at the desk can act on; everything else is a bug and looks like one."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ycaudit.i18n import Message

_WHY = {
    errno.ENOENT: Message("there is no such file or folder"),
    errno.EACCES: Message("permission is missing"),
    errno.EPERM: Message("permission is missing"),
    errno.EEXIST: Message("something else has this name"),
    errno.ENOTDIR: Message("a file stands where a folder must be"),
    errno.EISDIR: Message("this is a folder; name a file"),
    errno.ENAMETOOLONG: Message("the name is too long"),
    errno.EROFS: Message("nothing can be written there"),
    errno.ENOSPC: Message("the disk is full"),
    errno.EIO: Message("the disk does not work"),
    errno.EPIPE: Message("nobody reads it any more"),
    errno.ECONNREFUSED: Message("it refuses connections"),
    errno.ETIMEDOUT: Message("it does not answer in time"),
    errno.EHOSTUNREACH: Message("no way leads there"),
    errno.ENETUNREACH: Message("no way leads there"),
    -2: Message("the name has no address"),  # EAI_NONAME of getaddrinfo, as glibc counts
    -3: Message("no name server answers"),  # EAI_AGAIN
}


def why_of(error: OSError) -> str:
    """What the system says is wrong, in the reader's language where it is common."""
    if isinstance(error, TimeoutError):
        return _WHY[errno.ETIMEDOUT]
    known = _WHY.get(error.errno) if error.errno is not None else None
    return known or error.strerror or str(error)


class AuditError(Exception):
    """The program could not run as asked: one sentence that says what, where and what to do."""

    def __init__(self, text: str, *values: object, hint: str = "") -> None:
        """`text` is a message of the catalogue, `values` fill its holes; `hint` as of `Message`."""
        self.message = text if isinstance(text, Message) else Message(text, *values, hint=hint)
        super().__init__(self.message)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell, one message a line."""
        return (self.message,)


class StoppedError(AuditError):
    """A run cannot go on, in one sentence; what is finished of it stays finished."""


class UnwritableError(StoppedError):
    """What is to be printed or written as the run goes cannot be, of a disk that is full."""

    def __init__(self, why: object) -> None:
        super().__init__(
            Message(
                "the output cannot be written: {0}; free some space, or write it elsewhere", why
            )
        )


class InvalidValueError(ValueError):
    """A value of a list or a rules file cannot be meant; says what to write instead."""

    def __init__(
        self, text: str, *values: object, hint: str = "", at: tuple[str | int, ...] = ()
    ) -> None:
        """`at` is the path within the value, where a part of it is at fault."""
        self.message = text if isinstance(text, Message) else Message(text, *values, hint=hint)
        self.at = at
        super().__init__(self.message)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file, with its line (1-based) where there is one."""

    file: str
    line: int | None
    what: str

    @property
    def message(self) -> Message:
        """The mistake with its place in front."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return Message("{0}: {1}", place, self.what)

    def __str__(self) -> str:
        return str(self.message)


class ConfigError(AuditError):
    """Every problem of every file, so that one reading mends them all.

    The files come in the order in which they are given, the lines of each in theirs.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        files = {file: place for place, file in enumerate(dict.fromkeys(p.file for p in problems))}
        self.problems = tuple(
            sorted(set(problems), key=lambda p: (files[p.file], p.line or 0, p.what))
        )
        super().__init__("\n".join(self.messages))

    @property
    def messages(self) -> tuple[Message, ...]:
        """One for each problem."""
        return tuple(problem.message for problem in self.problems)


class UnrecordedError(ConfigError):
    """Every problem of a sheet of which nothing is recorded while one is left."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """One for each problem, and what came of them."""
        end = Message("nothing was recorded: mend this, and hand the sheet in again")
        return (*super().messages, end)


def install(extra: str) -> Message:
    """How an extra is installed: from the project, as no package index knows it by this name."""
    return Message('in the folder of ycaudit, run pip install ".[{0}]"', extra)


def no_day(text: str, *, may_be_false: bool = False) -> Message:
    """Why a text is no day: it has another form, or the calendar has no such day."""
    if _DAY.fullmatch(text):
        return Message("{0!r}: the calendar has no such day", text)
    if may_be_false:
        return Message("{0!r} must be a day like 2026-11-23, or false", text)
    return Message("{0!r} must be a day like 2026-11-23", text)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the most similar word; empty where none is similar."""
    close = closest(word, known)
    return Message("; did you mean {0!r}?", close) if close is not None else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The most similar word; None where none is similar."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)
