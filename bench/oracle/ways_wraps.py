"""Ways around any piece: what delivers, opens or holds it, and what keeps it from the visitor."""

# ruff: noqa: E501 - a table
from __future__ import annotations

from typing import Any

from pieces import File, Way


def wrap(
    name: str, html: str, css: str = "", js: str = "", *, kinds: str = "both", **more: Any
) -> Way:
    return Way(name, kinds, html, css, js, **more)


def late(name: str, js: str, settle: float, html: str = "", **more: Any) -> Way:
    """What puts the piece into its place later."""
    place = '<div id=@A style="min-height:@Hpx"></div>'
    return wrap(name, place + html, js=js, settle=settle, **more)


def frame(name: str, attributes: str, **more: Any) -> Way:
    html = f"<iframe id=@A {attributes} width=@W height=@H frameborder=0 scrolling=no></iframe>"
    usual: dict[str, Any] = {"grow": (6, 6), "settle": 0.3, "moved": True}
    return wrap(name, html, **(usual | more))


def opener(name: str, html: str, css: str = "", js: str = "", *, steps: str, **more: Any) -> Way:
    usual: dict[str, Any] = {"grow": (40, 70)}
    return wrap(name, html, css, js, **({"steps": steps} | usual | more))


def never(name: str, html: str, css: str = "", js: str = "", **more: Any) -> Way:
    return wrap(name, html, css, js, shown=False, **more)


def style(name: str, css: str, **more: Any) -> Way:
    """A box whose style keeps the piece from sight."""
    return never(name, "<div id=@A>@IN</div>", f"#@A{{{css}}}", **more)


POP = "{display:none;position:absolute;left:0;top:100%;background:#fff;padding:6px;border:1px solid #bbb;z-index:60}"
HEAD = "#@A{position:relative;display:inline-block;width:130px;height:30px;line-height:30px;background:#eef2f7}"
ICON = "#@A{position:relative;display:inline-block;width:32px;height:32px;border-radius:6px;background:@HUE}"
POPUP = "<div id=@A>关注我们<div id=@B>@IN</div></div>"
EMPTY = "<div id=@A>关注我们<div id=@B></div></div>"
TWO = '<div style="position:relative;width:130px"><div id=@A>更多</div><div id=@B>@IN</div></div>'
SHOW = "$('#@B').style.display='block'"
HIDE = "$('#@B').style.display='none'"
TAB_CSS = (
    "#@A b{display:inline-block;padding:0 6px;height:26px;line-height:26px;background:#dde6f0;font-weight:400}"
    "#@B>div{display:none;min-height:30px}#@B>div.on{display:block}"
)
TABS = (
    "<div id=@A><b>动态</b><b id=@C>互动</b><b>服务</b></div><div id=@B><div class=on>政务动态</div><div>@IN</div>"
    "<div>办事指南</div></div>"
)
TAB_JS = (
    "[].forEach.call(root.querySelectorAll('#@A b'),function(b,n){b.%s=function(){"
    "[].forEach.call($('#@B').children,function(d,i){d.className=i==n?'on':''})}});"
)
TWELVE = (
    "<div id=@D>"
    + "".join(
        f"<b{' id=@C' if n == 9 else ''}>{word}</b>"
        for n, word in enumerate("一二三四五六七八九十甲乙")
    )
    + "</div><div id=@A>栏目内容</div>"
)
TWELVE_CSS = "#@D b{display:inline-block;width:22px;height:26px;line-height:26px;text-align:center;background:#dde6f0;margin-right:2px}"
TWELVE_JS = (
    "[].forEach.call(root.querySelectorAll('#@D b'),function(b,n){b.%s=function(){if(n==9)GO();"
    "else $('#@A').textContent='第'+(n+1)+'栏'}});"
)
SLIDES = "<div id=@A><div>图片新闻一</div><div>@IN</div><div>图片新闻三</div></div>"
SLIDE_CSS = "#@A>div{display:none;min-height:30px}#@A>div:%s{display:block}"
SCROLLER = "#@A{width:%s;height:%s;overflow:auto;border:1px solid #ccc}"
MODAL_CSS = (
    "#@B{display:none;position:fixed;inset:0;background:rgba(0,0,0,.6);z-index:800}"
    "#@D{position:absolute;left:35%;top:12%;background:#fff;padding:16px;min-width:200px}"
)
MODAL = "<span id=@C class=lk>扫一扫</span><div id=@B><div id=@D><i id=@E>关闭</i>@IN</div></div>"
HTML_FILE = {"/f/@B.html": "@DOC"}
SCRIPT = "text/javascript; charset=utf-8"

