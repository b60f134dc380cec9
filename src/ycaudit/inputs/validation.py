"""Checks the values of a file by a model; reports each mistake with its place and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ycaudit.errors import InvalidValueError, closest, nearest
from ycaudit.i18n import Message
from ycaudit.inputs import full_width
from ycaudit.inputs.file_models import Defaults, TargetsFile, UnitEntry
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
        errors = [*error.errors(), *_of_meant_kinds(error.errors(), doc.values)]
        # pydantic also reports a list of wrong items as too short: the items' errors are enough.
        inner = {e["loc"][:n] for e in errors for n in range(len(e["loc"]))}
        misspelt = set(_misspelt(errors, model))
        for e in errors:
            follows = e["type"] == "too_short" and e["loc"] in inner
            if not follows and (e["type"] != "missing" or e["loc"] not in misspelt):
                doc.problem(_place_of(e), _explain(e, model, doc.values))
        return None


def unit_entry(values: Any) -> Any:
    """A unit as its model, which takes less room than its values; these where they are wrong."""
    try:
        return UnitEntry.model_validate(values)
    except ValidationError:
        return values


def readable_units(doc: Document) -> TargetsFile | None:
    """Of a list with mistakes, what its addresses and ids can be checked by; None for no list.

    Every unit has its place: one that cannot be read has its id and address alone, else nothing.
    """
    units = doc.values.get("units") if isinstance(doc.values, dict) else None
    if not isinstance(units, list):
        return None
    return TargetsFile.model_construct(
        defaults=Defaults(), units=tuple(_readable(unit, place) for place, unit in enumerate(units))
    )


def _readable(unit: Any, place: int) -> UnitEntry:
    known = {"url": unit} if isinstance(unit, str) else unit
    bare = isinstance(known, dict) and {key: known.get(key) for key in ("id", "url")}
    for values in (known, bare):
        if isinstance(entry := unit_entry(values), UnitEntry):
            return entry
    return UnitEntry(id=f"\0{place}", no_website=True)


def _of_meant_kinds(errors: Iterable[Any], values: Any) -> Iterator[Any]:
    """What else is wrong with requirements whose kind is misspelt."""
    for error in errors:
        if error["type"] == "union_tag_invalid":
            loc = error["loc"]
            if (kind := _meant_kind(values, loc)) is not None:
                entry = {**values["requirements"][loc[1]], "kind": kind}
                try:
                    KINDS[kind].model_validate(entry)
                except ValidationError as more:
                    yield from ({**e, "loc": (*loc, kind, *e["loc"])} for e in more.errors())


def _place_of(error: Any) -> tuple[int | str, ...]:
    """The path in the file of what is wrong."""
    path = _file_path(error["loc"])
    if error["type"] == "union_tag_invalid":
        return (*path, "kind")
    own = error.get("ctx", {}).get("error")
    return (*path, *own.at) if isinstance(own, InvalidValueError) else path


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
            return _missing(_place(place[:-1]), str(loc[-1]))
        case "union_tag_invalid" | "union_tag_not_found":
            meant = _meant_kind(values, loc)
            hint = Message("; did you mean {0!r}?", meant) if meant else ""
            return Message("'kind' must be one of {0}{1}", ", ".join(KINDS), hint)
        case "too_short":
            return Message("{0}at least one entry is needed", _place(place))
        case "model_type" | "model_attributes_type" | "dict_type":
            return _no_mapping(loc, model, error["input"])
        case _:
            return Message("{0}{1}", _place(place), message_of(error))


def _missing(place: str, key: str) -> Message:
    if (like := _LIKE.get(key)) is None:
        return Message("{0}{1!r} is missing", place, key)
    return Message("{0}{1!r} is missing: write it like {1}: {2}", place, key, like)


def _no_mapping(loc: tuple[int | str, ...], model: type[BaseModel], value: object) -> Message:
    if not loc:
        needed = [key for key, of_key in model.model_fields.items() if of_key.is_required()]
        return Message("must begin with keys, such as {0}:", needed[-1])
    wide = full_width.hint(value)
    if not wide and isinstance(value, str) and {"accept", "mistakes"} & set(loc[-2:]):
        return Message("{0!r} needs a key: write {{1}: {0}}", value, _key_of(value, _kind_in(loc)))
    place = _place(_file_path(loc))
    if not wide and (like := _MAPPINGS.get(str(loc[-1]))) is not None:
        return Message("{0}must be a mapping of keys to values, like {1}", place, like)
    return Message("{0}must be a mapping of keys to values{1}", place, wide)


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


_LIKE = {
    "id": "news",
    "name": "市政府门户网站",
    "unit": "museum",
    "requirement": "news",
    "reason": "网站改版",
    "approved_by": "李主任",
    "until": "2027-03-31",
    "accept": "[{host: www.example.gov.cn}]",
    "uid": '"1999404300"',
    "tags": "[school]",
}
"""How values are written whose key is missing."""
_MAPPINGS = {
    "applies_to": "{tags: [school]}",
    "query": "{src: homepage}",
    "weibo": '{uid: "1999404300"}',
    "wechat": "{code: r/abc}",
    "defaults": "{tags: [city]}",
    "contact": "{person: 王老师, phone: 0850-1234567}",
    "data": "{栏目数: 12}",
}
"""How mappings are written."""


def _meant_kind(values: Any, loc: tuple[Any, ...]) -> str | None:
    """The kind that a requirement's other word for it means."""
    kind = _kind_of(values, loc)
    return closest(_MEANT.get(kind.lower(), kind), KINDS)


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
