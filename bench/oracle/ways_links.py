"""Ways to link: so that a visitor gets there, and so that only the markup has the address."""

# ruff: noqa: E501 - a table
from __future__ import annotations

from typing import Any

from pieces import File, Way


def link(
    name: str, html: str, css: str = "", js: str = "", *, steps: str = "click @A", **more: Any
) -> Way:
    return Way(name, "link", html, css, js, steps, makes=True, **more)


def dead(name: str, html: str, css: str = "", js: str = "", **more: Any) -> Way:
    return link(name, html, css, js, shown=False, **more)


def jump(location: str) -> File:
    return File(b"", status=302, headers={"Location": location})


PLAIN_LINK = link("plain", '<a id=@A href="@URL">@NAME</a>')
HREFS = {
    "protocol-relative": "@BARE",
    "upper-case scheme and host": "HTTP://@UPPER/",
    "explicit port 80": "http://@HOST:80/",
    "blanks and line ends in href": " \n http://@HOST/ \t\n",
    "line end within the host": "http://@FIRST\n@REST/",
    "index.html": "http://@HOST/index.html",
    "query and fragment": "http://@HOST/?from=unit#top",
    "percent-encoded host": "http://@PERCENT/",
    "backslashes": "http:\\\\@HOST\\",
    "full-width letters": "http://@WIDE/",
    "character references": "&#104;ttp&colon;//@HOST/",
    "https": "https://@HOST/",
    "no closing slash": "http://@HOST",
    "user name before the host": "http://guest&#64;@HOST/",
}
WRONG_HREFS = {
    "scheme forgotten": "@HOST",
    "one slash forgotten": "http:/@HOST/",
    "host as the user name": "http://@HOST&#64;portal.elsewhere.test/",
    "host as a prefix": "http://@HOST.elsewhere.test/",
    "host as a path": "http://portal.elsewhere.test/@HOST/",
    "article of the site": "http://@HOST/art/2018/t1024.html",
    "typing error in the host": "http://@TYPO/",
    "another sub-domain": "http://news.@PARENT/",
    "doubled scheme": "http://http://@HOST/",
}
OPTIONS = (
    '<option value="">==相关链接==</option><option value="http://www.gov.cn/">中国政府网</option>'
)
JUMP = '<select id=@A onchange="%s">' + OPTIONS + '<option value="@URL">@NAME</option></select>'
LAYUI = (
    '<div id=@A class=sel><select style="display:none"><option value="">请选择</option><option value="@URL">@NAME'
    '</option></select><div id=@B class=t>请选择</div><ul id=@C><li data-value="">请选择</li>'
    '<li data-value="http://www.gov.cn/">中国政府网</li><li id=@D data-value="@URL">@NAME</li></ul></div>'
)
LAYUI_CSS = (
    "#@A{position:relative;width:160px}#@B{border:1px solid #aaa;height:26px;line-height:26px}#@C{display:none;"
    "position:absolute;left:0;top:28px;margin:0;padding:0;width:100%;background:#fff;border:1px solid #aaa;"
    "list-style:none;z-index:40}#@C li{height:28px;line-height:28px;cursor:pointer}"
)
LAYUI_JS = (
    "$('#@B').addEventListener('click',function(){$('#@C').style.display='block'});"
    "$('#@C').addEventListener('click',function(e){var v=e.target.getAttribute('data-value');"
    "$('#@C').style.display='none';if(v)%s});"
)
LEAVE = (
    "<a id=@A %s>@NAME</a><div id=@B><p>您访问的链接即将离开本网站，是否继续？</p><button id=@C>继续访问</button>"
    "<button id=@D>放弃</button></div>"
)
LEAVE_CSS = (
    "#@B{display:none;position:fixed;left:35%;top:30%;width:320px;padding:20px;background:#fff;border:2px solid #369;"
    "z-index:900}#@B button{width:90px;height:30px}"
)
LEAVE_JS = (
    "$('#@A').addEventListener('click',function(e){e.preventDefault();$('#@B').style.display='block'});"
    "$('#@D').onclick=function(){$('#@B').style.display='none'};"
)
BUTTON = "<button id=@A type=button>@NAME</button>"
SPAN = "<span id=@A class=lk>@NAME</span>"
MAP_IMG = '<img id=@A usemap="#@B" src="data:image/svg+xml,%%3Csvg xmlns=%%22http://www.w3.org/2000/svg%%22 width=%%22160%%22 height=%%2240%%22%%3E%%3Crect width=%%22160%%22 height=%%2240%%22 fill=%%22teal%%22/%%3E%%3C/svg%%3E" width=160 height=40>%s'
WINDOW = "$('#@A').addEventListener('click',function(){%s});"
BAR = '<img alt="" src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%22150%22 height=%2230%22%3E%3Crect width=%22150%22 height=%2230%22 fill=%22brown%22/%3E%3C/svg%3E">'

