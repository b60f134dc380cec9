"""Finds candidates for unpinned requirements among the codes that the units of a run show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ycaudit.i18n import Message, translate
from ycaudit.model import Page, QrCode, ScanRun, UnitReport
from ycaudit.rules import Requirement
from ycaudit.rules.platforms import WECHAT_HOST, WEIBO_HOSTS, address_in
from ycaudit.rules.qr import QrRequirement
from ycaudit.url import parse_web_url

MAX_CANDIDATES = 5

# Words of captions and names, and the hosts of their codes. Ranks candidates and proves nothing.
_PLATFORMS = (
    ("微信", frozenset({WECHAT_HOST})),
    ("wechat", frozenset({WECHAT_HOST})),
    ("微博", WEIBO_HOSTS | {"qr.weibo.cn"}),
    ("weibo", WEIBO_HOSTS | {"qr.weibo.cn"}),
)


@dataclass(slots=True)
class Candidate:
    """A payload that units show, and how well it fits a requirement."""

    payload: str
    units: list[str] = field(default_factory=list)
    """Names of units that show it."""
    labelled: int = 0
    """How many of them show it under a caption that names the requirement."""
    hosts: int = 0
    """On how many hosts they are: homepages on one host may be copies of each other."""
    labelled_hosts: int = 0
    fits: bool = False
    """Whether it is of the platform that the requirement names."""
    captions: list[str] = field(default_factory=list)
    file: str | None = None
    """The code cut out of a page, in the evidence folder."""

    def source(self, run: ScanRun, by: str) -> str:
        """Where the payload comes from, as a rules file says it."""
        return translate(
            "consensus: shown by {0} in run {1}, confirmed by {2}",
            *(self.share_of(len(run.reports)), run.id, by),
        )

    def share_of(self, total: int) -> Message:
        """How many of all units show it, and on how many hosts where some share one."""
        shown = len(self.units)
        if self.hosts == shown:
            return Message("{0} of {1} unit{1:|s}", shown, total)
        return Message("{0} of {1} unit{1:|s} (on {2} host{2:|s})", shown, total, self.hosts)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The candidates for a requirement, the likeliest first."""

    requirement: QrRequirement
    candidates: tuple[Candidate, ...]


def unpinned(requirement: Requirement) -> str | None:
    """Why a requirement cannot pass or fail; None where it can do both."""
    if not isinstance(requirement, QrRequirement):
        return None
    if not any(accept.is_proof for accept in requirement.accept):
        return Message("has no verified payload, so it stays undetermined until it is pinned")
    if requirement.exhaustive is False:
        return Message("not all forms of its code are known, so it can pass, but hardly fail")
    return None


def suggest(run: ScanRun, requirements: Iterable[Requirement]) -> Iterator[Suggestion]:
    """The candidates for every unpinned requirement, at most `MAX_CANDIDATES` each."""
    known = list(requirements)
    shown = list(_shown(run))
    for requirement in known:
        if not isinstance(requirement, QrRequirement) or unpinned(requirement) is None:
            continue
        taken = [a for other in known if other.id != requirement.id for a in other.accept]
        free = [s for s in shown if not any(a.matches(s.code.payload) for a in taken)]
        candidates = _candidates(requirement, free)
        yield Suggestion(requirement, tuple(candidates[:MAX_CANDIDATES]))


@dataclass(frozen=True, slots=True)
class _ShownCode:
    """A code on the page of a unit."""

    report: UnitReport
    code: QrCode
    file: str | None

    @property
    def host(self) -> str:
        found = parse_web_url(self.report.target.url)
        return found.host if found else self.report.target.url


def _shown(run: ScanRun) -> Iterator[_ShownCode]:
    for report in run.reports:
        files = {
            evidence.value: evidence.file
            for verdict in report.verdicts
            for evidence in (*verdict.evidence, *verdict.near)
        }
        pages = (
            observation for observation in report.observations if isinstance(observation, Page)
        )
        codes = {code.payload: code for page in pages for code in page.qr_codes}
        for payload, code in codes.items():
            if code.visible.counts and not code.where.in_comment and not _is_own(report, payload):
                yield _ShownCode(report, code, files.get(payload))


def _is_own(report: UnitReport, payload: str) -> bool:
    """Whether it is an address on the unit's own host, as share widgets draw it."""
    here, there = parse_web_url(report.target.url), parse_web_url(payload)
    return here is not None and there is not None and here.host == there.host


def _candidates(requirement: QrRequirement, shown: Iterable[_ShownCode]) -> list[Candidate]:
    words = (requirement.name, *requirement.labels)
    found: dict[str, Candidate] = {}
    hosts: dict[str, dict[str, bool]] = defaultdict(dict)
    for one in shown:
        payload = one.code.payload
        candidate = found.setdefault(payload, Candidate(payload, fits=_fits(words, payload)))
        is_labelled = any(word in one.code.label for word in words)
        hosts[payload].setdefault(one.host, is_labelled)
        candidate.units.append(one.report.target.name)
        candidate.labelled += is_labelled
        candidate.file = candidate.file or one.file
        if one.code.label and one.code.label not in candidate.captions:
            candidate.captions.append(one.code.label)
    for payload, candidate in found.items():
        candidate.hosts = len(hosts[payload])
        candidate.labelled_hosts = sum(hosts[payload].values())
    likely = (c for c in found.values() if c.fits or c.labelled)
    return sorted(likely, key=lambda c: (-c.fits, -c.labelled_hosts, -c.hosts, c.payload))


def _fits(words: Iterable[str], payload: str) -> bool:
    """Whether the payload is of the platform that the words name, or of none if they name none."""
    text = " ".join(words).lower()
    found = address_in(payload)
    host = found.host if found else ""
    named = [hosts for word, hosts in _PLATFORMS if word in text]
    if not named:
        return not any(host in hosts for _, hosts in _PLATFORMS)
    return any(host in hosts for hosts in named)
