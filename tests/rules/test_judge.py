"""A unit under its requirements: waivers, several looks, and what is worth another look."""

from __future__ import annotations

from datetime import date

import pytest

from support.pages import blind, code, link, page, said, unseen
from support.requirements import (
    PORTAL,
    RESOLVING,
    RIGHT_CODE,
    RIGHT_LINK,
    SHORT,
    TARGET,
    WECHAT,
    WEIBO,
    in_comment,
    led,
)
from ycaudit.model import Observation, Outcome, Sense, Target, Visibility, Waiver
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.matchers import Accept
from ycaudit.rules.qr import QrRequirement


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


def test_of_two_waivers_the_later_day_counts() -> None:
    days = ("2027-06-15", "2026-06-15")
    waivers = tuple(
        Waiver(unit="u", requirement="portal", reason="迁站", approved_by="王", until=day)
        for day in days
    )
    target = Target(id="u", name="u", url="http://unit.test/")
    for order in (waivers, waivers[::-1]):
        unit = Unit(target=target, requirements=(PORTAL,), waivers=order)
        assert "2027-06-15" in unit.judge(page())[0].reason


THERE, GONE = page(RIGHT_LINK), page(link("http://other.test/"))
DOUBT = page(link("http://other.test/"), blind(Sense.LINK))
HIDDEN = page(link("http://www.yichang.gov.cn/", visible=Visibility.HIDDEN))
SHUT_OUT = unseen("timeout")


def by(observer: str, observation: Observation) -> Observation:
    return observation.model_copy(update={"observer": observer})


def outcome_of(*observations: Observation, requirement: LinkRequirement = PORTAL) -> str:
    """What these looks say together."""
    unit = Unit(target=TARGET, requirements=(requirement,))
    return unit.conclude(observations)[0].outcome


@pytest.mark.parametrize("observer", ["browser", "static"])
def test_one_sure_glimpse_is_presence_and_two_full_sights_are_absence(observer: str) -> None:
    there, gone, doubt, hidden = (by(observer, o) for o in (THERE, GONE, DOUBT, HIDDEN))
    assert outcome_of(there) == "pass"
    assert outcome_of(gone) == "undetermined"
    assert outcome_of(gone, gone) == "fail"
    assert outcome_of(gone, doubt) == "undetermined"
    assert outcome_of(gone, doubt, gone) == "fail"
    assert outcome_of(doubt, there) == outcome_of(gone, there) == outcome_of(there, gone) == "pass"
    assert outcome_of(hidden, hidden) == "undetermined"


def test_what_the_screen_could_not_tell_the_markup_never_decides() -> None:
    there, gone, doubt = (by("static", o) for o in (THERE, GONE, DOUBT))
    painted_gone, painted_doubt = by("browser", GONE), by("browser", DOUBT)
    assert outcome_of(painted_doubt, gone, gone) == "undetermined"
    assert outcome_of(painted_doubt, there) == "undetermined"
    assert outcome_of(painted_gone, there, painted_gone) == "fail"
    assert outcome_of(painted_gone, gone, gone) == "undetermined"
    assert outcome_of(by("browser", THERE), gone, gone) == "pass"
    assert outcome_of(painted_doubt, doubt) == "undetermined"


def test_where_the_browser_was_shut_out_the_markup_may_acquit_and_never_accuses() -> None:
    shut_out = by("browser", SHUT_OUT)
    assert outcome_of(shut_out, by("static", THERE)) == "pass"
    assert outcome_of(shut_out, by("static", GONE), by("static", GONE)) == "undetermined"


def test_what_must_not_be_there_is_an_accusation_only_when_it_is_painted() -> None:
    forbidden = PORTAL.model_copy(update={"expect": "absent"})
    assert outcome_of(by("browser", THERE), requirement=forbidden) == "fail"
    assert outcome_of(by("static", THERE), requirement=forbidden) == "undetermined"
    assert outcome_of(by("browser", GONE), requirement=forbidden) == "pass"
    shut_out = by("browser", SHUT_OUT)
    assert outcome_of(shut_out, by("static", GONE), requirement=forbidden) == "undetermined"


def test_a_verdict_says_which_witness_it_rests_on() -> None:
    unit = Unit(target=TARGET, requirements=(PORTAL,))
    looks = by("browser", SHUT_OUT), by("static", THERE)
    assert [v.basis for v in unit.conclude(looks)] == ["sent"]
    assert [v.basis for v in unit.conclude((by("browser", GONE), *looks))] == ["painted"]