SHOWN = [
    *(link(f"href: {name}", f'<a id=@A href="{href}">@NAME</a>') for name, href in HREFS.items()),
    link(
        "image map",
        MAP_IMG % '<map name=@B><area shape=rect coords="0,0,160,40" href="@URL"></map>',
        size=(160, 44),
    ),
    link(
        "select of addresses, onchange",
        JUMP % "if(this.value)window.open(this.value)",
        steps="choose @A 2",
    ),
    link(
        "select of addresses, location",
        JUMP % "if(this.selectedIndex>1)location.href=this.options[this.selectedIndex].value",
        steps="choose @A 2",
    ),
    link(
        "select with a bound handler",
        JUMP.replace(' onchange="%s"', ""),
        js="$('#@A').addEventListener('change',function(){if(this.value)window.open(this.value,'_blank')});",
        steps="choose @A 2",
    ),
    link(
        "select with keys",
        "<select id=@A><option value=0>友情链接</option><option value=1>中国政府网</option><option value=2>@NAME</option></select>",
        js="var u={1:'http://www.gov.cn/',2:@JURL};$('#@A').onchange=function(){if(u[this.value])window.open(u[this.value])};",
        steps="choose @A 2",
    ),
    link(
        "select with a button",
        JUMP % "" + "<button id=@B type=button>转到</button>",
        js="$('#@B').onclick=function(){var v=$('#@A').value;if(v)window.open(v)};",
        steps="choose @A 2; click @B",
    ),
    link(
        "custom drop-down over a hidden select, open",
        LAYUI,
        LAYUI_CSS,
        LAYUI_JS % "window.open(v)",
        steps="click @B; click @D",
        size=(165, 125),
    ),
    link(
        "custom drop-down over a hidden select, location",
        LAYUI,
        LAYUI_CSS,
        LAYUI_JS % "location.href=v",
        steps="click @B; click @D",
        size=(165, 125),
    ),
    link(
        "onclick window.open",
        '<a id=@A href="#" onclick="window.open(\'@URL\');return false">@NAME</a>',
    ),
    link(
        "onclick location.href",
        "<span id=@A class=lk onclick=\"location.href='@URL'\">@NAME</span>",
    ),
    link("onmousedown", "<a id=@A onmousedown=\"window.open('@URL')\" class=lk>@NAME</a>"),
    link(
        "onmouseup of a div",
        "<div id=@A class=lk onmouseup=\"location.assign('@URL')\">@NAME</div>",
    ),
    link(
        "button formaction",
        '<form><button id=@A formaction="@URL" formmethod=get>@NAME</button></form>',
    ),
    link(
        "form to the address",
        '<form action="@URL" method=get target=_blank><input id=@A type=submit value="@NAME"></form>',
    ),
    link(
        "form submitted by script",
        '<form id=@B action="@URL"></form><span id=@A class=lk>@NAME</span>',
        js=WINDOW % "$('#@B').submit()",
    ),
    link("address computed", SPAN, js=WINDOW % "window.open(['http:','','@HOST',''].join('/'))"),
    link("address in base64", SPAN, js=WINDOW % "window.open(atob('@B64'))"),
    link(
        "address reversed",
        BUTTON,
        js=WINDOW % "location.href=@REVERSED.split('').reverse().join('')",
    ),
    link(
        "address from a data attribute",
        '<div id=@A class=lk data-u="@URL">@NAME</div>',
        js=WINDOW % "window.open(this.dataset.u)",
    ),
    link(
        "handler on an ancestor",
        '<ul id=@B><li>其他</li><li id=@A data-url="@URL">@NAME</li></ul>',
        js="$('#@B').addEventListener('click',function(e){var u=e.target.getAttribute('data-url');if(u)window.open(u)});",
        size=(160, 80),
    ),
    link(
        "handler on the document",
        '<p id=@A data-jump-@A="@URL">@NAME</p>',
        js="root.addEventListener('click',function(e){var u=e.target.getAttribute&&e.target.getAttribute('data-jump-@A');if(u)location.href=u});",
        last=True,
    ),
    link("javascript: address", "<a id=@A href=\"javascript:window.open('@URL')\">@NAME</a>"),
    link(
        "javascript: location", "<a id=@A href=\"javascript:void(location.href='@URL')\">@NAME</a>"
    ),
    link(
        "own function called",
        '<a id=@A href="javascript:;" onclick="go_@A(3)">@NAME</a>',
        js="window['go_@A']=function(n){window.open(['','','',@JURL][n])};",
    ),
    link("opened after 0.8 s", SPAN, js=WINDOW % "setTimeout(function(){location.href=@JURL},800)"),
    link(
        "address fetched on click",
        SPAN,
        js=WINDOW
        % "fetch('/f/@A.json').then(function(r){return r.json()}).then(function(j){location.href=j.url})",
        files={"/f/@A.json": File(b'{"url":@JURL}', "application/json", delay=0.2)},
    ),
    link(
        "link made and clicked by script",
        BUTTON,
        js=WINDOW
        % "var a=document.createElement('a');a.href=@JURL;a.target='_blank';document.body.appendChild(a);a.click();a.remove()",
    ),
    link(
        "blank window, then its address",
        BUTTON,
        js=WINDOW % "var w=window.open('');if(w)w.location.href=@JURL",
    ),
    link(
        "href set when pointed at",
        '<a id=@A href="#">@NAME</a>',
        js="$('#@A').onmouseenter=function(){this.href=@JURL};",
    ),
    link(
        "href set on load by script",
        '<a id=@A data-v="@B64">@NAME</a>',
        js="var a=$('#@A');a.href=atob(a.dataset.v);",
    ),
    link(
        "confirm() before leaving",
        '<a id=@A href="@URL" onclick="return confirm(\'即将离开本站，是否继续？\')">@NAME</a>',
    ),
    link(
        "leaving dialog, real href",
        LEAVE % 'href="@URL"',
        LEAVE_CSS,
        LEAVE_JS
        + "$('#@C').onclick=function(){window.open($('#@A').href);$('#@B').style.display='none'};",
        steps="click @A; click @C",
        last=True,
    ),
    link(
        "leaving dialog, address in an attribute",
        LEAVE % 'class=lk data-to="@URL"',
        LEAVE_CSS,
        LEAVE_JS + "$('#@C').onclick=function(){location.href=$('#@A').dataset.to};",
        steps="click @A; click @C",
        last=True,
    ),
    link(
        "leaving dialog, made on click",
        SPAN,
        js=WINDOW
        % "var d=document.createElement('div');d.style.cssText='position:fixed;left:35%;top:30%;width:320px;padding:20px;background:#fff;border:2px solid #369;z-index:900';d.innerHTML='<p>即将跳转到其他网站</p><a id=@C href=\"@URL\" target=_blank>继续前往</a>';document.body.appendChild(d)",
        steps="click @A; wait 0.2; click @C",
        last=True,
    ),
    link(
        "jump page with an id",
        '<a id=@A href="/link/@B?id=3">@NAME</a>',
        files={"/link/@B?id=3": jump("@URL")},
    ),
    link(
        "jump page with base64",
        '<a id=@A target=_blank href="/go/@B?u=@B64">@NAME</a>',
        files={"/go/@B?u=@B64": jump("@URL")},
    ),
    link(
        "jump page with the address",
        '<a id=@A target=_blank href="/out/@B?url=@QURL">@NAME</a>',
        files={"/out/@B?url=@QURL": jump("@URL")},
    ),
    link(
        "jump page with meta refresh",
        '<a id=@A href="/jump/@B.html">@NAME</a>',
        files={
            "/jump/@B.html": '<meta charset=utf-8><meta http-equiv=refresh content="1;url=@URL"><p>正在跳转…</p>'
        },
    ),
    link(
        "jump page with a script",
        '<a id=@A href="/jump/@B.html">@NAME</a>',
        files={"/jump/@B.html": "<meta charset=utf-8><script>location.replace(@JURL)</script>"},
    ),
    link(
        "two jumps",
        '<a id=@A href="/link/@B?id=9">@NAME</a>',
        files={"/link/@B?id=9": jump("/link/@C?s=1"), "/link/@C?s=1": jump("@URL")},
    ),
    link(
        "link in svg",
        '<svg width=160 height=40><a id=@A xlink:href="@URL"><rect width=160 height=40 fill="#cde"/><text x=10 y=25>@NAME</text></a></svg>',
        size=(160, 44),
    ),
    link(
        "link in a list without markers",
        '<ul style="list-style:none;padding:0"><li><a id=@A href="@URL">@NAME</a></li></ul>',
        size=(160, 60),
    ),
    link("link with only a picture", f'<a id=@A href="@URL">{BAR}</a>', size=(160, 36)),
    link(
        "link with only a background",
        '<a id=@A href="@URL"></a>',
        "#@A{display:block;width:150px;height:30px;background:@HUE}",
    ),
    link("text in ::after", '<a id=@A href="@URL"></a>', "#@A::after{content:'@NAME'}"),
    link(
        "text replaced by a background",
        '<a id=@A href="@URL">@NAME</a>',
        "#@A{display:block;width:150px;height:30px;text-indent:-9999px;overflow:hidden;background:@HUE}",
    ),
    link("link within a label", '<label><a id=@A href="@URL">@NAME</a></label>'),
    link(
        "div with role=link",
        "<div id=@A role=link tabindex=0 class=lk onclick=\"window.open('@URL')\">@NAME</div>",
    ),
    link(
        "stretched link of a card",
        '<div style="position:relative;width:160px;height:60px;background:#eef"><b>@NAME</b><a id=@A href="@URL" style="position:absolute;inset:0;background:rgba(0,80,160,.25)"></a></div>',
        size=(165, 65),
    ),
    link(
        "long text before the link's line end",
        '<div style="width:150px"><a id=@A href="@URL">@NAME</a></div>',
    ),
    link(
        "link that leaves its frame",
        '<iframe src="/f/@B.html" width=165 height=34 frameborder=0></iframe>',
        files={
            "/f/@B.html": '<meta charset=utf-8><style>body{margin:0}</style><a id=@A target=_top href="@URL">@NAME</a>'
        },
        size=(170, 40),
        settle=0.3,
    ),
    link(
        "base target in a frame",
        '<iframe src="/f/@B.html" width=165 height=34 frameborder=0></iframe>',
        files={
            "/f/@B.html": '<meta charset=utf-8><base target=_blank><style>body{margin:0}</style><a id=@A href="@URL">@NAME</a>'
        },
        size=(170, 40),
        settle=0.3,
    ),
    link(
        "base address of a frame",
        '<iframe src="/f/@B.html" width=165 height=34 frameborder=0></iframe>',
        files={
            "/f/@B.html": '<meta charset=utf-8><base href="@URL" target=_blank><style>body{margin:0}</style><a id=@A href="/">@NAME</a>'
        },
        size=(170, 40),
        settle=0.3,
    ),
    link("marked as disabled only", '<a id=@A href="@URL" disabled aria-disabled=true>@NAME</a>'),
    link(
        "button within the link",
        '<a id=@A href="@URL"><b style="display:inline-block;padding:4px 10px;border:1px solid">@NAME</b></a>',
        size=(160, 40),
    ),
]