DELIVERED = [
    late("timer 1 s", "setTimeout(GO,1000);", 1.2),
    late("timer 4 s", "setTimeout(GO,4000);", 4.3),
    late("timer 8 s", "setTimeout(GO,8000);", 8.4),
    late("chain of timers", "var n=0;(function f(){if(++n>6)GO();else setTimeout(f,400)})();", 2.8),
    late(
        "interval until ready",
        "var n=0,t=setInterval(function(){if(++n==12){clearInterval(t);GO()}},200);",
        2.8,
    ),
    late(
        "sixty animation frames",
        "var n=0;(function f(){if(++n>60)GO();else requestAnimationFrame(f)})();",
        2.5,
    ),
    late("idle callback", "requestIdleCallback(function(){GO()},{timeout:900});", 1.1),
    late(
        "after the load event",
        "if(document.readyState=='complete')GO();else addEventListener('load',function(){setTimeout(GO,50)});",
        0.5,
    ),
    late(
        "message of a worker",
        "var w=new Worker(URL.createObjectURL(new Blob(['setTimeout(function(){postMessage(1)},600)'])));w.onmessage=function(){GO()};",
        1.2,
    ),
    late(
        "worker that counts seconds",
        "var w=new Worker(URL.createObjectURL(new Blob(['var n=0;setInterval(function(){postMessage(++n)},700)'])));w.onmessage=function(e){if(e.data==4){GO();w.terminate()}};",
        3.4,
    ),
    late(
        "animationend",
        "$('#@B').addEventListener('animationend',function(){GO()});",
        1.5,
        "<i id=@B></i>",
        css="@keyframes k@B{from{opacity:.2}}#@B{display:block;width:9px;height:9px;animation:k@B 1s}",
    ),
    late(
        "transitionend",
        "var b=$('#@B');b.addEventListener('transitionend',function(){GO()});setTimeout(function(){b.style.width='90px'},100);",
        1.6,
        "<i id=@B></i>",
        css="#@B{display:block;width:9px;height:3px;background:#ccc;transition:width 1s}",
    ),
    late(
        "fetch, then inserted",
        "fetch('/f/@B.html').then(function(r){return r.text()}).then(function(){GO()});",
        0.9,
        files={"/f/@B.html": File(b"ok", delay=0.4)},
    ),
    late(
        "XMLHttpRequest, then inserted",
        "var x=new XMLHttpRequest();x.open('GET','/f/@B.json');x.onload=function(){GO()};x.send();",
        0.9,
        files={"/f/@B.json": File(b"{}", "application/json", delay=0.3)},
    ),
    late(
        "two fetches in a row",
        "fetch('/f/@B.txt').then(function(){return fetch('/f/@C.txt')}).then(function(){GO()});",
        1.3,
        files={
            "/f/@B.txt": File(b"1", "text/plain", delay=0.4),
            "/f/@C.txt": File(b"2", "text/plain", delay=0.4),
        },
    ),
    late(
        "script with a callback (JSONP)",
        "window['cb@B']=function(){GO()};var s=document.createElement('script');s.src='/f/@B.js';document.body.appendChild(s);",
        0.8,
        files={"/f/@B.js": File(b"cb@B({})", SCRIPT, delay=0.3)},
    ),
    late(
        "first movement of the mouse",
        "document.addEventListener('mousemove',function f(){document.removeEventListener('mousemove',f);GO()});",
        0.6,
        steps="hover @A; wait 0.2",
    ),
    late(
        "seen by an IntersectionObserver",
        "new IntersectionObserver(function(e,o){if(e.some(function(x){return x.isIntersecting})){o.disconnect();GO()}}).observe($('#@A'));",
        0.4,
    ),
    late(
        "scrolling, debounced",
        "var t;addEventListener('scroll',function(){clearTimeout(t);t=setTimeout(function(){if($('#@A')&&!$('#@A').firstChild)GO()},250)},true);",
        0.6,
        steps="scroll",
        last=True,
    ),
    late(
        "first scroll event",
        "addEventListener('scroll',function(){GO()},{once:true,capture:true});",
        0.5,
        steps="scroll",
        last=True,
    ),
    late(
        "message of a hidden frame",
        "addEventListener('message',function(e){if(e.data=='@B')GO()});",
        0.9,
        "<iframe width=1 height=1 style=\"border:0;opacity:0\" srcdoc=\"&lt;script&gt;setTimeout(function(){parent.postMessage('@B','*')},300)&lt;/script&gt;\"></iframe>",
        last=True,
    ),
    late(
        "custom element",
        "var n='x-@B';if(!customElements.get(n))customElements.define(n,class extends HTMLElement{connectedCallback(){GO()}});",
        0.4,
        "<x-@B></x-@B>",
    ),
    late(
        "MutationObserver",
        "new MutationObserver(function(){GO()}).observe($('#@B'),{childList:true});setTimeout(function(){$('#@B').textContent='ok'},500);",
        1.0,
        "<i id=@B></i>",
    ),
    late(
        "event stream",
        "var s=new EventSource('/f/@B.sse');s.onmessage=function(){s.close();GO()};",
        0.9,
        files={"/f/@B.sse": File(b"data: go\n\n", "text/event-stream", delay=0.4)},
    ),
    wrap("document.write", "<script>document.write(@JIN)</script>", settle=0.2, last=True),
    wrap(
        "document.writeln in a file",
        '<script src="/f/@B.js"></script>',
        settle=0.2,
        last=True,
        files={"/f/@B.js": File(b"document.writeln(@JIN)", SCRIPT)},
    ),
    wrap(
        "unescape in document.write",
        "<script>document.write(unescape('%3Cdiv%3E')+@JIN+unescape('%3C/div%3E'))</script>",
        settle=0.2,
        last=True,
    ),
    wrap(
        "template, cloned",
        "<template id=@B>@IN</template><div id=@A></div>",
        js="$('#@A').appendChild($('#@B').content.cloneNode(true));@JS",
        settle=0.2,
    ),
    wrap(
        "text/template, rendered",
        "<script type='text/template' id=@B>@IN</script><div id=@A></div>",
        js="$('#@A').innerHTML=$('#@B').textContent;@JS",
        settle=0.2,
        last=True,
    ),
    wrap(
        "taken out of a comment by script",
        "<div id=@A><!--@IN--></div>",
        js="var e=$('#@A');e.innerHTML=e.firstChild.data;@JS",
        settle=0.2,
        last=True,
    ),
    wrap(
        "taken out of a textarea by script",
        "<textarea id=@B style='display:none'>@IN</textarea><div id=@A></div>",
        js="$('#@A').innerHTML=$('#@B').value;@JS",
        settle=0.2,
        last=True,
    ),
    wrap(
        "class added after load",
        "<div id=@A>@IN</div>",
        "#@A{visibility:hidden}#@A.on{visibility:visible}",
        "setTimeout(function(){$('#@A').className='on'},600);",
        settle=0.9,
    ),
    wrap(
        "shown when the frame of scripts is ready",
        "<div id=@A hidden>@IN</div>",
        js="setTimeout(function(){$('#@A').hidden=false},1500);",
        settle=1.8,
    ),
    wrap(
        "faded in slowly",
        "<div id=@A>@IN</div>",
        "@keyframes f@A{from{opacity:0}60%{opacity:0}to{opacity:1}}#@A{animation:f@A 2.5s both}",
        settle=2.8,
    ),
    wrap(
        "slides in when seen",
        "<div id=@A>@IN</div>",
        "#@A{opacity:0;transform:translateY(40px);transition:all .5s}#@A.in{opacity:1;transform:none}",
        "new IntersectionObserver(function(e){if(e[0].isIntersecting)$('#@A').className='in'}).observe($('#@A'));",
        settle=1.0,
    ),
]