@pytest.mark.parametrize(
    ("looks", "is_open"),
    [
        ([by("browser", GONE), by("static", GONE)], True),
        ([by("browser", GONE), by("static", GONE), by("browser", GONE)], False),
        ([by("browser", GONE), by("static", GONE), by("browser", DOUBT)], True),
        ([by("browser", THERE)], False),
        ([by("browser", DOUBT), by("static", GONE)], False),
        ([by("browser", unseen("crash", code="browser_gave_up")), by("static", GONE)], True),
        ([by("browser", SHUT_OUT), by("static", GONE)], False),
        ([by("static", GONE)], True),
    ],
)
def test_a_fail_by_one_sight_and_a_browser_that_died_ask_for_one_more(
    looks: list[Observation], is_open: bool
) -> None:
    assert Unit(target=TARGET, requirements=(PORTAL,)).unconfirmed(looks) is is_open


def test_only_doubts_that_looking_can_settle_ask_for_another_look() -> None:
    target = Target(id="u", name="u", url="http://unit.test/")
    unpinned = WECHAT.model_copy(update={"accept": ()})
    unit = Unit(target=target, requirements=(PORTAL, unpinned))
    full = page(RIGHT_LINK)
    assert not unit.worth_another_look(full, unit.judge(full))
    partial = page(RIGHT_LINK, blind(Sense.QR_CODE))
    assert unit.in_doubt(partial, unit.judge(partial)).senses == {Sense.QR_CODE}
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


APP = QrRequirement(
    id="app", name="云上宜昌", kind="qr", accept=[{"payload": "http://app.test/get"}]
)


@pytest.mark.parametrize("lost", [None, said("it is down")])
def test_a_code_that_is_known_as_what_another_requirement_asks_for_leaves_no_doubt(
    lost: Reason | None,
) -> None:
    unit = Unit(target=TARGET, requirements=(APP, RESOLVING))
    shown = page(led("http://app.test/get", unresolved=lost), code("http://weibo.com/u/6666666666"))
    verdicts = unit.judge(shown)
    assert [v.outcome for v in verdicts] == ["pass", "fail"]
    assert unit.to_follow(shown, verdicts) == ()
    alone = Unit(target=TARGET, requirements=(RESOLVING,))
    assert alone.judge(shown)[0].outcome == "undetermined"


@pytest.mark.parametrize(
    "mine",
    [
        {"payload": "https://app.test/get"},  # the same but for its scheme
        {"payload": "http://app.test/get", "verified": False},
        {"weibo": {"uid": "1999404300"}},  # the short link may be of this account, too
    ],
)
def test_a_code_of_another_requirement_that_may_be_this_one_too_stays_in_doubt(
    mine: dict[str, object],
) -> None:
    payload = SHORT if "weibo" in mine else "http://app.test/get"
    known = {"payload": payload}
    proof = {"payload": "http://b.test/"}
    a, b = (
        QrRequirement.model_validate({"id": name, "name": name, "kind": "qr", "accept": accept})
        for name, accept in (("a", [known]), ("b", [mine, proof]))
    )
    verdicts = Unit(target=TARGET, requirements=(a, b)).judge(page(code(payload)))
    assert [v.outcome for v in verdicts] == ["pass", "undetermined"]


def test_the_code_of_one_account_leaves_no_doubt_about_another_of_the_same_platform() -> None:
    program, account = "https://mp.weixin.qq.com/a/~mini~~", "http://weixin.qq.com/r/ACCOUNT"
    a, b = (
        QrRequirement(id=name, name=name, kind="qr", accept=[{"payload": payload}])
        for name, payload in (("a", program), ("b", account))
    )
    shown = page(code(program))
    assert [v.outcome for v in Unit(target=TARGET, requirements=(a, b)).judge(shown)] == [
        "pass",
        "fail",
    ]
    assert Unit(target=TARGET, requirements=(b,)).judge(shown)[0].outcome == "undetermined"


def test_a_form_that_many_codes_have_identifies_none_of_them() -> None:
    many = APP.model_copy(update={"accept": (Accept(host="app.test"),)})
    unit = Unit(target=TARGET, requirements=(many, RESOLVING))
    assert unit.judge(page(code("http://app.test/get")))[1].outcome == "undetermined"


