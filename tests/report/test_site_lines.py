"""What is told about one site: what is required, what was seen, and what its webmaster can do."""

from __future__ import annotations

import pytest

from support.pages import WHERE, blind, code, link, page, unseen
from support.requirements import PORTAL, RIGHT_LINK, TARGET, WEIBO
from support.texts import ICP
from ycaudit import i18n
from ycaudit.model import (
    BlindSpot,
    Image,
    Link,
    Observation,
    Page,
    QrCode,
    Sense,
    Text,
    UnitReport,
    Visibility,
)
from ycaudit.reasons import Reason
from ycaudit.report.required import MAX_SHAPES, required
from ycaudit.report.site_lines import details, explained
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.rules.text import TextRequirement

ARTICLE = link("http://www.yichang.gov.cn/a/1.html", "中国·宜昌网")
UNWANTED = LinkRequirement.model_validate({**PORTAL.model_dump(), "expect": "absent"})


def in_english(requirement: Requirement) -> str:
    with i18n.in_language("en"):
        return required(requirement)


def told(requirement: Requirement, *looks: Observation) -> list[str]:
    """The details of a site that is asked for this alone."""
    unit = Unit(target=TARGET, requirements=(requirement,))
    report = UnitReport(target=TARGET, observations=looks, verdicts=unit.conclude(looks))
    with i18n.in_language("en"):
        return list(details(report, unit.requirements))


def why(requirement: Requirement, look: Observation, to_copy: str = "") -> list[str]:
    with i18n.in_language("en"):
        return list(explained(requirement, requirement.judge(look), to_copy))


def test_a_text_that_is_nowhere_is_to_be_written_and_no_picture_is_to_blame() -> None:
    asked = ICP.model_copy(update={"as_text": False})
    badge = Image(src="http://unit.test/badge.png", where=WHERE)
    seen = page().model_copy(update={"images": (badge,), "texts": ()})
    (todo,) = (line for line in why(asked, seen) if "what to do" in line)
    assert todo == "  what to do: write it on the homepage as text"


def test_of_words_that_nobody_asked_for_it_is_not_said_that_they_may_not_be_shown() -> None:
    line = Text(value="备案号：鄂ICP备200012345678号", visible=Visibility.UNSURE, where=WHERE)
    (near,) = (line for line in why(ICP, page_of(line)) if "near: " in line)
    assert near.endswith("[in the page's markup]")


def page_of(*texts: Text) -> Page:
    return page().model_copy(update={"texts": texts})


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ({"host": "a.test", "path": "root"}, "a link to a.test/"),
        ({"host": "a.test", "path": "/x/*", "port": 81}, "a link to a.test:81/x/*"),
        ({"host": "a.test"}, "a link to a.test/*"),
        ({"host": ["a.test", "b.test"], "path": "root", "scheme": "https"},
         "a link to https://a.test/ or https://b.test/"),
        ({"payload": "http://a.test/x"}, "a link to http://a.test/x"),
    ],
)  # fmt: skip
def test_a_required_link_is_told_by_its_address(accept: object, told: str) -> None:
    asked = {"id": "a", "name": "甲", "kind": "link", "accept": [accept]}
    assert in_english(LinkRequirement.model_validate(asked)) == told


def test_a_required_code_and_a_required_text_are_told_by_what_they_say() -> None:
    addresses = "https://weibo.com/u/1999404300 or https://m.weibo.cn/u/1999404300"
    assert in_english(WEIBO) == f"a QR code that says {addresses}"
    words = {"id": "t", "name": "备案", "kind": "text", "accept": [{"text": "鄂ICP备1号"}]}
    assert in_english(TextRequirement.model_validate(words)) == "the text 鄂ICP备1号"


def test_what_must_not_be_there_is_told_as_such() -> None:
    assert in_english(UNWANTED) == "not a link to www.yichang.gov.cn/"


def test_a_form_that_nobody_verified_is_not_required() -> None:
    known = {"payload": "http://a.test/x"}
    unsure = {"payload": "http://a.test/y", "verified": False}
    asked = {"id": "a", "name": "甲", "kind": "qr", "accept": [known, unsure]}
    assert in_english(QrRequirement.model_validate(asked)) == "a QR code that says http://a.test/x"
    unknown = QrRequirement.model_validate({**asked, "accept": [unsure]})
    assert in_english(unknown) == "the official one, which the rules do not know yet"


def test_of_many_forms_some_are_told_and_the_others_counted() -> None:
    hosts = [f"h{n}.test" for n in range(MAX_SHAPES + 2)]
    accept = [{"host": hosts, "path": "root"}]
    asked = LinkRequirement.model_validate(
        {"id": "a", "name": "甲", "kind": "link", "accept": accept}
    )
    assert in_english(asked).endswith("h3.test/ and 2 others")