HELD = [
    wrap(
        "open shadow root",
        "<div id=@A></div>",
        js="var s=$('#@A').attachShadow({mode:'open'});s.innerHTML=@JTREE;(function(root){@JS})(s);",
        moved=True,
    ),
    wrap(
        "closed shadow root",
        "<div id=@A></div>",
        js="var s=$('#@A').attachShadow({mode:'closed'});s.innerHTML=@JTREE;(function(root){@JS})(s);",
        moved=True,
    ),
    wrap(
        "shadow root in the markup",
        "<div id=@A><template shadowrootmode=open>@TREE</template></div>",
        js="(function(root){@JS})($('#@A').shadowRoot);",
        moved=True,
        last=True,
    ),
    wrap(
        "slot of a shadow root",
        "<div id=@A>@IN</div>",
        js="$('#@A').attachShadow({mode:'open'}).innerHTML='<section><slot></slot></section>';",
    ),
    frame("frame", 'src="/f/@B.html"', files=HTML_FILE),
    frame("frame on another host", 'src="@CDN/f/@B.html"', files=HTML_FILE),
    frame(
        "frame of a frame",
        'src="/f/@C.html"',
        files={
            **HTML_FILE,
            "/f/@C.html": '<body style="margin:0"><iframe src="/f/@B.html" width=@W height=@H frameborder=0></iframe>',
        },
        settle=0.5,
    ),
    frame("frame with srcdoc", 'srcdoc="@EDOC"'),
    frame(
        "frame loaded late",
        'data-src="/f/@B.html"',
        files=HTML_FILE,
        js="setTimeout(function(){var f=$('#@A');f.src=f.dataset.src},1500);",
        settle=2.0,
    ),
    frame(
        "frame written by script",
        "",
        js="var d=$('#@A').contentDocument;d.open();d.write(@JDOC);d.close();",
    ),
    frame(
        "frame with a slow answer",
        'src="/f/@B.html"',
        files={"/f/@B.html": File(b"@DOC", delay=0.5)},
        settle=0.9,
    ),
    frame(
        "frame made of a blob",
        "",
        js="$('#@A').src=URL.createObjectURL(new Blob(['<base href='+origin+'/>',@JDOC],{type:'text/html;charset=utf-8'}));",
    ),
    wrap(
        "object of a document",
        '<object data="/f/@B.html" type="text/html" width=@W height=@H></object>',
        files=HTML_FILE,
        grow=(8, 8),
        settle=0.4,
        moved=True,
    ),
    wrap(
        "inner box that scrolls down",
        "<div id=@A><div style='height:420px;background:linear-gradient(#f4f8ff,#fff)'>公告栏</div>@IN<p>完</p></div>",
        SCROLLER % ("calc(@Wpx + 30px)", "calc(@Hpx + 80px)"),
        steps="wheel @A",
        grow=(40, 90),
    ),
    wrap(
        "inner box that scrolls aside",
        "<div id=@A><div style='width:@Wpx;padding-left:600px'>@IN</div></div>",
        SCROLLER % ("calc(@Wpx + 30px)", "auto"),
        steps="aside @A",
        grow=(40, 30),
    ),
    wrap(
        "fixed at the edge",
        "<div id=@A>@IN</div>",
        "#@A{position:fixed;right:6px;top:@SEATpx;z-index:20;background:#fff}",
        kinds="code",
        last=True,
    ),
    wrap(
        "fixed at the left edge",
        "<div id=@A>@IN</div>",
        "#@A{position:fixed;left:6px;top:@SEATpx;z-index:20;background:#fff}",
        kinds="link",
        last=True,
    ),
    wrap(
        "transparent overlay that lets clicks through",
        "<div style='position:relative'>@IN<div style='position:absolute;inset:0;pointer-events:none;background:rgba(0,0,0,.02)'></div></div>",
    ),
    wrap("marked as hidden for readers only", "<div aria-hidden=true role=presentation>@IN</div>"),
    wrap("display contents", "<div style='display:contents'>@IN</div>"),
    wrap(
        "visible within invisible",
        "<div style='visibility:hidden'><div style='visibility:visible'>@IN</div></div>",
    ),
    wrap(
        "content-visibility auto",
        "<div style='content-visibility:auto;min-height:@Hpx;contain-intrinsic-size:@Wpx @Hpx'>@IN</div>",
        settle=0.3,
    ),
    wrap(
        "columns",
        "<div style='column-count:2;width:700px'><p>栏目一</p><div style='break-inside:avoid'>@IN</div></div>",
        grow=(545, 60),
    ),
    wrap("clip-path that leaves it", "<div style='clip-path:inset(0)'>@IN</div>", kinds="code"),
    wrap("filter that leaves it", "<div style='filter:drop-shadow(0 0 2px #999)'>@IN</div>"),
    wrap("opacity .9", "<div style='opacity:.9'>@IN</div>"),
    wrap("hide class without a rule", "<div class='hide hidden none d-none'>@IN</div>"),
    wrap(
        "display none overridden",
        "<div id=@A style='display:none'>@IN</div>",
        "#@A{display:block!important}",
    ),
    wrap(
        "display none in a print sheet only",
        "<div id=@A>@IN</div>",
        "@media print{#@A{display:none}}",
    ),
    wrap(
        "removed and put back by script",
        "<div id=@A>@IN</div>",
        js="var e=$('#@A'),p=e.parentNode,n=e.nextSibling;e.remove();setTimeout(function(){p.insertBefore(e,n)},300);",
        settle=0.7,
    ),
]

