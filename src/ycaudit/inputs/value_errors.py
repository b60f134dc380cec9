"""Messages for pydantic's errors, by their type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ycaudit.errors import InvalidValueError, no_day
from ycaudit.i18n import Message

_BY_TYPE = {
    "int": Message("must be a whole number"),
    "float": Message("must be a number"),
    "bool": Message("must be true or false"),
    "string": Message("must be text"),
    "tuple": Message("must be a list"),
    "list": Message("must be a list"),
    "frozen": Message("must be a list"),
    "set": Message("must be a list"),
    "dict": Message("must be a mapping of keys to values"),
    "model": Message("must be a mapping of keys to values"),
    "date": Message("must be a day like 2026-11-23"),
    "datetime": Message("must be a time like 2026-11-23T08:00:00+08:00"),
    "path": Message("must be the name of a file"),
}
"""By the first word of the type: https://docs.pydantic.dev/latest/errors/validation_errors/."""


_BOUNDS = {
    "greater_than_equal": (Message("must be at least {0}"), "ge"),
    "less_than_equal": (Message("must be at most {0}"), "le"),
    "greater_than": (Message("must be more than {0}"), "gt"),
    "less_than": (Message("must be less than {0}"), "lt"),
}


def message_of(error: Mapping[str, Any]) -> Message:
    """The message for one of `ValidationError.errors()`."""
    kind, context = error["type"], error.get("ctx", {})
    if isinstance(own := context.get("error"), InvalidValueError):
        return own.message
    if kind.startswith("date_") and isinstance(error["input"], str):
        return no_day(error["input"])
    if kind in _BOUNDS:
        text, limit = _BOUNDS[kind]
        return Message(text, context[limit])
    if kind in ("literal_error", "enum"):
        return Message("must be one of {0}", _choices(context["expected"]))
    known = _EXACT.get(kind) or _BY_TYPE.get(kind.partition("_")[0])
    return Message(known) if known else Message("cannot be meant ({0})", kind)


_EXACT = {
    "string_too_short": Message("must not be empty"),
    "too_short": Message("must not be empty"),
    "too_long": Message("this kind of requirement takes none"),
    "string_pattern_mismatch": Message("must be a host such as www.example.gov.cn"),
    "missing": Message("is missing"),
    "json_invalid": Message("is no JSON"),
    "extra_forbidden": Message("is an unknown key"),
}


def _choices(expected: str) -> str:
    """The choices separated by commas; pydantic has them as 'a', 'b' or 'c'."""
    return expected.replace(" or ", ", ").replace("'", "")
