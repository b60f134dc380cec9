"""The weighing: presence from a glimpse, absence only from full sight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.pages import blind, code, link, page, unseen
from support.requirements import (
    PORTAL,
    RESOLVING,
    RIGHT_CODE,
    RIGHT_LINK,
    SHORT,
    TARGET,
    WECHAT,
    in_comment,
    led,
    notes,
    outcome,
)
from ycaudit.model import BlindSpot, Link, Outcome, QrCode, Sense, Visibility
from ycaudit.reasons import remedy
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement


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
    other = absent.judge(page(link("http://other.test/")))
    assert other.reason == "as it must be: not among 1 link of the homepage"
    assert outcome(absent, blind(Sense.LINK)) == "undetermined"
    shown = absent.judge(page(RIGHT_LINK))
    assert str(shown.why) == "shows http://www.yichang.gov.cn/, which must not be there"
    assert remedy(shown.why) == "the unit corrects its homepage"


@pytest.mark.parametrize("expect", ["present", "absent"])
def test_what_is_never_shown_is_for_a_person_to_decide_where_it_is_undetermined(
    expect: str,
) -> None:
    hidden = link("http://www.yichang.gov.cn/", visible=Visibility.HIDDEN)
    asked = PORTAL.model_copy(update={"expect": expect})
    verdict = asked.judge(page(hidden))
    assert (verdict.outcome, verdict.why.code) == ("undetermined", "never_shown_undecided")
    assert remedy(verdict.why).startswith("let a person look")
    strict = asked.model_copy(update={"visible": "required"}).judge(page(hidden))
    assert strict.outcome == ("fail" if expect == "present" else "pass")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (RIGHT_LINK.model_copy(update={"reached": True}), "pass"),
        (RIGHT_LINK, "undetermined"),  # nobody knows whether it can be used
        (link("http://other.test/"), "undetermined"),
    ],
)
def test_a_look_that_was_for_other_rules_proves_what_it_tried_and_no_more(
    found: Link, expected: str
) -> None:
    painted = page(found).model_copy(update={"observer": "browser"})
    assert PORTAL.judge(painted).outcome == ("fail" if "other" in found.href else "pass")
    for_others = painted.model_copy(update={"sought": ("of another rule",)})
    assert PORTAL.judge(for_others).outcome == expected
    for_it = painted.model_copy(update={"sought": PORTAL.sought})
    assert PORTAL.judge(for_it).outcome == PORTAL.judge(painted).outcome


def test_a_code_is_judged_by_a_corrected_rule_without_another_look() -> None:
    for_others = page(RIGHT_CODE).model_copy(update={"observer": "browser", "sought": ("other",)})
    assert WECHAT.judge(for_others).outcome == "pass"


def test_how_a_rule_is_judged_changes_nothing_in_what_is_tried_for_it() -> None:
    judged = {"visible": "required", "expect": "absent", "level": "should", "note": "n"}
    assert PORTAL.model_copy(update=judged).sought == PORTAL.sought


SOUGHT = LinkRequirement(
    id="p",
    name="门户",
    kind="link",
    labels=["门户网"],
    resolve=True,
    accept=[{"host": ["a.test", "b.test"], "path": "root"}, {"payload": "http://c.test/x"}],
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"accept": [{"payload": "http://c.test/x"}, {"host": "b.test", "path": "root"}]}, "fail"),
        ({"accept": [{"host": ["b.test", "a.test"], "path": "root"}]}, "fail"),
        ({"accept": [{"host": "a.test", "path": "root", "verified": False}]}, "fail"),
        ({"labels": ()}, "fail"),
        ({"name": "门户网", "labels": ["门户"], "exhaustive": True}, "fail"),
        ({"resolve": False}, "fail"),
        ({"labels": ["门户网", "官网"]}, "undetermined"),
        ({"accept": [{"host": ["a.test", "b.test", "d.test"], "path": "root"}]}, "undetermined"),
        ({"accept": [{"host": "a.test"}]}, "undetermined"),
        ({"accept": [{"payload": "http://d.test/x"}]}, "undetermined"),
    ],
)
def test_a_look_that_was_for_more_was_also_for_less(
    change: dict[str, object], expected: str
) -> None:
    led_away = link("http://other.test/").model_copy(update={"leads_to": ("http://other.test/",)})
    seen = page(led_away).model_copy(update={"observer": "browser", "sought": SOUGHT.sought})
    corrected = LinkRequirement.model_validate({**SOUGHT.model_dump(), **change})
    assert corrected.judge(seen).outcome == expected


def test_what_is_sought_as_a_code_or_without_redirects_was_not_tried_as_every_link() -> None:
    plain = SOUGHT.model_copy(update={"resolve": False})
    assert not set(SOUGHT.sought) <= set(plain.sought)
    of_code = QrRequirement.model_validate({**SOUGHT.model_dump(), "kind": "qr"})
    assert set(of_code.sought).isdisjoint(SOUGHT.sought)


def test_a_unit_tells_each_thing_that_it_seeks_once() -> None:
    unit = Unit(target=TARGET, requirements=(SOUGHT, SOUGHT.model_copy(update={"id": "q"})))
    assert unit.sought == SOUGHT.sought


PORTAL_UNVERIFIED = LinkRequirement(
    id="p",
    name="门户",
    kind="link",
    accept=[{"host": "www.p.test"}, {"host": "p.test", "verified": False}],
)


@pytest.mark.parametrize("expect", ["present", "absent"])
@pytest.mark.parametrize(
    ("asked", "hidden", "shown"),
    [
        (WECHAT, code("http://weixin.qq.com/r/RIGHT"), code("http://weixin.qq.com/r/RIGHT/")),
        (RESOLVING, code("https://weibo.com/u/1999404300"), code(SHORT)),
        (PORTAL_UNVERIFIED, link("http://www.p.test/"), link("http://p.test/")),
    ],
)
def test_what_may_be_it_is_no_less_open_for_a_hidden_twin(
    expect: str, asked: LinkRequirement | QrRequirement, hidden: Link | QrCode, shown: Link | QrCode
) -> None:
    strict = asked.model_copy(update={"visible": "required", "expect": expect, "exhaustive": None})
    twin = hidden.model_copy(update={"visible": Visibility.HIDDEN})
    alone, beside = strict.judge(page(shown)), strict.judge(page(twin, shown))
    assert alone.outcome == beside.outcome == "undetermined"
    assert beside.why == alone.why
    neither = shown.model_copy(update={"visible": Visibility.HIDDEN})
    assert strict.judge(page(twin, neither)).outcome == ("fail" if expect == "present" else "pass")


def test_a_code_that_must_be_shown_is_followed_beside_a_hidden_one() -> None:
    asked = RESOLVING.model_copy(update={"visible": "required"})
    hidden = code("https://weibo.com/u/1999404300", visible=Visibility.HIDDEN)
    unit = Unit(target=TARGET, requirements=(asked,))
    seen = page(hidden, code(SHORT))
    assert SHORT in unit.to_follow(seen, unit.judge(seen))
    assert outcome(asked, hidden, led(SHORT, "https://weibo.com/u/1999404300")) == "pass"
    assert outcome(asked, hidden, led(SHORT, "https://weibo.com/u/5111111111")) == "fail"


def test_a_key_of_which_nothing_is_said_does_not_change_what_is_asked() -> None:
    bare = {"id": "p", "name": "P", "kind": "link", "accept": [{"host": "a.test"}]}
    said = bare | {"expect": "present", "accept": [{"host": "a.test", "domain": None}]}
    one, other = map(LinkRequirement.model_validate, (bare, said))
    assert one.asked == other.asked
    assert one.asked != one.model_copy(update={"expect": "absent"}).asked


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


def test_what_stands_in_a_comment_is_absent_and_told() -> None:
    for requirement, thing in ((PORTAL, RIGHT_LINK), (WECHAT, RIGHT_CODE)):
        verdict = requirement.judge(page(in_comment(thing)))
        assert verdict.outcome is Outcome.FAIL
        assert "the homepage has no " in verdict.reason
        assert "only in a comment" in str(verdict.near[0].note)


def test_what_is_there_and_hidden_is_not_told_as_not_found() -> None:
    hidden = link("http://www.yichang.gov.cn/", visible=Visibility.HIDDEN)
    verdict = PORTAL.judge(page(hidden, blind(Sense.LINK)))
    assert verdict.outcome == "undetermined"
    assert verdict.reason.startswith("http://www.yichang.gov.cn/ is in the page, but")
    assert verdict.reason.endswith("an image was lost")


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


def test_a_form_that_nobody_has_verified_proves_nothing_of_a_link_or_a_code() -> None:
    unverified = [{"host": "p.test", "verified": False}, {"host": "q.test"}]
    rule = LinkRequirement(id="l", name="门户", kind="link", accept=unverified)
    assert outcome(rule, link("http://p.test/")) == "undetermined"
    assert "nobody has verified" in rule.judge(page(link("http://p.test/"))).reason
    forms = [{"payload": "http://a.test/"}, {"payload": "text", "verified": False}]
    coded = QrRequirement(id="q", name="码", kind="qr", accept=forms)
    assert "nobody has verified" in coded.judge(page(code("text"))).reason
    assert coded.judge(page(code("http://b.test/"))).outcome == "fail"
