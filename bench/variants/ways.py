"""How webmasters put a link or a code into their own page, and how it gets lost there.

Tokens beside those of the oracle (`pieces.py`): `@ATTRS` and `@OLD` are the attributes and the source
of the site's own row or picture that is replaced; `@REPLACED` is the path of its own picture, whose
file becomes the code; `@RIGHTNAME` is a file of the right name with another code in it; `@BANNER` and
`@OTHERBANNER` are wide pictures with a code at their right end.
"""

# ruff: noqa: E501 - a table
from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))

from pieces import File, Way
from ways_codes import CODES, PLAIN_CODE
from ways_links import LINKS, PLAIN_LINK
from ways_wraps import WRAPS


@dataclass(frozen=True, slots=True)
class Variant:
    """Where in the site, and the ways, the innermost first."""

    spot: str  # row, seat, box, end or foot
    kinds: str
    ways: tuple[Way, ...]

    @property
    def name(self) -> str:
        return f"{self.spot}: {self.ways[-1].name}"

    @property
    def shown(self) -> bool:
        return all(x.shown for x in self.ways)


def link(spot: str, name: str, html: str, css: str = "", js: str = "", **more: Any) -> Variant:
    more = {"steps": "click @A"} | more
    return Variant(spot, "link", (Way(name, "link", html, css, js, makes=True, **more),))


def code(spot: str, name: str, html: str, css: str = "", js: str = "", **more: Any) -> Variant:
    return Variant(spot, "code", (Way(name, "code", html, css, js, makes=True, **more),))


def borrowed(spot: str, *names: str) -> list[Variant]:
    """Ways of the oracle, put into the site."""
    out = []
    for name in names:
        for kind, plain, makers in (("link", PLAIN_LINK, LINKS), ("code", PLAIN_CODE, CODES)):
            for way in (x for x in makers if x.name == name):
                out.append(Variant(spot, kind, (way,)))
            for way in (x for x in WRAPS if x.name == name and x.suits(kind)):
                out.append(Variant(spot, kind, (plain, way)))
    if not out:
        raise KeyError(names)
    return out


IMG = '<img id=@B src="@CODE" width=@S height=@S>'
ROW = '<a id=@A @ATTRS href="@URL">@NAME</a>'
BLOCK = '<a id=@A href="@URL" style="color:#05a">@NAME</a>'
SEAT = "width:@Spx;height:@Spx;max-width:none"
RIGHT = "position:fixed;right:4px;top:@SEATpx;z-index:9000;background:#fff"
OPTIONS = (
    "<option value=''>--友情链接--</option><option value='http://www.gov.cn/'>中国政府网</option>"
)
SELECT = (
    "<select id=@A style='width:150px;height:26px' %s>"
    + OPTIONS
    + "<option value='@URL'>@NAME</option></select>"
)
OPEN = "if(this.value)window.open(this.value)"
SCROLLER = "function(){[].forEach.call(document.querySelectorAll('#@A'),function(i){if(i.dataset.src&&i.getBoundingClientRect().top<innerHeight+100){i.src=i.dataset.src;delete i.dataset.src}})}"
GET = "var x=new XMLHttpRequest();x.open('GET','%s');x.onload=function(){$('#@C').innerHTML=x.responseText};x.send();"
BODY = "<!doctype html><meta charset=utf-8><body style='margin:0;font-size:13px;background:#fff'>%s"

