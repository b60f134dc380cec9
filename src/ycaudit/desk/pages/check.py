"""检查: a scan of the list, and a look at one homepage."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ycaudit import office_time
from ycaudit.auditing import service
from ycaudit.auditing.recorder import HistoryRecorder, MemoryRecorder
from ycaudit.auditing.selection import ONLY, Order, Prepared, prepared
from ycaudit.auditing.service import Listener, Stop
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.audits import Audit
from ycaudit.desk.desk import Place
from ycaudit.desk.pages.list import standing
from ycaudit.desk.pages.unit import Site
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import load, load_rules, tags_named, unit_for
from ycaudit.model import Policy, RunHeader, ScanRun
from ycaudit.observe.browser.chromium import why_no_browser
from ycaudit.rules.judge import Unit, observer_name
from ycaudit.runs.history import History, opened
from ycaudit.runs.units import Choice

WHOLE, RESUME = "whole", "resume"


def show(asked: Asked) -> Response:
    """The check that runs, or the form that starts one."""
    desk = asked.desk
    audit = desk.audits.scan
    now = standing(asked) if desk.audits.scanning is None else None
    with desk.history() as kept:
        last, broken_off = _last(kept)
    return html.page(
        asked,
        "check",
        audit=audit,
        now=now,
        last=last,
        broken_off=broken_off,
        no_browser=_no_browser(desk.place),
        targets=desk.place.targets,
        offices=[] if now is None or now.plan is None else _offices(now.plan.units),
    )


def _no_browser(place: Place) -> str:
    """Why homepages are looked at without a browser; empty where there is one."""
    if place.request.observer == "static":
        return " "
    return why_no_browser(place.request.environment) or ""


def _offices(units: tuple[Unit, ...]) -> list[str]:
    return list(dict.fromkeys(unit.target.office for unit in units if unit.target.office))


def _last(kept: History) -> tuple[RunHeader | None, RunHeader | None]:
    """The last run, and the same where it was broken off."""
    newest = kept.newest()
    if newest is None:
        return None, None
    header = kept.load(newest).header
    return header, (None if header.complete else header)


def start(asked: Asked) -> Response:
    """Start the check, or go on with the one that was broken off."""
    desk, how = asked.desk, asked.word("how")
    if how not in (WHOLE, RESUME, *ONLY):
        raise AuditError("a check is of the whole list or of a part, or goes on: not {0!r}", how)
    office = asked.word("office")
    order = Order(
        Choice(offices=[office] if office else []),
        only=how if how in ONLY else "",
        resume=how == RESUME,
    )
    plan = load(desk.place.targets, desk.place.rules, today=office_time.today())
    with desk.history() as kept:
        ready = prepared(plan, order, kept)
    work = partial(_scan, desk.place, ready)
    desk.audits.start_scan(len(ready.selection.looked_at), work, about=office)
    return html.see("/check")


def _scan(place: Place, ready: Prepared, listener: Listener, stop: Stop) -> ScanRun:
    """The check by the service, as `ycaudit scan` runs it."""
    with opened(place.history) as kept:
        recorder = HistoryRecorder(kept, kept.decisions(), ready.selection, resumed=ready.resumed)
        return service.run(
            ready.selection.looked_at, ready.plan.policy, place.request, recorder, listener,
            no_website=ready.plan.no_website, stop=stop,
        )  # fmt: skip


def stop(asked: Asked) -> Response:
    """End the check that runs; what is finished stays finished."""
    if (audit := asked.desk.audits.scanning) is not None:
        audit.stop()
    return html.see("/check")


# --- one homepage --------------------------------------------------------------------------------


def looks(asked: Asked) -> Response:
    """The form for one address, and the latest looks."""
    requirements, _ = load_rules(asked.desk.place.rules)
    tags = dict.fromkeys(t for r in requirements if r.applies_to for t in r.applies_to.tags)
    return html.page(asked, "look", looks=dict(asked.desk.audits.looks), tags=list(tags))


def look(asked: Asked) -> Response:
    """Start a look at one homepage."""
    desk, url = asked.desk, asked.word("url")
    if not url:
        raise AuditError("give an address, such as http://www.example.gov.cn/")
    requirements, policy = load_rules(desk.place.rules)
    tags = [str(tag) for tag in asked.form.getlist("tag")]
    unit = unit_for(url, requirements, tags=tags, third_parties=policy.third_parties)
    if not unit.requirements:
        raise AuditError(
            "the rules ask nothing of it: choose one of the categories {0}",
            tags_named(requirements),
        )
    number = desk.audits.start_look(
        partial(_look, desk.place, unit, policy), about=unit.target.name
    )
    return html.see(f"/look/{number}")


def _look(place: Place, unit: Unit, policy: Policy, listener: Listener, stop: Stop) -> ScanRun:
    """The look by the service, as `ycaudit check` runs it; nothing of it is kept but pictures."""
    return service.run([unit], policy, place.request, MemoryRecorder(), listener, stop=stop)


def looked(asked: Asked) -> Response:
    """A look: that it goes on, or what it has found."""
    number = asked.params["number"]
    known = asked.desk.audits.looks
    audit = known.get(int(number)) if number.isascii() and number.isdigit() else None
    if audit is None:
        raise HTTPException(404)
    return html.page(asked, "looked", audit=audit, sites=_sites(audit), observer_name=observer_name)


def _sites(audit: Audit) -> list[Site]:
    return [] if audit.run is None else [Site(report, {}) for report in audit.run.reports]
