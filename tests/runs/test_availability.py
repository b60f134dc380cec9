"""Whether a site is down: up and down by plan, and told by a clock that is passed in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from support.pages import page, said
from ycaudit import i18n
from ycaudit.errors import InvalidValueError
from ycaudit.model import Cause, Observation, Policy, ScanRun, Target, Tool, UnitReport, Unseen
from ycaudit.reasons import Reason
from ycaudit.report import availability_text
from ycaudit.runs.availability import Availability, Found
from ycaudit.runs.history import History, opened
from ycaudit.runs.office_settings import Threshold

SITE = Target(id="a", name="甲局", url="http://a.test/")
NIGHT = datetime(2026, 6, 8, 18, 0, tzinfo=UTC)
"""Two o'clock of the 9th at the office."""
WEEK = Threshold(days=7, checks=20, share=5, source="某办法第三条")
WHYS = {
    "D": (Cause.DNS, Reason.of("dns_no_address", host="a.test")),
    "T": (Cause.TIMEOUT, Reason.of("connection_timeout")),
    "5": (Cause.HTTP_STATUS, Reason.of("http_status", status=503)),
    "4": (Cause.HTTP_STATUS, Reason.of("http_status", status=404)),
    "3": (Cause.HTTP_STATUS, Reason.of("http_status", status=403)),
    "g": (Cause.CHALLENGE, Reason.of("checks_visitors")),
    "m": (Cause.CHALLENGE, Reason.of("maintenance")),
    "s": (Cause.TLS, Reason.of("tls_failed")),
    "l": (Cause.TIMEOUT, Reason.of("look_timeout", seconds=45.0)),
    "p": (Cause.CONNECT, Reason.of("proxy_refuses", proxy="p:1", place="a", status=403)),
    "b": (Cause.OUR_BUG, Reason.of("our_bug")),
}
"""How a homepage is not seen, by a letter; + is one that is seen."""


def seen(what: str, at: datetime) -> Observation:
    if what == "+":
        return page().model_copy(update={"taken_at": at})
    cause, why = WHYS[what]
    return Unseen(url=SITE.url, observer="static", taken_at=at, cause=cause, why=why)


def run_at(at: datetime, *observations: Observation, **more: object) -> ScanRun:
    report = UnitReport(target=SITE, observations=observations, verdicts=())
    return ScanRun(
        id=at.strftime("%Y%m%dT%H%M%S.%fZ"),
        tool=Tool(version="1"),
        rules=Policy(name="规则", sha256="0"),
        started_at=at,
        finished_at=at,
        reports=(report,),
    ).model_copy(update=more)


def fed(history: History, plan: str, *, every: timedelta = timedelta(hours=8)) -> datetime:
    """Looks by plan, a letter each; returns the moment of the last one."""
    at = NIGHT
    for number, what in enumerate(plan):
        at = NIGHT + number * every
        history.save(run_at(at, seen(what, at)))
    return at


