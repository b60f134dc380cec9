"""Imports a list once more: units keep their ids, and with them waivers, decisions and history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from ycaudit.errors import ConfigError
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.cell_url import key_of, told
from ycaudit.inputs.cells import row_problem, shortened
from ycaudit.inputs.file_models import TargetsFile, UnitEntry
from ycaudit.inputs.headings import FIELDS
from ycaudit.inputs.plan import load_rules
from ycaudit.inputs.sites import Entry, Sites, sites_of
from ycaudit.inputs.targets_yaml import Ids, entries, waivers
from ycaudit.inputs.unit_list import ListedSite, ListedUnit, Listing, read_list
from ycaudit.inputs.validation import validated
from ycaudit.inputs.waiver_table import ListedWaiver
from ycaudit.inputs.waivers import MAX_NAMES, meaning, not_meant, units_meant
from ycaudit.inputs.yaml_document import Document, read
from ycaudit.model import Waiver
from ycaudit.rules import Requirement

_CONTACT = frozenset({"person", "phone", "email"})
_Rules = tuple[Requirement, ...] | None
"""What is required; None where the rules are not known."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The targets file that an import replaces."""

    listed: TargetsFile
    sites: Sites


@dataclass(frozen=True, slots=True)
class Taken:
    """A list in a spreadsheet as it is to be taken over, and what it replaces."""

    listing: Listing
    before: Earlier | None
    content: dict[str, Any]
    """What the targets file is to say."""
    changes: tuple[Message, ...]
    """How that differs from what it said before."""
    unclear: tuple[Message, ...] = ()
    """The waivers of the list that were taken over, and that nobody can tell what they are of."""
    replaces_example: bool = False
    """Whether the file that is there is the example of `ycaudit init`, of which nothing is kept."""

    @property
    def units(self) -> int:
        """How many units it has."""
        return len(self.listing.units)

    @property
    def sites(self) -> int:
        """How many homepages they run."""
        return sum(len(unit.sites) for unit in self.listing.units)

    @property
    def waivers(self) -> int:
        """How many waivers the targets file is to have."""
        return len(self.content.get("waivers", ()))

    @property
    def without(self) -> int:
        """How many units run none."""
        return sum(not unit.sites for unit in self.listing.units)


def taken(list_file: Path, targets: Path, rules: Iterable[Path] = ()) -> Taken:
    """The list, to be taken over into the targets file, which may not be there yet.

    What is waived is looked up in the rules, where they are there and in order. Raises ConfigError
    where there is no unit in it.
    """
    found = read_list(list_file)
    if not found.units:
        raise ConfigError(found.problems)
    is_example = targets.exists() and _is_example(targets)
    before = earlier(targets) if targets.exists() and not is_example else None
    known = _requirements(rules)
    content, changes = content_of(found, before, known)
    unclear = tuple(_unclear(str(list_file), found, content, known))
    return Taken(found, before, content, tuple(changes), unclear, is_example)


def _unclear(
    file: str, listing: Listing, content: dict[str, Any], known: _Rules
) -> Iterator[Message]:
    """The waivers of the list that a scan would refuse, each with its row."""
    if not listing.waivers:
        return
    sites = _sites(content)
    for waiver in listing.waivers:
        for why in not_meant(waiver, sites, known):
            yield row_problem(file, waiver.sheet, waiver.number, why).message


def _requirements(rules: Iterable[Path]) -> _Rules:
    """What is required; None where the rules are not there, or not in order."""
    try:
        return load_rules(rules)[0]
    except ConfigError:
        return None


def _sites(content: dict[str, Any]) -> Sites:
    """The units of a targets file that says this."""
    return sites_of(
        Document(file="", values=content, lines={}), TargetsFile.model_validate(content)
    )


def _is_example(path: Path) -> bool:
    written = path.read_bytes() if path.is_file() else b""
    examples = (files("ycaudit") / "starting" / name / "targets.yaml" for name in ("zh", "en"))
    return any(written.endswith(example.read_bytes()) for example in examples)


def earlier(path: Path) -> Earlier | None:
    """The targets file at this path; None where there is none that could be used."""
    doc = read(path)
    listed = validated(doc, TargetsFile)
    if listed is None:
        return None
    sites = sites_of(doc, listed)
    return None if doc.problems else Earlier(listed, sites)


