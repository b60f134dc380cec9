"""Text that rules ask for: how it is compared, and what its absence rests on."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from support.pages import blind, code, page
from ycaudit.errors import InvalidValueError
from ycaudit.model import Image, Page, QrCode, Sense, Text, Verdict, Visibility, Where
from ycaudit.rules.text import TextRequirement
from ycaudit.rules.wordings import Wording, folded, places

WHERE = Where(origin="browser", url="http://unit.test/")


def text(value: str, visible: Visibility = Visibility.SHOWN) -> Text:
    return Text(value=value, visible=visible, where=WHERE)


def picture(*size: int) -> Image:
    return Image(src="http://unit.test/foot.jpg", shown=size or None, where=WHERE)


def shows(*texts: Text, images: tuple[Image, ...] = (), blinds: tuple[Sense, ...] = ()) -> Page:
    spots = (blind(*blinds),) if blinds else ()
    return page(*spots).model_copy(update={"texts": texts, "images": images})


def asks(*accept: dict[str, object], **more: object) -> TextRequirement:
    given = {"id": "t", "name": "标识码", "kind": "text", "accept": list(accept), **more}
    return TextRequirement.model_validate(given)


CODE = asks({"text": "网站标识码：4205000001"}, labels=["网站标识码"])


def judged(requirement: TextRequirement, *texts: Text, **more: object) -> Verdict:
    return requirement.judge(shows(*texts, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line",
    [
        "网站标识码：4205000001",
        "政府网站标识码:４２０５０００００１ 版权所有",
        "网站 标识码：\u200b 4205000001",
        "网站标识码 ： 4205000001",
        "网站标识码∶4205000001",
        "网站标识码︰4205000001",
    ],
)
def test_width_and_white_space_make_no_difference(line: str) -> None:
    assert judged(CODE, text(line)).outcome == "pass"


@pytest.mark.parametrize(
    "line", ["网站标识码：420500000", "网站标识码\n4205000001", "4205000001", "网站标识码：4205 01"]
)
def test_other_words_are_others(line: str) -> None:
    assert judged(CODE, text(line)).outcome == "fail"


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("City of Example", "THE  CITY OF\u3000EXAMPLE"),
        ("ICP: 1", "备案 ICP : 1"),
        ("a-b", "a — b"),
        *(("中国·宜昌", f"欢迎访问中国{dot}宜昌") for dot in "·•‧∙⋅●・･﹒"),
        ("中国•宜昌", "中国 · 宜昌"),
    ],
)
def test_case_dashes_dots_and_runs_of_blanks_make_no_difference(wanted: str, line: str) -> None:
    assert Wording(text=wanted).matches(line)


def test_white_space_between_latin_words_is_kept() -> None:
    assert not Wording(text="now here").matches("nowhere")


@given(st.text(max_size=60) | st.text(alphabet="aB1 \t.-:", max_size=60))
def test_each_character_of_what_is_folded_has_its_place_in_the_text(line: str) -> None:
    found = places(line)
    assert len(found) == len(folded(line))
    assert found == sorted(found) and all(0 <= place < len(line) for place in found)


def test_a_pattern_of_wide_signs_means_the_signs() -> None:
    assert Wording(pattern="标识码∶?[•・]1").matches("标识码：·1")
    pattern = Wording(pattern="备案[：（]*\\d+）?", sample="备案（12）")
    assert pattern.matches("备案(34)")


def test_a_hostile_text_costs_linear_time() -> None:
    wording = Wording(pattern="(a+)+$b", sample=None)
    began = time.process_time()
    assert not wording.matches("a" * 200_000)
    assert time.process_time() - began < 5  # a backtracking engine needs longer than the universe


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"pattern": "备案("}, "no pattern of RE2: a closing parenthesis is missing"),
        ({"pattern": r"(a)\1"}, "no pattern of RE2: a backslash before a sign"),
        ({"pattern": ".*"}, "matches even where nothing stands"),
        ({"pattern": r"备案 \d"}, "blanks beside Chinese"),
        ({"pattern": "a", "sample": "b"}, "the sample 'b' does not match"),
        ({"text": "\u200b"}, "nothing that could be compared"),
        ({"note": "x"}, "either a text or a pattern"),
        ({"text": "x", "pattern": "x"}, "either a text or a pattern"),
    ],
)
def test_what_cannot_be_meant_is_told(entry: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Wording.model_validate(entry)
    error = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(error, InvalidValueError) and told in error.message


def test_presence_needs_no_full_sight_and_absence_does() -> None:
    assert judged(CODE, text("网站标识码：4205000001"), blinds=tuple(Sense)).outcome == "pass"
    assert judged(CODE, text("别的"), blinds=(Sense.TEXT,)).outcome == "undetermined"
    assert judged(CODE, text("别的"), blinds=(Sense.LINK,)).outcome == "fail"


@pytest.mark.parametrize(
    ("visible", "outcome"),
    [("unsure", "undetermined"), ("hidden", "undetermined"), ("on_hover", "pass")],
)
def test_what_a_visitor_may_not_see_is_open(visible: str, outcome: str) -> None:
    found = judged(CODE, text("网站标识码：4205000001", Visibility(visible)))
    assert found.outcome == outcome


def test_a_picture_with_room_for_the_words_leaves_their_absence_open() -> None:
    found = judged(CODE, text("别的"), images=(picture(900, 60), picture()))
    assert (found.outcome, found.reason_code) == ("undetermined", "text_in_picture")
    assert "foot.jpg (and 1 more)" in found.reason


@pytest.mark.parametrize("size", [(20, 20), (900, 2), (0, 0)])
def test_a_picture_without_room_for_them_does_not(size: tuple[int, int]) -> None:
    assert judged(CODE, text("别的"), images=(picture(*size),)).outcome == "fail"


def test_a_picture_that_a_code_fills_holds_no_words_and_the_likeliest_is_named_first() -> None:
    def code_of(image: Image, side: int) -> QrCode:
        where = image.where.model_copy(update={"box": (0, 0, side, side)})
        return code("http://a.test/").model_copy(update={"src": image.src, "where": where})

    def looked(*images: Image, codes: tuple[QrCode, ...] = ()) -> Verdict:
        seen = shows(text("别的"), images=images).model_copy(update={"qr_codes": codes})
        return CODE.judge(seen)

    plain, captioned = picture(120, 120), picture(120, 150)
    assert looked(plain).outcome == "undetermined"
    assert looked(plain, codes=(code_of(plain, 100),)).outcome == "fail"
    assert looked(captioned, codes=(code_of(captioned, 100),)).outcome == "undetermined"
    assert looked(picture(300, 300), codes=(code_of(plain, 100),)).outcome == "undetermined"
    in_file = plain.model_copy(update={"natural": (290, 290)})
    corners = ((40, 40), (250, 40), (250, 250), (40, 250))
    read = code("http://a.test/").model_copy(update={"src": plain.src, "corners": corners})
    assert looked(in_file, codes=(read,)).outcome == "fail"
    banner, named = picture(900, 60), picture(200, 200)
    banner = banner.model_copy(update={"src": "http://unit.test/line.png"})
    named = named.model_copy(update={"src": "http://unit.test/named.png", "alt": "网站标识码"})
    for images, first in (((plain, banner), banner), ((plain, banner, named), named)):
        assert looked(*images).why.params["src"] == first.src


def test_a_lost_picture_leaves_it_open_too() -> None:
    assert judged(CODE, text("别的"), blinds=(Sense.IMAGE,)).outcome == "undetermined"


def test_where_only_text_counts_pictures_do_not_matter() -> None:
    strict = asks({"text": "网站标识码：4205000001"}, as_text=True)
    found = judged(strict, text("别的"), images=(picture(900, 60),), blinds=(Sense.IMAGE,))
    assert found.outcome == "fail"


def test_words_that_must_not_be_there() -> None:
    slogan = asks({"text": "广告招租"}, expect="absent", as_text=True)
    assert judged(slogan, text("广告 招租：电话…")).outcome == "fail"
    assert judged(slogan, text("新闻")).outcome == "pass"


def test_what_comes_near_is_told_known_mistakes_first() -> None:
    wrong = asks(
        {"text": "网站标识码：4205000001"},
        labels=["网站标识码"],
        mistakes=[{"pattern": r"网站标识码：bm\d+", "note": "the number of a ministry"}],
    )
    found = judged(wrong, text("网站标识码：\n网站标识码：bm01"))
    assert [str(e.note) for e in found.near] == [
        "the number of a ministry",
        "has the name, but not the words that are asked for",
        "has the name, but not the words that are asked for",
    ]


def test_the_line_with_the_words_does_not_come_near_them() -> None:
    icp = asks({"pattern": r"黔ICP备\d{8}号", "sample": "黔ICP备00000000号"}, labels=["ICP备"])
    page = shows(text("主办 黔ICP备１２３４５６７８号  地址\n湘ICP备12345678号", Visibility.UNSURE))
    assert [e.value for e in icp.near(page)] == ["湘ICP备12345678号"]


def test_an_unverified_form_proves_nothing() -> None:
    unverified = asks({"text": "4205000001", "verified": False})
    found = judged(unverified, text("4205000001"))
    assert (found.outcome, found.reason_code) == ("undetermined", "unverified_text")


def test_a_look_that_kept_no_text_says_nothing_of_it() -> None:
    found = CODE.judge(page())
    assert (found.outcome, found.reason_code) == ("undetermined", "text_not_kept")


def test_a_page_without_any_text() -> None:
    assert judged(CODE).reason == "the homepage shows no text at all"
