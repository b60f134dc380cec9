"""Every case of the embedded city, end to end: real HTTP, real images, real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from support.browsers import needs_browser
from support.city import audited, audited_whole
from ycaudit.auditing import demo_city
from ycaudit.model import Outcome, Page, ScanRun, Unseen

CASES = demo_city.load_cases(demo_city.folder())
FEW = {*list(CASES)[::30], "complies", "commented-code", "commented-links"}
BROWSED = [c if c in FEW else pytest.param(c, marks=pytest.mark.series) for c in CASES]
"""Looked at by a browser: few of them, all with --whole (and by `./dev demo`)."""
# Cases whose markup alone shows everything: there both observers must see the same.
QUIET = {"stall", "reset", "refuse", "no-dns", "server-error", "not-html"}


@pytest.fixture(scope="module")
def by_markup(running_city: demo_city.City) -> ScanRun:
    return audited_whole(running_city, observer="static")


@pytest.fixture(scope="module")
def by_both(running_city: demo_city.City, request: pytest.FixtureRequest) -> ScanRun:
    cases = CASES if request.config.getoption("--whole") else FEW
    return audited_whole(running_city, *cases, observer="auto")


def outcomes(run: ScanRun, case: str) -> dict[str, Outcome]:
    report = next(r for r in run.reports if r.target.id == case)
    return {v.requirement: v.outcome for v in report.verdicts}


@pytest.mark.parametrize("case", CASES)
def test_without_a_browser_a_case_is_never_judged_wrongly(case: str, by_markup: ScanRun) -> None:
    assert outcomes(by_markup, case) == CASES[case].outcomes("static")


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize("case", BROWSED)
def test_with_a_browser_a_case_is_judged_as_it_must_be(case: str, by_both: ScanRun) -> None:
    assert outcomes(by_both, case) == CASES[case].expect


@pytest.mark.parametrize("case", [c for c in CASES if CASES[c].cause])
def test_a_homepage_that_cannot_be_seen_says_why(case: str, by_markup: ScanRun) -> None:
    report = next(r for r in by_markup.reports if r.target.id == case)
    observation = report.observations[-1]
    assert isinstance(observation, Unseen)
    assert observation.cause is CASES[case].cause
    assert observation.why.sentence


def scriptless(case: str) -> bool:
    site = demo_city.folder() / case / "site"
    pages = [p.read_bytes().lower() for p in site.rglob("*.htm*")]
    return not any(b"<script" in page or b" on" in page for page in pages)


@needs_browser
@pytest.mark.browser
def test_both_observers_agree_on_pages_without_scripts(
    by_markup: ScanRun, by_both: ScanRun
) -> None:
    cases = [report.target.id for report in by_both.reports]
    for case in (c for c in cases if scriptless(c) and c not in QUIET):
        agree(case, by_markup, by_both)


def agree(case: str, by_markup: ScanRun, by_both: ScanRun) -> None:
    if settled(by_markup, case, "static") and settled(by_both, case, "browser"):
        assert outcomes(by_markup, case) == outcomes(by_both, case), case


def settled(run: ScanRun, case: str, observer: str) -> bool:
    """Whether the look went to its end: an early stop leaves images unread."""
    report = next(r for r in run.reports if r.target.id == case)
    last = [seen for seen in report.observations if seen.observer == observer][-1]
    return isinstance(last, Page) and not last.blind_spots


@needs_browser
@pytest.mark.browser
def test_units_that_pass_on_the_screen_cost_one_look(by_both: ScanRun) -> None:
    report = next(r for r in by_both.reports if r.target.id == "complies")
    assert [observation.observer for observation in report.observations] == ["browser"]
    assert {verdict.basis for verdict in report.verdicts} == {"painted"}


def test_the_run_document_survives_the_way_to_json_and_back(by_markup: ScanRun) -> None:
    assert ScanRun.model_validate_json(by_markup.model_dump_json()) == by_markup


@pytest.mark.parametrize(
    ("case", "requirement"), [("commented-code", "wechat"), ("commented-links", "portal-gov")]
)
def test_what_stands_only_in_a_comment_is_told_beside_the_fail(
    case: str, requirement: str, by_markup: ScanRun, by_both: ScanRun
) -> None:
    for run in (by_markup, by_both):
        report = next(r for r in run.reports if r.target.id == case)
        verdict = next(v for v in report.verdicts if v.requirement == requirement)
        assert any("only in a comment" in str(evidence.note) for evidence in verdict.near)


def test_a_code_that_cannot_be_read_is_cut_out_for_a_person(
    tmp_path: Path, running_city: demo_city.City
) -> None:
    run = audited(running_city, "destroyed-code", observer="static", evidence=tmp_path)
    (report,) = run.reports
    observation = report.observations[-1]
    assert isinstance(observation, Page)
    (spot,) = [spot for spot in observation.blind_spots if spot.corners]
    assert spot.file is not None
    with Image.open(tmp_path / spot.file) as crop:
        assert min(crop.size) > 60
