"""The ways: what a style sheet can do to a thing, under which condition, and how it is carried.

An effect is a list of declarations for a probe or for the box around it; a condition is a template
that says when they apply; a carrier is what brings the text of a sheet to the page. Templates know
`$n` (the number of the probe), `$S` (a selector of the target), `$A` (of the probe itself), `$D`
(the declarations), `$I` (all !important), `$U` (their undoing), `$J` (that, !important), `$L`
(revert-layer), `$R` (the rule `$S{$D}` and what belongs to it), `$K` (custom properties that hold
the values), `$Z` (declarations that use these), `$F` (that use them as fallback) and `$P` (markup).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Effect:
    """What is done to a target; `on` is where: the probe, its box, or either."""

    name: str
    declarations: str = ""
    on: Literal["self", "box", "any"] = "any"
    only: Literal["link", "image", "any"] = "any"
    more: str = ""
    """Rules that belong to it."""
    attribute: str = ""
    """Written into the tag of the probe."""
    wrap: str = "$P"


@dataclass(frozen=True, slots=True)
class Condition:
    """When the declarations apply."""

    name: str
    css: str
    attribute: str = ""
    section: str = ""
    """Written into the tag of the section around."""
    inline: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """How a sheet comes to the page; `$C` is its text, `$Q` and `$B` that for a data: URL."""

    name: str
    html: str
    served: bool = False
    """`$C` is served at `/s$n.css`."""


def _effects(text: str, **given: str) -> list[Effect]:
    """One effect a line: its name is what it declares."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return [Effect(line, line, **given) for line in lines]  # type: ignore[arg-type]


HIDES = _effects("""
display:none
visibility:hidden
opacity:0
""")