def content_of(
    listing: Listing, before: Earlier | None, known: _Rules = None
) -> tuple[dict[str, Any], list[Message]]:
    """What the targets file is to say, and how that differs from what it said before."""
    if before is None:
        own = {"units": entries(listing), "waivers": waivers(listing)}
        return {key: value for key, value in own.items() if value}, []
    listing = _with_ids(listing, before.sites)
    units = entries(listing, Ids(_ids(before.sites)))
    written = _written(before.sites)
    dropped: _Dropped = {}
    for unit in units:
        ids = [unit.get("id", ""), *(site["id"] for site in unit.get("sites", ()))]
        if (old := next((written[id_] for id_ in ids if id_ in written), None)) is not None:
            _keep(unit, old, listing.fields)
            _note_dropped(unit, old, dropped)
    kept = {"note", "source", "defaults"}
    content = before.listed.model_dump(mode="json", include=kept, exclude_defaults=True)
    content["units"] = units
    after = _sites(content)
    said = [*_changes(before.sites, after), *_dropped(dropped)]
    if listing.has_waivers:
        all_waivers = waivers(listing)
        said += _waivers_changed(listing, before, after, known)
    else:
        all_waivers = list(_waivers(before, after, said))
    if all_waivers:
        content["waivers"] = all_waivers
    return content, said


# --- ids -----------------------------------------------------------------------------------------


def _ids(sites: Sites) -> set[str]:
    own = {entry.id for entry in sites.entries if entry.id}
    return own | {t.id for t in sites.targets} | {unit.id for unit in sites.no_website}


def _with_ids(listing: Listing, before: Sites) -> Listing:
    """The list with the ids that its units had: by address, else by name."""
    known = _Known(before, listing.units)
    return replace(listing, units=tuple(map(known.named, map(known.placed, listing.units))))


class _Known:
    """The ids of the earlier file that no unit of the list has yet."""

    def __init__(self, before: Sites, units: Iterable[ListedUnit]) -> None:
        own = {id_ for unit in units for id_ in (unit.id, *(s.id for s in unit.sites)) if id_}
        self._by_address = {key_of(t.url): t.id for t in before.targets if t.id not in own}
        self._entries: dict[str, list[Entry]] = {}
        for entry in before.entries:
            self._entries.setdefault(entry.name, []).append(entry)
        self._without = {unit.name: unit.id for unit in before.no_website if unit.id not in own}
        self._used = own

    def placed(self, unit: ListedUnit) -> ListedUnit:
        """The unit with the ids of sites whose address is known."""
        return replace(unit, sites=tuple(map(self._placed, unit.sites)))

    def _placed(self, site: ListedSite) -> ListedSite:
        id_ = site.id or self._by_address.get(key_of(site.url))
        self._used.add(id_ or "")
        return replace(site, id=id_)

    def named(self, unit: ListedUnit) -> ListedUnit:
        """The unit with the id of the one of its name, where only its address is another."""
        found = self._entries.get(unit.name, [])
        entry = found[0] if len(found) == 1 else None
        left = [t.id for t in entry.sites if t.id not in self._used] if entry else []
        spare = left if entry else [i for i in [self._without.get(unit.name)] if i]
        open_ = [site for site in unit.sites if site.id is None]
        if len(unit.sites) != 1 and entry is not None and len(entry.sites) > 1:
            unit = replace(unit, id=unit.id or entry.id)
        if len(spare) != 1 or len(open_) > 1 or (unit.sites and not open_):
            return unit
        if not unit.sites:
            return replace(unit, id=unit.id or spare[0])
        sites = (replace(s, id=spare[0]) if s.id is None else s for s in unit.sites)
        return replace(unit, sites=tuple(sites))


# --- what the sheet does not know ----------------------------------------------------------------


def _keep(unit: dict[str, Any], old: UnitEntry, fields: frozenset[str]) -> None:
    """Add to a unit what was known of it and what the list has no column for."""
    if old.intranet:
        unit["intranet"] = list(old.intranet)
    if "office" not in fields and old.office:
        unit["office"] = old.office
    if "tags" not in fields and old.tags:
        unit["tags"] = list(dict.fromkeys((*old.tags, *unit.get("tags", ()))))
    if not fields & _CONTACT and old.contact:
        unit["contact"] = old.contact.model_dump(exclude_none=True)


_Dropped = dict[tuple[str, str], list[str]]
"""The names of the units of which something is dropped, by its field and what it said."""


