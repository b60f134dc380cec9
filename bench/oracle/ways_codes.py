"""Ways to draw a code: so that a visitor can read it, and so that only the file or the markup has it."""

# ruff: noqa: E501 - a table
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pieces import PORT, File, Way


def draw(name: str, html: str, css: str = "", js: str = "", **more: Any) -> Way:
    return Way(name, "code", html, css, js, makes=True, **more)


def hide(name: str, html: str, css: str = "", js: str = "", **more: Any) -> Way:
    return draw(name, html, css, js, shown=False, **more)


BOX = "#@A{width:@Spx;height:@Spx;display:block}"
IMG = '<img id=@A src="@CODE" width=@S height=@S alt="">'
PLAIN_CODE = draw("plain", IMG)
STAMP = (
    "position:absolute;left:0;top:0;width:100%;height:100%;background:#e9e9e9;color:#c00;"
    "display:flex;align-items:center;justify-content:center;font-size:14px"
)
PAINT = (
    "var m=@MATRIX,n=m.length,c=$('#@A'),x=c.getContext('2d');c.width=c.height=n*5;x.fillStyle='#fff';"
    "x.fillRect(0,0,n*5,n*5);x.fillStyle='#000';m.forEach(function(r,j){r.forEach(function(v,i){"
    "if(v)x.fillRect(i*5,j*5,5,5)})});"
)
FOUR = (
    '<div class=f4 id=@A><i id=@B data-p="@DECOY"></i><i id=@C data-p="@DECOY"></i><i id=@D data-p="@CODE"></i>'
    '<i id=@E data-p="@DECOY"></i><div id=@F><img id=@G width=@S height=@S alt=""></div></div>'
)
FOUR_CSS = (
    "#@A{position:relative;width:170px;height:34px}#@A i{display:inline-block;width:30px;height:30px;"
    "margin-right:8px;border-radius:50%;background:@HUE}#@F{display:none;position:absolute;left:0;top:36px;"
    "z-index:30;background:#fff;padding:6px;border:1px solid #ccc}"
)
SWAP = (
    "['#@B','#@C','#@D','#@E'].forEach(function(s){var i=$(s);"
    "i.%s=function(){$('#@G').src=i.dataset.p;$('#@F').style.display='block'};});"
)
CSP = {"Content-Security-Policy": f"img-src 'self' data: blob: http://*.oracle.test:{PORT}"}
ELSEWHERE = '<img src="@FOREIGN@CODE" width=@S height=@S alt="">'
SHEETS: Mapping[str, str] = {
    "rule in @layer": "@layer a{#@A{background:url(@CODE) 0 0/100% 100% no-repeat}}",
    "nested rule": ".slot{& #@A{background:url(@CODE) 0 0/100% 100% no-repeat}}div{&#@A{background:url(@CODE) 0 0/100% 100% no-repeat}}",
    "rule in @supports": "@supports (display:grid){#@A{background:url(@CODE) 0 0/100% 100% no-repeat}}",
    "rule in @media min-width": "@media (min-width:40px) and (orientation:landscape),(min-width:1px){#@A{background:url(@CODE) 0 0/100% 100% no-repeat}}",
    "address in a CSS variable": "#@A{--pic:url(@CODE);background:var(--pic) 0 0/100% 100% no-repeat}",
    "image-set()": "#@A{background:image-set('@CODE' 1x,'@CODE' 2x) 0 0/100% 100% no-repeat}",
    "border-image": "#@A{box-sizing:border-box;border:1px solid transparent;border-image:url(@CODE) 0 fill stretch}",
    "content of the element": "#@A{content:url(@CODE)}",
    "mask over black": "#@A{background:#000;-webkit-mask:url(@MASK) 0 0/100% 100%;mask:url(@MASK) 0 0/100% 100%}",
    "svg data address in CSS": "#@A{background:url(@DATA) 0 0/100% 100%}",
}