EFFECTS = [
    *HIDES,
    *HIDES,  # twice: the plain ones are what most conditions should carry
    *_effects("""
display:contents
display:inline-block
display:table-column
display:table-cell
display:table-header-group
display:flow-root
display:list-item
display:-webkit-box
display:ruby-text
display:block none
display:NONE
visibility:collapse
opacity:.01
opacity:5%
opacity:.5
opacity:-1
opacity:calc(1 - 1)
opacity:none
zoom:0
zoom:.02
zoom:0%
zoom:1
clip:rect(0,0,0,0);position:absolute
clip:rect(0,0,0,0)
clip:rect(1px 1px 1px 1px);position:absolute
clip:rect(0 500px 500px 0);position:absolute
clip:rect(auto,auto,auto,auto);position:fixed;top:3px;left:700px
clip-path:inset(50%);display:inline-block
clip-path:inset(100% 0 0 0);display:block
clip-path:inset(0 round 5px);display:inline-block
clip-path:circle(0);display:inline-block
clip-path:circle(200%);display:inline-block
clip-path:polygon(0 0,0 0,0 0);display:block
clip-path:polygon(0 0,100% 0,100% 100%,0 100%);display:block
clip-path:ellipse(0 0);display:block
clip-path:xywh(0 0 0 0);display:block
clip-path:rect(0 0 0 0);display:block
clip-path:url(#zz)
clip-path:path("M0 0")
-webkit-clip-path:inset(50%);display:block
clip-path:inset(-9px)
mask:linear-gradient(transparent,transparent)
mask:linear-gradient(#000,#000)
-webkit-mask:linear-gradient(transparent,transparent)
mask:linear-gradient(#000,#000) 0 0/0 0 no-repeat
mask-image:none
mask-image:url(/gone.png)
-webkit-mask-image:linear-gradient(rgba(0,0,0,0),rgba(0,0,0,0))
filter:opacity(0)
filter:opacity(3%)
filter:opacity(1)
filter:brightness(100)
filter:contrast(0) brightness(9)
filter:blur(60px)
filter:blur(0)
filter:url(#zz)
-webkit-filter:opacity(0)
filter:drop-shadow(0 0 0 red) opacity(0%)
backdrop-filter:blur(5px)
mix-blend-mode:lighten
mix-blend-mode:multiply
mix-blend-mode:screen
mix-blend-mode:color-dodge
transform:scale(0);display:inline-block
transform:scale(0)
transform:scaleX(0);display:block
transform:scale(1,0);display:block
transform:scale3d(1,0,1);display:block
transform:rotateY(90deg);display:inline-block
transform:rotateX(90deg);display:inline-block
transform:rotate3d(1,0,0,90deg);display:block
transform:rotate(360deg);display:block
transform:rotateY(180deg);backface-visibility:hidden;display:inline-block
transform:rotateY(180deg);display:inline-block
transform:translate(-9999px);display:block
transform:translateX(-100vw);display:block
transform:translateY(-100vh);display:block
transform:translate3d(-200%,0,0);position:absolute;left:0
transform:matrix(0,0,0,0,0,0);display:block
transform:matrix(1,0,0,1,-5000,0);display:block
transform:skewX(90deg);display:block
transform:perspective(10px) translateZ(20px);display:block
-webkit-transform:scale(0);display:inline-block
translate:-9999px;display:block
translate:0 -9999px;display:block
scale:0;display:block
scale:1 0;display:block
rotate:y 90deg;display:block
rotate:x 1.5707963rad;display:block
rotate:.25turn;display:block
perspective:1px;display:block
position:absolute;left:-9999px
position:absolute;top:-9999px
position:absolute;right:-9999px
position:absolute;left:9999px
position:absolute;bottom:-3000px
position:absolute;top:5000px
position:absolute;inset:-9999px auto auto -9999px
position:absolute;inset-inline-start:-9999px
position:absolute;inset-block-start:-999em
position:absolute;left:-200vw
position:absolute;left:-100%;width:50px
position:absolute;right:100vw;right:100%
position:absolute;left:calc(-50em - 50vw)
position:absolute;left:min(0px,-3000px)
position:fixed;top:-9999px
position:fixed;left:-9999px
position:fixed;top:200vh
position:fixed;left:100%
position:fixed;bottom:-300px
position:fixed;right:-300px
position:fixed;right:40px;bottom:40px
position:fixed;left:100vw;top:10px
position:fixed;inset:110% auto auto 0
position:relative;left:-9999px
position:relative;top:-9999px
position:relative;right:9999px
position:relative;inset-inline:-9999px auto
position:static;left:-9999px
position:sticky;top:0
position:sticky;left:-9999px
float:left;margin-left:-9999px
margin-left:-9999px
margin-left:-9999px;display:block
margin-inline-start:-9999px;display:block
margin-top:-9999px;display:block
margin-block-start:-200vh;display:block
margin-left:100vw;display:block
padding-left:300px;display:block;width:0;overflow:hidden
text-indent:-9999px
text-indent:-9999px;display:block;overflow:hidden
width:0;height:0;overflow:hidden;display:block
width:0;overflow:hidden;display:inline-block
width:0;display:block
width:0;overflow:hidden
inline-size:0;overflow:hidden;display:block
block-size:0;overflow:hidden;display:block
max-width:0;overflow:hidden;display:block
max-height:0;overflow:hidden;display:block
max-height:0;display:block
max-block-size:0px;overflow:clip;display:block
height:0;overflow:hidden;display:block
height:0;overflow:clip;display:block
height:0;overflow-y:hidden;display:block
height:0;overflow-x:hidden;display:block
height:0;overflow:auto;display:block
height:0;overflow:overlay;display:block
height:0;display:block
height:calc(10px - 10px);overflow:hidden;display:block
height:min(0px,9px);overflow:hidden;display:block
height:clamp(0px,0px,9px);overflow:hidden;display:block
height:0%;overflow:hidden;display:block
height:-5px;overflow:hidden;display:block
width:1px;height:1px;overflow:hidden;position:absolute
aspect-ratio:1/0;overflow:hidden;display:block;width:0
aspect-ratio:100;width:60px;overflow:hidden;display:block
contain:paint;width:0;display:block
contain:size;display:inline-block
contain:strict;display:block
contain:content;display:block
content-visibility:hidden
content-visibility:hidden;display:block
content-visibility:auto;display:block
display:grid;grid-template-columns:0;overflow:hidden;width:0
display:flex;height:0;overflow:hidden
display:inline-flex;width:0;overflow:clip
columns:2
column-width:10px;height:0;overflow:hidden
writing-mode:vertical-rl
writing-mode:vertical-rl;block-size:0;overflow:hidden;display:block
direction:rtl
direction:rtl;position:absolute;left:-9999px
all:unset
all:initial
all:revert
all:inherit
pointer-events:none
pointer-events:all
user-select:none
interactivity:inert
animation:none
animation:zz 1s forwards
overflow:hidden;height:30px;display:block
overflow:hidden
z-index:-1;position:relative
z-index:-1
isolation:isolate
offset-path:path("M-9999 0");display:block
will-change:transform
appearance:none
float:right
"""),
    *_effects(
        """
color:#fff
color:white
color:#fffffe
color:#fff8
color:transparent
color:#ffffff00
color:rgba(0,0,0,0)
color:rgba(0,0,0,.02)
color:rgb(255 255 255)
color:rgb(100% 100% 100%/1)
color:hsl(0 0% 100%)
color:hsla(120,100%,100%,1)
color:hwb(0 100% 0%)
color:oklch(1 0 0)
color:oklab(100% 0 0)
color:lab(100 0 0)
color:lch(100% 0 0)
color:color(srgb 1 1 1)
color:color(display-p3 1 1 1)
color:color-mix(in srgb,white,white)
color:color-mix(in srgb,#000 0%,transparent)
color:color-mix(in oklab,#000,#fff 99%)
color:Canvas
color:CanvasText
color:ButtonFace;background:ButtonFace
color:Window
color:light-dark(white,black)
color:light-dark(black,white)
color:rgb(from white r g b)
color:currentcolor
color:inherit
color:initial
color:#fff;background:#222
color:#222;background:#222
color:#222;background:#222!important;background:none
color:black;background:linear-gradient(#000,#000)
color:#fff;text-shadow:0 0 2px #000
color:#fff;-webkit-text-stroke:1px #000
color:rgb(12,34,56);background-color:#0c2238
color:red;background:red url(/gone.png)
color:#fff;background:url(/gone.png)
-webkit-text-fill-color:transparent
-webkit-text-fill-color:#fff
-webkit-text-fill-color:currentcolor
color:#fff;-webkit-text-fill-color:#000
background:#00f;background-clip:text;color:transparent
background:#fff;-webkit-background-clip:text;-webkit-text-fill-color:transparent
background:#0000ee
background:LinkText
background:#000;color:#000;border-radius:9px
font-size:0
font-size:0px!important
font-size:.1px
font-size:1px
font-size:0%
font-size:calc(0*1em)
font-size:max(0px,0em)
font-size:-5px
font-size:smaller
font:0/0 a
font:0 serif
font:12px/0 serif
font:italic 0px/9px x
font:0
font:caption
font-size-adjust:.1
line-height:0
line-height:0;overflow:hidden;display:block
line-height:0;font-size:0
line-height:200px
letter-spacing:-1em
letter-spacing:-99px
letter-spacing:9999px;text-indent:-5000px;display:block;overflow:hidden
word-spacing:-9999px
text-indent:100%;white-space:nowrap;overflow:hidden;display:block
text-indent:-99em;display:inline-block
text-indent:-300%;display:block;white-space:nowrap
text-transform:uppercase
text-overflow:ellipsis;overflow:hidden;width:8px;white-space:nowrap;display:block
text-security:disc
text-align:right;width:9999px;display:block
text-decoration:none
white-space:nowrap;overflow:hidden;width:300px;display:block
font-family:Webdings
font-variant:small-caps
font-stretch:50%
-webkit-font-smoothing:antialiased
""",
        only="link",
    ),
    *_effects(
        """
width:0
width:0!important
width:auto
width:5px
height:0
height:1px
height:0;width:60px
max-width:0
max-height:0
max-width:100%
min-width:60px;width:0
width:0;padding:40px
inline-size:0
block-size:0
width:calc(0px)
width:0%
aspect-ratio:1/0;width:0
object-fit:none;object-position:-999px 0
object-fit:none;object-position:0 -50%
object-position:-999px -999px
object-position:50% 50%
object-fit:cover
object-view-box:inset(50%)
content:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='60' height='60'/%3E")
content:none
content:""
content:"x"
content:normal
content:url(/gone.png)
content:linear-gradient(red,blue)
image-rendering:pixelated
image-orientation:none
box-sizing:border-box;width:60px;padding:30px
border:40px solid red;width:0;height:0
background:#fff
filter:invert(1)
""",
        on="self",
        only="image",
    ),
]

