"""The weighing: presence from a glimpse, absence only from full sight."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.pages import blind, code, link, page, said, unseen
from ycaudit.model import (
    BlindSpot,
    Link,
    Outcome,
    QrCode,
    Sense,
    Target,
    Visibility,
    Waiver,
)
from ycaudit.rules.judge import Unit, agree
from ycaudit.rules.matchers import Accept
from ycaudit.rules.requirements import LinkRequirement, QrRequirement

PORTAL = LinkRequirement(
    id="portal",
    name="中国·宜昌网",
    kind="link",
    accept=[{"host": ["www.yichang.gov.cn"], "path": "root"}],
)
WECHAT = QrRequirement(
    id="wechat",
    name="宜昌发布",
    kind="qr",
    labels=["微信"],
    accept=[
        {"payload": "http://weixin.qq.com/r/RIGHT", "source": "a test", "verified": "2026-01-01"}
    ],
)
RIGHT_LINK = link("http://www.yichang.gov.cn/")
RIGHT_CODE = code("http://weixin.qq.com/r/RIGHT")


def outcome(
    requirement: LinkRequirement | QrRequirement, *things: Link | QrCode | BlindSpot
) -> str:
    return requirement.judge(page(*things)).outcome


def test_a_homepage_that_could_not_be_seen_is_never_judged() -> None:
    verdict = PORTAL.judge(unseen("timeout"))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "no address" in verdict.reason


def test_what_is_there_passes_even_beside_blind_spots() -> None:
    assert outcome(PORTAL, RIGHT_LINK, blind(*Sense)) == "pass"
    assert outcome(WECHAT, RIGHT_CODE, blind(*Sense)) == "pass"


def test_what_is_missing_fails_only_from_full_sight() -> None:
    assert outcome(PORTAL, link("http://other.test/")) == "fail"
    assert outcome(PORTAL, link("http://other.test/"), blind(Sense.LINK)) == "undetermined"


def test_a_lost_image_casts_doubt_on_codes_and_not_on_links() -> None:
    lost = blind(Sense.IMAGE, Sense.QR_CODE)
    assert outcome(PORTAL, lost) == "fail"
    assert outcome(WECHAT, lost) == "undetermined"


def test_what_must_be_absent_reads_the_same_search_the_other_way_round() -> None:
    absent = PORTAL.model_copy(update={"expect": "absent"})
    assert outcome(absent, RIGHT_LINK) == "fail"
    assert outcome(absent) == "pass"
    assert outcome(absent, blind(Sense.LINK)) == "undetermined"


@pytest.mark.parametrize(
    ("policy", "visible", "expected"),
    [
        ("expected", Visibility.ON_HOVER, "pass"),
        ("expected", Visibility.HIDDEN, "undetermined"),
        ("expected", Visibility.UNSURE, "undetermined"),
        ("required", Visibility.HIDDEN, "fail"),
        ("required", Visibility.UNSURE, "undetermined"),
        ("any", Visibility.HIDDEN, "pass"),
    ],
)
def test_what_is_never_shown_does_not_count_as_shown(
    policy: str, visible: Visibility, expected: str
) -> None:
    requirement = PORTAL.model_copy(update={"visible": policy})
    assert outcome(requirement, link("http://www.yichang.gov.cn/", visible=visible)) == expected


def test_a_requirement_without_a_verified_payload_neither_passes_nor_fails() -> None:
    unpinned = WECHAT.model_copy(update={"accept": ()})
    unverified = WECHAT.model_copy(
        update={"accept": (Accept(payload="http://weixin.qq.com/r/RIGHT", verified=False),)}
    )
    for requirement in (unpinned, unverified):
        assert outcome(requirement) == "undetermined"
        assert outcome(requirement, RIGHT_CODE) == "undetermined"


def test_a_partly_pinned_requirement_passes_but_does_not_fail_beside_another_code() -> None:
    partly = WECHAT.model_copy(update={"exhaustive": False})
    assert outcome(partly, RIGHT_CODE) == "pass"
    assert outcome(partly, code("http://qr.weibo.cn/g/short")) == "undetermined"
    assert outcome(partly) == "fail"


def test_an_address_that_was_not_followed_casts_doubt_where_the_rule_asks_to_follow() -> None:
    follows = WECHAT.model_copy(update={"resolve": True})
    assert outcome(follows, code("http://qr.weibo.cn/g/short")) == "undetermined"
    led = code("http://qr.weibo.cn/g/short").model_copy(
        update={"leads_to": ("http://weixin.qq.com/r/RIGHT",)}
    )
    assert outcome(follows, led) == "pass"
    assert outcome(WECHAT, led) == "fail"


def test_a_jump_page_of_the_own_site_may_lead_there() -> None:
    own = link("http://unit.test/jump?url=http://www.yichang.gov.cn/")
    foreign = link("http://evil.test/?u=http://www.yichang.gov.cn/")
    assert outcome(PORTAL, own) == "undetermined"
    assert outcome(PORTAL, foreign) == "fail"


@pytest.mark.parametrize(
    "href",
    [
        "http://www.yichang.gov.cn",
        "https://WWW.YICHANG.GOV.CN/",
        "http://www.yichang.gov.cn:80/index.html?from=unit#top",
        "http://www.yichang.gov.cn./",
        " http://www.yichang.gov.cn/ ",
        "http://ｗｗｗ.yichang.gov.cn/",
        "http://www%2Eyichang.gov.cn/",
        "http://user@www.yichang.gov.cn/",
        "http:\\\\www.yichang.gov.cn\\",
    ],
)
def test_every_spelling_that_a_browser_takes_to_the_portal_is_the_portal(href: str) -> None:
    assert outcome(PORTAL, link(href)) == "pass"


@pytest.mark.parametrize(
    "href",
    [
        "http://www.yichang.gov.cn/art/2020/1.html",
        "http://jyj.yichang.gov.cn/",
        "http://www.yichang.gov.cn.evil.test/",
        "http://www.yichang.gov.cn@evil.test/",
        "http://evil.test/www.yichang.gov.cn/",
        "http://evil.test/#http://www.yichang.gov.cn/",
        "http://wwwyichang.gov.cn/",
        "ftp://www.yichang.gov.cn/",
    ],
)
def test_lookalikes_and_articles_are_not_the_portal(href: str) -> None:
    assert outcome(PORTAL, link(href)) == "fail"


def test_a_fail_tells_what_was_there_instead() -> None:
    things = (
        link("http://www.yichang.gov.cn/news/1.html", "要闻"),
        link("http://other.test/", "中国·宜昌网"),
        link("http://wwwyichang.gov.cn/", "门户"),
        link("http://www.yichang.gov.cn/art/1.html", "中国·宜昌网"),
    )
    verdict = PORTAL.judge(page(*things))
    assert [e.value for e in verdict.near] == [things[i].href for i in (3, 2, 1, 0)]
    assert "another page of the site" in str(verdict.near[0].note)
    other = WECHAT.judge(page(code("http://a.test/"), code("http://b.test/", "官方微信")))
    assert [e.value for e in other.near] == ["http://b.test/", "http://a.test/"]


def test_path_and_query_name_the_account_together() -> None:
    accept = Accept(host=["m.weibo.cn"], path="/u/1999404300")
    assert accept.matches("https://m.weibo.cn/u/1999404300?from=x")
    assert not accept.matches("https://m.weibo.cn/u/7?uid=1999404300")
    subset = Accept(host=["weibo.cn"], path="/qr/userinfo", query={"uid": "1"})
    assert subset.matches("http://weibo.cn/qr/userinfo?featurecode=newtitle&uid=1")
    assert not subset.matches("http://weibo.cn/qr/userinfo?uid=12")


def test_globs_ports_and_schemes_narrow_what_is_accepted() -> None:
    assert Accept(host=["a.test"], path="/app/*").matches("http://a.test/app/x/y")
    assert not Accept(host=["a.test"], path="/app/*").matches("http://a.test/app")
    assert Accept(host=["a.test"], port=80).matches("http://a.test/")
    assert not Accept(host=["a.test"], port=80).matches("http://a.test:8080/")
    assert not Accept(host=["a.test"], scheme=["https"]).matches("http://a.test/")


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


THINGS = st.lists(
    st.sampled_from(
        [
            RIGHT_LINK,
            RIGHT_CODE,
            link("http://other.test/"),
            code("http://other.test/"),
            blind(Sense.LINK),
            blind(Sense.QR_CODE),
            link("http://www.yichang.gov.cn/", visible=Visibility.HIDDEN),
        ]
    ),
    max_size=8,
)


@given(THINGS, st.sampled_from([PORTAL, WECHAT]))
def test_adding_the_required_thing_always_passes(
    things: list[Link | QrCode | BlindSpot], requirement: LinkRequirement | QrRequirement
) -> None:
    assert outcome(requirement, *things, RIGHT_LINK, RIGHT_CODE) == "pass"


@given(THINGS, st.sampled_from([PORTAL, WECHAT]))
def test_hiding_something_never_turns_undetermined_or_fail_into_pass(
    things: list[Link | QrCode | BlindSpot], requirement: LinkRequirement | QrRequirement
) -> None:
    before = outcome(requirement, *things)
    assert not (outcome(requirement, *things, blind(*Sense)) == "pass" != before)


@given(st.text(max_size=200))
def test_no_text_can_break_the_comparison(text: str) -> None:
    assert Accept(host=["a.test"], path="root", query={"q": "1"}).matches(text) in (True, False)
    assert Accept(payload="http://a.test/").matches(text) in (True, False)


# --- whose code ---

TARGET = Target(id="u", name="单位", url="http://u.test/")

WEIBO = QrRequirement(
    id="weibo",
    name="宜昌发布微博",
    kind="qr",
    labels=["微博"],
    exhaustive=False,
    accept=[{"weibo": {"uid": "1999404300"}}],
)


@pytest.mark.parametrize(
    "payload",
    [
        "http://weibo.com/u/1999404300?is_all=1",
        "https://weibo.cn/qr/userinfo?uid=1999404300",
        "https://m.weibo.cn/u/1999404300?uid=6666666666",  # the path is the account
        "HTTP://M.Weibo.CN:80/u/1999404300/",
    ],
)
def test_an_account_of_weibo_is_known_by_every_form_that_names_it(payload: str) -> None:
    assert outcome(WEIBO, code(payload)) == "pass"


@pytest.mark.parametrize(
    "payload",
    [
        "http://weibo.com/u/6666666666",
        "https://m.weibo.cn/u/6666666666?uid=1999404300",
        "http://weixin.qq.com/r/Lx3fx5PEi870rdek90g9",
        "https://a.app.qq.com/o/simple.jsp?pkgname=x",
    ],
)
def test_a_code_that_names_another_account_is_no_doubt(payload: str) -> None:
    assert outcome(WEIBO, code(payload)) == "fail"


@pytest.mark.parametrize(
    "payload",
    [
        "http://qr.weibo.cn/g/5aBcDe",
        "http://t.cn/Rabcdef",
        "https://weibo.cn/qr/userinfo?uid=6666666666&uid=1999404300",
    ],
)
def test_a_code_that_does_not_say_whose_it_is_stays_in_doubt(payload: str) -> None:
    assert outcome(WEIBO, code(payload)) == "undetermined"


def test_a_code_of_wechat_is_the_same_by_http_and_https_and_other_codes_prove_nothing() -> None:
    accept = [{"wechat": {"code": "r/RIGHT"}}]
    wechat = QrRequirement(id="w", name="微信", kind="qr", exhaustive=False, accept=accept)
    assert outcome(wechat, code("https://weixin.qq.com/r/RIGHT")) == "pass"
    assert outcome(wechat, code("http://weixin.qq.com/q/RIGHT")) == "undetermined"
    assert outcome(wechat, code("http://weibo.com/u/1999404300")) == "fail"
    with pytest.raises(ValueError, match=r"r/… or q/…"):
        Accept(wechat={"code": "x y"})


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ("https://app.test/d?from=qr", "http or https"),
        ("http://app.test/d/?from=qr", "the slash at its end"),
        ("http://app.test/D?from=qr", "upper and lower case"),
    ],
)
def test_what_differs_in_next_to_nothing_is_neither_pass_nor_fail(seen: str, why: str) -> None:
    app = QrRequirement(
        id="a", name="应用", kind="qr", accept=[{"payload": "http://app.test/d?from=qr"}]
    )
    verdict = app.judge(page(code(seen)))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert why in verdict.reason


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://App.Test:80/%7Ea/%e4%ba%91?x=%41", "http://app.test/~a/云?x=A", True),
        ("http://app.test", "http://app.test/", True),
        ("http://app.test/a%2Fb", "http://app.test/a/b", False),
        ("http://app.test/a#x", "http://app.test/a#y", False),
        ("http://app.test/a?x=1%262", "http://app.test/a?x=1&2", False),
        ("http://app.test:8080/", "http://app.test/", False),
    ],
)
def test_addresses_are_compared_as_what_they_are(one: str, other: str, same: bool) -> None:
    assert Accept(payload=one).matches(other) is same
    assert Accept(payload=other).matches(one) is same


# --- where codes lead ---


def led(payload: str, *hops: str, unresolved: str | None = None) -> QrCode:
    return code(payload).model_copy(update={"leads_to": hops, "unresolved": unresolved})


RESOLVING = QrRequirement.model_validate({**WEIBO.model_dump(), "resolve": True})
SHORT = "http://qr.weibo.cn/g/5aBcDe"


def test_a_short_link_counts_by_where_it_leads_where_the_rules_say_so() -> None:
    right = led(SHORT, SHORT, "https://m.weibo.cn/u/1999404300")
    assert outcome(RESOLVING, right) == "pass"
    assert outcome(WEIBO, right) == "undetermined"


def test_a_short_link_that_leads_elsewhere_is_an_answer() -> None:
    assert outcome(RESOLVING, led(SHORT, SHORT, "https://m.weibo.cn/u/6666666666")) == "fail"
    assert outcome(RESOLVING, led(SHORT, SHORT, "http://shop.test/")) == "fail"


def test_what_could_not_be_followed_or_was_not_asked_is_doubt() -> None:
    assert outcome(RESOLVING, code(SHORT)) == "undetermined"
    verdict = RESOLVING.judge(page(led(SHORT, SHORT, unresolved=said("it timed out"))))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "it timed out" in verdict.reason


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


def test_a_link_counts_by_where_it_leads_where_the_rules_say_so() -> None:
    portal = LinkRequirement.model_validate({**PORTAL.model_dump(), "resolve": True})
    jump = link("http://me.test/go?id=7").model_copy(
        update={"leads_to": ("http://me.test/go?id=7", "http://www.yichang.gov.cn/")}
    )
    assert outcome(portal, jump) == "pass"
    assert outcome(PORTAL, jump) == "fail"
    away = jump.model_copy(update={"leads_to": ("http://elsewhere.test/",)})
    assert outcome(portal, away) == "fail"
    assert outcome(portal, away, link("http://not.asked.test/")) == "undetermined"


# --- what was there instead ---


def notes(requirement: LinkRequirement | QrRequirement, *things: Link | QrCode) -> list[str]:
    return [str(evidence.note) for evidence in requirement.judge(page(*things)).near]


def test_what_the_rules_know_as_a_mistake_is_told_first_and_is_no_doubt() -> None:
    mistake = {"payload": "http://old.test/app", "note": "旧版客户端"}
    app = QrRequirement(
        id="a",
        name="应用",
        kind="qr",
        exhaustive=False,
        accept=[{"payload": "http://new.test/app"}],
        mistakes=[mistake],
    )
    assert outcome(app, code("http://old.test/app", "应用")) == "fail"
    assert notes(app, code("http://other.test/", "应用"), code("http://old.test/app"))[0] == (
        "旧版客户端"
    )


def test_what_another_requirement_asks_for_is_called_by_its_name() -> None:
    unit = Unit(target=TARGET, requirements=(PORTAL, WECHAT))
    _, wechat = unit.judge(page(RIGHT_LINK, code("http://www.yichang.gov.cn/", "微信")))
    assert str(wechat.near[0].note) == "is what 中国·宜昌网 asks for, not 宜昌发布"


def in_comment(thing: Link | QrCode) -> Link | QrCode:
    where = thing.where.model_copy(update={"origin": "comment"})
    return thing.model_copy(update={"where": where, "visible": Visibility.HIDDEN})


def test_what_stands_in_a_comment_is_absent_and_told() -> None:
    for requirement, thing in ((PORTAL, RIGHT_LINK), (WECHAT, RIGHT_CODE)):
        verdict = requirement.judge(page(in_comment(thing)))
        assert verdict.outcome is Outcome.FAIL
        assert "the homepage has no " in verdict.reason
        assert "only in a comment" in str(verdict.near[0].note)


def test_what_only_one_of_two_looks_would_tell_is_kept() -> None:
    first = PORTAL.judge(page(in_comment(RIGHT_LINK)))
    second = PORTAL.judge(page(link("http://www.yichang.gov.cn/a/b.html")))
    both = agree(first, second)
    assert [e.value for e in both.near] == [
        "http://www.yichang.gov.cn/a/b.html",
        "http://www.yichang.gov.cn/",
    ]


def test_what_is_there_but_hidden_is_not_told_as_something_else() -> None:
    right = link("http://www.yichang.gov.cn/", visible=Visibility.HIDDEN)
    verdict = PORTAL.judge(page(right, link("http://www.yichang.gov.cn/news")))
    assert [e.value for e in verdict.evidence] == ["http://www.yichang.gov.cn/"]
    assert [e.value for e in verdict.near] == ["http://www.yichang.gov.cn/news"]


def test_what_is_told_counts_what_is_not_named() -> None:
    one, two = page(RIGHT_LINK), page(RIGHT_LINK, link("http://www.yichang.gov.cn/index.html"))
    assert "(and" not in PORTAL.judge(one).reason
    assert PORTAL.judge(two).reason.endswith("(and 1 more)")
    blinds = [blind(Sense.LINK, why=f"image {n} was lost") for n in range(3)]
    assert PORTAL.judge(page(blinds[0])).reason.endswith("image 0 was lost")
    assert PORTAL.judge(page(*blinds)).reason.endswith("image 0 was lost (and 2 more)")


def test_candidates_are_counted_in_words() -> None:
    unpinned = WECHAT.model_copy(update={"accept": ()})
    for payloads, told in ((["a"], "1 candidate seen"), (["a", "b", "b"], "2 candidates seen")):
        assert told in unpinned.judge(page(*map(code, payloads))).reason


def test_a_form_that_nobody_has_verified_proves_nothing_of_a_link_or_a_code() -> None:
    unverified = [{"host": "p.test", "verified": False}, {"host": "q.test"}]
    rule = LinkRequirement(id="l", name="门户", kind="link", accept=unverified)
    assert outcome(rule, link("http://p.test/")) == "undetermined"
    assert "nobody has verified" in rule.judge(page(link("http://p.test/"))).reason
    forms = [{"payload": "http://a.test/"}, {"payload": "text", "verified": False}]
    coded = QrRequirement(id="q", name="码", kind="qr", accept=forms)
    assert "nobody has verified" in coded.judge(page(code("text"))).reason
    assert coded.judge(page(code("http://b.test/"))).outcome == "fail"


def test_links_are_followed_where_the_rules_say_so_those_by_the_right_name_first() -> None:
    rule = LinkRequirement(
        id="l", name="门户", kind="link", resolve=True, accept=[{"host": "p.test"}]
    )
    shown = page(link("http://x.test/"), link("http://y.test/", "门户网站"))
    assert list(rule.to_follow(shown)) == ["http://y.test/", "http://x.test/"]
    lost = shown.links[0].model_copy(update={"unresolved": said("it is down")})
    followed = shown.model_copy(update={"links": (lost,)})
    assert "could not be found out: it is down" in rule.judge(followed).reason
    plain = rule.model_copy(update={"resolve": False})
    assert list(WEIBO.to_follow(page(code(SHORT)))) == []
    assert list(plain.to_follow(shown)) == []


def test_a_known_mistake_is_told_of_a_link() -> None:
    mistakes = [{"host": "old.test", "note": "是旧网站"}]
    rule = LinkRequirement(
        id="l", name="门户", kind="link", accept=[{"host": "p.test"}], mistakes=mistakes
    )
    (near,) = rule.judge(page(link("http://old.test/"))).near
    assert str(near.note) == "是旧网站"


def test_forms_without_a_host_are_matched_by_their_other_parts() -> None:
    form = Accept(payload="http://a.test/x", path="/x")
    assert form.matches("http://a.test/x")
    assert Accept(payload="http://a.test/x", path="/y").matches("http://a.test/x") is False
    assert Accept(weibo={"uid": "1234567890"}).bare_hosts is None
    assert Accept(wechat={"code": "r/RIGHT"}).example() == "https://weixin.qq.com/r/RIGHT"
    assert Accept(host=["a.test"], path="/x/*", query={"q": "1"}, port=8080).example() == (
        "http://a.test:8080/x/x?q=1"
    )


def test_an_address_of_weibo_that_is_no_account_says_nothing() -> None:
    assert outcome(WEIBO, code("http://weibo.com/login?url=x")) == "undetermined"


@pytest.mark.parametrize("network", ["10.0.0.0/33", "x", "10.0.0.1/8"])
def test_a_network_that_is_none_is_told(network: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        Target(id="u", name="u", url="http://u.test/", intranet=(network,))
    assert Target(id="u", name="u", url="http://u.test/", intranet=("10.0.0.0/8", "fd00::/8"))
