"""A self-contained HTML file: figures, filters, every unit with its evidence."""

from __future__ import annotations

import base64
import hashlib
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

from ycaudit import i18n, office_time
from ycaudit.i18n import Message, translate
from ycaudit.model import BlindSpot, Evidence, Outcome, Page, ScanRun, UnitReport, Unseen
from ycaudit.reasons import Reason
from ycaudit.report import availability_text
from ycaudit.report.census import Count, census_of, percent
from ycaudit.report.formats import NO_BACKGROUND, Background, ReadEvidence, no_evidence
from ycaudit.report.pictures import decoded, screenshot_of
from ycaudit.report.rows import (
    MARK,
    WORD,
    asked,
    basis_of,
    clean,
    remarks_of,
    suspicion_lines,
    without_website,
    worst_first,
)
from ycaudit.url import parse_web_url, without_credentials

MAX_PICTURES = 24 << 20
"""Bytes of pictures in one report; pictures beyond it are left out and counted."""
MAX_SIDE = 900
PIECES = 500
"""Of the template, that are written at once."""
ORDER = (Outcome.FAIL, Outcome.UNDETERMINED, Outcome.PASS, Outcome.WAIVED)


def render(
    run: ScanRun,
    out: IO[bytes],
    read_evidence: ReadEvidence = no_evidence,
    background: Background = NO_BACKGROUND,
) -> None:
    """Write the report unit by unit; it loads nothing and escapes all text of pages."""
    pictures = _Pictures(read_evidence)
    if read_evidence is not no_evidence:  # how many pictures find no room is said at the top
        deque(_units(run, pictures, background), maxlen=0)
    whole = census_of(run).whole
    requirements = asked(run)
    page = _template().stream(
        run=run,
        columns={key: one.name for key, one in requirements.items()},
        matrix=map(_marks, worst_first(run)),
        units=_units(run, pictures, background),
        bars=list(_bars(whole)),
        tags=sorted({tag for report in run.reports.briefs() for tag in report.target.tags}),
        started=office_time.local(run.started_at),
        finished=office_time.local(run.finished_at),
        zone=translate(office_time.named()),
        style=_source("report.css"),
        script=_source("report.js"),
        script_hash=script_hash(),
        left_out=pictures.left_out,
        total=_total(run, whole),
        met={key: one.met for key, one in requirements.items()},
        suspicions=suspicion_lines(run),
        html_language={"en": "en"}.get(i18n.language(), "zh-CN"),
    )
    page.enable_buffering(PIECES)
    page.dump(out, "utf-8", "replace")


def script_hash() -> str:
    """The hash of the report's one script, as a policy (CSP) names it."""
    return base64.b64encode(hashlib.sha256(_source("report.js").encode()).digest()).decode()


