"""Errors that a person at the desk can act on; everything else is a bug and looks like one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AuditError(Exception):
    """The program could not run as asked: one sentence that says what, where and what to do."""


class StoppedError(AuditError):
    """A run cannot go on, in one sentence; what is finished of it stays finished."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file, with its line (1-based) where there is one."""

    file: str
    line: int | None
    what: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.what}"


class ConfigError(AuditError):
    """Every problem of every file, so that one reading mends them all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.what)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
