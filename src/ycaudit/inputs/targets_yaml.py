"""Writes a list of units as a targets file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import yaml

from ycaudit.i18n import Message
from ycaudit.inputs.cells import clean
from ycaudit.inputs.sites import slug
from ycaudit.inputs.unit_list import ListedSite, ListedUnit, Listing
from ycaudit.terminal import file_name
from ycaudit.url import parse_web_url

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Quoted(str):
    """Text that is written in quotes even where YAML needs none."""


def _represent(dumper: Any, text: _Quoted) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_DUMPER.add_representer(_Quoted, _represent)


def entries(listing: Listing, ids: Ids | None = None) -> list[dict[str, Any]]:
    """The units as a targets file has them; every unit and site has a unique id."""
    ids = ids or Ids()
    for unit in listing.units:
        ids.take(unit)
    return [_entry(unit, ids) for unit in listing.units]


def waivers(listing: Listing) -> list[dict[str, Any]]:
    """The waivers of the list as a targets file has them."""
    return [
        {
            "unit": waiver.unit,
            "requirement": waiver.requirement,
            "reason": waiver.reason,
            "approved_by": waiver.approved_by,
            "until": waiver.until.isoformat(),
        }
        for waiver in listing.waivers
    ]


def to_yaml(content: dict[str, Any], *, source: str) -> str:
    """The text of a targets file, one unit and one waiver a line."""
    named = clean(file_name(source))
    lines: list[str] = [Message("# Made of {0} by `ycaudit import`.", named)]
    for key, value in content.items():
        if isinstance(value, list):
            lines += [f"{key}:", *(f"  - {_flow(entry)}" for entry in value)]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


class Ids:
    """Gives each unit and site its id: its own, else one made of the host or the name."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """`taken` are ids that no new unit may have."""
        self._taken = set(taken)
        self._tried: dict[str, Iterator[int]] = {}

    def take(self, unit: ListedUnit) -> None:
        """Note the ids that a unit brings along."""
        self._taken |= {id_ for id_ in (unit.id, *(site.id for site in unit.sites)) if id_}

    def of_site(self, site: ListedSite) -> str:
        """The id of a site."""
        return site.id or self._free(_host(site.url))

    def of_unit(self, unit: ListedUnit) -> str:
        """The id of a unit without a site."""
        return unit.id or self._free(slug(unit.name))

    def _free(self, base: str) -> str:
        id_ = base
        numbers = self._tried.setdefault(base, count(2))
        while id_ in self._taken:
            id_ = f"{base}-{next(numbers)}"
        self._taken.add(id_)
        return id_


def _entry(unit: ListedUnit, ids: Ids) -> dict[str, Any]:
    contact = {"person": unit.person, "phone": unit.phone, "email": unit.email}
    contact = {key: value for key, value in contact.items() if value}
    more = {
        "office": unit.office,
        "tags": list(unit.tags),
        "contact": contact,
        "data": dict(unit.data),
    }
    return _runs(unit, ids) | {key: value for key, value in more.items() if value}


def _runs(unit: ListedUnit, ids: Ids) -> dict[str, Any]:
    """The id and name of a unit, and its site, its sites, or that it has none."""
    match unit.sites:
        case ():
            return {"id": ids.of_unit(unit), "name": unit.name, "no_website": True}
        case (site,):
            return {"id": ids.of_site(site), "name": unit.name, "url": _Quoted(site.url)}
        case _:
            own = {"id": unit.id} if unit.id else {}
            return {**own, "name": unit.name, "sites": [_site(site, ids) for site in unit.sites]}


def _site(site: ListedSite, ids: Ids) -> dict[str, Any]:
    named = {"name": site.name} if site.name else {}
    return {"id": ids.of_site(site), **named, "url": _Quoted(site.url)}


def _host(url: str) -> str:
    found = parse_web_url(url)
    assert found is not None
    return found.host


def _flow(value: Any) -> str:
    text = yaml.dump(
        value,
        Dumper=_DUMPER,
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=1 << 30,
    )
    return str(text).removesuffix("\n...\n").rstrip("\n")
