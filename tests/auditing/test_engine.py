"""Scanning: who is looked at again, what two looks say together, and what a run never loses."""

from __future__ import annotations

import pytest

from support.looks import BLIND, DOWN, HAS, HAS_NOT, OTHER, PORTAL, Eyes, scanned, unit
from support.pages import link, page, said
from ycaudit.auditing.engine import MAX_HELD, blank, redacted
from ycaudit.errors import AuditError
from ycaudit.model import Observation, Outcome, UnitReport


@pytest.mark.parametrize(
    ("static", "browser", "outcome", "looks"),
    [
        ([HAS], [HAS_NOT], "pass", ["static"]),
        ([HAS_NOT], [HAS_NOT], "fail", ["static", "browser"]),
        ([HAS_NOT], [HAS], "pass", ["static", "browser"]),
        ([BLIND], [HAS_NOT], "fail", ["static", "browser", "browser"]),
        ([BLIND], [HAS_NOT, HAS], "pass", ["static", "browser", "browser"]),
        ([DOWN], [HAS_NOT, DOWN], "undetermined", ["static", "browser", "browser"]),
        # The second look saw nothing, so who saw at first looks once more.
        ([HAS_NOT], [DOWN], "fail", ["static", "browser", "static"]),
        ([HAS_NOT, DOWN], [DOWN], "undetermined", ["static", "browser", "static"]),
        ([HAS_NOT, HAS], [BLIND], "pass", ["static", "browser", "static"]),
    ],
)
def test_a_fail_needs_two_looks_over_another_observer_where_there_is_one(
    static: list[Observation], browser: list[Observation], outcome: str, looks: list[str]
) -> None:
    log: list[str] = []
    report = scanned([Eyes("static", *static, log=log), Eyes("browser", *browser, log=log)])[0]
    assert report.outcome == outcome
    assert [entry.split()[0] for entry in log] == looks
    assert [observation.observer for observation in report.observations] == looks


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


def test_where_others_go_on_a_fail_is_told_as_it_is() -> None:
    patterns = Eyes("static", HAS_NOT)
    assert scanned([patterns], confirms=False)[0].outcome is Outcome.FAIL
    assert len(patterns.log) == 1


def test_what_others_began_is_confirmed_and_not_seen_a_third_time() -> None:
    one = unit()
    observation = HAS_NOT.model_copy(update={"observer": "static"})
    begun = blank(one).model_copy(
        update={"observations": (observation,), "verdicts": one.judge(observation)}
    )
    log: list[str] = []
    patterns = [Eyes("static", HAS_NOT, log=log), Eyes("browser", HAS_NOT, log=log)]
    report = scanned(patterns, one, begun={0: begun})[0]
    assert report.outcome is Outcome.FAIL
    assert log == ["browser u"]


def test_a_doubt_beside_a_fail_is_settled_by_the_second_look() -> None:
    both = unit("u", PORTAL, OTHER)
    first = page(link("http://x.test/"))
    second = page(link("http://o.test/"))
    report = scanned([Eyes("static", first), Eyes("browser", second)], both)[0]
    assert {v.requirement: v.outcome for v in report.verdicts} == {"p": "fail", "o": "pass"}


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
