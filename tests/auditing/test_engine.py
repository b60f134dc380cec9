"""Scanning: who is looked at again, what two looks say together, and what a run never loses."""

from __future__ import annotations

import pytest

from support.looks import BLIND, DIED, DOWN, HAS, HAS_NOT, OTHER, PORTAL, PROXY, Eyes, scanned, unit
from support.pages import blind, code, link, page, said, unseen
from support.requirements import WECHAT
from ycaudit.auditing.engine import MAX_HELD, blank, ended_elsewhere, redacted
from ycaudit.errors import AuditError
from ycaudit.model import Observation, Outcome, Page, Sense, UnitReport, Visibility
from ycaudit.reasons import Reason


@pytest.mark.parametrize(
    ("browser", "static", "outcome", "looks"),
    [
        # The browser looks first; where it passes everything, that is all.
        ([HAS], [HAS_NOT], "pass", ["browser"]),
        # Missing: the markup is asked for what came near, the browser once more, later.
        ([HAS_NOT], [HAS_NOT], "fail", ["browser", "static", "browser"]),
        # Where the markup has it, a page that shows something else each time is given one more.
        ([HAS_NOT], [HAS], "fail", ["browser", "static", "browser", "browser"]),
        ([HAS_NOT, HAS_NOT, HAS], [HAS], "pass", ["browser", "static", "browser", "browser"]),
        ([HAS_NOT, HAS], [HAS_NOT], "pass", ["browser", "static", "browser"]),
        # What the screen could not tell, the markup never decides.
        ([BLIND], [HAS_NOT], "undetermined", ["browser", "static"]),
        ([HAS_NOT, BLIND], [HAS_NOT], "undetermined", ["browser", "static", "browser", "browser"]),
        ([HAS_NOT, BLIND, HAS_NOT], [BLIND], "fail", ["browser", "static", "browser", "browser"]),
        # Shut out: what the markup surely carries counts, and nothing else.
        ([DOWN], [HAS], "pass", ["browser", "static"]),
        ([DOWN], [HAS_NOT], "undetermined", ["browser", "static"]),
        ([DIED, HAS], [HAS_NOT], "pass", ["browser", "static", "browser"]),
    ],
)
def test_the_screen_is_the_witness_and_a_fail_needs_two_sights_of_it(
    browser: list[Observation], static: list[Observation], outcome: str, looks: list[str]
) -> None:
    log: list[str] = []
    report = scanned([Eyes("browser", *browser, log=log), Eyes("static", *static, log=log)])[0]
    assert report.outcome == outcome
    assert [entry.split()[0] for entry in log] == looks
    assert [observation.observer for observation in report.observations] == looks


def test_a_page_that_robots_are_shown_otherwise_carries_a_remark() -> None:
    painted = page(*(link(f"http://shown.test/{n}") for n in range(9)))
    sent = page(*(link(f"http://robots.test/{n}") for n in range(9)))
    report = scanned([Eyes("browser", painted), Eyes("static", sent)])[0]
    remarks = [r.code for o in report.observations if isinstance(o, Page) for r in o.remarks]
    assert remarks.count("cloaked") >= 1
    alike = scanned([Eyes("browser", painted), Eyes("static", painted)])[0]
    assert not any(o.remarks for o in alike.observations if isinstance(o, Page))


def test_a_homepage_that_is_another_units_carries_a_remark() -> None:
    report = scanned([Eyes("browser", HAS.model_copy(update={"final_url": "http://v.test/x"}))])[0]
    hosts = {"u.test": "甲局", "v.test": "乙局"}
    (observation,) = ended_elsewhere(report, hosts).observations
    assert isinstance(observation, Page)
    assert [str(r) for r in observation.remarks] == ["the address leads to the homepage of 乙局"]
    assert ended_elsewhere(report, {"u.test": "甲局"}) == report


def test_one_observer_alone_looks_twice() -> None:
    patterns = Eyes("static", HAS_NOT, HAS_NOT)
    assert scanned([patterns])[0].outcome is Outcome.FAIL
    assert len(patterns.log) == 2
    report = scanned([Eyes("static", HAS_NOT, DOWN)])[0]
    assert report.outcome is Outcome.UNDETERMINED
    assert "a second look (without a browser) could not tell" in report.verdicts[0].reason


def test_the_second_look_comes_after_all_others() -> None:
    log: list[str] = []
    units = [unit(name) for name in "abc"]
    scanned([Eyes("static", HAS_NOT, log=log)], *units)
    assert [entry[-1] for entry in log] == [*"abc", *"abc"]


def test_no_more_than_so_many_wait_for_a_second_look() -> None:
    log: list[str] = []
    units = [unit(f"u{n}") for n in range(MAX_HELD + 10)]
    reports = scanned([Eyes("static", HAS_NOT, log=log)], *units)
    assert log.index("static u0", 1) == MAX_HELD  # the first of them again
    assert len(reports) == len(units)
    assert {report.outcome for report in reports.values()} == {Outcome.FAIL}


def test_of_a_page_that_shows_something_else_each_time_nothing_is_missing_for_sure() -> None:
    both = unit("u", PORTAL, OTHER)
    first, later = page(link("http://x.test/")), page(link("http://o.test/"))
    report = scanned([Eyes("browser", first, later), Eyes("static", first)], both)[0]
    found = {v.requirement: v.outcome for v in report.verdicts}
    assert found == {"p": "undetermined", "o": "pass"}
    assert report.verdicts[0].why.has("varies")