OPENED = [
    opener(
        "popup on hover by CSS",
        POPUP,
        HEAD + "#@B" + POP + "#@A:hover #@B{display:block}",
        steps="hover @A",
    ),
    opener(
        "popup of a sibling on hover",
        TWO,
        HEAD + "#@B" + POP + "#@A:hover+#@B,#@B:hover{display:block}",
        steps="hover @A",
    ),
    opener(
        "icon without words, hover",
        "<div id=@A><div id=@B>@IN</div></div>",
        ICON + "#@B" + POP + "#@A:hover #@B{display:block}",
        steps="hover @A",
    ),
    opener(
        "popup by visibility and opacity",
        POPUP,
        HEAD
        + "#@B"
        + POP.replace("display:none", "visibility:hidden;opacity:0;transition:opacity .3s")
        + "#@A:hover #@B{visibility:visible;opacity:1}",
        steps="hover @A; wait 0.4",
    ),
    opener(
        "popup with a delayed transition",
        POPUP,
        HEAD
        + "#@B"
        + POP.replace("display:none", "visibility:hidden;opacity:0;transition:all .3s .4s")
        + "#@A:hover #@B{visibility:visible;opacity:1}",
        steps="hover @A; wait 0.9",
    ),
    opener(
        "popup that grows (max-height)",
        POPUP,
        HEAD
        + "#@B"
        + POP.replace(
            "display:none",
            "max-height:0;overflow:hidden;padding:0 6px;border:0;transition:max-height .3s",
        )
        + "#@A:hover #@B{max-height:900px}",
        steps="hover @A; wait 0.5",
    ),
    opener(
        "popup from scale 0",
        POPUP,
        HEAD
        + "#@B"
        + POP.replace(
            "display:none", "transform:scale(0);transform-origin:0 0;transition:transform .2s"
        )
        + "#@A:hover #@B{transform:none}",
        steps="hover @A; wait 0.4",
    ),
    opener(
        "popup moved in from the left",
        POPUP,
        HEAD
        + "#@B"
        + POP.replace("left:0", "left:-9999px").replace("display:none", "display:block")
        + "#@A:hover #@B{left:0}",
        steps="hover @A",
    ),
    opener(
        "popup by mouseenter",
        POPUP,
        HEAD + "#@B" + POP,
        "$('#@A').addEventListener('mouseenter',function(){"
        + SHOW
        + "});$('#@A').addEventListener('mouseleave',function(){"
        + HIDE
        + "});",
        steps="hover @A",
    ),
    opener(
        "popup by mouseenter, 300 ms later",
        POPUP,
        HEAD + "#@B" + POP,
        "var t;$('#@A').onmouseenter=function(){t=setTimeout(function(){"
        + SHOW
        + "},300)};$('#@A').onmouseleave=function(){clearTimeout(t);"
        + HIDE
        + "};",
        steps="hover @A; wait 0.5",
    ),
    opener(
        "popup by mouseover, made then",
        EMPTY.replace("id=@A", "id=@C").replace("id=@B", "id=@A"),
        HEAD.replace("@A", "@C") + "#@A" + POP + "#@C:hover #@A{display:block}",
        "$('#@C').onmouseover=function(){if(!$('#@A').firstChild)GO()};",
        steps="hover @C; wait 0.2",
    ),
    opener(
        "popup fetched on hover",
        EMPTY.replace("id=@A", "id=@C").replace("id=@B", "id=@A"),
        HEAD.replace("@A", "@C") + "#@A" + POP + "#@C:hover #@A{display:block}",
        "$('#@C').onmouseenter=function(){fetch('/f/@D.txt').then(function(){if(!$('#@A').firstChild)GO()})};",
        steps="hover @C; wait 0.8",
        files={"/f/@D.txt": File(b"x", "text/plain", delay=0.4)},
    ),
    opener(
        "hover handler on the tree's root",
        POPUP,
        HEAD + "#@B" + POP,
        "root.addEventListener('mouseover',function(e){"
        + "$('#@B').style.display=e.target.closest&&e.target.closest('#@A')?'block':'none'});",
        steps="hover @A",
    ),
    opener(
        "pointerenter",
        POPUP,
        HEAD + "#@B" + POP,
        "$('#@A').addEventListener('pointerenter',function(){" + SHOW + "});",
        steps="hover @A",
    ),
    opener(
        "menu in a menu, hover",
        "<div id=@A>新媒体<div id=@B><div id=@C>矩阵<div id=@D>@IN</div></div></div></div>",
        HEAD
        + "#@B"
        + POP
        + "#@A:hover>#@B{display:block}#@C{width:110px;height:28px;background:#f4f4f4}#@D{display:none;padding:6px;background:#fff}#@C:hover>#@D{display:block}",
        steps="hover @A; hover @C",
        grow=(60, 110),
    ),
    opener(
        "popup on click",
        POPUP.replace("关注我们", "<u id=@C>关注我们</u>"),
        HEAD + "#@B" + POP,
        "$('#@C').onclick=function(){" + SHOW + "};",
        steps="click @C",
    ),
    opener(
        "popup on click, fetched",
        "<span id=@C class=lk>扫一扫</span><div id=@A></div>",
        js="$('#@C').onclick=function(){fetch('/f/@D.txt').then(function(){GO()})};",
        steps="click @C; wait 0.6",
        files={"/f/@D.txt": File(b"x", "text/plain", delay=0.3)},
    ),
    opener(
        "icon without words, click",
        "<i id=@C></i><div id=@B>@IN</div>",
        ICON.replace("@A", "@C") + "#@B{display:none}",
        "$('#@C').onclick=function(){" + SHOW + "};",
        steps="click @C",
    ),
    opener(
        "click handler on the tree's root",
        "<i id=@C class=lk>手机版</i><div id=@B>@IN</div>",
        "#@B{display:none}",
        "root.addEventListener('click',function(e){if(e.target.id=='@C')" + SHOW + "});",
        steps="click @C",
    ),
    opener(
        "click toggles",
        "<p id=@C class=lk>展开/收起</p><div id=@B style='display:none'>@IN</div>",
        js="$('#@C').onclick=function(){var s=$('#@B').style;s.display=s.display=='none'?'block':'none'};",
        steps="click @C",
    ),
    opener(
        "link with an empty address opens",
        "<a id=@C href='javascript:;'>官方微信</a><div id=@B style='display:none'>@IN</div>",
        js="$('#@C').onclick=function(){" + SHOW + "};",
        steps="click @C",
    ),
    opener(
        "link to # opens",
        "<a id=@C href='#'>移动客户端</a><div id=@B style='display:none'>@IN</div>",
        js="$('#@C').addEventListener('click',function(e){e.preventDefault();" + SHOW + "});",
        steps="click @C",
    ),
    opener(
        "modal on click",
        MODAL,
        MODAL_CSS,
        "$('#@C').onclick=function(){" + SHOW + "};$('#@E').onclick=function(){" + HIDE + "};",
        steps="click @C; wait 0.1",
        last=True,
    ),
    opener(
        "modal made on click",
        "<span id=@C class=lk>微信公众号</span>",
        MODAL_CSS.replace("display:none;", ""),
        "$('#@C').onclick=function(){if($('#@B'))return;var d=document.createElement('div');d.id='@B';d.innerHTML='<div id=@D><div id=@A></div></div>';(root.body||root).appendChild(d);GO()};",
        steps="click @C; wait 0.1",
        last=True,
    ),
    opener(
        "dialog element",
        "<button id=@C type=button>查看</button><dialog id=@B style='overflow:visible'>@IN</dialog>",
        js="$('#@C').onclick=function(){$('#@B').showModal()};",
        steps="click @C",
        last=True,
    ),
    opener(
        "popover attribute",
        "<button type=button id=@C popovertarget=@B>二维码</button><div id=@B popover style='overflow:visible'>@IN</div>",
        steps="click @C",
        last=True,
    ),
    opener("details", "<details><summary id=@C>更多</summary>@IN</details>", steps="click @C"),
    opener(
        "checkbox by its label",
        "<label id=@C for=@D class=lk>展开</label><input type=checkbox id=@D style='display:none'><div id=@B>@IN</div>",
        "#@B{display:none}#@D:checked+#@B{display:block}",
        steps="click @C",
    ),
    opener(
        "tabs by radio buttons",
        "<input type=radio name=@D checked style='display:none'><label>通知</label><label id=@C for=@E>新媒体</label><input type=radio name=@D id=@E style='display:none'><div id=@B>@IN</div>",
        "#@B{display:none}#@E:checked+#@B{display:block}label{margin-right:9px}",
        steps="click @C",
    ),
    opener(
        "target of a fragment",
        "<a id=@C href='#@B'>展开栏目</a><div id=@B>@IN</div>",
        "#@B{display:none}#@B:target{display:block}",
        steps="click @C",
        last=True,
    ),
    opener(
        "focus opens",
        "<input id=@C placeholder=搜索><div id=@B style='display:none'>@IN</div>",
        js="$('#@C').onfocus=function(){" + SHOW + "};",
        steps="click @C",
    ),
    opener(
        "focus within",
        "<div id=@A><input id=@C placeholder=请输入><div id=@B>@IN</div></div>",
        "#@B{display:none}#@A:focus-within #@B{display:block}",
        steps="click @C",
        kinds="code",
    ),
    opener("tabs by hover", TABS, TAB_CSS, TAB_JS % "onmouseover", steps="hover @C"),
    opener("tabs by click", TABS, TAB_CSS, TAB_JS % "onclick", steps="click @C"),
    opener(
        "tabs by hover, 200 ms later",
        TABS,
        TAB_CSS,
        "var t;"
        + (TAB_JS % "onmouseenter")
        .replace("function(){[]", "function(){clearTimeout(t);t=setTimeout(function(){[]")
        .replace("'on':''})}", "'on':''})},200)}"),
        steps="hover @C; wait 0.4",
    ),
    opener(
        "twelve tabs by hover, made in the tenth",
        TWELVE,
        TWELVE_CSS,
        TWELVE_JS % "onmouseover",
        steps="hover @C; wait 0.2",
        grow=(300, 40),
    ),
    opener(
        "twelve tabs by click, made in the tenth",
        TWELVE,
        TWELVE_CSS,
        TWELVE_JS % "onclick",
        steps="click @C; wait 0.2",
        grow=(300, 40),
    ),
    opener(
        "tabs filled by fetch on click",
        "<div id=@B><b>首页</b> <b id=@C>互动平台</b></div><div id=@A>栏目</div>",
        js="$('#@C').onclick=function(){$('#@A').textContent='加载中…';fetch('/f/@D.html').then(function(r){return r.text()}).then(function(){GO()})};",
        steps="click @C; wait 0.7",
        files={"/f/@D.html": File(b"ok", delay=0.4)},
    ),
    opener(
        "sibling of a hidden sibling",
        "<div style='display:none'>旧栏目</div><div id=@C class=lk>二维码</div><div style='display:none' id=@D>备用</div><div id=@B style='display:none'>@IN</div>",
        js="$('#@C').onmouseover=function(){" + SHOW + "};",
        steps="hover @C",
    ),
    opener(
        "load more",
        "<div id=@A></div><button id=@C type=button>加载更多</button>",
        js="$('#@C').onclick=function(){GO();this.remove()};",
        steps="click @C; wait 0.2",
    ),
    opener(
        "arrow of a carousel without ticks",
        SLIDES + "<button id=@C type=button>›</button>",
        SLIDE_CSS % "nth-child(1)",
        "var n=0;$('#@C').onclick=function(){n=(n+1)%3;[].forEach.call($('#@A').children,function(d,i){d.style.display=i==n?'block':'none'})};",
        steps="click @C",
    ),
    opener(
        "popup at the mouse, in the body",
        "<span id=@C class=lk>微信</span>",
        js="$('#@C').onmouseenter=function(e){if($('#@D'))return;var d=document.createElement('div');d.id='@D';d.style.cssText='position:fixed;background:#fff;z-index:700;padding:5px;left:'+e.clientX+'px;top:'+(e.clientY+12)+'px';d.innerHTML='<div id=@A></div>';(root.body||root).appendChild(d);GO()};",
        steps="hover @C; wait 0.2",
        last=True,
    ),
    opener(
        "opener inside a frame",
        '<iframe src="/f/@B.html" frameborder=0 style="width:calc(@Wpx + 10px);height:calc(@Hpx + 40px)"></iframe>',
        files={
            "/f/@B.html": "<meta charset=utf-8><style>body{margin:0}#@D{display:none}#@C:hover+#@D,#@D:hover{display:block}</style><div id=@C style='width:120px;height:28px;background:#dde'>官方微信</div><div id=@D>@TREE</div><script>(function(root){@JS})(document)</script>"
        },
        steps="hover @C",
        moved=True,
        settle=0.4,
        grow=(10, 40),
    ),
    opener(
        "rollover that turns a card",
        "<div id=@A><div id=@B>移到此处</div><div id=@C>@IN</div></div>",
        "#@A{position:relative;width:@Wpx;height:@Hpx;transform-style:preserve-3d;transition:transform .3s}#@A:hover{transform:rotateY(180deg)}#@B,#@C{position:absolute;inset:0;background:#fff;backface-visibility:hidden}#@C{transform:rotateY(180deg)}",
        steps="hover @A; wait 0.6",
        grow=(5, 5),
        kinds="code",
    ),
    opener(
        "drop-down kept open by a class",
        "<div id=@A><span id=@C>矩阵 ▾</span><div id=@B>@IN</div></div>",
        "#@B{display:none}#@A.open #@B{display:block}",
        "$('#@C').onclick=function(){$('#@A').classList.toggle('open')};",
        steps="click @C",
    ),
    opener(
        "opener hydrated after 1 s",
        "<span id=@C class=lk>扫码关注</span><div id=@B style='display:none'>@IN</div>",
        js="setTimeout(function(){$('#@C').onclick=function(){" + SHOW + "}},1000);",
        steps="click @C",
        settle=1.3,
    ),
]

