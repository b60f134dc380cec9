"""The units of a list as the sites that they run, and as those that run none."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from ycaudit.errors import InvalidValueError
from ycaudit.i18n import Message
from ycaudit.inputs import full_width
from ycaudit.inputs.cells import shortened
from ycaudit.inputs.file_models import Defaults, SiteEntry, TargetsFile, UnitEntry
from ycaudit.inputs.value_errors import message_of
from ycaudit.inputs.web_address import check_address
from ycaudit.inputs.yaml_document import Document
from ycaudit.model import Datum, Listed, NoWebsite, Target
from ycaudit.terminal import file_name
from ycaudit.url import parse_web_url, without_credentials

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit of the list as it is written, and the sites that it runs."""

    written: UnitEntry
    sites: tuple[Target, ...]

    @property
    def id(self) -> str | None:
        """Its id, if it has one of its own."""
        return self.written.id

    @property
    def name(self) -> str:
        """Its name."""
        return self.sites[0].unit_name

    def own_name(self, site: Target) -> str:
        """The name of one of its sites, as it is written: without that of the unit."""
        written = (each.name for each in self.written.sites if each.url == site.url)
        return next(written, None) or site.name


@dataclass(slots=True)
class Sites:
    """All units of a list."""

    entries: list[Entry] = field(default_factory=list)
    no_website: list[NoWebsite] = field(default_factory=list)
    paths: list[_Path] = field(default_factory=list)
    """Where each of the targets stands in the list."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The sites in the order of the list."""
        return tuple(target for entry in self.entries for target in entry.sites)

    @property
    def placed(self) -> Iterator[tuple[_Path, Target]]:
        """The targets, each with its path in the list."""
        return zip(self.paths, self.targets, strict=True)


def sites_of(doc: Document, listed: TargetsFile) -> Sites:
    """The units of a targets file; wrong addresses and duplicate ids are added to the problems."""
    found = Sites()
    ids = _Ids(doc)
    for index, entry in enumerate(listed.units):
        if entry.no_website:
            without = _no_website(entry, listed.defaults)
            ids.add(without.id, ("units", index))
            found.no_website.append(without)
            continue
        placed = tuple(_targets(doc, index, entry, listed.defaults, ids))
        sites = tuple(site for _, site in placed)
        found.paths += (path for path, _ in placed)
        if entry.sites and entry.id:
            ids.add(entry.id, ("units", index), same={site.id for site in sites})
        if sites:
            found.entries.append(Entry(entry, sites))
    return found


def slug(text: str) -> str:
    """An id from an address, of its host, with the path where there is one; or from a name."""
    found = parse_web_url(text)
    text = f"{found.host}-{found.port}{found.path}" if found else text
    return re.sub(r"[^\w.]+", "-", text).strip("-") or "unit"


class _Ids:
    """The ids of a list, each with the line where it is used first."""

    def __init__(self, doc: Document) -> None:
        self._doc = doc
        self._first: dict[str, int | None] = {}
        self._schemes: dict[str, str] = {}
        """Of the addresses of which ids are made."""

    def made_of(self, url: str) -> str:
        """An id from an address; with its scheme where that of another scheme has the same."""
        found, scheme = slug(url), url.strip().partition(":")[0].lower()
        is_twin = self._schemes.setdefault(found, scheme) != scheme
        return f"{found}-{scheme}" if is_twin else found

    def add(self, id_: str, path: _Path, *, same: Collection[str] = ()) -> None:
        """Note an id; add a problem where it is used already, but by the `same`."""
        line = self._doc.line(path)
        if id_ in self._first and id_ not in same:
            first = self._first[id_]
            what = Message(
                "unit id {0!r} is already used in line {1}; ids must differ", shortened(id_), first
            )
            self._doc.problem(path, what)
        self._first.setdefault(id_, line)


def _targets(
    doc: Document, index: int, entry: UnitEntry, defaults: Defaults, ids: _Ids
) -> Iterator[tuple[_Path, Target]]:
    here: _Path = ("units", index)
    for place, site in enumerate(_sites(entry)):
        path = (*here, "sites", place) if entry.sites else here
        id_ = site.id or ids.made_of(site.url)
        target = _target(doc, path, entry, site, defaults, id_)
        if site.id or target is not None:
            ids.add(id_, path)
        if target is not None:
            yield path, target


def _sites(entry: UnitEntry) -> tuple[SiteEntry, ...]:
    if entry.url is None:
        return entry.sites
    # Its id and name are those of the unit.
    return (SiteEntry(id=entry.id, name=entry.name, url=entry.url),)


def _target(
    doc: Document, path: _Path, entry: UnitEntry, site: SiteEntry, defaults: Defaults, id_: str
) -> Target | None:
    unit = _unit_name(entry)
    name = _site_name(entry, unit, site)
    try:
        check_address(site.url)
    except InvalidValueError as error:
        doc.problem((*path, "url"), error.message)
    try:
        return Target(
            id=id_,
            name=name,
            url=site.url,
            unit=None if unit == name and len(_sites(entry)) == 1 else unit,
            office=entry.office or defaults.office,
            tags=_tags(entry, defaults),
            contact=entry.contact,
            data=_data(entry),
            intranet=entry.intranet,
            listed=Listed(file=sys.intern(file_name(doc.file)), line=doc.line(path)),
        )
    except ValidationError as error:
        for e in (e for e in error.errors() if e["loc"] != ("url",)):
            what = Message("{0}{1}", message_of(e), full_width.hint(e["input"]))
            doc.problem((*path, *e["loc"]), what)
        return None


def _unit_name(entry: UnitEntry) -> str:
    if entry.name is not None:
        return entry.name
    if entry.url is not None:
        return without_credentials(entry.url)
    return entry.id or entry.sites[0].name or without_credentials(entry.sites[0].url)


def _site_name(entry: UnitEntry, unit: str, site: SiteEntry) -> str:
    """The name of the unit, and the site's own; its address where the unit runs several."""
    if site.name is not None:
        return site.name if unit in site.name else f"{unit}（{site.name}）"
    if len(_sites(entry)) == 1:
        return unit
    return f"{unit} {without_credentials(site.url).partition('://')[2].rstrip('/')}"


def _no_website(entry: UnitEntry, defaults: Defaults) -> NoWebsite:
    name = entry.name or entry.id
    assert name is not None  # the entry was validated
    return NoWebsite(
        id=entry.id or slug(name),
        name=name,
        office=entry.office or defaults.office,
        tags=_tags(entry, defaults),
        contact=entry.contact,
        data=_data(entry),
    )


def _tags(entry: UnitEntry, defaults: Defaults) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*defaults.tags, *entry.tags)))


def _data(entry: UnitEntry) -> tuple[Datum, ...]:
    return tuple(Datum(name=name, text=text) for name, text in entry.data.items())
