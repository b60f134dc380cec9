"""The waivers of a list: of which sites and which requirement each is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ycaudit.errors import nearest
from ycaudit.i18n import Message
from ycaudit.inputs.cells import shortened
from ycaudit.inputs.file_models import TargetsFile
from ycaudit.inputs.sites import Sites
from ycaudit.inputs.waiver_table import ListedWaiver
from ycaudit.inputs.yaml_document import Document
from ycaudit.model import Waiver
from ycaudit.rules import Requirement

WEEK = 7
"""Days before its end from which a waiver is announced to end."""


def resolved(
    doc: Document, listed: TargetsFile, found: Sites, known: Iterable[Requirement]
) -> tuple[tuple[int, Waiver], ...]:
    """The waivers by the ids of sites and requirements, each with its index in the list.

    One of a unit holds for all its sites.
    A unit or requirement that is unknown, or may be several, is added to the problems.
    """
    if not listed.waivers:
        return ()  # all names of a long list take much room
    names = {"unit": units_meant(found), "requirement": _requirements(known)}
    waivers: list[tuple[int, Waiver]] = []
    for index, waiver in enumerate(listed.waivers):
        meant: dict[str, tuple[str, ...]] = {}
        for key, ids in names.items():
            value = getattr(waiver, key)
            fitting = ids.get(value, [])
            if len(fitting) != 1:
                doc.problem(("waivers", index, key), _why_not(key, value, ids))
            else:
                meant[key] = fitting[0]
        if len(meant) == len(names):
            (requirement,) = meant["requirement"]
            waivers += (
                (index, waiver.model_copy(update={"unit": site, "requirement": requirement}))
                for site in meant["unit"]
            )
    return tuple(waivers)


def notices(doc: Document, waivers: Iterable[Waiver], today: date) -> Iterator[Message]:
    """Which waivers have ended, and which will within a week."""
    for index, waiver in enumerate(waivers):
        if (what := _ending(waiver, today)) is not None:
            yield doc.located(("waivers", index), what).message


def doubled(doc: Document, waivers: Iterable[tuple[int, Waiver]]) -> Iterator[Message]:
    """Two waivers in force for one site and requirement; each comes with its index in the list."""
    first: dict[tuple[str, str], Waiver] = {}
    for index, waiver in waivers:
        other = first.setdefault((waiver.unit, waiver.requirement), waiver)
        if other is not waiver:
            what = Message(
                "{0} has two waivers of {1}, until {2} and until {3}: the later day counts; take "
                "one out",
                *map(shortened, (waiver.unit, waiver.requirement)),
                *(other.until, waiver.until),
            )
            yield doc.located(("waivers", index), what).message


def _ending(waiver: Waiver, today: date) -> Message | None:
    """That a waiver has ended, or soon will; None of any other."""
    if (waiver.until - today).days > WEEK:
        return None
    named = (shortened(waiver.requirement), shortened(waiver.unit), waiver.until)
    if not waiver.holds(today):
        return Message(
            "the waiver of {0} for {1} ended on {2}: the requirement holds again", *named
        )
    return Message(
        "the waiver of {0} for {1} ends on {2} (approved by {3}): renew it, or the requirement "
        "holds again",
        *(*named, shortened(waiver.approved_by)),
    )


def not_meant(
    waiver: ListedWaiver, found: Sites, known: Iterable[Requirement] | None
) -> Iterator[Message]:
    """Why nobody can tell the unit or the requirement of a waiver; none of one that is clear.

    `known` is None where nobody knows the rules.
    """
    units = units_meant(found)
    if len(units.get(waiver.unit, [])) != 1:
        yield _why_not("unit", waiver.unit, units)
    requirements = None if known is None else _requirements(known)
    if requirements is not None and len(requirements.get(waiver.requirement, [])) != 1:
        yield _why_not("requirement", waiver.requirement, requirements)


def _why_not(key: str, value: str, ids: dict[str, list[tuple[str, ...]]]) -> Message:
    if value in ids:
        return Message("{0!r} may be several: write the id", shortened(value))
    value = shortened(value)
    if hint := nearest(value, ids):
        return Message(_NOBODY[key], value, hint)
    some = [shortened(id_) for id_ in list(ids)[:MAX_NAMES]]
    more = len(ids) - len(some)
    return Message(
        _NOBODY[key], value, Message("; there are {0}{1:? (and # more)}", ", ".join(some), more)
    )


_NOBODY = {
    "unit": Message("no unit has the id or the name {0!r}{1}"),
    "requirement": Message("no requirement has the id or the name {0!r}{1}"),
}
MAX_NAMES = 8
"""Ids and names that a mistake in one lists."""


def meaning(
    unit: str, requirement: str, found: Sites, known: Iterable[Requirement] | None
) -> tuple[tuple[str, ...], str]:
    """The ids of the sites and of the requirement that a waiver is of; its own words where unclear.

    `known` is None where nobody knows the rules.
    """
    sites = units_meant(found).get(unit, [])
    requirements = _requirements(known or ()).get(requirement, [])
    return (
        sites[0] if len(sites) == 1 else (unit,),
        requirements[0][0] if len(requirements) == 1 else requirement,
    )


def units_meant(found: Sites) -> dict[str, list[tuple[str, ...]]]:
    """The ids of the sites that each id or name means; an id comes before a name.

    A name may mean one unit or another; a unit may have no site.
    """
    by_name: dict[str, list[tuple[str, ...]]] = {}
    by_id: dict[str, list[tuple[str, ...]]] = {each.id: [()] for each in found.no_website}
    for entry in found.entries:
        ids = tuple(site.id for site in entry.sites)
        by_name.setdefault(entry.name, []).append(ids)
        if entry.id:
            by_id[entry.id] = [ids]
        for site in entry.sites:
            by_id.setdefault(site.id, [(site.id,)])
            for name in {site.name, entry.own_name(site)} - {entry.name}:
                by_name.setdefault(name, []).append((site.id,))
    for each in found.no_website:
        by_name.setdefault(each.name, []).append(())
    return by_name | by_id


def _requirements(known: Iterable[Requirement]) -> dict[str, list[tuple[str, ...]]]:
    known = tuple(known)
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for requirement in known:
        by_name.setdefault(requirement.name, []).append((requirement.id,))
    return by_name | {each.id: [(each.id,)] for each in known}