def test_a_link_to_an_article_is_answered_with_the_address_and_the_line_to_copy() -> None:
    lines = why(PORTAL, page(ARTICLE), '<a href="http://www.yichang.gov.cn/">中国·宜昌网</a>')
    assert "  required: a link to www.yichang.gov.cn/" in lines
    assert lines[-2:] == [
        "  what to do: link to the front page of that site in place of this page",
        '  to copy: <a href="http://www.yichang.gov.cn/">中国·宜昌网</a>',
    ]


@pytest.mark.parametrize(
    ("thing", "advice"),
    [
        (link("http://www.yichang.gov.com/", "中国·宜昌网"), "correct the address of this link"),
        (
            link("http://u.test/www.yichang.gov.cn", "中国·宜昌网"),
            "write the address of this link with",
        ),
        (link("http://edu.yichang.gov.cn/", "教育云"), "put what is required where visitors"),
        (code("x"), "put what is required where visitors"),
    ],
)
def test_what_to_do_follows_from_what_was_found_instead(thing: Link | QrCode, advice: str) -> None:
    seen = page(thing).model_copy(update={"final_url": TARGET.url})
    assert why(PORTAL, seen)[-1].startswith(f"  what to do: {advice}")


def test_a_code_under_the_right_name_is_to_be_replaced_by_the_official_one() -> None:
    advice = "  what to do: use the official picture of the code: the office that checks has it"
    assert why(WEIBO, page(code("https://weibo.com/u/6666666666", "微博")))[-1] == advice
    show = "  what to do: show the official code where visitors of the homepage see it"
    assert why(WEIBO, page())[-1].startswith(show)


LOST = BlindSpot(
    hides=frozenset({Sense.QR_CODE}),
    why=Reason.of(
        "image_lost", src="http://u.test/wx.png", because=Reason.of("http_status", status=404)
    ),
    where=WHERE,
)


def test_where_something_else_was_lost_the_advice_on_what_is_wrong_comes_first() -> None:
    lines = why(WEIBO, page(code("https://weibo.com/u/6666666666", "县微博"), LOST))
    assert lines[-2:] == [
        "  what to do about “县微博”: use the official picture of the code: the office that checks "
        "has it",
        "  what to do about http://u.test/wx.png: correct the address of the image, or put the "
        "image back",
    ]


def test_a_reason_that_another_holds_word_for_word_is_told_once() -> None:
    lines = why(WEIBO, page(LOST))
    assert sum("answered 404" in line for line in lines) == 1
    with i18n.in_language("en"):
        whole = explained(WEIBO, WEIBO.judge(page(LOST)), "", codes=True)
        assert sum("answered 404" in line for line in whole) == 3


def test_a_short_code_of_the_platform_is_to_be_replaced_by_the_official_one() -> None:
    rule = QrRequirement.model_validate({**WEIBO.model_dump(), "exhaustive": None})
    lines = why(rule, page(code("http://qr.weibo.cn/g/5aBcDe", "县里的二维码")))
    assert lines[-1] == (
        "  what to do: use the address that is required, or the official picture of the code: the "
        "office that checks has it"
    )


def test_where_the_rules_lack_the_code_the_reason_is_that_of_the_overview() -> None:
    unpinned = QrRequirement(id="w", name="微信", kind="qr", accept=())
    lines = why(unpinned, page(code("http://a.test/", "微信")))
    assert lines[-1].startswith("  use the official code, that is enough: until the office")
    assert "pin" not in lines[-1].replace("pinned", "")


def test_a_link_that_nobody_tried_is_not_said_to_be_out_of_sight() -> None:
    box = WHERE.model_copy(update={"origin": "browser", "box": (952, 536, 80, 24)})
    untried = link("http://u.test/www.yichang.gov.cn", PORTAL.name, Visibility.HIDDEN)
    seen = page(untried.model_copy(update={"where": box}))
    (near,) = (line for line in why(PORTAL, seen) if "near: " in line)
    assert near.endswith("[seen in the browser]")
    unseen = why(PORTAL, page(untried))
    assert any("near: " in line and "not shown on the page" in line for line in unseen)


def test_what_passes_needs_nothing_to_be_done_or_copied() -> None:
    lines = "\n".join(why(PORTAL, page(RIGHT_LINK), "<a>"))
    assert "required: a link" in lines
    assert "to do" not in lines
    assert "to copy" not in lines


def test_what_must_not_be_there_is_to_be_taken_off() -> None:
    lines = why(UNWANTED, page(RIGHT_LINK), "<a>")
    assert lines[-1] == "  what to do: take it off the homepage and its template"


