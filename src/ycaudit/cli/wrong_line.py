"""What is wrong with a line that was typed, in the reader's language.

Typer carries a copy of Click without public names, whose messages are English: what they are made
of is read from the errors' own attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import typer

from ycaudit.cli.commands import COMMANDS
from ycaudit.errors import nearest
from ycaudit.i18n import Message
from ycaudit.url import parse_web_url

WrongLine: type[Exception] = next(
    base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException"
)
"""The base of all that Typer raises for a wrong line."""


_DASHED = re.compile(r"[-‐‑‒–—―−－]+([A-Za-z][A-Za-z-]+)(?:=.*)?")
"""A long option, whatever dashes a word processor has made of its two hyphens."""


def of_dashes(error: Any, line: Iterable[str]) -> Message | None:
    """The message for the first word of the line that is an option but for its dashes, if any."""
    context = getattr(error, "ctx", None)
    options = {name for p in context.command.params for name in p.opts} if context else ()
    for word in line:
        found = _DASHED.fullmatch(word)
        if found and not word.startswith("--") and f"--{found[1]}" in options:
            return Message("{0}: write it with two hyphens: --{1}", word, found[1])
    return None


def message_of(error: Any) -> Message:
    """The message for an error of the command line's parser."""
    match type(error).__name__:
        case "NoSuchOption" if error.possibilities:
            close = ", ".join(sorted(error.possibilities))
            return Message("No such option: {0}; did you mean {1}?", error.option_name, close)
        case "NoSuchOption":
            return Message("No such option: {0}", error.option_name)
        case "MissingParameter":
            return _missing(error)
        case "BadOptionUsage":
            return Message("Option {0} requires an argument.", error.option_name)
        case "BadParameter":
            return _bad_value(error)
        case _:
            return _usage(error)


def _missing(error: Any) -> Message:
    if error.param is None:
        return Message("Missing command.")
    hint = _hint(error)
    if error.param.param_type_name == "argument":
        return Message("Missing argument {0}: {1}", hint, error.param.help or "")
    return Message("Missing option {0}.", hint)


def _bad_value(error: Any) -> Message:
    return Message("Invalid value for {0}: {1}", _hint(error), reason_of(error))


def reason_of(error: Any) -> str:
    """What is wrong with the value, without the option's name."""
    cause = error.__cause__
    if type(cause).__name__ == "ValidationError":  # its class costs a fifth of a second
        from ycaudit.inputs import value_errors

        return value_errors.message_of(cause.errors()[0])
    return str(getattr(error, "message", error))


def _usage(error: Any) -> Message:
    """What Click has no class for names what it is about in brackets or quotes."""
    text: str = error.format_message()
    if extra := re.search(r"\(([^()]*)\)$", text):
        if error.ctx is not None and error.ctx.command.name == "check":
            return Message(
                "one homepage at a time, not {0} too: `ycaudit scan` takes a list", extra[1]
            )
        return Message("Got unexpected extra argument(s) ({0})", extra[1])
    if name := re.search(r"'([^']*)'", text):
        if parse_web_url(name[1]) is not None:
            return Message("to look at a homepage, type: ycaudit check {0}", name[1])
        return Message("No such command {0!r}{1}", name[1], nearest(name[1], COMMANDS))
    return Message("Missing command.") if error.ctx is not None else Message("{0}", text)


def _hint(error: Any) -> str:
    hint = error.param_hint or (error.param.get_error_hint() if error.param else "")
    return hint if isinstance(hint, str) else " / ".join(hint)
