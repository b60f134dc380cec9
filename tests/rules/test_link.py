"""The requirement of a link: which addresses are the portal, and which only look like it."""

from __future__ import annotations

import pytest

from support.pages import blind, code, link, page, said
from support.requirements import PORTAL, SHORT, TARGET, WEIBO, outcome
from ycaudit.model import Sense
from ycaudit.reasons import Reason
from ycaudit.rules.judge import MAX_FOLLOWED, Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.matchers import Accept


def test_a_jump_page_of_the_own_site_may_lead_there() -> None:
    own = link("http://unit.test/jump?url=http://www.yichang.gov.cn/")
    foreign = link("http://evil.test/?u=http://www.yichang.gov.cn/")
    assert outcome(PORTAL, own) == "undetermined"
    assert outcome(PORTAL, foreign) == "fail"


def test_a_link_of_very_many_parameters_is_judged() -> None:
    many = "&".join(f"a{n}=1" for n in range(2000))
    assert outcome(PORTAL, link(f"http://unit.test/list?{many}")) == "fail"


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        ("url=http://zfcg.elsewhere.test/", "fail"),
        ("url=http%3A%2F%2Fzfcg.elsewhere.test%2F", "fail"),
        ("url=http://zfcg.elsewhere.test/&id=7", "undetermined"),
        ("from=http://zfcg.elsewhere.test/", "undetermined"),
        ("url=http://unit.test/7", "undetermined"),
        ("url=http://yichang.gov.cn/", "undetermined"),
        ("url=http://elsewhere.test/?http://www.yichang.gov.cn/", "undetermined"),
        ("url=aHR0cDovL3d3dy55aWNoYW5nLmdvdi5jbi8=", "undetermined"),
        ("id=7", "undetermined"),
    ],
)
def test_a_jump_that_says_it_leads_to_another_site_leaves_no_doubt(
    query: str, verdict: str
) -> None:
    why = Reason.of("may_jump", value=f"http://unit.test/go.html?{query}")
    spot = blind(Sense.LINK).model_copy(update={"why": why})
    assert outcome(PORTAL, link("http://unit.test/n"), spot) == verdict
    follows = LinkRequirement.model_validate({**PORTAL.model_dump(), "resolve": True})
    assert outcome(follows, link("http://unit.test/n"), spot) == "undetermined"


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
        "http://www.yichang.gov.cn//",
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


@pytest.mark.parametrize(
    ("accept", "href", "differs"),
    [
        ({"payload": "http://p.test/"}, "https://p.test/", "http or https"),
        ({"payload": "http://p.test/"}, "http://p.test/index.html", "the name of the index page"),
        ({"payload": "http://p.test/"}, "http://p.test/?from=gov", "what stands behind the ?"),
        ({"payload": "http://p.test/"}, "http://p.test/#/", "what stands behind the #"),
        ({"host": "p.test", "path": "/City"}, "http://p.test/city/", "the slash at its end and"),
    ],
)
def test_a_link_that_differs_in_next_to_nothing_is_neither_pass_nor_fail(
    accept: dict[str, str], href: str, differs: str
) -> None:
    rule = LinkRequirement(id="l", name="门户", kind="link", accept=[accept])
    verdict = rule.judge(page(link(href)))
    assert verdict.outcome == "undetermined"
    assert f"{href} is there, which is the right address but for {differs}" in verdict.reason
    assert str(verdict.near[0].note).startswith("the right address but for")
    wrong = rule.model_copy(update={"mistakes": (Accept(payload=href, note="旧版"),)})
    assert wrong.judge(page(link(href))).outcome == "fail"


@pytest.mark.parametrize("href", ["http://p.test/news", "http://m.p.test/", "http://p.test:81/"])
def test_a_link_that_differs_in_more_leads_elsewhere(href: str) -> None:
    accept = [{"payload": "http://p.test/"}]
    assert outcome(
        LinkRequirement(id="l", name="门户", kind="link", accept=accept), link(href)
    ) == ("fail")