SHOWN = [
    draw(
        "background-image",
        "<div id=@A></div>",
        BOX + "#@A{background:url(@CODE) 0 0/100% no-repeat}",
    ),
    draw(
        "content of ::before",
        "<div id=@A></div>",
        "#@A{height:@Spx}#@A::before{content:url(@NATURAL);display:block}",
    ),
    *(draw(name, "<div id=@A></div>", BOX + rule) for name, rule in SHEETS.items()),
    draw(
        "external style sheet",
        '<link rel=stylesheet href="/f/@A.css"><div id=@A></div>',
        files={
            "/f/@A.css": File((BOX + "#@A{background:url(@CODE) 0 0/100%}").encode(), "text/css")
        },
    ),
    draw(
        "@import in a sheet",
        '<link rel=stylesheet href="/f/@B.css"><div id=@A></div>',
        files={
            "/f/@B.css": File(b"@import '@A.css';", "text/css"),
            "/f/@A.css": File((BOX + "#@A{background:url(@CODE) 0 0/100%}").encode(), "text/css"),
        },
    ),
    draw(
        "inline svg path",
        '<svg width=@S height=@S viewBox="0 0 @N @N" shape-rendering=crispEdges><path d="@PATH"/></svg>',
    ),
    draw(
        "inline svg rects",
        '<svg width=@S height=@S viewBox="0 0 @N @N" shape-rendering=crispEdges>@RECTS</svg>',
    ),
    draw(
        "svg use of a symbol",
        '<svg style="display:none"><symbol id=@A viewBox="0 0 @N @N"><path d="@PATH"/></symbol></svg>'
        '<svg width=@S height=@S shape-rendering=crispEdges><use href="#@A"/></svg>',
    ),
    draw("external svg", '<img src="@SVG" width=@S height=@S alt="">'),
    draw(
        "svg use of another file",
        '<svg width=@S height=@S viewBox="0 0 @N @N" shape-rendering=crispEdges><use xlink:href="@SVG#q"/></svg>',
    ),
    draw(
        "image element of svg",
        '<svg width=@S height=@S><image href="@CODE" width=@S height=@S /></svg>',
    ),
    draw("canvas drawn", "<canvas id=@A></canvas>", BOX, PAINT),
    draw(
        "canvas tainted",
        "<canvas id=@A width=@S height=@S></canvas>",
        js="var i=new Image();i.onload=function(){$('#@A').getContext('2d').drawImage(i,0,0,@S,@S)};i.src='@CDN@CODE';",
        settle=0.3,
    ),
    draw(
        "canvas of image bits",
        "<canvas id=@A></canvas>",
        BOX,
        "var m=@MATRIX,n=m.length,c=$('#@A'),x=c.getContext('2d'),k=4;c.width=c.height=n*k;var d=x.createImageData(n*k,n*k);"
        "for(var y=0;y<n*k;y++)for(var i=0;i<n*k;i++){var o=(y*n*k+i)*4,v=m[y/k|0][i/k|0]?0:255;d.data[o]=d.data[o+1]=d.data[o+2]=v;d.data[o+3]=255}"
        "x.putImageData(d,0,0);",
    ),
    draw("data address", '<img src="@DATA" width=@S height=@S>'),
    draw(
        "blob revoked after load",
        "<img id=@A width=@S height=@S>",
        js="var i=$('#@A');fetch('@CODE').then(function(r){return r.blob()}).then(function(b){var u=URL.createObjectURL(b);"
        "i.onload=function(){URL.revokeObjectURL(u)};i.src=u});",
        settle=0.3,
    ),
    draw(
        "table cells",
        "<table id=@A cellspacing=0 cellpadding=0>@CELLS</table>",
        "#@A{border-collapse:collapse;background:#fff}#@A td{width:4px;height:4px;padding:0;line-height:0}#@A .k{background:#000}",
        size=(140, 140),
    ),
    draw(
        "spans",
        "<div id=@A>@SPANS</div>",
        "#@A{font-size:0;line-height:0;white-space:nowrap}#@A b,#@A i{display:inline-block;width:4px;height:4px}#@A b{background:#111}",
        size=(140, 140),
    ),
    draw(
        "box-shadow",
        "<div id=@A><i></i></div>",
        "#@A{width:@N4px;height:@N4px;position:relative;background:#fff}#@A i{position:absolute;left:0;top:0;width:4px;height:4px;box-shadow:@SHADOWS}",
        size=(140, 140),
    ),
    draw(
        "gradients",
        "<div id=@A></div>",
        "#@A{width:@N4px;height:@N4px;background:@GRADIENTS}",
        size=(140, 140),
    ),
    draw(
        "block characters",
        "<pre id=@A>@BLOCKS</pre>",
        "#@A{margin:0;font:12px/12px 'DejaVu Sans Mono',monospace;letter-spacing:0;color:#000;background:#fff}",
        size=(250, 210),
    ),
    draw(
        "sprite at the right place",
        "<div id=@A></div>",
        BOX + "#@A{background:url(@SPRITE) -@Spx 0 no-repeat}",
    ),
    draw("two codes in one picture", '<img src="@PAIR" width=@S2 height=@S>', size=(310, 0)),
    draw(
        "two halves side by side",
        '<div style="font-size:0;white-space:nowrap"><img src="@LEFT"><img src="@RIGHT"></div>',
    ),
    draw(
        "picture chooses it",
        '<picture><source media="(min-width:10px)" srcset="@CODE"><img src="@DECOY" width=@S height=@S></picture>',
    ),
    draw("srcset chooses it", '<img src="@DECOY" srcset="@CODE 1x, @CODE 2x" width=@S height=@S>'),
    draw(
        "input of type image",
        '<input type=image src="@CODE" width=@S height=@S onclick="return false">',
    ),
    draw(
        "object", '<object data="@CODE" type="image/png" width=@S height=@S></object>', settle=0.3
    ),
    draw("embed", '<embed src="@CODE" type="image/png" width=@S height=@S>', settle=0.3),
    draw("poster of a video", '<video poster="@CODE" width=@S height=@S></video>', settle=0.3),
    draw("picture on another host", '<img src="@CDN@CODE" width=@S height=@S>'),
    draw("picture served as text", '<img src="@TEXTTYPE" width=@S height=@S>'),
    draw("picture with status 404", '<img src="@STATUS404" width=@S height=@S>'),
    draw("picture by a script address", '<img src="@QUERYONLY" width=@S height=@S>'),
    draw("slow picture", '<img src="@LATE" width=@S height=@S>', settle=0.8),
    draw("jpeg", '<img src="@JPEG" width=@S height=@S>'),
    draw("gif", '<img src="@GIF" width=@S height=@S>'),
    draw("webp", '<img src="@WEBP" width=@S height=@S>'),
    draw("bmp", '<img src="@BMP" width=@S height=@S>'),
    draw(
        "white on black",
        '<img src="@INVERTED" width=@S height=@S style="border:6px solid #000">',
        size=(165, 165),
    ),
    draw("dark red on cream", '<img src="@RED" width=@S height=@S>'),
    draw(
        "turned by 90 degrees",
        '<img src="@CODE" width=@S height=@S style="transform:rotate(90deg)">',
    ),
    draw(
        "turned by 12 degrees",
        '<img src="@CODE" width=@S height=@S style="margin:20px;transform:rotate(12deg)">',
        size=(200, 200),
    ),
    draw(
        "scaled up",
        '<div style="width:150px;height:150px"><img src="@CODE" width=50 height=50 style="transform:scale(3);transform-origin:0 0"></div>',
        size=(155, 155),
    ),
    draw(
        "logo in the middle",
        '<div style="position:relative;width:@Spx;height:@Spx">'
        + IMG
        + '<i style="position:absolute;left:44%;top:44%;width:12%;height:12%;background:#c33"></i></div>',
    ),
    draw(
        "background by script",
        "<div id=@A></div>",
        BOX,
        "var e=$('#@A');e.style.backgroundImage='url(@CODE)';e.style.backgroundSize='cover';",
    ),
    draw(
        "table by script",
        "<div id=@A></div>",
        js="$('#@A').innerHTML=@MATRIX.map(function(r){return '<p style=\"margin:0;height:4px;font-size:0;white-space:nowrap\">'+r.map(function(v){return '<s style=\"display:inline-block;width:4px;height:4px;background:'+(v?'#000':'#fff')+'\"></s>'}).join('')+'</p>'}).join('');",
        size=(140, 140),
    ),
    draw(
        "adopted style sheet",
        "<div id=@A></div>",
        BOX,
        "var s=new CSSStyleSheet();s.replaceSync('#@A{background:url(@CODE) 0 0/100%}');root.adoptedStyleSheets=[].concat(Array.from(root.adoptedStyleSheets),[s]);",
    ),
    draw(
        "address put together by script",
        "<img id=@A width=@S height=@S>",
        js="$('#@A').src='/'+['f','@CODE'.split('/')[2]].join('/');",
    ),
    draw(
        "four icons share one popup (mouseenter)",
        FOUR,
        FOUR_CSS,
        SWAP % "onmouseenter" + "$('#@A').onmouseleave=function(){$('#@F').style.display='none'};",
        steps="hover @D; wait 0.3",
        size=(175, 215),
    ),
    draw(
        "four icons share one popup (mouseover)",
        FOUR,
        FOUR_CSS,
        SWAP % "onmouseover",
        steps="hover @D; wait 0.3",
        size=(175, 215),
    ),
    draw(
        "four icons share one popup (click)",
        FOUR,
        FOUR_CSS,
        SWAP % "onclick",
        steps="click @D; wait 0.3",
        size=(175, 215),
    ),
    draw(
        "one-slide carousel",
        '<img id=@A src="@DECOY" width=@S height=@S>',
        js="var n=0,p=['@DECOY','@CODE','@DECOY'];setInterval(function(){$('#@A').src=p[n++%3]},1600);",
        watch=8,
    ),
    draw(
        "lazy: data-src on a debounced scroll",
        '<img id=@A data-src="@CODE" width=@S height=@S>',
        js="var t;addEventListener('scroll',function(){clearTimeout(t);t=setTimeout(function(){var i=$('#@A');if(i.getBoundingClientRect().top<innerHeight+80)i.src=i.dataset.src},200)},true);",
        steps="scroll",
        settle=0.5,
        last=True,
    ),
    draw(
        "lazy: own attribute, observer",
        '<img id=@A _orisrc="@CODE" src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" width=@S height=@S>',
        js="new IntersectionObserver(function(e,o){e.forEach(function(x){if(x.isIntersecting){x.target.src=x.target.getAttribute('_orisrc');o.disconnect()}})}).observe($('#@A'));",
        settle=0.4,
    ),
    draw("lazy: loading=lazy", '<img loading=lazy src="@CODE" width=@S height=@S>', settle=0.3),
    draw(
        "frame of the picture alone",
        '<iframe src="@NATURAL" width=190 height=190 frameborder=0></iframe>',
        size=(190, 190),
        settle=0.3,
    ),
    draw(
        "picture put right by onerror",
        '<img src="/f/none-@A.png" onerror="this.onerror=null;this.src=\'@CODE\'" width=@S height=@S>',
        settle=0.3,
    ),
]

