"""Images: elements, drawings and backgrounds, and those that scripts may load late."""

from __future__ import annotations

import pytest

from ycaudit.model import Visibility
from ycaudit.observe.page_images import label_of
from ycaudit.observe.static import markup
from ycaudit.observe.static.tree import Tree

URL = "http://unit.test/home/index.html"


def sources(html: str) -> list[str]:
    return [image.src for image in markup.read(Tree(html, URL)).images]


@pytest.mark.parametrize(
    "name", ["data-src", "data-original", "original", "_src", "orisrc", "vurl"]
)
def test_images_that_scripts_load_late_are_found_beside_their_placeholder(name: str) -> None:
    html = f"<script>lazy()</script><img src=loading.gif {name}=/qr.png>"
    assert sources(html) == ["http://unit.test/qr.png", "http://unit.test/home/loading.gif"]


def test_without_a_script_nothing_loads_late() -> None:
    (late, _) = markup.read(Tree("<img src=loading.gif data-src=/qr.png>", URL)).images
    assert late.visible is Visibility.HIDDEN


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img srcset='a.png 1x, b.png 2x'>", ["http://unit.test/home/a.png"]),
        (
            "<div style='background:url(\"q.png\") no-repeat'>x</div>",
            ["http://unit.test/home/q.png"],
        ),
        (
            "<style>.a{background-image:url(q.png)}</style><p class=a>x",
            ["http://unit.test/home/q.png"],
        ),
        ("<style>.b{background-image:url(q.png)}</style><p class=a>x", []),
        ("<style>@media print{p{background:url(q.png)}}</style><p>x", []),
        ("<style>/* p{background:url(q.png)} */</style><p>x", []),
        ("<input type=image src=q.png>", ["http://unit.test/home/q.png"]),
        ("<object data=q.svg type=image/svg+xml></object>", ["http://unit.test/home/q.svg"]),
        ("<table background=q.png><tr><td>x</table>", ["http://unit.test/home/q.png"]),
        ("<img src='data:image/png;base64,AAAA'>", ["data:image/png;base64,AAAA"]),
    ],
)
def test_images_of_every_kind_are_found(html: str, expected: list[str]) -> None:
    assert sources(html) == expected


@pytest.mark.parametrize(
    "style", ["width:0;height:0", "display:none", "position:absolute;top:-999px"]
)
def test_a_picture_that_its_style_keeps_from_the_screen_is_not_shown(style: str) -> None:
    (image,) = markup.read(Tree(f"<img src=q.png style='{style}'>", URL)).images
    assert not image.visible.counts


def test_images_stand_in_objects_and_embeds_too() -> None:
    assert sources("<object data=/a.png></object><embed src=/b.png><embed src=/c.swf>") == [
        "http://unit.test/a.png",
        "http://unit.test/b.png",
    ]


def test_an_image_that_a_script_may_show_is_worth_a_look_and_unsure() -> None:
    html = "<div data-qr='/code.png' data-x='not an image'>x</div><script>1</script>"
    (image,) = markup.read(Tree(html, URL)).images
    assert image.src == "http://unit.test/code.png"
    assert image.visible is Visibility.UNSURE
    (image,) = markup.read(Tree(html.partition("<script")[0], URL)).images
    assert image.visible is Visibility.HIDDEN


def test_a_drawing_is_an_image_where_it_is_large_enough_for_a_code() -> None:
    dots = "<rect x='1' y='1' width='1' height='1'/>" * 20
    assert len(sources(f"<svg width=90 height=90>{dots}</svg>")) == 1
    assert sources("<svg width=90 height=90><rect/></svg>") == []
    assert sources(f"<svg width=9 height=9>{dots}</svg>") == []
    found = markup.read(Tree(f"<svg>{dots}<g><svg>{dots}</svg></g></svg>", URL))
    assert next(iter(found.svgs.values())).count("xmlns=") == 1


def test_of_candidates_of_no_sane_size_one_is_still_chosen() -> None:
    assert sources("<img srcset='/a.png 1.5.2x, /b.png 1x'>")[-1].endswith(".png")


