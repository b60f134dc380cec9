"""Judges the units of a case file again, from what it holds alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ycaudit import office_time
from ycaudit.auditing import self_test, service
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs.plan import apply, load_rules
from ycaudit.model import Policy, UnitReport, Verdict
from ycaudit.net.client import Options
from ycaudit.net.proxy import Proxy
from ycaudit.observe.archive import ReplayedArchive
from ycaudit.observe.browser.chromium import why_no_browser
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.case_file import CaseFile
from ycaudit.runs.decisions import by_machine
from ycaudit.runs.recording import Recording
from ycaudit.url import host_of

SECONDS = 240.0
"""For a look: nobody waits for a server, and nobody is accused by a machine that is slow."""
_OUT_OF_TIME = ("not_explored_yet", "look_timeout")
AT_ONCE = 16
"""Units whose recordings are in memory."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A verdict that came out otherwise."""

    unit: str
    before: Verdict
    after: Verdict

    @property
    def had_no_time(self) -> bool:
        """Whether it was open only since the look had no more time: a replay has all it needs."""
        return self.before.why.has(*_OUT_OF_TIME)


@dataclass(slots=True)
class Rejudged:
    """What came of judging a case again."""

    verdicts: int = 0
    replayed: int = 0
    """Units that were looked at again, by their recordings."""
    differences: list[Difference] = field(default_factory=list)
    settled: list[Difference] = field(default_factory=list)
    """Those that were open for lack of time, and are not any more."""
    not_replayed: dict[str, str] = field(default_factory=dict)
    """By the name of the unit: why only the rules were applied again to what was seen."""


def rejudge(case: CaseFile, environment: Mapping[str, str]) -> Rejudged:
    """Judge every unit again: rules on what was seen, and looks on what was recorded.

    `environment` names the browser, for the looks of one. Raises AuditError where the case has no
    rules, or others than those of its run.
    """
    requirements, policy = _rules(case)
    found = Rejudged()
    units: list[Unit] = []
    reports: dict[str, UnitReport] = {}
    vias: dict[str, str | None] = {}
    recordings = _Recordings(case)
    no_browser = why_no_browser(environment)
    for report in case.reports():
        unit = _unit(case, report, requirements, policy)
        found.verdicts += len(report.verdicts)
        found.differences += _compared(report, unit.conclude(report.observations))
        why = recordings.why_not(report, no_browser)
        if why is not None:
            found.not_replayed[report.target.name] = why
            continue
        units.append(unit)
        reports[report.target.id] = report.model_copy(update={"observations": ()})
        vias[host_of(report.target.url)] = next((o.via for o in report.observations if o.via), None)
    if units:
        recordings.reports = reports
        options = Options(also_via=_other_network(vias))
        for again in _replayed(units, policy, recordings, options, environment):
            found.replayed += 1
            for one in _compared(reports[again.target.id], again.verdicts):
                (found.settled if one.had_no_time else found.differences).append(one)
    return found


def _replayed(
    units: Sequence[Unit],
    policy: Policy,
    recordings: _Recordings,
    options: Options,
    environment: Mapping[str, str],
) -> Iterable[UnitReport]:
    archive = ReplayedArchive(recordings.next, unproven=self_test.UNITS)
    request = service.Request(
        options=options,
        observer=recordings.observer,
        jobs=AT_ONCE,
        seconds=SECONDS,
        replay=archive,
        environment=environment,
    )
    return service.run(units, policy, request, MemoryRecorder()).reports


def _other_network(vias: Mapping[str, str | None]) -> Proxy | None:
    """The proxy through which second looks went, by the hosts that were reached through it.

    It is only named: what came through it is in the recordings.
    """
    place = next(filter(None, vias.values()), None)
    if place is None:
        return None
    host, _, port = place.rpartition(":")
    return Proxy(
        host.strip("[]"), int(port), without=tuple(h for h, via in vias.items() if via is None)
    )


class _Recordings:
    """The recordings of a case, read when the first look at their unit asks for one."""

    def __init__(self, case: CaseFile) -> None:
        self._case = case
        self.reports: Mapping[str, UnitReport] = {}
        self._observers: set[str] = set()
        self._left: dict[tuple[str, str], list[Recording]] = defaultdict(list)
        self._read: set[str] = set()

    @property
    def observer(self) -> str:
        """How the run looked."""
        return next(iter(self._observers)) if len(self._observers) == 1 else "auto"

    def why_not(self, report: UnitReport, no_browser: Message | None) -> str | None:
        """Why a unit cannot be looked at again; None where it can."""
        if not self._case.has_recordings_of(report):
            return Message("its looks were not recorded")
        observers = {seen.observer for seen in report.observations}
        if "browser" in observers and no_browser is not None:
            return no_browser
        self._observers |= observers
        return None

    def next(self, unit: str, observer: str) -> Recording | None:
        """The next recording of an observer's looks at a unit; the last once more at the end."""
        if unit in self.reports and unit not in self._read:
            self._read.add(unit)
            for one in self._case.recordings_of(self.reports[unit]):
                self._left[one.facts.unit, one.facts.observer].append(one)
        left = self._left.get((unit, observer))
        if not left:
            return None
        while len(left) > 1 and left[0].facts.partial:
            left.pop(0)  # the browser died, and the next look took its place
        return left.pop(0) if len(left) > 1 else left[0]


def _rules(case: CaseFile) -> tuple[tuple[Requirement, ...], Policy]:
    """The rules in the case. Raises AuditError where they are not those of the run."""
    files = case.rules()
    if not files:
        raise AuditError("{0}: the rules are missing", case.container.path)
    with TemporaryDirectory(prefix="ycaudit-") as folder:
        for name, text in files.items():
            (Path(folder) / Path(name).name).write_bytes(text)
        requirements, policy = load_rules(sorted(Path(folder).iterdir()))
    if policy.sha256 != case.run.rules.sha256:
        raise AuditError("{0}: the rules are not those of the run", case.container.path)
    return requirements, policy


def _unit(
    case: CaseFile, report: UnitReport, requirements: tuple[Requirement, ...], policy: Policy
) -> Unit:
    day = office_time.local(case.run.started_at).date()
    waivers = (waiver for waiver in report.waivers if waiver.holds(day))
    return apply(report.target, requirements, waivers, policy.third_parties)


def _compared(before: UnitReport, after: Iterable[Verdict]) -> Iterator[Difference]:
    """The verdicts of the machine that are not the same."""
    judged = {verdict.requirement: verdict for verdict in after}
    for verdict in map(by_machine, before.verdicts):
        other = judged.get(verdict.requirement)
        if other is None or not _same(verdict, other):
            yield Difference(before.target.name, verdict, other or verdict)


def _same(one: Verdict, other: Verdict) -> bool:
    return (one.outcome, one.why.code, one.basis) == (other.outcome, other.why.code, other.basis)