@pytest.mark.parametrize(
    ("first", "later", "outcome"),
    [
        ("http://a.test/app", "http://b.test/app", "undetermined"),
        ("http://a.test/app", "http://a.test/app", "fail"),
        ("http://a.test/in/1?t=1", "http://a.test/in/2?t=2", "fail"),  # made anew for each visitor
    ],
)
def test_of_a_page_that_shows_other_codes_each_time_no_code_is_missing_for_sure(
    first: str, later: str, outcome: str
) -> None:
    both = unit("u", PORTAL, WECHAT)
    sights = (page(code(payload)) for payload in (first, later))
    report = scanned([Eyes("browser", *sights), Eyes("static", HAS_NOT)], both)[0]
    assert [v.outcome for v in report.verdicts] == ["fail", outcome]


def test_of_a_page_that_broke_off_on_its_way_nothing_is_missing_for_sure() -> None:
    why = Reason.of("body_encoding_broke_off", encoding="gzip")
    spot = blind(Sense.LINK).model_copy(update={"why": why})
    broken = page(link("http://x.test/"), spot)
    report = scanned([Eyes("browser", HAS_NOT), Eyes("static", broken)])[0]
    assert report.outcome is Outcome.UNDETERMINED
    assert report.verdicts[0].why.has("body_encoding_broke_off")


@pytest.mark.parametrize(("expect", "outcome"), [("present", "pass"), ("absent", "fail")])
def test_what_is_to_be_in_the_page_whether_it_shows_or_not_the_markup_tells(
    expect: str, outcome: str
) -> None:
    somewhere = PORTAL.model_copy(update={"visible": "any", "expect": expect})
    sent = page(link("http://p.test/", visible=Visibility.HIDDEN))
    report = scanned([Eyes("browser", HAS_NOT), Eyes("static", sent)], unit("u", somewhere))[0]
    assert report.outcome == outcome


def test_one_look_alone_is_no_fail_when_judged_again() -> None:
    (verdict,) = unit().conclude((HAS_NOT,))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert verdict.reason_code == "one_look_only"
    (verdict,) = unit().conclude((HAS_NOT, HAS_NOT))
    assert verdict.outcome is Outcome.FAIL


def test_trouble_with_our_own_files_ends_the_run_in_one_sentence() -> None:
    def full(index: int, report: UnitReport) -> None:
        raise AuditError("the disk is full")

    with pytest.raises(AuditError, match="the disk is full"):
        scanned([Eyes("static", HAS)], *(unit(name) for name in "abcdef"), done=full, jobs=4)


def test_passwords_of_the_list_do_not_reach_a_report() -> None:
    url = "http://clerk:s%C3%A9cret@u.test/"
    observation = HAS.model_copy(update={"final_url": url, "remarks": (said("asked with sécret"),)})
    one = unit(url=url)
    report = blank(one).model_copy(
        update={"observations": (observation,), "verdicts": one.judge(observation)}
    )
    written = redacted(report).model_dump_json()
    assert "http://u.test/" in written
    for secret in ("clerk:", "s%C3%A9cret", "sécret"):
        assert secret not in written
    plain = blank(unit())
    assert redacted(plain) is plain


# --- through another network ---


@pytest.mark.parametrize(
    ("here", "there", "outcome", "beyond"),
    [
        ([HAS], [HAS_NOT], "pass", 0),
        ([BLIND], [HAS], "undetermined", 0),
        ([HAS_NOT], [HAS_NOT], "fail", 1),
        ([HAS_NOT], [HAS], "undetermined", 1),
        ([HAS_NOT], [BLIND], "undetermined", 2),
        ([HAS_NOT], [BLIND, HAS_NOT], "fail", 2),
        ([HAS_NOT], [DOWN], "undetermined", 2),
        ([DOWN], [HAS], "pass", 1),
        ([DOWN], [HAS_NOT], "undetermined", 2),
        ([DOWN], [DOWN], "undetermined", 1),
    ],
)
def test_what_fails_or_cannot_be_reached_is_looked_at_from_the_other_network(
    here: list[Observation], there: list[Observation], outcome: str, beyond: int
) -> None:
    eyes = Eyes("browser", *there)
    report = scanned([Eyes("browser", *here)], beyond=eyes)[0]
    assert report.outcome == outcome
    assert [one.via for one in report.observations] == [None, *[PROXY] * beyond]


def test_what_only_the_other_network_reaches_says_so() -> None:
    report = scanned([Eyes("browser", DOWN)], beyond=Eyes("browser", HAS))[0]
    seen = report.observations[-1]
    assert isinstance(seen, Page)
    assert [str(remark) for remark in seen.remarks] == [
        "seen only through p:8080; from here: no address"
    ]


def test_what_is_reached_without_the_proxy_is_not_said_to_be_seen_by_two_networks() -> None:
    own = unit(url="http://10.1.2.3/")
    report = scanned([Eyes("browser", HAS_NOT)], own, beyond=Eyes("browser", HAS))[0]
    assert [one.via for one in report.observations] == [None, None]
    assert report.outcome == "pass"  # one sure glimpse, as ever


def test_what_is_wrong_in_the_list_is_not_asked_of_another_network() -> None:
    eyes = Eyes("browser", HAS)
    refused = unseen("refused_address")
    scanned([Eyes("browser", refused)], beyond=eyes)
    assert eyes.log == []