HIDDEN = [
    hide(
        "object-position shows elsewhere",
        '<img src="@CODE" style="width:@Spx;height:@Spx;object-fit:none;object-position:-170px -170px">',
    ),
    hide(
        "sprite at another place",
        "<div id=@A></div>",
        BOX + "#@A{background:url(@SPRITE) 0 0 no-repeat}",
    ),
    hide(
        "sprite shows two halves",
        "<div id=@A></div>",
        BOX + "#@A{background:url(@SPRITE) -@HALFpx 0 no-repeat}",
    ),
    hide("shrunk to 12-22 px", '<img src="@CODE" width=@TINY height=@TINY>'),
    hide(
        "shrunk by transform", '<img src="@CODE" width=@S height=@S style="transform:scale(.12)">'
    ),
    hide("picture broken off", '<img src="@CUT" width=@S height=@S>'),
    hide("picture with a wrong checksum", '<img src="@SUM" width=@S height=@S>'),
    hide("swapped on load", IMG, js="$('#@A').src='@DECOY';"),
    hide(
        "swapped after the load event",
        IMG,
        js="var i=$('#@A');function f(){i.onload=null;i.src='@DECOY'}if(i.complete)f();else i.onload=f;",
        settle=0.3,
    ),
    hide(
        "replaced by a placeholder",
        IMG,
        js="var i=$('#@A'),d=document.createElement('div');d.style.cssText='width:@Spx;height:@Spx;background:#ddd';d.textContent='暂无图片';i.replaceWith(d);",
    ),
    hide(
        "srcset chooses another",
        '<img src="@CODE" srcset="@DECOY 1x, @DECOY 2x" width=@S height=@S>',
    ),
    hide(
        "picture chooses another",
        '<picture><source media="(min-width:10px)" srcset="@DECOY"><img src="@CODE" width=@S height=@S></picture>',
    ),
    hide(
        "picture for narrow screens only",
        '<picture><source media="(max-width:500px)" srcset="@CODE"><img src="@DECOY" width=@S height=@S></picture>',
    ),
    hide("CSP header blocks the picture", ELSEWHERE, headers=CSP, alone=True),
    hide(
        "CSP meta blocks the picture",
        ELSEWHERE,
        head=f'<meta http-equiv="Content-Security-Policy" content="{CSP["Content-Security-Policy"]}">',
        alone=True,
    ),
    hide("CORP blocks the picture", '<img src="@FOREIGN@CORP" width=@S height=@S>'),
    hide(
        "svg in the background's colour",
        '<svg width=@S height=@S viewBox="0 0 @N @N"><path fill="#fff" d="@PATH"/></svg>',
    ),
    hide(
        "cropped by overflow",
        '<div style="width:@Spx;height:@PARTpx;overflow:hidden">' + IMG + "</div>",
    ),
    hide(
        "cropped by a negative margin",
        '<div style="width:@Spx;height:@Spx;overflow:hidden"><img src="@CODE" width=@S height=@S style="margin-left:-@HALFpx"></div>',
    ),
    hide(
        "background cropped",
        "<div id=@A></div>",
        "#@A{width:@Spx;height:@PARTpx;background:url(@CODE) 0 0/@Spx @Spx no-repeat}",
    ),
    hide(
        "stamped 二维码已失效",
        '<div style="position:relative;width:@Spx;height:@Spx">'
        + IMG
        + f'<div style="{STAMP}">二维码已失效</div></div>',
    ),
    hide(
        "stamp drawn by ::after",
        '<div id=@A><img src="@CODE" width=@S height=@S></div>',
        "#@A{position:relative;width:@Spx;height:@Spx}#@A::after{content:'已过期';" + STAMP + "}",
    ),
    hide(
        "large logo over it",
        '<div style="position:relative;width:@Spx;height:@Spx">'
        + IMG
        + '<i style="position:absolute;left:15%;top:15%;width:70%;height:70%;background:#c33"></i></div>',
    ),
    hide(
        "one corner covered",
        '<div style="position:relative;width:@Spx;height:@Spx">'
        + IMG
        + '<i style="position:absolute;left:0;top:0;width:45%;height:45%;background:#fff"></i></div>',
    ),
    hide("canvas wiped", "<canvas id=@A></canvas>", BOX, PAINT + "x.clearRect(0,0,999,999);"),
    hide(
        "canvas never attached",
        "<i id=@A></i>",
        js="var c=document.createElement('canvas'),i=new Image();i.onload=function(){c.getContext('2d').drawImage(i,0,0)};i.src='@CODE';",
    ),
    hide(
        "lazy attribute without a loader", '<img data-original="@CODE" alt="" width=@S height=@S>'
    ),
    hide(
        "preloaded only",
        '<link rel=preload as=image href="@CODE"><div style="width:@Spx;height:@Spx"></div>',
    ),
    hide(
        "link to the picture's file only", '<a href="@CODE" onclick="return false">二维码下载</a>'
    ),
    hide(
        "background of a zero-size element",
        "<div id=@A></div>",
        "#@A{width:0;height:0;background:url(@CODE) 0 0/@Spx @Spx}",
    ),
    hide(
        "background behind an opaque child",
        '<div id=@A><div style="height:100%;background:#fff"></div></div>',
        BOX + "#@A{background:url(@CODE) 0 0/100%}",
    ),
    hide(
        "background overridden",
        "<div id=@A class=x></div>",
        BOX + "#@A{background:none!important}.x{background:url(@CODE) 0 0/100%}",
    ),
    hide(
        "later layer overrides",
        "<div id=@A></div>",
        BOX
        + "@layer p,q;@layer q{#@A{background:url(@DECOY) 0 0/100%}}@layer p{div#@A{background:url(@CODE) 0 0/100%}}",
    ),
    hide(
        "symbol never used",
        '<svg width=0 height=0><symbol id=@A viewBox="0 0 @N @N"><path d="@PATH"/></symbol></svg>',
    ),
    hide(
        "block characters with wide lines",
        "<pre id=@A>@BLOCKS</pre>",
        "#@A{margin:0;font:6px/26px monospace;color:#000}",
        size=(250, 450),
    ),
]
CODES = [*SHOWN, *HIDDEN]
