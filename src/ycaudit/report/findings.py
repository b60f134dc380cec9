"""The units of a run that are to be named, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ycaudit.i18n import Message
from ycaudit.model import Evidence, Outcome, ScanRun, UnitReport, Verdict
from ycaudit.report.census import Census, census_of
from ycaudit.report.letterhead import day
from ycaudit.report.office_text import (
    THINGS,
    is_grave,
    named,
    not_opened,
    note,
    plain,
    requirement_name,
)
from ycaudit.report.rows import BASIS

_CLAUSE = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement that a site fails."""

    site: UnitReport
    verdict: Verdict
    name: str
    thing: str
    """The kind of thing: a link, a code, or either where the run does not record it."""
    unwanted: bool
    """Whether it must not be there."""

    @classmethod
    def of(cls, site: UnitReport, verdict: Verdict) -> Finding:
        """The finding that a failed verdict on a site is."""
        thing = THINGS.source(verdict.sense) if verdict.sense else Message("链接或二维码")
        unwanted = verdict.expect == "absent"
        return cls(site, verdict, requirement_name(verdict), thing, unwanted=unwanted)

    @property
    def clause(self) -> str:
        """The clause of the rules that asks for it; empty where the run has none."""
        return plain(self.verdict.clause or "", _CLAUSE).strip()

    @property
    def basis(self) -> str:
        """What the finding rests on."""
        return BASIS.source(self.verdict.basis)

    @property
    def seen(self) -> tuple[Evidence, ...]:
        """What was seen of it, else the near misses."""
        near = (e for e in self.verdict.near if is_to_blame(self.verdict, e))
        return self.verdict.evidence or tuple(near)

    @property
    def is_unseen(self) -> bool:
        """Whether a person decided that it is missing from a homepage that could not be opened.

        Of what must be absent a person decides by what a browser of their own shows.
        """
        return not self.unwanted and self.verdict.why.has("not_seen")

    @property
    def way(self) -> str:
        """How it fails."""
        if self.is_unseen:
            return not_opened(self.site)
        if self.unwanted:
            return f"首页出现了不应出现的{self.thing}"
        if self.verdict.evidence:
            return f"网页中有该{self.thing}，但访问者看不到"
        noted = next(filter(None, map(note, self.seen)), None)
        return noted or f"首页没有该{self.thing}"

    @property
    def act(self) -> Act:
        """What mends it."""
        if self.unwanted:
            return Act.REMOVE
        if self.verdict.evidence:
            return Act.SHOW
        return Act.REPLACE if any(map(self._stands_for_it, self.seen)) else Act.ADD

    def _stands_for_it(self, near: Evidence) -> bool:
        """Whether it is on the page in the place of what is missing."""
        code = near.note.code if near.note else ""
        is_named = self.verdict.name in near.label and code not in _UNSEEN
        return code in _IN_ITS_PLACE or is_named

    @property
    def remedy(self) -> str:
        """What the unit is asked to do."""
        return remedy_of([self])


def is_to_blame(verdict: Verdict, near: Evidence) -> bool:
    """Things that another requirement asks for are right, unless labelled with this name."""
    if near.note is None or near.note.code != "asked_by_other":
        return True
    return verdict.name in near.label.replace(str(near.note.params["other"]), "")


class Act(StrEnum):
    """What a unit is asked to do, of names and a kind of thing."""

    ADD = "在首页添加{0}的{1}"
    REMOVE = "从首页移除{0}的{1}"
    REPLACE = "将首页上{0}的{1}改为正确的{1}"
    SHOW = "让访问者看得到首页上{0}的{1}"


_UNSEEN = frozenset({"in_comment", "only_in_markup", "other_code_in_comment"})
_IN_ITS_PLACE = frozenset(
    {
        *("named_other_page", "named_leads_elsewhere", "named_own_page", "named_other_text"),
        "named_leads_nowhere",
        *("link_lacks_www", "link_has_www", "link_lacks_scheme", "link_has_wide_sign"),
        *("link_scheme_misspelt", "other_code_labelled"),
        *("picture_without_code", "picture_lost", "picture_on_own_disk"),
        *("known_mistake", "rule_says"),
    }
)


TO_OPEN = "使首页能够正常打开"
"""What a unit is asked to do first where its homepage could not be opened."""


