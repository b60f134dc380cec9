"""Whether a site is down: how often it was looked at in the last days, and could be reached.

A view over the history, which scans feed: nothing is measured for it. Only what is the site's own
counts against it; what may be our network or program, or a gateway's check, tells nothing.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ycaudit import office_time
from ycaudit.model import Cause, Target, UnitReport, Unseen
from ycaudit.reasons import Reason
from ycaudit.runs import format_1
from ycaudit.runs.history_file import utc
from ycaudit.runs.office_settings import Threshold
from ycaudit.url import without_credentials

DAYS = 7
"""Looked back upon where nobody says how far."""
_OURS = (
    *("look_timeout", "browser_gave_up", "browser_lost", "browser_no_page", "dns_timeout"),
    *("network_unreachable", "proxy_unreachable", "proxy_locked", "proxy_no_proxy"),
    "proxy_refuses",
)
"""Reasons that may be ours as well as the site's."""
_NO_SERVICE = (404, 410)
"""Statuses below 500 that say to every visitor that there is no homepage (RFC 9110, 15.5)."""
_CHECKS = """
    SELECT r.id, r.header, coalesce(p.checked_at, r.started_at), coalesce(p.brief, p.body)
    FROM reports p JOIN standing s ON s.id = p.run JOIN runs r ON r.id = s.id
    WHERE p.unit = ? AND coalesce(p.checked_at, r.started_at) BETWEEN ? AND ?
    ORDER BY r.started_at, s.written
"""


class Found(StrEnum):
    """What a check says of whether a visitor gets to a site."""

    REACHED = "reached"
    DOWN = "down"
    UNTOLD = "untold"
    """It was not seen, and that may not be its fault."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a site."""

    at: datetime
    found: Found
    why: Reason | None = None
    """Why it was not seen."""


@dataclass(frozen=True, slots=True)
class Availability:
    """The checks of a site in the office days from `first_day` to `last_day`, oldest first."""

    first_day: date
    last_day: date
    checks: tuple[Check, ...]
    threshold: Threshold | None = None

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.last_day - self.first_day).days + 1

    def count(self, found: Found) -> int:
        """How many checks found this."""
        return sum(check.found is found for check in self.checks)

    @property
    def reasons(self) -> Counter[Reason]:
        """Why it was not seen, and how often each."""
        return Counter(check.why for check in self.checks if check.why is not None)

    @property
    def is_enough(self) -> bool:
        """Whether there are as many checks as the threshold asks for."""
        if self.threshold is None:
            return False
        told = [office_time.today(c.at) for c in self.checks if c.found is not Found.UNTOLD]
        by_day = Counter(told)
        days = (self.first_day + timedelta(n) for n in range(self.days))
        return len(told) >= self.threshold.checks and all(
            by_day[day] >= self.threshold.per_day for day in days
        )

    @property
    def is_reached(self) -> bool:
        """Whether the threshold is reached, so that the site counts as one that is down."""
        down = self.count(Found.DOWN)
        if self.threshold is None or not self.is_enough or not down:
            return False
        return 100 * down >= self.threshold.share * (down + self.count(Found.REACHED))


def found_in(report: UnitReport, *, suspect: bool = False) -> Check:
    """What a report says of whether the site could be reached.

    `suspect`: of a run that is suspect of being wrong itself, in which not seeing tells nothing.
    """
    unseen = [one for one in report.observations if isinstance(one, Unseen)]
    at = max(one.taken_at for one in report.observations)
    if len(unseen) < len(report.observations):
        return Check(at, Found.REACHED)
    is_down = not suspect and all(map(_is_down, unseen))
    return Check(at, Found.DOWN if is_down else Found.UNTOLD, unseen[0].why)


def _is_down(seen: Unseen) -> bool:
    """Whether any visitor fares alike. National cryptography fails our TLS, and not theirs."""
    if seen.why.has(*_OURS):
        return False
    if seen.cause is Cause.HTTP_STATUS:
        status = seen.why.params.get("status", 0)
        return isinstance(status, int) and (status >= 500 or status in _NO_SERVICE)
    return seen.cause in (Cause.DNS, Cause.CONNECT, Cause.TIMEOUT)


def read(
    db: sqlite3.Connection,
    sites: Iterable[Target],
    *,
    until: datetime,
    days: int | None = None,
    threshold: Threshold | None = None,
) -> Mapping[str, Availability]:
    """How each site fared, by its id, in the days up to a moment.

    Checks of another address that it had before do not count. `days` goes before what the threshold
    says, which is then not asked.
    """
    threshold = threshold if days is None else None
    last = office_time.today(until)
    first = last - timedelta((days or (threshold.days if threshold else DAYS)) - 1)
    reader = _Reader(db, office_time.begin(first), until)
    return {
        site.id: Availability(first, last, tuple(reader.checks(site)), threshold) for site in sites
    }


class _Reader:
    """Reads checks, and of each run once whether it was suspect."""

    def __init__(self, db: sqlite3.Connection, since: datetime, until: datetime) -> None:
        self._db = db
        self._between = (utc(since), utc(until))
        self._suspect = dict[str, bool]()

    def checks(self, site: Target) -> Iterator[Check]:
        """The checks of a site, each once: a run that carries a report has not made it."""
        known = set[str]()
        for run, header, at, packed in self._db.execute(_CHECKS, (site.id, *self._between)):
            if at in known:
                continue
            known.add(at)
            report = format_1.read_report(zlib.decompress(packed))
            if report.observations and _is_same_page(report.target, site):
                yield found_in(report, suspect=self._is_suspect(run, header))

    def _is_suspect(self, run: str, header: bytes) -> bool:
        if run not in self._suspect:
            said = format_1.read_header(zlib.decompress(header)).suspicions
            self._suspect[run] = bool(said)
        return self._suspect[run]


def _is_same_page(one: Target, other: Target) -> bool:
    return without_credentials(one.url) == without_credentials(other.url)