LINK_SHOWN = [
    link("row", "own row", ROW),
    link(
        "row",
        "own row, new window",
        '<a id=@A @ATTRS href="@URL" target="_blank" rel="noopener" title="@NAME">@NAME</a>',
    ),
    link("row", "own row, protocol-relative", '<a id=@A @ATTRS href="@BARE">@NAME</a>'),
    link("row", "own row, https", '<a id=@A @ATTRS href="https://@HOST">@NAME</a>'),
    link(
        "row",
        "own row, index.html",
        '<a id=@A @ATTRS href="http://@HOST/index.html?from=friend">@NAME</a>',
    ),
    link(
        "row",
        "own row, window.open",
        '<a id=@A target=_self @ATTRS href="javascript:void(0)" onclick="window.open(\'@URL\')">@NAME</a>',
    ),
    link(
        "row",
        "own row, javascript: address",
        "<a id=@A @ATTRS href=\"javascript:window.open('@URL');void 0\">@NAME</a>",
    ),
    link("row", "own row of another name", '<a id=@A @ATTRS href="@URL">友情链接</a>'),
    link(
        "row",
        "own row through the CMS's jump",
        '<a id=@A @ATTRS href="/jump.jsp?id=@A">@NAME</a>',
        files={"/jump.jsp?id=@A": File(b"", status=302, headers={"Location": "@URL"})},
    ),
    link(
        "row",
        "own row, bound by script",
        '<a id=@A @ATTRS href="#" data-link="@URL">@NAME</a>',
        js="$('#@A').addEventListener('click',function(e){e.preventDefault();window.open(this.dataset.link)});",
    ),
    link(
        "row",
        "own row, href set by script",
        "<a id=@A @ATTRS>@NAME</a>",
        js="$('#@A').href='http://'+'@HOST'+'/';",
    ),
    link(
        "row",
        "own row, asked before leaving",
        '<a id=@A @ATTRS href="@URL" onclick="return confirm(\'您即将离开本网站\')">@NAME</a>',
    ),
    link(
        "row",
        "own row, written in place",
        "<script>document.write('<a id=@A @ATTRS href=\"@URL\">@NAME</a>')</script>",
    ),
    link(
        "row",
        "own row, made after load",
        "<span id=@C></span>",
        js="addEventListener('load',function(){setTimeout(function(){$('#@C').innerHTML='<a id=@A @ATTRS href=\"@URL\">@NAME</a>'},600)});",
        settle=0.8,
    ),
    link(
        "row",
        "own row opens a layer with it",
        "<a id=@B target=_self @ATTRS href='javascript:;'>网站群</a><span id=@C style='display:none;position:fixed;left:600px;top:300px;z-index:9999;background:#fff;padding:20px;line-height:20px;font-size:14px'>"
        + BLOCK
        + "</span>",
        js="$('#@B').onclick=function(){$('#@C').style.display='block'};",
        steps="click @B; click @A",
    ),
    link(
        "box",
        "logo picture",
        "<a id=@A href='@URL'><img src='/static/lost.png' alt='@NAME' style='width:150px;height:40px;background:#246'></a>",
    ),
    link(
        "box",
        "list of friend links",
        "<div>友情链接：</div><ul style='list-style:none;margin:0;padding:0;background:#fff'><li><a href='http://www.gov.cn/'>中国政府网</a></li><li>"
        + BLOCK
        + "</li><li><a href='http://www.hubei.gov.cn/'>湖北省人民政府</a></li></ul>",
    ),
    link("box", "select, onchange", SELECT % f'onchange="{OPEN}"', steps="choose @A 2"),
    link(
        "box",
        "select, bound by script",
        SELECT % "",
        js="$('#@A').addEventListener('change',function(){if(this.value)window.open(this.value)});",
        steps="choose @A 2",
    ),
    link(
        "box",
        "select, location",
        "<select id=@A style='width:150px;height:26px' onchange=\"if(this.value)location.href=this.value\"><option value=''>--友情链接--</option><option value='@URL'>@NAME</option></select>",
        steps="choose @A 1",
    ),
    link(
        "box",
        "image map of a banner",
        "<img id=@A src='/static/lost.png' usemap='#m@B' style='width:160px;height:60px;background:#9bd'><map name='m@B'><area shape=rect coords='0,0,160,60' href='@URL' alt='@NAME'></map>",
    ),
    link(
        "box",
        "own include by XMLHttpRequest",
        "<div id=@C style='min-height:30px;background:#fff'></div>",
        js=GET % "/include/@D.html",
        files={"/include/@D.html": BLOCK},
        settle=0.6,
    ),
    link(
        "box",
        "own include in a frame",
        "<iframe id=@C src='/include/@D.html' width=170 height=40 frameborder=0 scrolling=no></iframe>",
        files={"/include/@D.html": BODY % "<a id=@A href='@URL' target=_top>@NAME</a>"},
        settle=0.5,
    ),
    link(
        "box",
        "rows of a JSON file",
        "<div id=@C style='min-height:30px;background:#fff'></div>",
        js="fetch('/data/@D.json').then(function(r){return r.json()}).then(function(l){l.forEach(function(o){var a=document.createElement('a');a.textContent=o.name;a.href=o.url;a.id=o.id;$('#@C').append(a)})});",
        files={"/data/@D.json": '[{"id":"@A","name":"@NAME","url":"@URL"}]'},
        settle=0.6,
    ),
    link(
        "box",
        "list that opens upward on hover",
        "<div id=@B style='position:relative;margin-top:90px;width:130px;height:28px;line-height:28px;background:#eee;color:#333'>友情链接<div id=@C style='position:absolute;left:0;bottom:28px;width:130px;background:#fff;z-index:99'>"
        + BLOCK
        + "</div></div>",
        "#@C{display:none}#@B:hover #@C{display:block}",
        steps="hover @B; click @A",
    ),
    link(
        "box",
        "list that opens by click",
        "<div id=@B style='width:130px;height:28px;background:#eee;color:#333;cursor:pointer'>政府网站 ▾</div><div id=@C style='display:none;background:#fff'>"
        + BLOCK
        + "</div>",
        js="$('#@B').onclick=function(){var s=$('#@C').style;s.display=s.display=='none'?'block':'none'};",
        steps="click @B; click @A",
    ),
    link(
        "box",
        "table row with a handler",
        "<table><tr><td id=@A style='color:#05a;background:#fff;cursor:pointer' onclick=\"window.open('@URL')\">@NAME</td></tr></table>",
    ),
    link(
        "end",
        "fixed bar at the left",
        "<div style='position:fixed;left:4px;top:@SEATpx;z-index:9000;width:120px;background:#fff;padding:6px;font-size:13px;line-height:20px'>"
        + BLOCK
        + "</div>",
    ),
    link(
        "foot",
        "strip under everything",
        "<div style='clear:both;position:relative;z-index:50;background:#fff;padding:8px;text-align:center;font-size:13px;line-height:20px'>"
        + BLOCK
        + "</div>",
    ),
    *(
        x
        for x in borrowed(
            "box",
            "tabs by click",
            "tabs by hover",
            "carousel by display",
            "details",
            "shown when the frame of scripts is ready",
            "jump page with a script",
            "open shadow root",
        )
        if x.kinds == "link"
    ),
]
LINK_HIDDEN = [
    link("row", "top-level domain lost", '<a id=@A @ATTRS href="http://@LOOKALIKE/">@NAME</a>'),
    link("row", "typing error", '<a id=@A @ATTRS href="http://@TYPO/">@NAME</a>'),
    link(
        "row", "lookalike host", '<a id=@A @ATTRS href="http://@HOST.wz.elsewhere.test/">@NAME</a>'
    ),
    link("row", "sub-domain", '<a id=@A @ATTRS href="http://news.@PARENT/">@NAME</a>'),
    link(
        "row",
        "article of the site",
        '<a id=@A @ATTRS href="http://@HOST/art/2018/6/t1024.shtml">@NAME</a>',
    ),
    link("row", "scheme forgotten", '<a id=@A @ATTRS href="@HOST">@NAME</a>'),
    link(
        "row",
        "own article of that name",
        '<a id=@A @ATTRS href="/art/2018/link.html" title="@URL">@NAME</a>',
    ),
    link("row", "address as text only", "<a id=@A @ATTRS href='#'>@HOST</a>"),
    link("row", "commented out", "@OLD<!-- " + ROW + " -->"),
    link("row", "for old browsers only", "@OLD<!--[if lt IE 9]>" + ROW + "<![endif]-->"),
    link(
        "row",
        "display none left over",
        '@OLD<a id=@A @ATTRS href="@URL" style="display:none">@NAME</a>',
    ),
    link("row", "hidden by the style sheet", ROW, "#@A{display:none!important}"),
    link(
        "row",
        "hidden by an address rule",
        ROW,
        "a[href*='@FIRSTNAME']{visibility:hidden!important}",
    ),
    link(
        "row",
        "removed after load",
        ROW,
        js="addEventListener('load',function(){$('#@A').remove()});",
        settle=0.2,
    ),
    link(
        "row",
        "changed after load",
        ROW,
        js="addEventListener('load',function(){$('#@A').href='http://portal.elsewhere.test/'});",
        settle=0.2,
    ),
    link(
        "row",
        "handler leads elsewhere",
        '<a id=@A @ATTRS href="@URL" onclick="window.open(\'http://portal.elsewhere.test/\');return false">@NAME</a>',
    ),
    link("row", "click is stopped", '<a id=@A @ATTRS href="@URL" onclick="return false">@NAME</a>'),
    link(
        "row",
        "jump leads elsewhere",
        '<a id=@A @ATTRS href="/jump.jsp?id=@A&to=@QURL">@NAME</a>',
        files={
            "/jump.jsp?id=@A&to=@QURL": File(
                b"", status=302, headers={"Location": "http://portal.elsewhere.test/"}
            )
        },
    ),
    link(
        "row",
        "pointer-events none",
        '<a id=@A @ATTRS href="@URL" style="pointer-events:none">@NAME</a>',
    ),
    link("row", "empty words", '@OLD<a id=@A @ATTRS href="@URL"></a>'),
    link(
        "end",
        "暗链 off the screen",
        "<div style='position:absolute;left:-9999px;top:-999px'>" + BLOCK + "</div>",
    ),
    link(
        "end",
        "暗链 by script",
        "<script>document.write(\"<div style='display:none'>\")</script>"
        + BLOCK
        + "<script>document.write('</div>')</script>",
    ),
    link(
        "end",
        "暗链 of one pixel",
        "<div style='height:1px;width:1px;overflow:hidden;position:absolute'>" + BLOCK + "</div>",
    ),
    link(
        "end",
        "暗链 behind the page",
        "<div style='position:fixed;left:0;top:0;z-index:-1;opacity:0'>" + BLOCK + "</div>",
    ),
    link(
        "box",
        "暗链 without colour",
        "<a id=@A href='@URL' style='font-size:0;color:transparent'>@NAME</a>",
    ),
    link("box", "select without handler", SELECT % "", steps="choose @A 2"),
    link("box", "select disabled", SELECT % f'disabled onchange="{OPEN}"', steps="choose @A 2"),
    link(
        "box",
        "option commented out",
        '<select id=@A onchange="if(this.value)window.open(this.value)">'
        + OPTIONS
        + "<!--<option value='@URL'>@NAME</option>--></select>",
        steps="choose @A 2",
    ),
    link(
        "box",
        "menu that never opens",
        "<div id=@B style='width:130px;height:28px;background:#eee;color:#333'>网站群<div class=sub style='display:none'>"
        + BLOCK
        + "</div></div>",
        steps="hover @B; click @A",
    ),
    link(
        "box",
        "tab whose script is gone",
        "<div><b id=@B onclick='swapTab(2)'>链接</b></div><div>动态</div><div style='display:none'>"
        + BLOCK
        + "</div>",
        steps="click @B; click @A",
    ),
    link(
        "box",
        "covered by a notice",
        "<div style='position:relative;height:60px;background:#fff'>"
        + BLOCK
        + "<div style='position:absolute;inset:0;background:#fee;z-index:90;color:#900'>栏目维护中</div></div>",
    ),
    link(
        "box",
        "in a frame that may not be framed",
        "<iframe id=@C src='/include/@D.html' width=170 height=40 frameborder=0></iframe>",
        files={
            "/include/@D.html": File(
                (BODY % "<a id=@A href='@URL'>@NAME</a>").encode(),
                headers={"X-Frame-Options": "DENY"},
            )
        },
        settle=0.5,
    ),
    *(
        x
        for x in borrowed(
            "box",
            "comment",
            "template",
            "noscript",
            "for narrow screens only",
            "for print only",
            "tabs without a handler",
            "unused JS string",
            "function never called",
        )
        if x.kinds == "link"
    ),
]
CODE_SHOWN = [
    code("seat", "own picture replaced", f'<img id=@B @ATTRS src="@CODE" style="{SEAT}">'),
    code(
        "seat",
        "file replaced under its old name",
        f'<img id=@B @ATTRS src="@REPLACED" style="{SEAT}">',
    ),
    code(
        "seat", "own picture, jpeg", f'<img id=@B @ATTRS src="@JPEG" alt="扫一扫" style="{SEAT}">'
    ),
    code(
        "seat",
        "own picture by a script's src",
        f'<img id=@A @ATTRS src="/static/lost.png" style="{SEAT}">',
        js="$('#@A').src='@CODE';",
    ),
    code(
        "seat",
        "own picture, lazy by scrolling",
        f'<img id=@A @ATTRS src="/static/lost.png" data-src="@CODE" style="{SEAT}">',
        js=f"var f={SCROLLER};addEventListener('scroll',f);f();",
    ),
    code(
        "seat",
        "own picture, lazy by an observer",
        f'<img id=@A @ATTRS data-src="@CODE" style="{SEAT}">',
        js="new IntersectionObserver(function(l){l.forEach(function(e){if(e.isIntersecting&&e.target.dataset.src){e.target.src=e.target.dataset.src}})}).observe($('#@A'));",
    ),
    code(
        "seat",
        "own picture, loading=lazy",
        f'<img id=@B @ATTRS loading=lazy src="@CODE" style="{SEAT}">',
    ),
    code(
        "seat",
        "background in place of the picture",
        '<div id=@A style="display:inline-block"></div>',
        "#@A{width:@Spx;height:@Spx;background:url(@CODE) 0 0/100% 100%}",
    ),
    code("seat", "data address", f'<img id=@B @ATTRS src="@DATA" style="{SEAT}">'),
    code(
        "seat",
        "swapped in after load",
        f'<img id=@A @ATTRS src="@DECOY" style="{SEAT}">',
        js="addEventListener('load',function(){setTimeout(function(){$('#@A').src='@CODE'},500)});",
        settle=0.8,
    ),
    code(
        "seat",
        "own picture within a link",
        f'<a href="/about/"><img id=@B @ATTRS src="@CODE" style="{SEAT}"></a>',
    ),
    code(
        "seat",
        "rollover to the code",
        f'<img id=@A @ATTRS src="/static/lost.png" style="{SEAT}" onmouseover="this.src=\'@CODE\'" onmouseout="this.src=\'/static/lost.png\'">',
        steps="hover @A; wait 0.3",
    ),
    code(
        "box",
        "caption below",
        f"<dl style='margin:0;background:#fff'><dt>{IMG}</dt><dd style='margin:0'>@NAME</dd></dl>",
    ),
    code(
        "box",
        "table of codes",
        f"<table style='background:#fff'><tr><td>{IMG}<tr><td>扫一扫关注</table>",
    ),
    code(
        "box",
        "in a wide banner",
        "<div style='width:180px;overflow-x:auto'><img src='@BANNER' width=176 height=150></div>",
    ),
    code(
        "box",
        "drawn by qrcode.js on a canvas",
        "<div id=@A></div>",
        js="var m=@MATRIX,c=document.createElement('canvas'),k=4;c.width=c.height=m.length*k;var g=c.getContext('2d');g.fillStyle='#fff';g.fillRect(0,0,c.width,c.width);g.fillStyle='#000';m.forEach(function(r,y){r.forEach(function(v,x){if(v)g.fillRect(x*k,y*k,k,k)})});$('#@A').append(c);",
    ),
    code(
        "box",
        "drawn by qrcode.js, then an img",
        "<div id=@A></div>",
        js="var m=@MATRIX,c=document.createElement('canvas'),k=4;c.width=c.height=m.length*k;var g=c.getContext('2d');g.fillStyle='#fff';g.fillRect(0,0,c.width,c.width);g.fillStyle='#000';m.forEach(function(r,y){r.forEach(function(v,x){if(v)g.fillRect(x*k,y*k,k,k)})});var i=new Image;i.src=c.toDataURL();$('#@A').append(i);",
        settle=0.3,
    ),
    code("box", "written in place", f"<script>document.write('{IMG}')</script>"),
    code(
        "box",
        "own include by XMLHttpRequest",
        "<div id=@C style='min-height:@Spx'></div>",
        js=GET % "/include/@D.html",
        files={"/include/@D.html": IMG},
        settle=0.6,
    ),
    code(
        "box",
        "own include in a frame",
        "<iframe src='/include/@D.html' width=170 height=170 frameborder=0 scrolling=no></iframe>",
        files={"/include/@D.html": BODY % IMG},
        settle=0.5,
    ),
    code(
        "box",
        "icon that opens it on hover",
        f"<div id=@A style='position:relative;margin-top:165px;width:130px;height:28px;line-height:28px;background:#eee;color:#333'>官方微信<div id=@C style='position:absolute;left:0;bottom:28px;background:#fff;z-index:999'>{IMG}</div></div>",
        "#@C{display:none}#@A:hover #@C{display:block}",
        steps="hover @A",
    ),
    code(
        "box",
        "icon that opens it by mouseenter",
        f"<div id=@A style='width:130px;height:28px;background:#eee;color:#333'>官方微博</div><div id=@C style='display:none'>{IMG}</div>",
        js="$('#@A').onmouseenter=function(){$('#@C').style.display='block'};$('#@A').onmouseleave=function(){$('#@C').style.display='none'};",
        steps="hover @A",
    ),
    code(
        "row",
        "own row shows it on hover",
        f"<a id=@A target=_self @ATTRS href='javascript:;'>官方微信</a><span id=@C style='position:fixed;left:600px;top:300px;z-index:9999;background:#fff;padding:8px'>{IMG}</span>",
        "#@C{display:none}#@A:hover + #@C{display:block!important}",
        steps="hover @A",
    ),
    code(
        "row",
        "own row opens a window with it",
        f"<a id=@A target=_self @ATTRS href='javascript:;'>手机客户端</a><span id=@C style='display:none;position:fixed;left:600px;top:300px;z-index:9999;background:#fff;padding:8px'>{IMG}</span>",
        js="$('#@A').onclick=function(){$('#@C').style.display='block'};",
        steps="click @A",
    ),
    code(
        "row",
        "own row fetches it on click",
        "<a id=@A target=_self @ATTRS href='javascript:;'>政务新媒体</a>",
        js="$('#@A').addEventListener('click',function(){var d=document.createElement('div');d.style.cssText='position:fixed;left:600px;top:300px;z-index:9999;background:#fff;padding:8px';d.innerHTML='<img src=\"@CODE\" width=@S height=@S>';document.body.append(d)});",
        steps="click @A; wait 0.3",
    ),
    code("end", "float bar", f"<div style='{RIGHT}'>{IMG}</div>"),
    code(
        "end",
        "float bar, closable",
        f"<div id=@C style='{RIGHT}'>{IMG}<b style='position:absolute;right:0;top:0;cursor:pointer' onclick=\"document.getElementById('@C').style.display='none'\">×</b></div>",
    ),
    code(
        "end",
        "float bar of icons, hover",
        f"<div id=@A style='{RIGHT};width:44px;height:44px;text-align:center'>微信<div id=@C style='position:absolute;right:44px;top:0;background:#fff;padding:4px'>{IMG}</div></div>",
        "#@C{display:none}#@A:hover #@C{display:block}",
        steps="hover @A",
    ),
    code(
        "end",
        "float bar of icons, click",
        f"<div id=@A style='{RIGHT};width:44px;height:44px'>客户端</div><div id=@C style='display:none;position:fixed;right:52px;top:@SEATpx;z-index:9000;background:#fff'>{IMG}</div>",
        js="$('#@A').onclick=function(){var s=$('#@C').style;s.display=s.display=='none'?'block':'none'};",
        steps="click @A",
    ),
    code(
        "end",
        "float bar that slides out",
        f"<div id=@A style='position:fixed;right:-@S2px;top:@SEATpx;z-index:9000;transition:right .3s;width:calc(@S2px + 40px);height:@Spx'><div id=@D style='width:40px;height:80px;background:#246;color:#fff;float:left'>扫码</div>{IMG}</div>",
        "#@A:hover{right:0!important}",
        steps="hover @D; wait 0.6",
    ),
    code(
        "end",
        "appears after scrolling down",
        f"<div id=@A style='{RIGHT};display:none'>{IMG}</div>",
        js="document.addEventListener('scroll',function(){$('#@A').style.display='block'},true);",
        steps="scroll",
    ),
    code(
        "foot",
        "strip under everything",
        f"<div style='clear:both;position:relative;z-index:50;background:#fff;text-align:center;padding:8px'>{IMG}<p>@NAME</p></div>",
    ),
    *(
        x
        for x in borrowed(
            "box",
            "inline svg path",
            "sprite at the right place",
            "two codes in one picture",
            "logo in the middle",
            "slow picture",
            "tabs by click",
            "tabs by hover",
            "carousel by display",
            "carousel by transform",
            "modal on click",
            "popup by mouseover, made then",
            "details",
            "shown when the frame of scripts is ready",
            "faded in slowly",
            "timer 1 s",
        )
        if x.kinds == "code"
    ),
]
STAMP = "<span style='position:absolute;left:0;top:0;width:@Spx;height:@Spx;line-height:@Spx;background:rgba(255,255,255,.93);color:#c00;text-align:center;font-weight:700'>二维码已失效</span>"
CODE_HIDDEN = [
    code(
        "seat",
        "right name, another code",
        f'<img id=@B @ATTRS src="@RIGHTNAME" alt="@NAME" style="{SEAT}">',
    ),
    code(
        "seat",
        "another account's code",
        f'<img id=@B @ATTRS src="@DECOY" title="@NAME" style="{SEAT}">',
    ),
    code(
        "seat",
        "swapped by script on load",
        f'<img id=@A @ATTRS src="@CODE" style="{SEAT}">',
        js="$('#@A').src='@DECOY';",
    ),
    code(
        "seat",
        "swapped after load",
        f'<img id=@A @ATTRS src="@CODE" style="{SEAT}">',
        js="addEventListener('load',function(){setTimeout(function(){$('#@A').src='/static/lost.png'},300)});",
        settle=0.6,
    ),
    code(
        "seat",
        "removed after load",
        f'<img id=@A @ATTRS src="@CODE" style="{SEAT}">',
        js="addEventListener('load',function(){$('#@A').remove()});",
        settle=0.3,
    ),
    code("seat", "old code commented out", f'@OLD<!--<img src="@CODE" style="{SEAT}">-->'),
    code(
        "seat",
        "display none left over",
        '@OLD<img src="@CODE" width=@S height=@S style="display:none">',
    ),
    code(
        "seat",
        "hidden by the style sheet",
        f'<img id=@A @ATTRS src="@CODE" style="{SEAT}">',
        "#@A{display:none!important}",
    ),
    code(
        "seat",
        "no opacity by the style sheet",
        f'<img id=@A @ATTRS src="@CODE" style="{SEAT}">',
        "#@A{opacity:0!important}",
    ),
    code(
        "seat",
        "lazy, and the loader is gone",
        f'<img id=@B @ATTRS src="/static/lost.png" data-original="@CODE" style="{SEAT}">',
    ),
    code(
        "seat", "an icon of 16 px", '<img id=@B @ATTRS src="@CODE" style="width:16px;height:16px">'
    ),
    code(
        "seat",
        "background overridden by a later sheet",
        '<div id=@A style="display:inline-block"></div>',
        "#@A{width:@Spx;height:@Spx;background:url(@CODE) 0 0/100% 100%}#@A{background:#eee}",
    ),
    code(
        "seat",
        "picture is missing",
        f'<img id=@B @ATTRS src="/upload/2018/weixin" alt="@NAME" style="{SEAT}">',
    ),
    code("row", "link to the file only", "<a id=@A @ATTRS href='@CODE'>二维码下载</a>"),
    code(
        "row",
        "hover shows an empty frame",
        f"<a id=@A target=_self @ATTRS href='javascript:;'>官方微信</a><span id=@C style='position:fixed;left:600px;top:300px;z-index:9999;background:#fff;padding:8px;width:120px;height:120px;display:none'><span style='display:none'>{IMG}</span></span>",
        "#@A:hover + #@C{display:block!important}",
        steps="hover @A",
    ),
    code(
        "row",
        "opener calls what is gone",
        f"<a id=@A target=_self @ATTRS href='javascript:;' onclick='showEwm()'>关注微信</a><span id=@C style='display:none;position:fixed;left:600px;top:300px;z-index:9999;background:#fff'>{IMG}</span>",
        steps="click @A",
    ),
    code(
        "box",
        "stamped 二维码已失效",
        f"<div style='position:relative;display:inline-block'>{IMG}{STAMP}</div>",
    ),
    code(
        "box",
        "covered by a notice",
        f"<div style='position:relative;display:inline-block'>{IMG}<div style='position:absolute;left:0;top:0;width:@Spx;height:@Spx;background:#fee;z-index:90;color:#900'>系统升级</div></div>",
    ),
    code("box", "blurred until login", f"<div style='filter:blur(8px)'>{IMG}</div>"),
    code(
        "box",
        "cropped by its box",
        f"<div style='overflow:hidden;width:@Spx;height:@HALFpx'>{IMG}</div>",
    ),
    code("box", "in a banner, another account's", "<img src='@OTHERBANNER' width=176 height=150>"),
    code(
        "box",
        "canvas never drawn",
        "<canvas id=@A width=120 height=120></canvas>",
        js="var draw=function(){var m=@MATRIX};if(window.QRCode)draw();",
    ),
    code(
        "box",
        "in a frame that may not be framed",
        "<iframe src='/include/@D.html' width=170 height=170 frameborder=0></iframe>",
        files={
            "/include/@D.html": File((BODY % IMG).encode(), headers={"X-Frame-Options": "DENY"})
        },
        settle=0.5,
    ),
    code(
        "box",
        "include never asked for",
        "<div id=@C></div>",
        js="var never=function(){" + GET % "/include/@D.html" + "};",
        files={"/include/@D.html": IMG},
    ),
    code(
        "box",
        "big logo over it",
        f"<div style='position:relative;display:inline-block'>{IMG}<i style='position:absolute;left:@FIFTHpx;top:@FIFTHpx;width:@PARTpx;height:@PARTpx;background:#c22'></i></div>",
    ),
    code(
        "end",
        "float bar, closed by script",
        f"<div id=@A style='{RIGHT}'>{IMG}</div>",
        js="$('#@A').style.display='none';",
    ),
    code(
        "end",
        "float bar under another panel",
        f"<div style='{RIGHT}'>{IMG}</div><div style='position:fixed;right:0;top:@SEATpx;margin-top:-2px;z-index:9100;width:170px;height:calc(@Spx + 6px);background:#def;color:#246'>网上办事</div>",
    ),
    code(
        "end",
        "float bar off the screen",
        f"<div style='position:fixed;right:-400px;top:@SEATpx'>{IMG}</div>",
    ),
    code(
        "end",
        "float bar for narrow screens",
        f"<div id=@A>{IMG}</div>",
        "#@A{display:none}@media(max-width:760px){#@A{display:block}}",
    ),
    code("end", "preloaded only", "<link rel=preload as=image href='@CODE'>"),
    *(
        x
        for x in borrowed(
            "box",
            "template",
            "noscript",
            "comment",
            "for print only",
            "second slide of a carousel that never turns",
            "tabs without a handler",
            "opener whose script breaks",
            "text of a textarea",
            "hidden by script after 1 s",
            "visibility hidden",
            "dialog never opened",
            "opacity .01",
            "shrunk to 12-22 px",
            "unused JS string",
        )
        if x.kinds == "code"
    ),
]


def never(variant: Variant) -> Variant:
    """What the label of a way that hides must say."""
    return replace(variant, ways=(*variant.ways[:-1], replace(variant.ways[-1], shown=False)))


VARIANTS = (*LINK_SHOWN, *CODE_SHOWN, *map(never, (*LINK_HIDDEN, *CODE_HIDDEN)))
