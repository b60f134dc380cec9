"""Writes a list of units as a targets file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import yaml

from ycaudit.i18n import Message
from ycaudit.inputs.cells import clean
from ycaudit.inputs.unit_list import Listing, Row
from ycaudit.terminal import file_name
from ycaudit.url import parse_web_url

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Quoted(str):
    """Text that is written in quotes even where YAML needs none."""


def _represent(dumper: Any, text: _Quoted) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_DUMPER.add_representer(_Quoted, _represent)


def entries(listing: Listing) -> list[dict[str, Any]]:
    """The units as a targets file has them, each with a unique id."""
    return [_entry(row, id_) for row, id_ in zip(listing.rows, _ids(listing.rows), strict=True)]


def to_yaml(listing: Listing, *, source: str) -> str:
    """The text of a targets file, one unit a line."""
    named = clean(file_name(source))
    lines = [Message("# Made of {0} by `ycaudit import`.", named), "units:"]
    lines += (f"  - {_flow(entry)}" for entry in entries(listing))
    return "\n".join(lines) + "\n"


def _entry(row: Row, id_: str) -> dict[str, Any]:
    contact = {"person": row.person, "phone": row.phone, "email": row.email}
    contact = {key: value for key, value in contact.items() if value}
    entry: dict[str, Any] = {"id": id_, "name": row.name, "url": row.url}
    if row.tags:
        entry["tags"] = list(row.tags)
    if contact:
        entry["contact"] = contact
    return entry


def _ids(rows: Iterable[Row]) -> list[str]:
    """The given ids; else the host, numbered where it is taken."""
    rows = list(rows)
    taken = {row.id for row in rows if row.id}
    tried: dict[str, Iterator[int]] = {}
    return [row.id or _free(_host(row.url), taken, tried) for row in rows]


def _free(base: str, taken: set[str], tried: dict[str, Iterator[int]]) -> str:
    id_ = base
    numbers = tried.setdefault(base, count(2))
    while id_ in taken:
        id_ = f"{base}-{next(numbers)}"
    taken.add(id_)
    return id_


def _host(url: str) -> str:
    found = parse_web_url(url)
    assert found is not None
    return found.host


def _flow(entry: dict[str, Any]) -> str:
    text = yaml.dump(
        entry | {"url": _Quoted(entry["url"])},
        Dumper=_DUMPER,
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=1 << 30,
    )
    return str(text).rstrip("\n")
