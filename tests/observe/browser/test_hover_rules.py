"""Style sheets tell what a pointer or the focus may bring up."""

from __future__ import annotations

import pytest

from ycaudit.observe.browser.hover_rules import hover_rules


@pytest.mark.parametrize(
    ("sheet", "pointed"),
    [
        (".wx:hover .pop{display:block}", (".wx",)),
        ("li:hover>ul,a.on:focus+b{visibility:visible}", ("li",)),
        (".a .b:hover ~ .c::after{content:url(c.png)}", (".a .b",)),
        (".i:hover::after{content:''}", (".i",)),
        ("@media (min-width:1px){.m:hover{right:0}}", (".m",)),
        (".n{color:red;&:hover .p{opacity:1}}", (":is(.n)",)),
        (".n{.q:hover &{opacity:1}}", (".q",)),
        (".x.y:hover.z i{height:9px}", (".x.y.z",)),
        (":hover>.p{display:block}", ("*",)),
        ("ul > :hover .p{display:block}", ("ul >*",)),
        (":is(.a,.b:hover) .c{display:block}", (".b",)),
        (".k{&:hover{img{opacity:1}}}", (":is(.k)",)),
        (".q{&:is(:where(.g):hover *){opacity:1}}", (":where(.g)",)),
        (".list:hover .row:hover .q{display:block}", (".list", ".list .row")),
        (".k:not(:hover) img{display:none}", (".k",)),
        (".k:is(:hover, :focus) img{display:block}", (".k",)),
        (".k:hover:not(.a, .b) img{display:block}", (".k:not(.a, .b)",)),
        (".k:has(> .t:hover) .q{display:block}", (".t",)),
        ("<!-- .k:hover img{display:block} -->", (".k",)),
        (".k:hover i{background-position:0 -90px}", (".k",)),
        (".k:hover{-webkit-transform:none}", (".k",)),
        ("/* .no:hover{} */.yes:hover i{transform:none", ()),
        ("/* .no:hover i{top:0} */ .yes:hover i{transform:none}", (".yes",)),
        ("}}.late:hover i{top:0}", (".late",)),
    ],
)
def test_what_is_pointed_at_is_what_stands_before_the_state(
    sheet: str, pointed: tuple[str, ...]
) -> None:
    assert hover_rules([sheet]).pointed == pointed


@pytest.mark.parametrize(
    "declarations", ["color:red", "text-decoration:underline", "background:#eee", "cursor:pointer"]
)
def test_what_only_recolours_is_not_pointed_at(declarations: str) -> None:
    assert hover_rules([f"a:hover{{{declarations}}}"]).pointed == ()


@pytest.mark.parametrize(
    "declarations",
    [
        *("background:0 0", "background-image:none", "background:unset", "background:#fff0"),
        *("background-color:rgb(0 0 0 / 0)", "backdrop-filter:none", "background:#00000000"),
    ],
)
def test_what_takes_a_ground_away_is_pointed_at(declarations: str) -> None:
    assert hover_rules([f"a:hover{{{declarations}}}"]).pointed == ("a",)


@pytest.mark.parametrize("declarations", ["background:#f00", "background:#20200"])
def test_a_colour_takes_nothing_away(declarations: str) -> None:
    assert hover_rules([f"a:hover{{{declarations}}}"]).pointed == ()


def test_the_focus_is_told_apart_from_the_pointer() -> None:
    rules = hover_rules([".f:focus-within .p,.g:focus-visible+b,.h:hover i{display:block}"])
    assert rules.focused == (".f", ".g")
    assert rules.pointed == (".h",)


@pytest.mark.parametrize("piece", ["{", "a{", "&&&&{", "a:hover{", "a,"])
def test_a_sheet_of_a_megabyte_of_braces_ends(piece: str) -> None:
    count = 1_000_000 // len(piece)
    assert len(hover_rules([piece * count + "i:hover b{top:0" + "}" * count]).pointed) <= 1