_COVER = 'content:"";position:absolute;inset:0;background:#fff'
EFFECTS += [
    Effect("visible in hidden", "visibility:hidden", "box", more="$A{visibility:visible}"),
    Effect("visible in collapse", "visibility:collapse", "box", more="$A{visibility:visible}"),
    Effect("hidden, a wildcard shows", "visibility:hidden", more="$A{visibility:inherit}"),
    Effect("opaque in clear", "opacity:0", "box", more="$A{opacity:1}"),
    Effect("shown in none", "display:none", "box", more="$A{display:block!important}"),
    Effect("colour of the box", "background:#135", "box", "link", more="$A{color:#113355}"),
    Effect("colour given to the box", "color:#fff", "box", "link", more="$A{color:inherit}"),
    Effect("colour of the section", "color:#246", "self", "link", more="#s$n{background:#246}"),
    Effect("dark box, no colour", "background:#0000ee", "box", "link"),
    Effect("dark box, white link", "background:#000", "box", "link", more="$A{color:#fff}"),
    Effect("em of nothing", "font-size:0", "box", "link", more="$A{font-size:2em}"),
    Effect("rem over nothing", "font-size:0", "box", "link", more="$A{font-size:1rem}"),
    Effect("percent of nothing", "font-size:0", "box", "link", more="$A{font-size:150%}"),
    Effect("medium over nothing", "font:0/0 a", "box", "link", more="$A{font-size:medium}"),
    Effect("indent inherited", "text-indent:-9999px", "box", "link", more="$A{display:block}"),
    Effect("indent reset", "text-indent:-9999px", "box", "link", more="$A{text-indent:0}"),
    Effect("cover before", "position:relative;display:block", more=f"$S::before{{{_COVER}}}"),
    Effect("cover after", "position:relative;display:block", more=f"$S::after{{{_COVER}}}"),
    Effect("cover :after", "position:relative;display:block", more=f"$S:after{{{_COVER}}}"),
    Effect("cover behind", "position:relative", more=f"$S::before{{{_COVER};z-index:-1}}"),
    Effect(
        "cover let through",
        "position:relative",
        more=f"$S::after{{{_COVER};background:none;pointer-events:none}}",
    ),
    Effect("clear cover", "position:relative", more=f"$S::after{{{_COVER};background:none}}"),
    Effect("cover of the section", more=f"#s$n{{position:relative}}#s$n::after{{{_COVER}}}"),
    Effect(
        "cover without content",
        more="#s$n{position:relative}#s$n::after{position:absolute;inset:0;background:#fff}",
    ),
    Effect("cover of shadow", "position:relative;box-shadow:inset 0 0 0 99px #fff"),
    Effect("behind the section", "z-index:-1;position:relative", more="#s$n{background:#eee}"),
    Effect(
        "behind, in a context",
        "z-index:-1;position:relative",
        more="#s$n{background:#eee;isolation:isolate}",
    ),
    Effect(
        "flex to nothing", "display:flex", "box", more="$A{flex:0 0 0;min-width:0;overflow:hidden}"
    ),
    Effect("flex squeezed", "display:flex;width:0", "box", more="$A{overflow:hidden;flex:1}"),
    Effect(
        "grid row of nothing",
        "display:grid;grid-template-rows:0",
        "box",
        more="$A{overflow:hidden}",
    ),
    Effect(
        "grid column of nothing",
        "display:grid;grid-template-columns:0 1fr",
        "box",
        more="$A{overflow:hidden}",
    ),
    Effect(
        "grid 0fr",
        "display:grid;grid-template-rows:0fr",
        "box",
        more="$A{overflow:hidden;min-height:0;display:block}",
    ),
    Effect(
        "grid area off", "display:grid;grid-auto-rows:0", "box", more="$A{grid-row:5;overflow:clip}"
    ),
    Effect(
        "height handed down",
        "height:0",
        "box",
        more="$A{height:100%;overflow:hidden;display:block}",
    ),
    Effect(
        "width handed down", "width:0", "box", more="$A{width:100%;overflow:hidden;display:block}"
    ),
    Effect("ends clear", "animation:k$n .1s forwards", more="@keyframes k$n{to{opacity:0}}"),
    Effect("clear for a moment", "animation:k$n .1s", more="@keyframes k$n{to{opacity:0}}"),
    Effect(
        "ends seen", "opacity:0;animation:k$n .1s forwards", more="@keyframes k$n{to{opacity:1}}"
    ),
    Effect("begins clear", "animation:k$n .1s both", more="@keyframes k$n{from{opacity:0}}"),
    Effect("stays clear", "animation:k$n .1s paused both", more="@keyframes k$n{from{opacity:0}}"),
    Effect(
        "ends away",
        "animation:k$n .1s forwards;display:block",
        more="@keyframes k$n{100%{transform:translateX(-5000px)}}",
    ),
    Effect("ends hidden", "animation:.1s k$n both", more="@keyframes k$n{to{visibility:hidden}}"),
    Effect("ends none", "animation:k$n .1s linear both", more="@keyframes k$n{to{display:none}}"),
    Effect(
        "ends clear, in longhand",
        "animation-name:k$n;animation-duration:.1s;animation-fill-mode:forwards",
        more="@keyframes k$n{to{opacity:0}}",
    ),
    Effect(
        "ends clear, prefixed",
        "-webkit-animation:k$n .1s forwards",
        more="@-webkit-keyframes k$n{to{opacity:0}}",
    ),
    Effect(
        "ends clear, in a late twin",
        "animation:k$n .1s forwards",
        more="@keyframes k$n{to{opacity:1}}@keyframes k$n{to{opacity:0}}",
    ),
    Effect(
        "ends clear against !important",
        "animation:k$n .1s forwards;opacity:1!important",
        more="@keyframes k$n{to{opacity:0}}",
    ),
    Effect("starts so", "transition:opacity .1s", more="@starting-style{$S{opacity:0}}"),
    Effect("moved by the clock", "opacity:0;transition:opacity 1s"),
    Effect(
        "scroll-driven",
        "animation:k$n linear both;animation-timeline:view()",
        more="@keyframes k$n{from,to{opacity:0}}",
    ),
    Effect("hidden", attribute="hidden", on="self"),
    Effect("hidden=false", attribute='hidden="false"', on="self"),
    Effect("hidden, displayed", "display:inline-block", "self", attribute="hidden"),
    Effect("hidden, displayed important", "display:block!important", "self", attribute="hidden"),
    Effect("until found", attribute="hidden=until-found", on="self"),
    Effect("inert", attribute="inert", on="self"),
    Effect("aria", attribute="aria-hidden=true", on="self"),
    Effect("box hidden", wrap="<div hidden>$P</div>"),
    Effect("box hidden, displayed", wrap='<div hidden style="display:flow-root">$P</div>'),
    Effect("box until found", wrap="<div hidden=until-found>$P</div>"),
    Effect("box inert", wrap="<div inert>$P</div>"),
    Effect("details", wrap="<details><summary>more</summary>$P</details>"),
    Effect("details open", wrap="<details open><summary>more</summary>$P</details>"),
    Effect("summary", wrap="<details><summary>more $P</summary>less</details>"),
    Effect("details without summary", wrap="<details>$P</details>"),
    Effect(
        "details, no summary to see",
        wrap="<details><summary style=display:none>x</summary>$P</details>",
    ),
    Effect(
        "details, content shown",
        wrap="<details class=d$n><summary>more</summary>$P</details>",
        more=".d$n::details-content{content-visibility:visible}",
    ),
    Effect("dialog", wrap="<dialog>$P</dialog>"),
    Effect("dialog open", wrap="<dialog open style=position:static>$P</dialog>"),
    Effect("dialog displayed", wrap="<dialog style=display:block;position:static>$P</dialog>"),
    Effect("popover", wrap="<div popover>$P</div>"),
    Effect("popover displayed", wrap="<div popover style=display:block;position:static>$P</div>"),
    Effect(
        "popover with button",
        wrap="<button popovertarget=o$n>open</button><div popover id=o$n>$P</div>",
    ),
    Effect("template", wrap="<template>$P</template>"),
    Effect("noscript", wrap="<noscript>$P</noscript>"),
    Effect("comment", wrap="<!-- $P -->"),
    Effect("bogus comment", wrap="<!x>$P</!x>"),
    Effect("conditional comment", wrap="<!--[if !IE]><!-->$P<!--<![endif]-->"),
    Effect("conditional comment, hidden", wrap="<!--[if IE]>$P<![endif]-->"),
    Effect(
        "svg defs",
        wrap="<svg width=99 height=99><defs><foreignObject width=99 height=99>$P</foreignObject></defs></svg>",
    ),
    Effect(
        "svg foreign",
        wrap="<svg width=300 height=99><foreignObject width=300 height=99>$P</foreignObject></svg>",
    ),
    Effect(
        "svg foreign of nothing",
        wrap="<svg width=300 height=99><foreignObject width=0 height=0>$P</foreignObject></svg>",
    ),
    Effect(
        "svg without size",
        wrap="<svg width=0 height=0><foreignObject width=300 height=99>$P</foreignObject></svg>",
    ),
    Effect("shadow", wrap="<div><template shadowrootmode=open><slot></slot></template>$P</div>"),
    Effect("shadow without slot", wrap="<div><template shadowrootmode=open>x</template>$P</div>"),
    Effect(
        "shadow hides",
        wrap="<div><template shadowrootmode=open><style>::slotted(*){display:none}</style><slot></slot></template>$P</div>",
    ),
    Effect(
        "shadow hides its host",
        wrap="<div><template shadowrootmode=open><style>:host{display:none}</style><slot></slot></template>$P</div>",
    ),
    Effect("object", wrap="<object>$P</object>"),
    Effect("video", wrap="<video width=90 height=60>$P</video>"),
    Effect("audio", wrap="<audio>$P</audio>"),
    Effect("canvas", wrap="<canvas width=90 height=60>$P</canvas>"),
    Effect("meter", wrap="<meter>$P</meter>"),
    Effect("progress", wrap="<progress>$P</progress>"),
    Effect("textarea", wrap="<textarea>$P</textarea>"),
    Effect("select", wrap="<select>$P</select>"),
    Effect("datalist", wrap="<datalist>$P</datalist>"),
    Effect("noembed", wrap="<noembed>$P</noembed>"),
    Effect("noframes", wrap="<noframes>$P</noframes>"),
    Effect("xmp", wrap="<xmp>$P</xmp>"),
    Effect("iframe text", wrap="<iframe>$P</iframe>"),
    Effect("marquee", wrap="<marquee behavior=slide loop=1 scrollamount=9999>$P</marquee>"),
    Effect("fieldset", wrap="<fieldset disabled><legend>x</legend>$P</fieldset>"),
    Effect("button", wrap="<button type=button>$P</button>"),
    Effect("button disabled", wrap="<button disabled>$P</button>"),
    Effect("label", wrap="<label>x $P</label>"),
    Effect("rp", wrap="<ruby>x<rp>$P</rp><rt>y</rt></ruby>"),
    Effect("rt", wrap="<ruby>x<rt>$P</rt></ruby>"),
    Effect("unknown tag", wrap="<x-box>$P</x-box>"),
    Effect("math", wrap="<math><mtext>$P</mtext></math>"),
    Effect("mphantom", wrap="<math><mphantom><mtext>$P</mtext></mphantom></math>"),
    Effect(
        "annotation",
        wrap="<math><semantics><mi>x</mi><annotation-xml encoding=text/html>$P</annotation-xml></semantics></math>",
    ),
    Effect("font white", wrap="<font color=white>$P</font>"),
    Effect("font size", wrap="<font size=-7>$P</font>"),
    Effect(
        "font in link", wrap="<font color=#fff>$P</font>", more="$A{color:inherit}", only="link"
    ),
    Effect(
        "dark table",
        wrap="<table bgcolor=#000><tr><td>$P</table>",
        more="$A{color:#000}",
        only="link",
    ),
    Effect(
        "dark cell",
        wrap="<table><tr><td bgcolor=black>$P</table>",
        more="$A{color:#000000}",
        only="link",
    ),
    Effect("dark row, light link", wrap="<table><tr bgcolor=0000ee><td>$P</table>", only="link"),
    Effect(
        "dark table, light link",
        wrap="<table bgcolor=navy><tr><td>$P</table>",
        more="$A{color:#ff0}",
        only="link",
    ),
    Effect("cell of nothing", wrap="<table width=0><tr><td width=0>$P</table>"),
    Effect(
        "column collapsed", wrap="<table><col style=visibility:collapse><tr><td>$P<td>x</table>"
    ),
    Effect("row collapsed", wrap="<table><tr style=visibility:collapse><td>$P<tr><td>x</table>"),
    Effect("empty cells", wrap="<table style=empty-cells:hide><tr><td>$P</table>"),
    Effect("nine tenths", wrap="<div style=opacity:.9>" * 30 + "$P" + "</div>" * 30),
    Effect("nine tenths, thrice", wrap="<div style=opacity:.9>" * 3 + "$P" + "</div>" * 3),
    Effect("six tenths", wrap="<div style=opacity:.6>" * 8 + "$P" + "</div>" * 8),
    Effect(
        "small in small", wrap="<div style=font-size:.5em>" * 6 + "$P" + "</div>" * 6, only="link"
    ),
    Effect("scaled down", wrap="<div style=transform:scale(.4)>" * 5 + "$P" + "</div>" * 5),
    Effect(
        "scrolled box",
        wrap="<div style=height:40px;overflow:auto><div style=height:300px>x</div>$P</div>",
    ),
    Effect(
        "cut box",
        wrap="<div style=height:40px;overflow:hidden><div style=height:300px>x</div>$P</div>",
    ),
    Effect(
        "cut box, set off", wrap="<div style=height:90px;overflow:hidden;padding-top:90px>$P</div>"
    ),
    Effect(
        "cut row",
        wrap="<div style=width:200px;overflow:hidden;white-space:nowrap><i style=padding-left:900px>x</i>$P</div>",
    ),
    Effect(
        "scrolled row",
        wrap="<div style=width:200px;overflow-x:scroll;white-space:nowrap><i style=padding-left:900px>x</i>$P</div>",
    ),
    Effect(
        "clamped",
        wrap="<div style='display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:1;overflow:hidden'>x<br>y<br>z<br>w<br>$P</div>",
    ),
    Effect(
        "covered by a sibling",
        wrap="<div style=position:relative>$P<i style=position:absolute;inset:0;background:#fff></i></div>",
    ),
    Effect(
        "covered by a clear sibling",
        wrap="<div style=position:relative>$P<i style=position:absolute;inset:0></i></div>",
    ),
    Effect(
        "covered by width and height",
        wrap="<div style=position:relative>$P<i style=position:absolute;left:0;top:0;width:100%;height:100%;background:#fff></i></div>",
    ),
    Effect(
        "covered from before",
        wrap="<div style=position:relative><i style=position:absolute;inset:0;background:#fff></i>$P</div>",
    ),
    Effect(
        "covered in the grid",
        wrap="<div style=display:grid><div style=grid-area:1/1>$P</div><i style=grid-area:1/1;background:#fff></i></div>",
    ),
    Effect(
        "neighbour below comes up",
        wrap="<div>$P<div style=margin-top:-80px;height:90px;background:#fff;position:relative></div></div>",
    ),
    Effect(
        "plain neighbour comes up",
        wrap="<div>$P<div style=margin-top:-80px;height:90px;background:#fff></div></div>",
    ),
    Effect(
        "neighbour moved over",
        wrap="<div>$P<div style=transform:translateY(-90px);height:90px;background:#fff></div></div>",
    ),
    Effect(
        "neighbour floats over",
        wrap="<div>$P<div style=float:left;margin-left:-100%;width:100%;height:90px;background:#fff></div></div>",
    ),
    Effect("frame", wrap="<iframe srcdoc='$P' width=400 height=120></iframe>"),
    Effect("frame of nothing", wrap="<iframe srcdoc='$P' width=0 height=0></iframe>"),
    Effect("frame hidden", wrap="<iframe srcdoc='$P' style=display:none></iframe>"),
    Effect("frame clear", wrap="<iframe srcdoc='$P' style=opacity:0></iframe>"),
    Effect(
        "frame with sheet",
        wrap="<iframe srcdoc='<style>a,img{visibility:hidden}</style>$P'></iframe>",
    ),
    Effect(
        "frame in frame text",
        wrap="<iframe srcdoc='&lt;style>img,a{opacity:0}&lt;/style>$P'></iframe>",
    ),
    Effect("width=0", attribute="width=0", on="self", only="image"),
    Effect("width=0 height=0", attribute="width=0 height=0", on="self", only="image"),
    Effect(
        "width=1 against CSS",
        "width:60px;height:60px",
        "self",
        "image",
        attribute="width=1 height=1",
    ),
    Effect("width=60 against CSS", "width:0", "self", "image", attribute="width=60 height=60"),
    Effect("height=0 alone", attribute="height=0", on="self", only="image"),
    Effect("width=0%", attribute="width=0%", on="self", only="image"),
    Effect("width=-5", attribute="width=-5", on="self", only="image"),
    Effect("width=x", attribute="width=x", on="self", only="image"),
    Effect("another by srcset", attribute='srcset="/gone.png 1x"', on="self", only="image"),
    Effect("another by srcset 2x", attribute='srcset="/gone.png 2x"', on="self", only="image"),
    Effect("lazy", attribute="loading=lazy", on="self", only="image"),
    Effect("alt only", attribute="alt=x", on="self", only="image"),
    Effect("picture", wrap="<picture><source srcset=/other.png>$P</picture>", only="image"),
    Effect(
        "picture, print",
        wrap="<picture><source media=print srcset=/other.png>$P</picture>",
        only="image",
    ),
    Effect(
        "picture, type",
        wrap="<picture><source type=image/zz srcset=/other.png>$P</picture>",
        only="image",
    ),
    Effect("wraps of an image", wrap="<a href=http://x.test/>$P</a>", only="image"),
]


