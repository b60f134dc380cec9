"""Checks the values of a file by a model; reports each mistake with its place and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ycaudit.errors import closest, nearest
from ycaudit.i18n import Message
from ycaudit.inputs import full_width
from ycaudit.inputs.value_errors import message_of
from ycaudit.inputs.yaml_document import Document
from ycaudit.rules import KINDS
from ycaudit.rules.wordings import Wording
from ycaudit.url import canonical_host

Model = TypeVar("Model", bound=BaseModel)


def validated(doc: Document, model: type[Model]) -> Model | None:
    """The values as this model; None where they are not, with the reasons in the problems."""
    if doc.values is None:
        return None
    try:
        return model.model_validate(doc.values)
    except ValidationError as error:
        errors = error.errors()
        # pydantic also reports a list of wrong items as too short: the items' errors are enough.
        inner = {e["loc"][:n] for e in errors for n in range(len(e["loc"]))}
        misspelt = set(_misspelt(errors, model))
        for e in errors:
            follows = e["type"] == "too_short" and e["loc"] in inner
            if not follows and (e["type"] != "missing" or e["loc"] not in misspelt):
                doc.problem(_file_path(e["loc"]), _explain(e, model, doc.values))
        return None


def _misspelt(errors: Iterable[Any], model: type[BaseModel]) -> Iterator[tuple[int | str, ...]]:
    """The paths of keys that stand there in another spelling, which is told already."""
    for error in errors:
        if error["type"] == "extra_forbidden":
            *above, key = error["loc"]
            if (meant := closest(str(key), _known_keys(model, tuple(above)))) is not None:
                yield (*above, meant)


def _file_path(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The path in the file: pydantic adds the kind after a requirement's index."""
    return (*loc[:2], *loc[3:]) if _kind_in(loc) else loc


def _kind_in(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The kind that stands in a path of pydantic."""
    is_inside = len(loc) > 2 and loc[0] == "requirements"
    return KINDS.get(str(loc[2])) if is_inside else None


def _explain(error: Any, model: type[BaseModel], values: Any) -> str:
    loc = tuple(error["loc"])
    place = _file_path(loc)
    match error["type"]:
        case "extra_forbidden":
            known = _known_keys(model, loc[:-1])
            hint = (
                full_width.hint(loc[-1])
                or nearest(str(loc[-1]), known)
                or Message("; known are {0}", ", ".join(known))
            )
            return Message("unknown key {0!r}{1}", loc[-1], hint)
        case "missing":
            return Message("{0}{1!r} is missing", _place(place[:-1]), loc[-1])
        case "union_tag_invalid" | "union_tag_not_found":
            kind = _kind_of(values, loc)
            hint = nearest(_MEANT.get(kind.lower(), kind), KINDS)
            return Message("'kind' must be one of {0}{1}", ", ".join(KINDS), hint)
        case "too_short":
            return Message("{0}at least one entry is needed", _place(place))
        case "model_type" | "model_attributes_type":
            return _no_mapping(loc, model, error["input"])
        case _:
            return Message("{0}{1}", _place(place), message_of(error))


def _no_mapping(loc: tuple[int | str, ...], model: type[BaseModel], value: object) -> Message:
    if not loc:
        needed = [key for key, of_key in model.model_fields.items() if of_key.is_required()]
        return Message("must begin with keys, such as {0}:", needed[-1])
    wide = full_width.hint(value)
    if not wide and isinstance(value, str) and {"accept", "mistakes"} & set(loc[-2:]):
        return Message("{0!r} needs a key: write {{1}: {0}}", value, _key_of(value, _kind_in(loc)))
    return Message("{0}must be a mapping of keys to values{1}", _place(_file_path(loc)), wide)


def _key_of(form: str, kind: type[BaseModel] | None) -> str:
    """The key of a form that was written without one."""
    if kind is not None and kind.model_fields["accept"].annotation == tuple[Wording, ...]:
        return "text"
    return "host" if canonical_host(form) else "payload"


_MEANT = {
    **dict.fromkeys(("qrcode", "qr_code", "qr-code", "code", "二维码"), "qr"),
    **dict.fromkeys(("url", "href", "hyperlink", "链接", "网址"), "link"),
    **dict.fromkeys(("words", "string", "文字", "文本"), "text"),
}
"""Other words for the kinds."""


def _kind_of(values: Any, loc: tuple[Any, ...]) -> str:
    for step in loc:
        values = values[step]
    return str(values.get("kind", "")) if isinstance(values, dict) else ""


def _place(loc: tuple[Any, ...]) -> str:
    return f"{loc[-1]}: " if loc and isinstance(loc[-1], str) else ""


def _known_keys(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """The keys that the model has at this path."""
    kind = _kind_in(loc)
    current = kind or model
    for step in loc[3:] if kind else loc:
        if isinstance(step, str) and step in current.model_fields:
            current = next(_models(current.model_fields[step].annotation), current)
    return list(current.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not None:
        for part in get_args(annotation):
            yield from _models(part)