def _note_dropped(unit: dict[str, Any], old: UnitEntry, dropped: _Dropped) -> None:
    """Note what was known of a unit and is gone: the list has a column for it, and says nothing."""
    tags, contact = unit.get("tags", ()), unit.get("contact", {})
    gone = [("tags", tag) for tag in old.tags if tag not in tags]
    if old.office and "office" not in unit:
        gone.append(("office", old.office))
    known = old.contact.model_dump(exclude_none=True) if old.contact else {}
    gone += [(field, said) for field, said in known.items() if field not in contact]
    for what in gone:
        dropped.setdefault(what, []).append(unit["name"])


def _dropped(dropped: _Dropped) -> Iterator[Message]:
    for (field, said), names in dropped.items():
        some = Listed(map(shortened, names[:MAX_NAMES]))
        yield Message(
            "dropped, since the list counts: {0} {1} of {2}{3:? (and # more)}",
            *(FIELDS[field], shortened(said), some, len(names) - len(names[:MAX_NAMES])),
        )


def _written(before: Sites) -> dict[str, UnitEntry]:
    """The entries of the earlier file by the ids of units and sites."""
    return {
        id_: entry.written
        for entry in before.entries
        for id_ in (entry.id, *(site.id for site in entry.sites))
        if id_
    }


def _waivers(before: Earlier, after: Sites, said: list[Message]) -> Iterator[dict[str, Any]]:
    """The waivers of the earlier file, but those of units that are gone."""
    meant_now, meant_before = units_meant(after), units_meant(before.sites)
    for waiver in before.listed.waivers:
        written = waiver.model_dump(mode="json")
        sites = [s for ids in meant_before.get(waiver.unit, []) for s in ids if s in meant_now]
        if meant_now.get(waiver.unit) == meant_before.get(waiver.unit):
            yield written
        elif sites:
            yield from ({**written, "unit": site} for site in sites)
        else:
            said.append(
                Message(
                    "the waiver of {0} for {1} goes with it",
                    *map(shortened, (waiver.requirement, waiver.unit)),
                )
            )


def _waivers_changed(
    listing: Listing, before: Earlier, after: Sites, known: _Rules
) -> Iterator[Message]:
    """Which waivers go, come, or hold until another day, where the list has a sheet of them."""
    old = _by_meaning(before.listed.waivers, before.sites, known)
    new = _by_meaning(listing.waivers, after, known)
    for key, gone in old.items():
        if key not in new:
            yield Message(
                "dropped, since the list counts: the waiver of {0} for {1}, until {2}",
                *(shortened(gone.requirement), shortened(gone.unit), gone.until),
            )
    for key, waiver in new.items():
        named = (shortened(waiver.requirement), shortened(waiver.unit), waiver.until)
        if key not in old:
            yield Message("added: the waiver of {0} for {1}, until {2}", *named)
        elif (until := old[key].until) != waiver.until:
            yield Message(
                "the waiver of {0} for {1} holds until {2} now, before until {3}", *named, until
            )


_Waived = TypeVar("_Waived", Waiver, ListedWaiver)


def _by_meaning(
    listed: Iterable[_Waived], sites: Sites, known: _Rules
) -> dict[tuple[tuple[str, ...], str], _Waived]:
    """Waivers by what they are of; of several the one with the latest day."""
    ranked = sorted(listed, key=lambda waiver: waiver.until)
    return {meaning(one.unit, one.requirement, sites, known): one for one in ranked}


# --- what changed --------------------------------------------------------------------------------


def _changes(before: Sites, after: Sites) -> Iterator[Message]:
    old, new = _by_id(before), _by_id(after)
    if added := [shortened(name) for id_, (name, _) in new.items() if id_ not in old]:
        yield Message("added, {0}: {1}", len(added), Listed(added))
    if removed := [shortened(name) for id_, (name, _) in old.items() if id_ not in new]:
        yield Message("removed, {0}: {1}", len(removed), Listed(removed))
    for id_, (name, url) in new.items():
        name_before, url_before = old.get(id_, (name, url))
        if name_before != name:
            names = map(shortened, (name_before, name, id_))
            yield Message("renamed: {0} is {1} now; its id stays {2}", *names)
        if _key(url_before) != _key(url):
            none = Message("no website")
            yield Message(
                "moved: {0} has {1} now, before {2}; its id stays {3}",
                *(shortened(name), told(url) or none, told(url_before) or none, shortened(id_)),
            )


def _by_id(sites: Sites) -> dict[str, tuple[str, str]]:
    """The name and address of each site by its id, and those of units without."""
    found = {target.id: (target.name, target.url) for target in sites.targets}
    return found | {unit.id: (unit.name, "") for unit in sites.no_website}


def _key(url: str) -> str:
    return key_of(url) if url else ""