def remedy_of(alike: Sequence[Finding]) -> str:
    """What a unit is asked to do about findings of one act and one kind of thing."""
    names = "、".join(dict.fromkeys(finding.name for finding in alike))
    return alike[0].act.format(names, alike[0].thing)


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit that fails or is undetermined, with those of its sites that are."""

    name: str
    group: str
    """Its office or category; empty where the list has neither."""
    sites: tuple[UnitReport, ...]
    undetermined: tuple[str, ...] = ()
    """The names of what is undetermined of all its sites, as often as it is."""

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, site by site in the order of the rules."""
        return [
            Finding.of(site, verdict)
            for site in self.sites
            for verdict in site.verdicts
            if is_grave(verdict, Outcome.FAIL)
        ]

    @property
    def wrong(self) -> list[str]:
        """What is wrong, each way once with all that are missing so."""
        names: dict[str, list[str]] = {}
        for finding in self.findings:
            names.setdefault(finding.way, []).append(finding.name)
        return [f"{'、'.join(dict.fromkeys(alike))}：{way}" for way, alike in names.items()]

    @property
    def remedies(self) -> list[str]:
        """What the unit is asked to do, each kind of thing once."""
        alike: dict[tuple[Act, str], list[Finding]] = {}
        for finding in self.findings:
            alike.setdefault((finding.act, finding.thing), []).append(finding)
        first = [TO_OPEN] if self.unopened else []
        return [*first, *(remedy_of(findings) for findings in alike.values())]

    @property
    def unopened(self) -> list[str]:
        """Of the homepages that could not be opened what is wrong, each way once."""
        return list(dict.fromkeys(one.way for one in self.findings if one.is_unseen))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to fail a requirement, and the units that do."""

    text: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A failed requirement: how many units fail it, and how, the most common way first."""

    name: str
    clause: str
    units: int
    ways: tuple[Way, ...]


class Findings:
    """The failing and undetermined units of a run, in the order of its list."""

    def __init__(self, run: ScanRun) -> None:
        self.census: Census = census_of(run)
        self.failing = tuple(self._named(run, Outcome.FAIL, _fails))
        self.undetermined = tuple(self._named(run, Outcome.UNDETERMINED, _is_open))
        self.excused = tuple(self._excused(run))
        """Of units that pass: the name, and each duty from which it is excused, with the day."""

    def open_of_failing(self, run: ScanRun) -> list[NamedUnit]:
        """The failing units of which something else is undetermined, with the sites of that."""
        return [unit for unit in self._named(run, Outcome.FAIL, _is_open) if unit.sites]

    @property
    def passing(self) -> list[tuple[str, str]]:
        """Group and name of the units that pass."""
        census = self.census
        return [
            (group, named(unit.name))
            for unit, group in zip(census.units, census.group_of, strict=True)
            if unit.outcome is Outcome.PASS
        ]

    def _excused(self, run: ScanRun) -> Iterator[tuple[str, tuple[str, ...]]]:
        units = [unit for unit in self.census.units if unit.outcome is Outcome.PASS]
        sites = run.reports.briefs([place for unit in units for place in unit.places])
        for unit in units:
            mine = [next(sites) for _ in unit.places]
            waived = (v for site in mine for v in site.verdicts if is_grave(v, Outcome.WAIVED))
            if duties := tuple(dict.fromkeys(map(_excused_until, waived))):
                yield named(unit.name), duties

    def problems(self) -> list[Problem]:
        """The failed requirements, the most common first.

        A unit counts once for each, with the first of its sites that fails it.
        """
        ways: dict[str, dict[str, list[str]]] = {}
        first = dict[str, Finding]()
        for unit in self.failing:
            told: dict[str, Finding] = {}
            for finding in unit.findings:
                told.setdefault(finding.verdict.requirement, finding)
            for requirement, finding in told.items():
                first.setdefault(requirement, finding)
                by_way = ways.setdefault(requirement, {})
                by_way.setdefault(finding.way, []).append(unit.name)
        found = [_problem(first[r], by_way) for r, by_way in ways.items()]
        return sorted(found, key=lambda problem: -problem.units)

    def _named(
        self, run: ScanRun, outcome: Outcome, wanted: Callable[[UnitReport], bool]
    ) -> Iterator[NamedUnit]:
        """The units of an outcome, with those of their sites that are wanted."""
        census = self.census
        units = [
            (unit, group)
            for unit, group in zip(census.units, census.group_of, strict=True)
            if unit.outcome is outcome
        ]
        sites = run.reports.briefs([place for unit, _ in units for place in unit.places])
        for unit, group in units:
            mine = [next(sites) for _ in unit.places]
            yield NamedUnit(
                named(unit.name, mine[0].target.id),
                named(group) if group else "",
                tuple(filter(wanted, mine)),
                tuple(
                    requirement_name(verdict)
                    for site in mine
                    for verdict in site.verdicts
                    if is_grave(verdict, Outcome.UNDETERMINED)
                ),
            )


def _fails(site: UnitReport) -> bool:
    return site.outcome is Outcome.FAIL


def _is_open(site: UnitReport) -> bool:
    """Whether anything that it must have is undetermined, whatever else it fails."""
    return any(is_grave(verdict, Outcome.UNDETERMINED) for verdict in site.verdicts)


def _excused_until(verdict: Verdict) -> str:
    until = str(verdict.why.params.get("until", ""))
    by = f"豁免至{day(date.fromisoformat(until))}" if until else "豁免"
    return f"“{requirement_name(verdict)}”{by}"


def _problem(first: Finding, by_way: dict[str, list[str]]) -> Problem:
    ranked = sorted(by_way.items(), key=lambda item: -len(item[1]))
    ways = tuple(Way(text, tuple(units)) for text, units in ranked)
    return Problem(first.name, first.clause, sum(len(way.units) for way in ways), ways)


def repeated(findings: Findings, sites: frozenset[str]) -> list[str]:
    """The names of failing units one of whose failing sites is among these."""
    return [
        unit.name
        for unit in findings.failing
        if not sites.isdisjoint(site.target.id for site in unit.sites)
    ]