def told(
    tmp_path: Path,
    plan: str,
    *,
    threshold: Threshold | None = None,
    days: int | None = None,
    later: timedelta = timedelta(),
) -> Availability:
    with opened(tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite3") as history:
        until = fed(history, plan) + later
        return history.availability([SITE], until=until, days=days, threshold=threshold)["a"]


def counts(told: Availability) -> tuple[int, int, int]:
    return tuple(told.count(found) for found in Found)  # type: ignore[return-value]


def test_a_week_of_a_site_that_is_down_is_told_with_first_and_last_and_why(tmp_path: Path) -> None:
    found = told(tmp_path, "D" * 18 + "TTT", threshold=WEEK)
    assert (found.first_day, found.last_day) == (date(2026, 6, 9), date(2026, 6, 15))
    assert counts(found) == (0, 21, 0)
    assert found.is_enough and found.is_reached
    with i18n.in_language("zh"):
        assert list(availability_text.lines(found)) == [
            "7 天内（2026-06-09 至 2026-06-15）检查 21 次，可访问 0 次，无法访问 21 次。",
            "首次：2026-06-09 02:00 无法访问（域名 a.test 无法解析）；"
            "末次：2026-06-15 18:00 无法访问（服务器没有及时响应）。",
            "未能看到首页的原因：域名 a.test 无法解析 18 次；服务器没有及时响应 3 次。",
            "已达到认定网站无法访问的标准（无法访问的次数不少于 5%）：某办法第三条。",
        ]
    with i18n.in_language("en"):
        assert not set("（），；").intersection("".join(availability_text.lines(found)))


def test_what_a_page_of_maintenance_leaves_open_is_not_put_on_our_network_alone(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "h.sqlite3") as history:
        told = history.availability([SITE], until=fed(history, "mm"))["a"]
    with i18n.in_language("zh"):
        figures = next(availability_text.lines(told))
    assert "可访问 0 次，无法访问 0 次，不能确定 2 次" in figures
    assert "显示的是访问验证、维护等页面" in figures


def test_checks_of_before_the_days_and_of_after_the_moment_do_not_count(tmp_path: Path) -> None:
    assert counts(told(tmp_path, "D" * 3 + "+" * 21)) == (21, 0, 0)
    assert counts(told(tmp_path, "D" * 21, days=2)) == (0, 6, 0)
    assert counts(told(tmp_path, "D" * 21, later=timedelta(days=3))) == (0, 12, 0)
    assert counts(told(tmp_path, "D" * 21, later=-timedelta(days=6))) == (0, 3, 0)


@pytest.mark.parametrize(
    ("plan", "enough", "reached"),
    [
        ("+" * 20 + "D", True, False),  # 1 of 21 is 4.8 per cent
        ("+" * 19 + "D", True, True),  # 1 of 20 is 5
        ("+" * 18 + "D", False, False),
        ("+" * 20, True, False),
        ("l" * 21, False, False),
        ("D" * 19 + "ll", False, False),  # what tells nothing is no check
    ],
)
def test_the_threshold_is_reached_at_its_share_of_enough_checks(
    tmp_path: Path, plan: str, *, enough: bool, reached: bool
) -> None:
    found = told(tmp_path, plan, threshold=WEEK)
    assert (found.is_enough, found.is_reached) == (enough, reached)
    word = "已达到" if reached else "未达到" if enough else "检查次数不足"
    with i18n.in_language("zh"):
        assert list(availability_text.lines(found))[-1].startswith(word)


def test_a_threshold_may_ask_for_so_many_checks_on_each_day(tmp_path: Path) -> None:
    three = Threshold(days=7, checks=1, share=5, source="x", per_day=3)
    assert told(tmp_path, "D" * 21, threshold=three).is_reached
    # One of them on the last day told nothing.
    assert not told(tmp_path, "D" * 20 + "b", threshold=three).is_enough


def test_without_a_threshold_nothing_is_said_to_be_reached(tmp_path: Path) -> None:
    found = told(tmp_path, "D" * 100)
    assert not found.is_reached
    with i18n.in_language("zh"):
        assert len(list(availability_text.lines(found))) == 3


def test_a_threshold_has_a_source() -> None:
    with pytest.raises(InvalidValueError, match="source is empty"):
        Threshold(days=7, checks=1, share=5, source=" ")


@pytest.mark.parametrize(
    ("what", "found"),
    [
        *(("+", Found.REACHED), ("D", Found.DOWN), ("T", Found.DOWN), ("5", Found.DOWN)),
        *(("4", Found.DOWN), ("3", Found.UNTOLD), ("g", Found.UNTOLD), ("s", Found.UNTOLD)),
        *(("l", Found.UNTOLD), ("p", Found.UNTOLD), ("b", Found.UNTOLD)),
    ],
)
def test_only_what_is_the_sites_own_counts_against_it(
    tmp_path: Path, what: str, found: Found
) -> None:
    assert [check.found for check in told(tmp_path, what).checks] == [found]


def test_one_witness_that_gets_there_is_enough_and_all_must_be_sure_that_it_is_down(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "h.sqlite3") as history:
        for number, pair in enumerate(("D+", "Dl", "DT")):
            at = NIGHT + timedelta(hours=number)
            history.save(run_at(at, *(seen(one, at) for one in pair)))
        found = history.availability([SITE], until=NIGHT + timedelta(days=1))["a"]
    assert counts(found) == (1, 1, 1)


def test_in_a_suspect_run_not_seeing_tells_nothing_and_seeing_does(tmp_path: Path) -> None:
    suspect = {"suspicions": (said("our network"),)}
    with opened(tmp_path / "h.sqlite3") as history:
        for number, what in enumerate("D+D"):
            at = NIGHT + timedelta(hours=number)
            history.save(run_at(at, seen(what, at), **(suspect if number < 2 else {})))
        found = history.availability([SITE], until=NIGHT + timedelta(days=1))["a"]
    assert [check.found for check in found.checks] == [Found.UNTOLD, Found.REACHED, Found.DOWN]


def test_a_check_that_later_runs_carry_or_judge_anew_counts_once(tmp_path: Path) -> None:
    first = run_at(NIGHT, seen("D", NIGHT))
    later = run_at(NIGHT + timedelta(days=1), seen("D", NIGHT), carries=first.id)
    judged = run_at(NIGHT, seen("D", NIGHT), id="20260608T190000.000000Z", judges=first.id)
    with opened(tmp_path / "h.sqlite3") as history:
        for one in (first, later, judged):
            history.save(one)
        found = history.availability([SITE], until=NIGHT + timedelta(days=2))["a"]
    assert counts(found) == (0, 1, 0)


def test_checks_of_another_address_are_none_of_this_one(tmp_path: Path) -> None:
    moved = SITE.model_copy(update={"url": "http://new.a.test/"})
    with opened(tmp_path / "h.sqlite3") as history:
        until = fed(history, "DD")
        assert history.availability([moved], until=until)["a"].checks == ()
        secret = SITE.model_copy(update={"url": "http://me:word@a.test/"})
        assert len(history.availability([secret], until=until)["a"].checks) == 2