@cache
def _source(name: str) -> str:
    from importlib.resources import files

    return (files("ycaudit.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["clean"] = clean
    environment.filters["web"] = web_address
    environment.globals.update(MARK=MARK, WORD=WORD, ORDER=ORDER, basis_of=basis_of, _=translate)
    return environment.from_string(_source("report.html.j2"))


def web_address(url: str) -> str:
    """The address if it may be linked, else empty: javascript: and data: are only printed."""
    found = parse_web_url(url)
    return without_credentials(found.href) if found else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the bar chart; `share` and `start` in percent."""

    outcome: Outcome
    count: int
    share: float
    start: float
    told: str
    """The share as it is written."""


def _bars(whole: Count) -> Iterator[Bar]:
    counts = {
        Outcome.PASS: whole.passed,
        Outcome.FAIL: whole.failed,
        Outcome.UNDETERMINED: whole.undetermined,
        Outcome.WAIVED: whole.waived,
    }
    total = max(1, whole.total)
    start = 0.0
    for outcome in ORDER:
        share = 100 * counts[outcome] / total
        yield Bar(outcome, counts[outcome], share, start, percent(counts[outcome], whole.total))
        start += share


def _total(run: ScanRun, whole: Count) -> str:
    """How many units and sites there are, and which units run none."""
    head = Message("应检") if run.complete else Message("已检")
    units = Message("{0} {1} 家单位、{2} 个网站", head, whole.total, whole.sites)
    if not whole.no_website:
        return translate(units)
    names = without_website(run)
    return translate("{0}，其中未开设网站 {1} 家（{2}）", units, whole.no_website, names)


def _marks(report: UnitReport) -> dict[str, Any]:
    """The values of one row of the table in the template."""
    return {
        "report": report,
        "by_id": {verdict.requirement: verdict for verdict in report.verdicts},
    }


def _units(run: ScanRun, pictures: _Pictures, background: Background) -> Iterator[dict[str, Any]]:
    return (_unit(report, pictures, background) for report in worst_first(run))


def _unit(report: UnitReport, pictures: _Pictures, background: Background) -> dict[str, Any]:
    """The values of one unit in the template."""
    pages = [observation for observation in report.observations if isinstance(observation, Page)]
    spots = [spot for page in pages for spot in page.blind_spots]
    reached = background.availability.get(report.target.id)
    return {
        "report": report,
        "verdicts": [
            {
                "verdict": verdict,
                "evidence": [_shown(e, pictures) for e in verdict.evidence[:6]],
                "near": [_shown(e, pictures) for e in verdict.near],
            }
            for verdict in report.verdicts
        ],
        "unseen": [
            observation for observation in report.observations if isinstance(observation, Unseen)
        ],
        "remarks": remarks_of(report),
        "availability": list(availability_text.lines(reached)) if reached else [],
        "unread": [(spot, pictures.of(spot.file)) for spot in _cut_out(spots)],
        "screenshot": pictures.of(screenshot_of(report)),
        "states": [(state, pictures.of(file)) for state, file in _states(report)],
    }


def _shown(evidence: Evidence, pictures: _Pictures) -> dict[str, Any]:
    """A piece of evidence with its crop; the framed screenshot is shown once per unit."""
    is_crop = evidence.sense == "qr_code"
    return {"evidence": evidence, "picture": pictures.of(evidence.file) if is_crop else None}


def _cut_out(spots: list[BlindSpot]) -> list[BlindSpot]:
    return [spot for spot in spots if spot.file]


def _states(report: UnitReport) -> Iterator[tuple[Reason, str]]:
    """What the screen showed in each state that was tried before something was said to lack."""
    if report.outcome is not Outcome.FAIL:
        return
    pages = [page for page in report.observations if isinstance(page, Page)]
    kept = [[(f.state, f.file) for f in p.evidence_files if f.state] for p in pages]
    # A fail rests on two looks: the later one is shown.
    yield from next(filter(None, reversed(kept)), [])


class _Pictures:
    """Pictures as data: addresses, up to `MAX_PICTURES` bytes in all."""

    def __init__(self, read_evidence: ReadEvidence) -> None:
        self._read_evidence = read_evidence
        self._known: dict[str, str | None] = {}
        self._room = MAX_PICTURES
        self.left_out = 0

    def of(self, file: str | None) -> str | None:
        """The picture in an evidence file, scaled down; None where there is none or no room."""
        if file is None or not file.endswith(".png"):
            return None
        if file not in self._known:
            self._known[file] = self._small(self._read_evidence(file))
        return self._known[file]

    def _small(self, data: bytes | None) -> str | None:
        picture = decoded(data)
        if picture is None:
            return None
        out = io.BytesIO()
        if max(picture.size) > MAX_SIDE // 2:  # a screenshot
            picture.thumbnail((MAX_SIDE, 4 * MAX_SIDE))
            picture.save(out, "JPEG", quality=70)
        else:
            picture.quantize(32).save(out, "PNG")
        if len(out.getvalue()) > self._room:
            self.left_out += 1
            return None
        self._room -= len(out.getvalue())
        kind = "jpeg" if out.getvalue()[:2] == b"\xff\xd8" else "png"
        return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode()}"