@pytest.mark.parametrize(
    ("href", "note"),
    [
        ("http://yichang.gov.cn/", "the address lacks the www. of www.yichang.gov.cn"),
        ("http://unit.test/www.yichang.gov.cn", "the address lacks its http://"),
        ("http://unit.test/http：//www.yichang.gov.cn/", "has the sign ： in its start"),
        ("http://unit.test/“http://www.yichang.gov.cn/”", "has the sign “ in its start"),
        ("http://unit.test/http//www.yichang.gov.cn/", "begins with http// in place of http://"),
        ("http://unit.test/www。yichang。gov。cn", "the address lacks its http://"),
        ("http://http://www.yichang.gov.cn/", "begins with http://http:// in place of http://"),
    ],
)
def test_a_slip_in_an_address_is_told_for_what_it_is(href: str, note: str) -> None:
    verdict = PORTAL.judge(page(link(href, "门户")))
    assert verdict.outcome == "fail"
    (near,) = verdict.near
    assert note in str(near.note)


def test_of_a_host_with_a_port_another_port_is_another_page_of_it() -> None:
    accept = [{"host": ["www.p.test:80", "[2001:db8::1]"]}]
    rule = LinkRequirement(id="l", name="门户", kind="link", accept=accept)
    assert outcome(rule, link("http://www.p.test/")) == "pass"
    assert outcome(rule, link("http://[2001:db8::1]/")) == "pass"
    verdict = rule.judge(page(link("http://www.p.test:8080/")))
    assert verdict.outcome == "fail"
    assert str(verdict.near[0].note) == "another page of the right site"


def test_a_www_too_many_is_told_even_where_the_rules_name_the_host_as_unverified() -> None:
    accept = [{"host": "p.test", "path": "root"}, {"host": "www.p.test", "verified": False}]
    rule = LinkRequirement(id="l", name="门户", kind="link", accept=accept)
    (near,) = rule.judge(page(link("http://www.p.test/", "门户"))).near
    assert str(near.note) == "the address has www., which p.test has not"


def test_a_page_of_the_own_site_by_the_right_name_does_not_lead_elsewhere() -> None:
    for href in ("http://unit.test/go?url=http://www.yichang.gov.cn/", "http://unit.test/a.html"):
        (near,) = PORTAL.judge(page(link(href, PORTAL.name))).near
        assert near.note
        assert near.note.code == "named_own_page"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (PORTAL.name, "undetermined"),
        (f"{PORTAL.name}报道我局开展安全生产大检查、推进优化营商环境", "fail"),
    ],
)
def test_without_a_browser_nobody_knows_where_a_page_of_the_right_name_leads(
    name: str, found: str
) -> None:
    seen = page(link("http://unit.test/n/7.html", name))
    assert PORTAL.judge(seen).outcome == found
    assert PORTAL.judge(seen.model_copy(update={"observer": "browser"})).outcome == "fail"


def test_the_right_name_without_an_address_is_told_as_such() -> None:
    (near,) = PORTAL.judge(page(link("http://unit.test/#", PORTAL.name))).near
    assert near.note
    assert near.note.code == "named_leads_nowhere"


@pytest.mark.parametrize(
    "host",
    [
        *("www.yichang.cn", "yichang.com.cn", "www.yi-chang.gov.cn", "wwwyichang.gov.cn"),
        *("ww.yichang.gov.cn", "m.yichang.gov.cn", "www.yichang.gov.cn.evil.test"),
    ],
)
def test_a_host_that_is_easily_taken_for_the_right_one_is_told_as_such(host: str) -> None:
    (near,) = PORTAL.judge(page(link(f"http://{host}/", "门户"))).near
    assert near.note
    assert near.note.code == "lookalike_host"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("www.beian.gov.cn", "beian.miit.gov.cn"),
        ("beian.miit.gov.cn", "beian.mps.gov.cn"),
        ("www.gov.cn", "www.yichang.gov.cn"),
        ("www.gov.cn", "zfwzgl.www.gov.cn"),
        ("www.edu.cn", "www.ctgu.edu.cn"),
        ("www.yichang.edu.cn", "www.yichang.gov.cn"),
        ("www.hubei.gov.cn", "jyt.hubei.gov.cn"),
        ("www.hubei.gov.cn", "hubei.chinatax.gov.cn"),
        ("www.weibo.com", "weibo.cn"),
        ("weibo.com", "service.weibo.com"),
        ("p.test", "shop.test"),
    ],
)
def test_a_site_of_somebody_else_that_shares_a_label_or_an_ending_does_not_look_alike(
    asked: str, found: str
) -> None:
    rule = LinkRequirement(
        id="l", name="门户", kind="link", accept=[{"host": asked, "path": "/portal"}]
    )
    assert rule.judge(page(link(f"https://{found}/", "鄂ICP备20001234号"))).near == ()