def test_nobody_is_told_to_put_what_must_not_be_there() -> None:
    hidden = RIGHT_LINK.model_copy(update={"visible": Visibility.HIDDEN})
    take_off = "  what to do: take it off the homepage and its template"
    assert why(UNWANTED, page(hidden))[-1] == take_off
    forbidden = WEIBO.model_copy(update={"expect": "absent"})
    for address in ("http://weibo.cn/qr/x", "http://qr.weibo.cn/g/5aBcDe"):
        lines = why(forbidden, page(code(address, "微博")))
        assert "undetermined" in lines[0]
        assert not any("official code" in line or "that is required" in line for line in lines)


def test_nothing_is_to_be_copied_into_a_page_that_nobody_saw() -> None:
    assert "to copy" not in "\n".join(why(PORTAL, unseen(), "<a>"))


def test_each_open_verdict_says_what_is_required() -> None:
    assert "    required: a link to www.yichang.gov.cn/" in told(PORTAL, page(ARTICLE))
    assert "required" not in "\n".join(told(PORTAL, page(RIGHT_LINK)))


def test_a_second_look_that_saw_the_same_is_one_line() -> None:
    lines = told(PORTAL, page(ARTICLE), page(ARTICLE))
    assert lines[-1] == "[without a browser] a second look saw the same"
    assert sum("answered 200" in line for line in lines) == 1


def test_a_second_look_that_saw_something_else_is_marked_as_the_second() -> None:
    lines = told(PORTAL, page(ARTICLE), page(ARTICLE, code("x")))
    assert sum("answered 200" in line for line in lines) == 2
    assert sum(line.startswith("[without a browser, second look]") for line in lines) == 1


def test_what_was_not_seen_is_told_only_where_it_could_hold_what_is_open() -> None:
    code_lost, link_lost = (blind(s, why=s) for s in (Sense.QR_CODE, Sense.LINK))
    lines = told(PORTAL, page(ARTICLE, code_lost, link_lost))
    assert [line for line in lines if "not seen" in line] == ["    not seen: link"]


def test_a_jump_that_says_it_leads_to_another_site_is_not_told_as_what_was_not_seen() -> None:
    jumps = [
        BlindSpot(
            hides=frozenset({Sense.LINK}),
            why=Reason.of("may_jump", value=f"http://unit.test/go?{query}"),
            where=WHERE,
        )
        for query in ("url=http://elsewhere.test/", "id=7")
    ]
    (line,) = (line for line in told(PORTAL, page(ARTICLE, *jumps)) if "    not seen" in line)
    assert "id=7" in line


def test_where_the_rules_lack_the_code_the_webmaster_is_told_what_that_means() -> None:
    unpinned = QrRequirement(id="w", name="微信", kind="qr", accept=())
    lines = told(unpinned, page(code("http://a.test/", "微信"), code("http://b.test/", "其他")))
    assert lines[2].startswith("    use the official code, that is enough: until the office")
    assert [line for line in lines if "≈" in line] == [
        "    ≈ http://a.test/ “微信” (under the right label; there is no official one to "
        "compare it with)"
    ], "other codes are listed once, at the end"


@pytest.mark.parametrize(
    ("url", "code", "advice"),
    [
        ("http://127.0.0.1:81/", "connection_refused", "start the server of this page, and check"),
        ("http://localhost/", "connection_refused", "start the server of this page, and check"),
        ("http://u.test/", "connection_refused", "see whether the homepage opens in a browser"),
        ("http://u.test/x", "http_status", "check the address first"),
    ],
)
def test_what_opens_a_homepage_depends_on_where_it_is(url: str, code: str, advice: str) -> None:
    why = Reason(code=code, params={"status": 404})
    shut = unseen("connect").model_copy(update={"url": url, "why": why})
    assert told(PORTAL, shut)[2].startswith(f"    what to do: {advice}")


def test_of_an_address_that_is_not_public_only_the_option_is_told() -> None:
    why = Reason.of("refused_address", host="", address="10.0.0.1")
    lines = told(PORTAL, unseen("refused_address").model_copy(update={"why": why}))
    assert lines[1:] == [
        "[without a browser] not seen: 10.0.0.1, no public address",
        "    what to do: look at it with --allow-private",
    ]


def test_a_homepage_that_cannot_be_opened_says_what_to_do() -> None:
    lines = told(PORTAL, unseen("connect", code="connection_refused"))
    assert lines[1] == "[without a browser] not seen: the server refuses connections"
    assert lines[2].startswith("    what to do: see whether the homepage opens in a browser")