def _media(text: str) -> list[Condition]:
    return [
        Condition(f"@media {line}", f"@media {line}{{$R}}") for line in text.strip().splitlines()
    ]


def _conditions(text: str) -> list[Condition]:
    """One condition a line: its name is its template."""
    return [Condition(line, line.replace("¶", "\n")) for line in text.strip().splitlines()]


CONDITIONS = [
    *_media("""
print
not print
screen
only screen
all
not all
(min-width:40em)
(max-width:40em)
(min-width:1920px)
(max-width:1919.98px)
(width>=1000px)
(1000px<=width<=2000px)
(2000px>width>1000px)
(width<1000px)
(width=1920px)
not all and (min-width:100px)
not screen and (max-width:100px)
not (max-width:100px)
(min-width:100px) or (max-width:5px)
(max-width:5px) or (max-width:6px)
(min-width:1px) and (not (max-width:5px))
(min-width:1px) and (max-width:5px) or (color)
((min-width:1px))
(hover:hover)
(hover:none)
(any-hover)
(pointer:coarse)
(pointer:fine)
(prefers-color-scheme:dark)
(prefers-color-scheme:light)
(prefers-reduced-motion:reduce)
(prefers-reduced-motion:no-preference)
(orientation:landscape)
(orientation:portrait)
(min-aspect-ratio:16/9)
(aspect-ratio>2)
(min-resolution:2dppx)
(min-resolution:.5dppx)
(-webkit-min-device-pixel-ratio:1.5)
(-webkit-max-device-pixel-ratio:1.5)
(scripting:none)
(scripting:enabled)
(scripting)
(display-mode:browser)
(update:fast)
(color)
(min-color:8)
(monochrome)
(forced-colors:active)
(prefers-contrast:more)
(foo:bar)
not (foo:bar)
(foo)
screen,print
print,(min-width:1px)
print,
(min-width:calc(10px + 5em))
(min-width:calc(500em))
(min-width:-5px)
(min-width:0)
(min-width:100)
screen and(min-width:1px)
screen and (min-width)
(max-device-width:5000px)
(min-device-width:2500px)
tv
speech
tty,screen
(height>2000px)
(min-height:200px) and (max-height:2000px)
SCREEN AND (MIN-WIDTH:1PX)
screen and (max-width:0)
screen\\0
\\0screen
and
or
not
(min-width:1px
(max-width:1e3px)
(min-width:10in)
(min-width:100rem)
(min-width:121em)
(grid)
(overflow-block:scroll)
(dynamic-range:high)
(color-gamut:srgb)
(inverted-colors)
"""),
    *_conditions("""
$R
$R
.sec{& $S{$D}}
$S{.sec &{$D}}
$S{&{$D}}
$S{&:not(.zz){$D}}
$S{& &{$D}}
$S{&.zz{$D}}
$S{.zz &{$D}}
$S{@media (min-width:100px){$D}}
$S{@media (max-width:100px){$D}}
$S{@media print{&{$D}}}
$S{@supports (display:grid){$D}}
$S{@layer zz{$D}}
$S{i{color:red}$D}
$S{$U;&{$D}}
$S{&{$D}$U}
$S{@media all{$D}$U}
$S{zz:hover{$D}}
$S{a{$D}}
#s$n{> *{} $S{$D}}
#s$n{$S{$D}}
#s$n{+ $S{$D}}
&{$R}
& $S{$D}
@container (min-width:1px){$R}
#s$n{container-type:inline-size}@container (min-width:1px){$R}
#s$n{container-type:inline-size}@container (max-width:10px){$R}
#s$n{container-type:inline-size}@container not (max-width:10px){$R}
#s$n{container:c$n/inline-size}@container c$n (width>5px){$R}
#s$n{container:c$n/inline-size}@container d$n (width>5px){$R}
#s$n{container:c$n/inline-size}@container c$n (height>5px){$R}
#s$n{--k:1}@container style(--k:1){$R}
#s$n{--k:1}@container style(--k:2){$R}
#s$n{--k:1}@container not style(--k:2){$R}
#s$n{--k:1}@container style(--k){$R}
@layer a$n{$R}
@layer a$n{$R}$S{$U}
$S{$U}@layer a$n{$R}
@layer a$n,b$n;@layer b$n{$R}@layer a$n{$S{$U}}
@layer b$n,a$n;@layer b$n{$R}@layer a$n{$S{$U}}
@layer a$n{$S{$I}}$S{$U}
@layer a$n{$S{$I}}$S{$J}
@layer a$n{$S{$I}}@layer b$n{$S{$J}}
@layer a$n{$S{$J}}@layer b$n{$S{$I}}
@layer a$n{@layer b{$R}$S{$U}}
@layer a$n.b{$R}@layer a$n{$S{$U}}
@layer a$n{$R}@layer b$n{$S{$L}}
@layer a$n{$S{$U}}@layer b$n{$R}@layer a$n{$S{$U}}
@layer{$R}@layer{$S{$U}}
$S{$I}$S{$U}
$S{$U}$R
$R$S{$U}
$S{$J}$R
$S$S{$D}$S{$U}
$S{$D}$S$S{$U}
$R:where($S){$U}
$S{$U}:where($S){$D}
$S{$U}:is(#zz,$S){$D}
$S{$U}:not(#zz)$S{$D}
$S{$U}html $S{$D}
$S{$U}*{}html body $S{$D}
@supports (display:grid){$R}
@supports not (display:grid){$R}
@supports (foo:bar){$R}
@supports not (foo:bar){$R}
@supports (display:grid) and (foo:bar){$R}
@supports (display:grid) or (foo:bar){$R}
@supports (display:grid) and (not (foo:bar)){$R}
@supports selector(:has(a)){$R}
@supports selector(:foo(a)){$R}
@supports not selector(:foo(a)){$R}
@supports (--a:b){$R}
@supports (display:grid) and (color:red) or (foo:bar){$R}
@supports font-tech(color-COLRv1){$R}
@supports font-format(zz){$R}
@supports (-webkit-appearance:none){$R}
@supports (-moz-appearance:none){$R}
@supports (-ms-ime-align:auto){$R}
@supports(display:grid){$R}
@supports display:grid{$R}
@supports (width:calc(1px + 1em)){$R}
@supports (color:oklch(1 0 0)){$R}
@supports at-rule(@zz){$R}
@scope (#s$n){$R}
@scope (.nope){$R}
@scope (#s$n) to (.b$n){$R}
@scope (#s$n) to (.nope){$R}
@scope (#s$n){:scope $S{$D}}
@scope (#s$n){& $S{$D}}
@scope{$R}
@scope (.b$n){:scope{$D}}
:is($S,zz){$D}
:is(zz,:foo,$S){$D}
zz,:foo,$S{$D}
$S,::foo{$D}
$S,::-webkit-foo{$D}
$S,:hover>>a{$D}
:where($S){$D}
:not(.zz)$S{$D}
$S:not(:not($S)){$D}
$S:not($S){$D}
$S:not(.zz,#zz){$D}
$S:not(:foo){$D}
$S:not(){$D}
$S:is(){$D}
$S:where(){$D}
#s$n:has($S) $S{$D}
#s$n:has(zz) $S{$D}
#s$n:not(:has(zz)) $S{$D}
#s$n:has(> zz,$S) $S{$D}
:has(+ zz) $S{$D}
html:has($S) $S{$D}
body:has(input:checked) $S{$D}
:nth-child(1 of $S){$D}
:nth-child(2 of $S){$D}
$S:nth-child(n){$D}
$S:nth-child(99){$D}
$S:nth-child(odd){$D}
$S:nth-child(2n+ 1){$D}
$S:nth-child(-n+3){$D}
$S:nth-last-child(n+1){$D}
$S:nth-of-type(even){$D}
$S:first-of-type{$D}
$S:first-child{$D}
$S:last-child{$D}
$S:only-child{$D}
$S:dir(ltr){$D}
$S:dir(rtl){$D}
$S:lang(zh){$D}
$S:lang(fr){$D}
$S:lang("*-CN"){$D}
$S:lang(ZH-cn){$D}
$S:empty{$D}
$S:not(:empty){$D}
$S:blank{$D}
$S:target{$D}
$S:not(:target){$D}
$S:target-within{$D}
:root $S{$D}
:scope $S{$D}
$S:defined{$D}
$S:enabled{$D}
$S:link{$D}
$S:any-link{$D}
$S:visited{$D}
$S:-webkit-any-link{$D}
$S:read-only{$D}
$S:read-write{$D}
$S:modal{$D}
$S:fullscreen{$D}
$S:playing{$D}
$S:-webkit-any($S){$D}
$S:-moz-any($S){$D}
$S:matches($S){$D}
$S:NOT(.zz){$D}
$S:current{$D}
$S:local-link{$D}
:host $S{$D}
::slotted($S){$D}
$S::before{$D}
$S::first-letter{$D}
$S::first-line{$D}
$S::selection{$D}
$S:hover{$D}
$S:not(:hover){$D}
$S{$D}$S:hover{$U}
$S{$D}#s$n:hover $S{$U}
$S{$D}body:hover $S{$U}
$S{$D}html:hover $S{$U}
$S{$D}$S:focus{$U}
$S{$D}#s$n:focus-within $S{$U}
$S:active{$D}
#s$n>$S{$D}
#s$n *>$S{$D}
#s$n~* $S{$D}
body>$S{$D}
body $S{$D}
html>body $S{$D}
head+body $S{$D}
#s$n>>$S{$D}
#s$n||$S{$D}
#s$n /deep/ $S{$D}
#s$n+section $S{$D}
*|*$S{$D}
@namespace url(urn:x);$R
@namespace "http://www.w3.org/1999/xhtml";$R
@namespace z url(urn:x);z|*$S{$D}
@namespace z url(http://www.w3.org/1999/xhtml);z|*$S{$D}
z|*$S{$D}
|*$S{$D}
zz{}@namespace url(urn:x);$R
[data-k=K$n i]$S{$D}
[data-k=K$n]$S{$D}
[data-k=k$n s]$S{$D}
[data-k="k$n"i]{$D}
[DATA-K=k$n]{$D}
[data-k|=k$n]{$D}
[data-k^=""]{$D}
[data-k*=k$n]{$D}
[data-k~="k$n"]{$D}
[data-k$="$n"]$S{$D}
[data-k!=x]$S{$D}
[data-k=$n]{$D}
[data-k=k$n x]{$D}
[*|data-k=k$n]{$D}
[|data-k=k$n]{$D}
[data-k=k$n{$D}
[rel=nofollow]$S{$D}
[rel=NOFOLLOW]$S{$D}
[id=P$n]{$D}
[class=P$n i]{$D}
.P$n{$D}
#P$n{$D}
A#p$n,IMG#p$n{$D}
.\\70 $n{$D}
#\\p$n{$D}
#\\70$n{$D}
:root{$K}$S{$Z}
$S{$K}$S{$Z}
$S{$Z}
$S{$F}
#s$n{$K}$S{$Z}
#s$n+*{$K}$S{$Z}
:root{--y$n:var(--z$n);--z$n:var(--y$n)}$S{$F}
:root{$K}@media print{:root{--q0-$n:initial}}$S{$Z}
:root{$K}:root{--q0-$n:initial}$S{$Z}
:root{$K}$S{--q0-$n:;$Z}
@property --q0-$n{syntax:"*";inherits:false}#s$n{$K}$S{$Z}
@property --q0-$n{syntax:"*";inherits:true}#s$n{$K}$S{$Z}
@layer a$n{:root{$K}}$S{$Z}
$S{$U;$Z}
}$R
zz{$R
zz{a:"¶}$R
zz{a:"¶}}$R
zz{a:'x'}$R
/*$R*/
/*x*/$R/*
/*/$R/**/
/*$R
<!--$R-->
<!-- -->$R
@charset "x";$R
﻿$R
@foo;$R
@foo{}$R
@foo{$R}
@foo $R
;$R
$S{;;$D}
$S{zz $D}
$S{zz;$D}
$S{zz:(;$D}
$S{zz:);$D}
$S{zz:[};$D}
$S{zz:{};$D}
$S{{$D}
$S{}{$D}
$S{$D
$S{$D;zz
@media screen{$R
@media screen{zz{}}}$R
@media screen{zz{}}$R
$S,{$D}
,$S{$D}
$S,,zz{$D}
$S{$D!ie}
$S{$D\\9}
$S{*$D}
$S{_$D}
$S{//$D¶}
//x¶$R
$S{/**/$D/**/}
$S{$D!important!important}
$S{$D! important}
$S{$D!IMPORTANT}$S{$U}
$S{$D}$S{$U!important;zz}
"x"$R
'x$R
url(x $R
url(x)$R
\\{$R
@import "/gone.css" $R
@page{$R}
@font-face{$R}
@keyframes x{$R}
@starting-style{$R}
@counter-style x{$R}
@-moz-document url-prefix(){$R}
@document url(x){$R}
@media{$R}
@MEDIA ALL{$R}
@media all{@media print{$R}}
@media all{@media all{$R}}
@media print{@media all{}$R}
@supports (display:grid){@media all{@layer q$n{$R}}}
@view-transition{$R}
@position-try --x{$R}
@when media(all){$R}@else{}
@else{$R}
@apply x;$R
@include x();$R
@layer;$R
@layer a b;$R
@tailwind base;$R
@media all{;$R}
@media all{color:red;$R}
@media all{color:red}$R
$S{color:red{$D}}
$S!{$D}
$S:{$D}
$S.{$D}
$S#{$D}
$S.1{$D}
$S[{$D}]
$S({$D})
$S/**/{$D}
$S/**/.zz{$D}
a/**/img,$S{$D}
%x,$S{$D}
$S ,zz{$D}
-zz,$S{$D}
--x,$S{$D}
$S¶{¶$D¶}
@function --x(){$R}
@media all and (--x){$R}
@custom-media --x all;@media (--x){$R}
@container scroll-state(stuck:top){$R}
"""),
    Condition("inline undoes", "$R", inline="$U"),
    Condition("important over inline", "$S{$I}", inline="$U"),
    Condition("inline important", "$S{$I}", inline="$J"),
    Condition("inline alone", "", inline="$D"),
    Condition("inline against important", "$S{$J}", inline="$D"),
    Condition("inline important against important", "$S{$J}", inline="$I"),
    Condition("inline broken", "", inline="zz;$D"),
    Condition("inline with brace", "", inline="}$D"),
    Condition("inline nested", "", inline="&{$D}"),
    Condition("inline with comment", "", inline="/*$D*/"),
    Condition("inline with import", "", inline="@media print{$D}"),
    Condition("inline parenthesis", "", inline="zz:(;$D"),
    Condition("class with colon", ".md\\:hidden$n{$D}", attribute="md:hidden$n"),
    Condition("class with slash", ".w-1\\/2$n{$D}", attribute="w-1/2$n"),
    Condition("class with digit", ".\\31 x$n{$D}", attribute="1x$n"),
    Condition("class with digit, plain", ".1x$n{$D}", attribute="1x$n"),
    Condition("class with bracket", ".w-\\[0px\\]$n{$D}", attribute="w-[0px]$n"),
    Condition("class unescaped", ".md:hidden$n{$D}", attribute="md:hidden$n"),
    Condition("class with umlaut", ".größe$n{$D}", attribute="größe$n"),
    Condition("class of six digits", ".\\00006dd$n{$D}", attribute="md$n"),
    Condition("class starts with hyphens", ".--x$n{$D}", attribute="--x$n"),
    Condition("language", "$S:lang(de){$D}", section="lang=de-AT"),
    Condition("language, another", "$S:lang(de-CH){$D}", section="lang=de-AT"),
    Condition("language, attribute", "[lang=de] $S{$D}", section="lang=de-AT"),
    Condition("language, prefix", "[lang|=de] $S{$D}", section="lang=de-AT"),
    Condition("direction", "$S:dir(rtl){$D}", section="dir=rtl"),
    Condition("direction, attribute", "[dir=rtl] $S{$D}", section="dir=RTL"),
    Condition(
        "checked", "#c$n:checked~* $S,#c$n:checked~$S{$D}", before="<input type=checkbox id=c$n>"
    ),
    Condition(
        "is checked",
        "#c$n:checked~* $S,#c$n:checked~$S{$D}",
        before="<input type=checkbox checked id=c$n>",
    ),
    Condition(
        "not checked",
        "#c$n:not(:checked)~* $S,#c$n:not(:checked)~$S{$D}",
        before="<input type=checkbox id=c$n>",
    ),
    Condition(
        "unchecked is undone",
        "$R#c$n:checked~* $S,#c$n:checked~$S{$U}",
        before="<label for=c$n>open</label><input type=checkbox id=c$n>",
    ),
    Condition("required", "#c$n:required~* $S{$D}", before="<input required id=c$n>"),
    Condition("placeholder", "#c$n:placeholder-shown~* $S{$D}", before="<input id=c$n>"),
    Condition("invalid", "#c$n:invalid~* $S{$D}", before="<input required id=c$n>"),
    Condition("disabled", "#c$n:disabled~* $S{$D}", before="<input disabled id=c$n>"),
    Condition("indeterminate", "#c$n:indeterminate~* $S{$D}", before="<progress id=c$n></progress>"),
    Condition("default", "#c$n:default~* $S{$D}", before="<input type=checkbox checked id=c$n>"),
    Condition("after a sibling", "#c$n+* $S{$D}", before="<i id=c$n></i>"),
    Condition("after an empty one", "#c$n:empty~* $S{$D}", before="<i id=c$n><!-- x --></i>"),
    Condition("after a blank one", "#c$n:empty~* $S{$D}", before="<i id=c$n> </i>"),
]  # fmt: skip