TURNING = [
    wrap(
        "carousel by display",
        SLIDES,
        SLIDE_CSS % "nth-child(1)",
        "var n=0;setInterval(function(){n=(n+1)%3;[].forEach.call($('#@A').children,function(d,i){d.style.display=i==n?'block':'none'})},1500);",
        watch=7,
        grow=(10, 10),
    ),
    wrap(
        "carousel by transform",
        "<div style='width:@Wpx;height:@Hpx;overflow:hidden'><div id=@A style='display:flex;width:300%;transition:transform .3s'><div style='flex:0 0 33.33%'>图一</div><div style='flex:0 0 33.33%'>@IN</div><div style='flex:0 0 33.33%'>图三</div></div></div>",
        js="var n=0;setInterval(function(){n=(n+1)%3;$('#@A').style.transform='translateX(-'+n*33.33+'%)'},1800);",
        watch=8,
        grow=(10, 10),
    ),
    wrap(
        "carousel by opacity",
        "<div id=@A style='position:relative;width:@Wpx;height:@Hpx'><div style='position:absolute;inset:0;background:#fff'>图一</div><div style='position:absolute;inset:0;background:#fff;opacity:0'>@IN</div></div>",
        js="var n=0;setInterval(function(){n=1-n;$('#@A').children[1].style.opacity=n},2000);",
        watch=7,
        grow=(10, 10),
        kinds="code",
    ),
    wrap(
        "carousel that makes its slides",
        "<div id=@A style='min-height:@Hpx'>图片</div>",
        js="var n=0;setInterval(function(){n=(n+1)%3;if(n==2)GO();else $('#@A').textContent='图片'+n},1400);",
        watch=8,
    ),
]