@pytest.mark.parametrize(
    "href", ["http://gov.cn/", "http://unit.test/?u=http://www.yichang.gov.cn/"]
)
def test_what_is_only_below_the_same_ending_or_may_lead_there_does_not_look_alike(
    href: str,
) -> None:
    assert PORTAL.judge(page(link(href, "门户"))).near == ()


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


def test_links_within_the_site_are_followed_last_and_leave_no_doubt() -> None:
    rule = LinkRequirement.model_validate({**PORTAL.model_dump(), "resolve": True})
    own = [link(f"http://unit.test/{n}.html", "通知公告") for n in range(MAX_FOLLOWED + 10)]
    unit = Unit(target=TARGET, requirements=(rule,))
    shown = page(*own, link("http://go.test/s"))
    assert unit.to_follow(shown, unit.judge(shown))[0] == "http://go.test/s"
    there = {"leads_to": ("http://go.test/s", "http://www.yichang.gov.cn/")}
    assert outcome(rule, *own, shown.links[-1].model_copy(update=there)) == "pass"
    away = shown.links[-1].model_copy(update={"leads_to": ("http://elsewhere.test/",)})
    dead = own[0].model_copy(update={"unresolved": said("it is down")})
    assert outcome(rule, dead, *own[1:], away) == "fail"
    assert outcome(rule, dead.model_copy(update={"text": rule.name}), away) == "undetermined"
    assert outcome(rule, link("http://unit.test/go", rule.name), away) == "undetermined"


def test_a_known_mistake_is_told_of_a_link() -> None:
    mistakes = [{"host": "old.test", "note": "是旧网站"}]
    rule = LinkRequirement(
        id="l", name="门户", kind="link", accept=[{"host": "p.test"}], mistakes=mistakes
    )
    (near,) = rule.judge(page(link("http://old.test/"))).near
    assert str(near.note) == "是旧网站"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://m.weibo.cn/profile/1999404300", "pass"),
        ("https://weibo.com/yichangfabu", "undetermined"),
        ("https://weibo.com/u/6666666666", "fail"),
        ("http://service.weibo.com/share/share.php?url=x", "fail"),
    ],
)
def test_a_link_to_an_account_counts_by_any_of_its_forms(href: str, expected: str) -> None:
    for accept in ({"weibo": {"uid": "1999404300"}}, {"payload": "https://weibo.com/1999404300"}):
        weibo = {"id": "w", "name": "微博", "kind": "link", "accept": [accept]}
        assert outcome(LinkRequirement.model_validate(weibo), link(href)) == expected
        all_known = LinkRequirement.model_validate({**weibo, "exhaustive": True})
        strict = "pass" if expected == "pass" else "fail"
        assert outcome(all_known, link(href)) == strict


def test_that_another_link_proves_nothing_cannot_be_said_of_links() -> None:
    with pytest.raises(ValueError, match="exhaustive"):
        LinkRequirement.model_validate({**PORTAL.model_dump(), "exhaustive": False})


def test_where_the_homepage_sends_its_visitors_is_forbidden_as_a_link_there_is() -> None:
    forbidden = PORTAL.model_copy(update={"expect": "absent"})
    onward = link("http://www.yichang.gov.cn/").model_copy(update={"how": "onward"})
    ended = page().model_copy(update={"final_url": "http://www.yichang.gov.cn/"})
    for seen in (page(onward), ended):
        assert PORTAL.judge(seen).outcome == "fail"
        assert not PORTAL.judge(seen).near
        verdict = forbidden.judge(seen)
        assert verdict.outcome == "fail"
        assert [one.note and one.note.code for one in verdict.evidence] == ["sends_there"]


def test_of_a_link_that_leads_there_by_way_of_another_page_that_page_is_told() -> None:
    via = Reason.of("state_jump", url="http://unit.test/go?id=3")
    there = link("http://www.yichang.gov.cn/")
    where = there.where.model_copy(update={"state": via})
    (evidence,) = PORTAL.judge(page(there.model_copy(update={"where": where}))).evidence
    assert evidence.note == via