@pytest.mark.parametrize("src", ["file:///C:/Users/li/qr.png", "D:\\网站\\qr.png", "d:/qr.png"])
def test_an_image_on_the_writers_own_disk_is_told_and_never_asked_for(src: str) -> None:
    found = markup.read(Tree(f'<img src="{src}" alt="宜昌发布">', "http://unit.test/"))
    assert found.images == ()
    (image,) = found.disk_images
    assert (image.alt, image.visible) == ("宜昌发布", Visibility.HIDDEN)


@pytest.mark.parametrize(("size", "visible"), [(30, "unsure"), (59, "unsure"), (60, "shown")])
def test_whether_a_small_code_can_be_scanned_off_the_screen_only_a_browser_tells(
    size: int, visible: str
) -> None:
    html = f'<img src="/qr.png" width={size} height={size}>'
    (image,) = markup.read(Tree(html, URL)).images
    assert image.visible == visible


@pytest.mark.parametrize(
    "html",
    [
        "<img src=/q.png width=30>",
        "<img src=/q.png height=30px>",
        "<input type=image src=/q.png width=30>",
        "<img src=/q.png width='2%'>",
        "<img src=/q.png style='width:30px'>",
        "<img src=/q.png style='width:2em;height:2em'>",
        "<img src=/q.png width=180 class=i><style>.i { max-height: 30px }</style>",
        "<div class=i><img src=/q.png width='100%'></div><style>.i { width: 30px }</style>",
        "<td><img src=/q.png></td><style>img { max-width: 100% }</style>",
        "<p class=i><img src=/q.png></p><style>.i { width: 3% } img { width: 100% }</style>",
        "<p class=i><img src=/q.png></p><style>.i { height: 30px } img { height: 90% }</style>",
    ],
)
def test_a_picture_that_one_side_may_make_too_small_is_unsure(html: str) -> None:
    html = html.replace("<td>", "<table><tr><td width=30>")
    (image,) = markup.read(Tree(html, URL)).images
    assert image.visible is Visibility.UNSURE


@pytest.mark.parametrize(
    "html",
    [
        "<img src=/q.png width=120>",
        "<img src=/q.png width='100%' style='max-width:160px'>",
        "<div class=w><img src=/q.png></div><style>.w { width: 1200px } img { max-width: 100%;"
        " height: auto }</style>",
        "<p class=i><img src=/q.png></p><style>.i { height: 40px } img { max-width: 100% }</style>",
        "<p class=i><img src=/q.png></p><style>.i { width: 30px }</style>",
        "<ul><li><img src=/q.png></ul><style>ul, img { width: 100% } li { width: 10% }</style>",
        "<img src=/q.png><style>.icon, p img { width: 20px } img::after { width: 9px }</style>",
        "<img src=/q.png><style>@media (max-width: 700px) { img { width: 50px } }</style>",
    ],
)
def test_an_ordinary_size_leaves_a_picture_shown(html: str) -> None:
    (image,) = markup.read(Tree(html, URL)).images
    assert image.visible is Visibility.SHOWN


@pytest.mark.parametrize(("size", "visible"), [("width:30px", "unsure"), ("width:90px", "shown")])
def test_a_drawing_is_as_large_as_its_style_says(size: str, visible: str) -> None:
    dots = "<rect x='1' y='1' width='1' height='1'/>" * 20
    (image,) = markup.read(Tree(f"<svg style='{size}'>{dots}</svg>", URL)).images
    assert image.visible == visible


FOOTER = "云江网 中国·云江 版权所有 某某局 备案号 00000000 联系电话 00000000"


@pytest.mark.parametrize(
    ("names", "nearby", "label"),
    [
        ("云江发布微信", "扫一扫 关注我们", "云江发布微信 扫一扫 关注我们"),
        ("云江发布微信", FOOTER, "云江发布微信"),
        ("", FOOTER, FOOTER),
        ("云江发布", "云江发布", "云江发布"),
    ],
    ids=["its caption", "the text of a whole footer", "all that there is", "the same twice"],
)
def test_a_code_is_called_by_its_own_name_and_by_the_text_that_is_about_it(
    names: str, nearby: str, label: str
) -> None:
    assert label_of(names, nearby) == label