KEPT = [
    style("display none", "display:none"),
    style("visibility hidden", "visibility:hidden"),
    style("opacity 0", "opacity:0"),
    style("opacity .01", "opacity:.01"),
    style("clip-path inset", "clip-path:inset(50%)"),
    style("clip-path circle beside it", "clip-path:circle(3px at 0 0)"),
    style("clip", "position:absolute;clip:rect(0 0 0 0)"),
    style("off the screen, absolute", "position:absolute;left:-9999px;top:0"),
    style("off the screen, fixed", "position:fixed;left:-200vw;top:40px"),
    style("off the screen, above", "position:absolute;top:-30000px"),
    style("moved away by transform", "transform:translateX(-4000px)"),
    style("content-visibility hidden", "content-visibility:hidden"),
    style("turned away, backface hidden", "backface-visibility:hidden;transform:rotateY(180deg)"),
    style("scale 0", "transform:scale(0);transform-origin:0 0"),
    style("rotateY 90deg", "transform:rotateY(90deg)"),
    style("height 0", "height:0;overflow:hidden"),
    style("zero-size box", "width:0;height:0;overflow:hidden;position:absolute"),
    style("max-width 0", "max-width:0;max-height:0;overflow:hidden"),
    never(
        "behind its opaque parent",
        "<div style='background:#fff;position:relative;z-index:0'><div style='position:relative;z-index:-1'>@IN</div><div style='position:absolute;inset:0;background:#fff'></div></div>",
    ),
    style("filter opacity(0)", "filter:opacity(0)"),
    style(
        "mask of nothing",
        "-webkit-mask:linear-gradient(transparent,transparent);mask:linear-gradient(transparent,transparent)",
    ),
    style("blur 8 px", "filter:blur(8px)", kinds="code"),
    style("brightness 0", "background:#fff;filter:brightness(0)", kinds="code"),
    style("contrast 0", "background:#fff;filter:invert(1) contrast(0)", kinds="code"),
    style(
        "half masked",
        "-webkit-mask:linear-gradient(90deg,#000 45%,transparent 45%);mask:linear-gradient(90deg,#000 45%,transparent 45%)",
        kinds="code",
    ),
    style("blended to white", "mix-blend-mode:lighten;isolation:auto", kinds="code"),
    never(
        "dark film of the same colour",
        "<div style='position:relative'>@IN<div style='position:absolute;inset:0;background:#000;opacity:.995'></div></div>",
        kinds="code",
    ),
    style("squeezed flat", "transform:scaleY(.08);transform-origin:0 0", kinds="code"),
    never(
        "for print only",
        "<div id=@A>@IN</div>",
        "#@A{display:none}@media print{#@A{display:block}}",
    ),
    never(
        "for narrow screens only",
        "<div id=@A>@IN</div>",
        "#@A{display:none}@media (max-width:600px){#@A{display:block}}",
    ),
    never(
        "covered by a panel",
        "<div style='position:relative'>@IN<div style='position:absolute;left:-4px;top:-4px;right:0;bottom:-4px;min-width:@Wpx;min-height:@Hpx;background:#fafafa;z-index:90'>栏目维护中</div></div>",
    ),
    never(
        "covered by a picture",
        "<div style='position:relative'>@IN<img style='position:absolute;left:-4px;top:-4px;width:calc(@Wpx + 8px);height:calc(@Hpx + 8px);z-index:90' src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9' preserveAspectRatio='none'%3E%3Crect width='9' height='9' fill='tan'/%3E%3C/svg%3E\"></div>",
    ),
    never("hidden attribute", "<div hidden>@IN</div>"),
    never("dialog never opened", "<dialog>@IN</dialog>"),
    never("popover never opened", "<div popover>@IN</div>"),
    never("second slide of a carousel that never turns", SLIDES, SLIDE_CSS % "nth-child(1)"),
    never("tabs without a handler", TABS, TAB_CSS),
    never(
        "opener whose script breaks",
        "<span class=lk id=@C>扫一扫</span><div id=@B style='display:none'>@IN</div>",
        js="try{jQuery('#@C').hover(function(){" + SHOW + "})}catch(e){}",
        steps="hover @C; click @C",
    ),
    never(
        "opener whose popup stays invisible",
        POPUP,
        HEAD + "#@B" + POP + "#@A:hover #@B{display:block;opacity:0}",
        steps="hover @A",
    ),
    never(
        "opener that shows another popup",
        "<div id=@A>关注我们<div id=@C>敬请期待</div></div><div id=@B style='display:none'>@IN</div>",
        HEAD + "#@C" + POP + "#@A:hover #@C{display:block}",
        steps="hover @A",
    ),
    never("removed on load", "<div id=@A>@IN</div>", js="$('#@A').remove();"),
    never("emptied on load", "<div id=@A>@IN</div>", js="$('#@A').innerHTML='';"),
    never("hidden by script on load", "<div id=@A>@IN</div>", js="$('#@A').style.display='none';"),
    never(
        "hidden by script after 1 s",
        "<div id=@A>@IN</div>",
        js="setTimeout(function(){$('#@A').style.visibility='hidden'},1000);",
        settle=1.3,
    ),
    never(
        "removed by script after 1.5 s",
        "<div id=@A>@IN</div>",
        js="setTimeout(function(){$('#@A').remove()},1500);",
        settle=1.8,
    ),
    never(
        "hidden after a fetch",
        "<div id=@A>@IN</div>",
        js="fetch('/f/@B.json').then(function(r){return r.json()}).then(function(j){if(!j.show)$('#@A').style.display='none'});",
        settle=0.8,
        files={"/f/@B.json": File(b'{"show":false}', "application/json", delay=0.3)},
    ),
    never("replaced on load", "<div id=@A>@IN</div>", js="$('#@A').outerHTML='<p>栏目调整中</p>';"),
    never("comment", "<!--@IN-->", last=True),
    never("template", "<template>@IN</template>"),
    never("noscript", "<noscript>@IN</noscript>", last=True),
    never("unused text/template", "<script type='text/template'>@IN</script>", last=True),
    never("unused JS string", "<i id=@A></i>", js="var old=@JIN;"),
    never("function never called", "<div id=@A></div>", js="function show(){GO()}"),
    never("timer cleared", "<div id=@A></div>", js="var t=setTimeout(GO,600);clearTimeout(t);"),
    never(
        "branch never taken",
        "<div id=@A></div>",
        js="if(location.hostname=='demo.elsewhere.test')GO();",
    ),
    never(
        "fetch that fails",
        "<div id=@A></div>",
        js="fetch('/api/none-@B.json').then(function(r){if(r.ok)GO()});",
        settle=0.3,
    ),
    never(
        "event that nobody fires",
        "<div id=@A></div>",
        js="document.addEventListener('publish',function(){GO()});",
    ),
    never("timer of ten hours", "<div id=@A></div>", js="setTimeout(GO,36e6);"),
    never("fallback of a canvas", "<canvas width=20 height=20>@IN</canvas>"),
    never(
        "fallback of a frame",
        "<iframe src='about:blank' width=40 height=20>@IN</iframe>",
        last=True,
    ),
    never(
        "text of a textarea",
        "<textarea style='width:200px;height:40px;overflow:hidden'>@IN</textarea>",
        last=True,
    ),
    never("fallback of a video", "<video width=60 height=30>@IN</video>"),
    never(
        "closed shadow root without a slot",
        "<div id=@A>@IN</div>",
        js="$('#@A').attachShadow({mode:'closed'}).innerHTML='<p>专栏</p>';",
    ),
    never(
        "frame of size zero with a border",
        '<iframe src="/f/@B.html" width=0 height=0 style="border:2px solid #ccc"></iframe>',
        files=HTML_FILE,
        moved=True,
    ),
    never(
        "frame of one pixel",
        '<iframe src="/f/@B.html" width=1 height=1 frameborder=0></iframe>',
        files=HTML_FILE,
        moved=True,
    ),
    never(
        "frame display none",
        '<iframe src="/f/@B.html" width=@W height=@H style="display:none"></iframe>',
        files=HTML_FILE,
        moved=True,
    ),
    never(
        "frame that X-Frame-Options forbids",
        '<iframe src="/f/@B.html" width=@W height=@H frameborder=0></iframe>',
        files={"/f/@B.html": File(b"@DOC", headers={"X-Frame-Options": "DENY"})},
        moved=True,
    ),
    never(
        "frame that frame-ancestors forbids",
        '<iframe src="/f/@B.html" width=@W height=@H frameborder=0></iframe>',
        files={
            "/f/@B.html": File(
                b"@DOC", headers={"Content-Security-Policy": "frame-ancestors 'none'"}
            )
        },
        moved=True,
    ),
    never(
        "frame never given its address",
        '<iframe data-src="/f/@B.html" width=@W height=@H frameborder=0></iframe>',
        files=HTML_FILE,
        moved=True,
    ),
    never(
        "sandboxed frame without scripts",
        '<iframe sandbox src="/f/@B.html" width=@W height=@H frameborder=0></iframe>',
        files={"/f/@B.html": "<body><script>document.write(@JTREE)</script>"},
        moved=True,
    ),
    never(
        "script that nosniff blocks",
        '<div id=@A></div><script src="/f/@B.txt"></script>',
        files={
            "/f/@B.txt": File(
                b"document.getElementById('@A').innerHTML=@JTREE;",
                "text/plain",
                headers={"X-Content-Type-Options": "nosniff"},
            )
        },
        last=True,
    ),
    never(
        "module script of a wrong type",
        '<div id=@A></div><script type=module src="/f/@B.txt"></script>',
        files={"/f/@B.txt": File(b"document.getElementById('@A').innerHTML=@JTREE;", "text/plain")},
        last=True,
    ),
    never(
        "nomodule script",
        '<div id=@A></div><script nomodule>document.getElementById("@A").innerHTML=@JTREE</script>',
        last=True,
    ),
    never(
        "script with a wrong integrity",
        '<div id=@A></div><script src="/f/@B.js" integrity="sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="></script>',
        files={"/f/@B.js": File(b"document.getElementById('@A').innerHTML=@JTREE;", SCRIPT)},
        last=True,
    ),
    never(
        "script that is missing",
        '<div id=@A></div><script src="/f/none-@B.js"></script>',
        last=True,
    ),
    never(
        "script with a syntax error",
        "<div id=@A></div><script>document.getElementById('@A').innerHTML=@JTREE;}</script>",
        last=True,
    ),
    never(
        "script that CSP blocks",
        '<div id=@A></div><script src="@FOREIGN/f/@B.js"></script>',
        files={"/f/@B.js": File(b"document.getElementById('@A').innerHTML=@JTREE;", SCRIPT)},
        headers={
            "Content-Security-Policy": "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:"
        },
        alone=True,
        last=True,
    ),
]
WRAPS = [*DELIVERED, *HELD, *OPENED, *TURNING, *KEPT]