CARRIERS = [
    *[Carrier("style", "<style>$C</style>")] * 28,
    Carrier("style in print", "<style media=print>$C</style>"),
    Carrier("style on screens", '<style media="screen and (min-width:1px)">$C</style>'),
    Carrier("style on small screens", '<style media="(max-width:100px)">$C</style>'),
    Carrier("style of a broken query", '<style media="&">$C</style>'),
    Carrier("style without query", "<style media>$C</style>"),
    Carrier("style of another type", "<style type=text/less>$C</style>"),
    Carrier("style of its type", "<style type=TEXT/CSS>$C</style>"),
    Carrier("style of no type", "<style type=''>$C</style>"),
    Carrier("style of a type with charset", "<style type='text/css;charset=utf-8'>$C</style>"),
    Carrier("style disabled", "<style disabled>$C</style>"),
    Carrier("style with title", "<style title=a>$C</style>"),
    Carrier("two titles", "<style title=a>zz{}</style><style title=b>$C</style>"),
    Carrier("style in CDATA", "<style><![CDATA[$C]]></style>"),
    Carrier("style in noscript", "<noscript><style>$C</style></noscript>"),
    Carrier("style in template", "<template><style>$C</style></template>"),
    Carrier("style in comment", "<!--<style>$C</style>-->"),
    Carrier("style in svg", "<svg width=0 height=0><style>$C</style></svg>"),
    Carrier("style in hidden", "<div hidden><style>$C</style></div>"),
    Carrier("style in math", "<math><style>$C</style></math>"),
    Carrier("style in a text", "<textarea><style>$C</style></textarea>"),
    Carrier("style cut by its end", "<style>zz{a:'</style>'}$C</style>"),
    Carrier("linked data", '<link rel=stylesheet href="data:text/css,$Q">'),
    Carrier("linked data, base64", '<link rel=stylesheet href="data:text/css;base64,$B">'),
    Carrier("linked data of no type", '<link rel=stylesheet href="data:,$Q">'),
    Carrier("linked data in print", '<link rel=stylesheet media=print href="data:text/css,$Q">'),
    Carrier("linked data, disabled", '<link rel=stylesheet disabled href="data:text/css,$Q">'),
    Carrier("linked data, alternate", '<link rel="alternate stylesheet" title=z href="data:text/css,$Q">'),
    Carrier("linked data, alternate without title", '<link rel="alternate stylesheet" href="data:text/css,$Q">'),
    Carrier("imported data", '<style>@import "data:text/css,$Q";</style>'),
    Carrier("imported data in print", '<style>@import url("data:text/css,$Q") print;</style>'),
    Carrier("imported data, late", '<style>zz{}@import url("data:text/css,$Q");</style>'),
    Carrier("imported data, layered", '<style>@import url("data:text/css,$Q") layer(q);</style>'),
    Carrier("imported data, unsupported", '<style>@import url("data:text/css,$Q") supports(foo:bar);</style>'),
    Carrier("linked", "<link rel=stylesheet href=/s$n.css>", served=True),
    Carrier("linked, capitals", "<LINK REL=StyleSheet TYPE=text/css HREF=/s$n.css>", served=True),
    Carrier("linked in print", "<link rel=stylesheet media=print href=/s$n.css>", served=True),
    Carrier("linked, alternate", '<link rel="alternate stylesheet" title=z href=/s$n.css>', served=True),
    Carrier("linked, disabled", "<link rel=stylesheet disabled href=/s$n.css>", served=True),
    Carrier("linked, another type", "<link rel=stylesheet type=text/less href=/s$n.css>", served=True),
    Carrier("linked, titled twice", "<style title=a>zz{}</style><link rel=stylesheet title=b href=/s$n.css>", served=True),
    Carrier("preloaded only", "<link rel=preload as=style href=/s$n.css>", served=True),
    Carrier("linked in body", "<div><link rel=stylesheet href=/s$n.css></div>", served=True),
    Carrier("imported", "<style>@import url(/s$n.css);</style>", served=True),
    Carrier("imported in print", "<style>@import url(/s$n.css) print;</style>", served=True),
    Carrier("imported, late", "<style>zz{}@import url(/s$n.css);</style>", served=True),
    Carrier("imported into a layer", "<style>@import '/s$n.css' layer;</style>", served=True),
]  # fmt: skip

# Where a probe stands; `$P` is the box with the probe.
STRUCTURES = [
    "<p>before</p>$P",
    "<footer><ul><li>one</li><li>$P</li><li>three</li></ul></footer>",
    "<nav><div class=inner><div>$P</div></div></nav>",
    "<table><tr><td>one</td><td>$P</td></tr></table>",
    "<div id=outer$n><div class='row clearfix'><div class=col-6>$P</div></div></div>",
    "<dl><dt>term</dt><dd>$P</dd></dl>",
    "<header><h2>title</h2>$P</header>",
    "<main><article>text $P text</article></main>",
    "<center>$P</center>",
    "<blockquote><div><div><div>$P</div></div></div></blockquote>",
    "<form><label>x</label>$P</form>",
    "$P",
]

# What a whole page does.
BODIES = [
    *["<body>"] * 12,
    "<body bgcolor=#ffffff text=#000000 link=#0000cc>",
    "<body bgcolor=black text=white link=white>",
    "<body bgcolor=navy link=navy>",
    "<body bgcolor=#fff text=#fff link=white vlink=white>",
    "<body style=background:#0000ee>",
    "<body style=color:#222;background:#fafafa>",
]