HIDDEN = [
    *(
        dead(f"wrong href: {name}", f'<a id=@A href="{href}">@NAME</a>')
        for name, href in WRONG_HREFS.items()
    ),
    dead("select without a handler", JUMP.replace(' onchange="%s"', ""), steps="choose @A 2"),
    dead(
        "select whose handler does nothing",
        JUMP % "if(0)window.open(this.value)",
        steps="choose @A 2",
    ),
    dead(
        "select with keys to other places",
        '<select id=@A data-k="@URL"><option>友情链接</option><option value=1>中国政府网</option><option value=2>@NAME</option></select>',
        js="$('#@A').onchange=function(){window.open('http://www.gov.cn/?'+this.value)};",
        steps="choose @A 2",
    ),
    dead(
        "option disabled",
        JUMP.replace('<option value="@URL">', '<option DisAbled value="@URL">')
        % "if(this.value)window.open(this.value)",
        steps="choose @A 2",
    ),
    dead(
        "group of options disabled",
        '<select id=@A onchange="window.open(this.value)"><option value="http://www.gov.cn/">链接</option><optgroup label=x disabled><option value="@URL">@NAME</option></optgroup></select>',
        steps="choose @A 1",
    ),
    dead(
        "select disabled",
        JUMP.replace("<select", "<select disabled") % "window.open(this.value)",
        steps="choose @A 2",
    ),
    dead(
        "custom drop-down without a handler",
        LAYUI,
        LAYUI_CSS,
        LAYUI_JS % "void 0",
        steps="click @B; click @D",
        size=(165, 125),
    ),
    dead("handler if(0)", "<a id=@A class=lk onclick=\"if(0)window.open('@URL')\">@NAME</a>"),
    dead(
        "return before it opens",
        "<a id=@A class=lk onclick=\"return false;location.href='@URL'\">@NAME</a>",
    ),
    dead(
        "click stopped, nothing else happens",
        '<a id=@A href="@URL">@NAME</a>',
        js="$('#@A').addEventListener('click',function(e){e.preventDefault()});",
    ),
    dead(
        "handler leads elsewhere",
        '<a id=@A href="@URL" onclick="location.href=\'http://www.gov.cn/\';return false">@NAME</a>',
    ),
    dead(
        "href changed on load",
        '<a id=@A href="@URL">@NAME</a>',
        js="$('#@A').href='http://www.gov.cn/';",
    ),
    dead(
        "href removed on load",
        '<a id=@A href="@URL">@NAME</a>',
        js="$('#@A').removeAttribute('href');",
    ),
    dead("address as the title only", '<a id=@A href="javascript:void(0)" title="@URL">@NAME</a>'),
    dead("address in a data attribute only", '<a id=@A class=lk data-href="@URL">@NAME</a>'),
    dead("address as text only", "<p id=@A>@NAME：@URL</p>", size=(320, 40)),
    dead(
        "address in a script only",
        "<p id=@A>@NAME</p>",
        js="var portals=[@JURL,'http://www.gov.cn/'];",
    ),
    dead(
        "picture of orphan map",
        MAP_IMG % '<map name=other@B><area shape=rect coords="0,0,160,40" href="@URL"></map>',
        size=(160, 44),
    ),
    dead(
        "area without extent",
        MAP_IMG % '<map name=@B><area shape=rect coords="0,0,0,0" href="@URL"></map>',
        size=(160, 44),
    ),
    dead(
        "area beyond its picture",
        MAP_IMG % '<map name=@B><area shape=rect coords="500,500,600,600" href="@URL"></map>',
        size=(160, 44),
    ),
    dead(
        "link of zero size",
        '<a id=@A href="@URL" style="display:block;width:0;height:0;overflow:hidden">@NAME</a>',
    ),
    dead("link without content", '<a id=@A href="@URL"></a>'),
    dead("font-size 0", '<a id=@A href="@URL" style="font-size:0">@NAME</a>'),
    dead(
        "text-indent -9999 px",
        '<a id=@A href="@URL" style="display:block;text-indent:-9999px;overflow:hidden">@NAME</a>',
    ),
    dead("pointer-events none", '<a id=@A href="@URL" style="pointer-events:none">@NAME</a>'),
    dead(
        "text of the background's colour",
        '<a id=@A href="@URL" style="color:#fff;background:#fff;text-decoration:none">@NAME</a>',
    ),
    dead(
        "transparent text",
        '<a id=@A href="@URL" style="color:transparent;text-decoration:none">@NAME</a>',
    ),
    dead(
        "another link lies over it",
        '<div style="position:relative;width:160px;height:30px"><a id=@A href="@URL">@NAME</a><a href="http://www.gov.cn/" style="position:absolute;inset:0;background:rgba(255,255,255,.01)"></a></div>',
    ),
    dead("button disabled", '<form><button id=@A disabled formaction="@URL">@NAME</button></form>'),
    dead("form without a button", '<form action="@URL"><span id=@A>@NAME</span></form>'),
    dead("inert", '<div inert><a id=@A href="@URL">@NAME</a></div>'),
    dead("link element of the head", '<link rel=alternate href="@URL"><span id=@A>@NAME</span>'),
    dead(
        "leaving dialog that only closes",
        LEAVE % 'href="@URL"',
        LEAVE_CSS,
        LEAVE_JS + "$('#@C').onclick=function(){$('#@B').style.display='none'};",
        steps="click @A; click @C",
        last=True,
    ),
    dead(
        "jump page that leads elsewhere",
        '<a id=@A href="/link/@B?id=3">@NAME</a>',
        files={"/link/@B?id=3": jump("http://www.gov.cn/")},
    ),
    dead("jump page that is missing", '<a id=@A href="/link/@B?id=3">@NAME</a>'),
    dead(
        "jump page that does not jump",
        '<a id=@A href="/jump/@B.html">@NAME</a>',
        files={
            "/jump/@B.html": "<meta charset=utf-8><title>@NAME</title><p>您访问的页面 @URL 正在建设</p>"
        },
    ),
    dead(
        "handler bound to the wrong element",
        SPAN,
        js="var e=document.createElement('b');e.onclick=function(){window.open(@JURL)};",
    ),
    dead(
        "script breaks before it binds",
        SPAN,
        js="try{undefinedLibrary.init();$('#@A').onclick=function(){window.open(@JURL)}}catch(e){}",
    ),
]
LINKS = [*SHOWN, *HIDDEN]