def test_the_label_that_fits_best_decides_whose_name_a_code_has() -> None:
    both = (
        {"labels": ["宜昌发布", "微博"]},
        {"labels": ["宜昌发布", "微信"], "name": "宜昌发布微信"},
    )
    weibo, wechat = (r.model_copy(update=u) for r, u in zip((WEIBO, WECHAT), both, strict=True))
    unit = Unit(target=TARGET, requirements=(weibo, wechat))
    shown = page(code("http://weixin.qq.com/r/OTHER", "宜昌发布微信"))
    mine, theirs = unit.judge(shown)
    assert [e.note.code for e in mine.near if e.note] == ["other_code"]
    assert [e.note.code for e in theirs.near if e.note] == ["other_code_labelled"]


def test_a_code_that_passes_under_the_name_of_another_is_remarked() -> None:
    wechat = WECHAT.model_copy(update={"name": "宜昌发布微信", "labels": ("宜昌发布", "微信")})
    weibo = WEIBO.model_copy(update={"labels": ("宜昌发布", "微博")})
    unit = Unit(target=TARGET, requirements=(weibo, wechat))

    def remark(label: str) -> str:
        verdict = unit.judge(page(code("https://weibo.com/u/1999404300", label)))[0]
        assert verdict.outcome == "pass"
        return str(verdict.evidence[0].note or "")

    assert remark("宜昌发布微信") == remark("微信") == "its caption says 宜昌发布微信"
    for label in ("宜昌发布微博", "微博 宜昌发布微信", "宜昌发布", "", "扫一扫"):
        assert remark(label) == ""


def test_a_link_that_is_right_for_another_site_is_no_near_miss() -> None:
    school = LinkRequirement(
        id="s", name="教育云", kind="link", accept=[{"host": "www.yichang.cn"}]
    )
    unit = Unit(target=TARGET, requirements=(PORTAL, school))
    portal, _ = unit.judge(page(link("http://www.yichang.cn/", "教育云")))
    assert portal.near == ()
    portal, _ = unit.judge(page(link("http://www.yichang.cn/", PORTAL.name)))
    assert str(portal.near[0].note) == f"is what 教育云 asks for, not {PORTAL.name}"
    forbids = school.model_copy(update={"expect": "absent"})
    portal, _ = Unit(target=TARGET, requirements=(PORTAL, forbids)).judge(
        page(link("http://www.yichang.cn/", "教育云"))
    )
    assert [e.note.code for e in portal.near if e.note] == ["lookalike_host"]


def test_what_only_one_of_two_looks_would_tell_is_kept() -> None:
    first = by("browser", page(link("http://www.yichang.gov.cn/a/b.html")))
    second = by("static", page(in_comment(RIGHT_LINK)))
    (verdict,) = Unit(target=TARGET, requirements=(PORTAL,)).conclude((first, second))
    assert [e.value for e in verdict.near] == [
        "http://www.yichang.gov.cn/a/b.html",
        "http://www.yichang.gov.cn/",
    ]


def test_what_the_markup_alone_has_of_what_the_screen_lacks_comes_near() -> None:
    unit = Unit(target=TARGET, requirements=(WECHAT,))
    late = by("static", page(RIGHT_CODE.model_copy(update={"visible": Visibility.HIDDEN})))
    screen = by("browser", page(code("http://a.test/")))
    (verdict,) = unit.conclude((late, screen, screen))
    assert verdict.outcome is Outcome.FAIL
    assert [(e.value, e.note.code) for e in verdict.near if e.note] == [
        (RIGHT_CODE.payload, "only_in_markup"),
        ("http://a.test/", "other_code"),
    ]


def test_of_a_link_that_led_there_it_is_not_told_that_it_leads_to_a_page_of_this_site() -> None:
    unit = Unit(target=TARGET, requirements=(PORTAL,))
    jump = page(link("http://u.test/go", PORTAL.name), link("http://x.test/", "宜昌网 中国·宜昌网"))
    there = page(link("http://www.yichang.gov.cn/", PORTAL.name))
    looks = (by("static", jump.model_copy(update={"final_url": TARGET.url})), by("browser", there))
    (verdict,) = unit.conclude(looks)
    assert verdict.outcome is Outcome.PASS
    assert [e.value for e in verdict.near] == ["http://x.test/"]


@pytest.mark.parametrize("network", ["10.0.0.0/33", "x", "10.0.0.1/8"])
def test_a_network_that_is_none_is_told(network: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        Target(id="u", name="u", url="http://u.test/", intranet=(network,))
    assert Target(id="u", name="u", url="http://u.test/", intranet=("10.0.0.0/8", "fd00::/8"))
