"""A unit under its requirements: waivers, several looks, and what is worth another look."""

from __future__ import annotations

from datetime import date

import pytest

from support.pages import blind, code, link, page
from support.requirements import (
    PORTAL,
    RESOLVING,
    RIGHT_LINK,
    SHORT,
    TARGET,
    WECHAT,
    WEIBO,
    in_comment,
    led,
)
from ycaudit.model import Outcome, Sense, Target, Visibility, Waiver
from ycaudit.rules.judge import Unit, agree


def test_a_waiver_excuses_until_its_day_and_is_marked() -> None:
    waiver = Waiver(
        unit="u", requirement="portal", reason="迁站", approved_by="王", until="2026-06-15"
    )
    assert waiver.holds(date(2026, 6, 15))
    assert not waiver.holds(date(2026, 6, 16))
    target = Target(id="u", name="u", url="http://unit.test/")
    unit = Unit(target=target, requirements=(PORTAL,), waivers=(waiver,))
    verdict = unit.judge(page())[0]
    assert verdict.outcome is Outcome.WAIVED
    assert "迁站" in verdict.reason


def test_a_later_look_settles_doubt_and_a_disputed_pass_is_nobodys_certainty() -> None:
    there, gone = PORTAL.judge(page(RIGHT_LINK)), PORTAL.judge(page())
    doubt = PORTAL.judge(page(blind(Sense.LINK)))
    hidden = PORTAL.judge(page(link("http://www.yichang.gov.cn/", visible=Visibility.HIDDEN)))
    assert agree(doubt, there).outcome == "pass"
    assert agree(doubt, gone).outcome == "fail"
    assert agree(there, doubt).outcome == "pass"
    assert agree(gone, doubt).outcome == "fail"
    assert agree(gone, there).outcome == "pass"
    assert agree(there, gone).outcome == "undetermined"
    assert agree(there, hidden).outcome == "undetermined"


def test_only_doubts_that_looking_can_settle_ask_for_another_look() -> None:
    target = Target(id="u", name="u", url="http://unit.test/")
    unpinned = WECHAT.model_copy(update={"accept": ()})
    unit = Unit(target=target, requirements=(PORTAL, unpinned))
    full = page(RIGHT_LINK)
    assert not unit.worth_another_look(full, unit.judge(full))
    partial = page(RIGHT_LINK, blind(Sense.QR_CODE))
    assert unit.in_doubt(partial, unit.judge(partial)) == {Sense.QR_CODE}
    assert not unit.worth_another_look(page(), unit.judge(page()))  # a fail is no doubt


def test_only_what_could_settle_something_is_followed_the_labelled_first() -> None:
    observation = page(
        code("http://t.cn/a"),
        code("http://weibo.com/u/6666666666"),
        code(SHORT, "官方微博"),
        led("http://t.cn/known", "http://t.cn/known"),
    )
    unit = Unit(target=TARGET, requirements=(RESOLVING,))
    assert unit.to_follow(observation, unit.judge(observation)) == (SHORT, "http://t.cn/a")
    settled = page(code("http://weibo.com/u/1999404300"), code(SHORT))
    assert unit.to_follow(settled, unit.judge(settled)) == ()
    plain = Unit(target=TARGET, requirements=(WEIBO,))
    assert plain.to_follow(observation, plain.judge(observation)) == ()


def test_what_another_requirement_asks_for_is_called_by_its_name() -> None:
    unit = Unit(target=TARGET, requirements=(PORTAL, WECHAT))
    _, wechat = unit.judge(page(RIGHT_LINK, code("http://www.yichang.gov.cn/", "微信")))
    assert str(wechat.near[0].note) == "is what 中国·宜昌网 asks for, not 宜昌发布"


def test_what_only_one_of_two_looks_would_tell_is_kept() -> None:
    first = PORTAL.judge(page(in_comment(RIGHT_LINK)))
    second = PORTAL.judge(page(link("http://www.yichang.gov.cn/a/b.html")))
    both = agree(first, second)
    assert [e.value for e in both.near] == [
        "http://www.yichang.gov.cn/a/b.html",
        "http://www.yichang.gov.cn/",
    ]


@pytest.mark.parametrize("network", ["10.0.0.0/33", "x", "10.0.0.1/8"])
def test_a_network_that_is_none_is_told(network: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        Target(id="u", name="u", url="http://u.test/", intranet=(network,))
    assert Target(id="u", name="u", url="http://u.test/", intranet=("10.0.0.0/8", "fd00::/8"))
