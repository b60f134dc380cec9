"""Ways in which a page shows a text to its visitors, and ways in which it does not."""

from __future__ import annotations

from ycaudit.rules.text import TextRequirement

ICP = TextRequirement.model_validate(
    {
        "id": "icp",
        "name": "备案号",
        "kind": "text",
        "as_text": True,
        "accept": [{"pattern": r"鄂ICP备\d{8}号(-\d+)?", "sample": "鄂ICP备00000000号-1"}],
    }
)
NUMBER = "鄂ICP备05012345号-1"
_NEWS = "".join(f'<p><a href="/{n}.html">一条普通的新闻标题，有一些字</a></p>' for n in range(12))

SHOWN = {
    "plain": f"<p>{NUMBER}</p>",
    "amid a long line": f"<p>{'版权所有 某某局 ' * 30} {NUMBER} {'技术支持 某某公司 ' * 30}</p>",
    "in parts": "<p>鄂<b>ICP备</b> <a href='http://beian.test/'>０５０１２３４５</a>号－1</p>",
    "as entities": "<p>&#37122;ICP&#x5907;05012345&#21495;&#45;1</p>",
    "lower case, wide, blanks": "<p>鄂 ｉｃｐ 备 05012345 号 — 1</p>",
    "white on blue": f"<div style='background:#036;color:#fff'>{NUMBER}</div>",
    "on a picture": f"<div style='background:linear-gradient(#036,#369);color:#fff'>{NUMBER}</div>",
    "below the first screen": f"<div style='height:3000px'></div><p>{NUMBER}</p>",
    "in a box that scrolls": "<div style='height:60px;overflow:auto'><div style='height:900px'>"
    f"&nbsp;</div><p>{NUMBER}</p></div>",
    "put there by a sheet": f"<style>#f::after{{content:'{NUMBER}'}}</style><p id=f></p>",
    "written by a script": f"<p id=f></p><script>f.textContent='{NUMBER}'</script>",
    "in a frame": f'<iframe width=600 height=80 srcdoc="<p>{NUMBER}</p>"></iframe>',
    "in a drawing's text": f"<svg width=400 height=40><text x=0 y=20>{NUMBER}</text></svg>",
    "in a table": f"<table><tr><td>备案：</td><td>{NUMBER}</td></tr></table>",
    "in a shadow root": "<div id=h></div><script>h.attachShadow({mode:'closed'}).innerHTML="
    f"'<p>{NUMBER}</p>'</script>",
    "half transparent": f"<p style='opacity:.6'>{NUMBER}</p>",
    "grey on white": f"<p style='color:#999'>{NUMBER}</p>",
    "in two cells": "<table><tr><td>鄂ICP备</td><td>05012345号-1</td></tr></table>",
    "in two boxes side by side": "<div style='display:flex'><div>鄂ICP备0501</div>"
    "<div>2345号-1</div></div>",
    "in two floats": "<div style='float:left'>鄂ICP备</div>"
    "<div style='float:left'>05012345号-1</div>"
    "<p style='clear:both'>关于本站</p>",
    "its end by a sheet": "<style>#e::after{content:'05012345号-1'}</style><p id=e>鄂ICP备</p>",
    "with its reading above it": "<p>鄂<ruby>ICP备<rt>bèi</rt></ruby>05012345号-1</p>",
    "in signs below each other": "".join(f"<b style='display:block'>{sign}</b>" for sign in NUMBER),
    "in parts with a margin": "<p><b>鄂ICP备</b><b style='margin-left:40px'>05012345号-1</b></p>",
    "as the value of a field": f"<input readonly size=40 value='{NUMBER}'>",
}
"""Shown as soon as the visitor has come and scrolled."""

OPENED = {
    "when pointed at": "<style>#d{display:none}#o:hover #d{display:block}</style>"
    f"<div id=o>关于本站<div id=d>{NUMBER}</div></div>",
    "behind a tab": "<button onclick=\"d.style.display='block'\">备案信息</button>"
    f"<div id=d style='display:none'>{NUMBER}</div>",
    "to choose from": f"<select><option>相关信息</option><option>{NUMBER}</option></select>",
    "after two seconds": f"<p id=f></p><script>setTimeout(()=>{{f.textContent='{NUMBER}'}},9000)"
    "</script>",
}
"""Shown once the visitor has done something."""

HIDDEN = {
    "not displayed": f"<p style='display:none'>{NUMBER}</p>",
    "invisible": f"<p style='visibility:hidden'>{NUMBER}</p>",
    "transparent": f"<p style='opacity:0'>{NUMBER}</p>",
    "of the colour of its ground": f"<p style='color:#fff'>{NUMBER}</p>",
    "without colour": f"<p style='color:transparent'>{NUMBER}</p>",
    "without size": f"<p style='font-size:0'>{NUMBER}</p>",
    "too small to read": f"<p style='font-size:2px'>{NUMBER}</p>",
    "off the page": f"<p style='position:absolute;left:-9999px'>{NUMBER}</p>",
    "indented away": f"<p style='text-indent:-9999px'>{NUMBER}</p>",
    "cut off by its box": f"<div style='width:60px;overflow:hidden;white-space:nowrap'>{NUMBER}"
    "</div>",
    "cut off by dots": "<div style='width:200px;overflow:hidden;white-space:nowrap;"
    f"text-overflow:ellipsis'>{'某某' * 12}{NUMBER}</div>",
    "under a panel": f"<div style='position:relative'><p>{NUMBER}</p><div style='position:"
    "absolute;inset:-10px;background:#fff'></div></div>",
    "clipped": f"<p style='clip-path:inset(50%)'>{NUMBER}</p>",
    "in a comment": f"<!-- <p>{NUMBER}</p> -->",
    "in a title": f"<p title='{NUMBER}'>备案</p>",
    "for browsers without scripts": f"<noscript><p>{NUMBER}</p></noscript>",
    "taken away by a script": f"<p id=f>{NUMBER}</p><script>f.remove()</script>",
    "another number": "<p>鄂ICP备0501234号</p>",
    "in two blocks": "<p>鄂ICP备0501</p><p>2345号</p>",
    "in two cells far apart": "<table width=900><tr><td width=600>鄂ICP备0501</td>"
    "<td>2345号</td></tr>"
    "</table>",
    "in two links far apart": "<nav style='display:flex;gap:300px'><a href=/x>鄂ICP备0501</a>"
    "<a href=/y>2345号</a></nav>",
    "in two links with much room": "<nav><a href=/x style='padding:0 90px'>鄂ICP备0501</a>"
    "<a href=/y>2345号</a></nav>",
    "in two links below each other": "<style>nav a{display:block}</style><nav>"
    "<a href=/x>鄂ICP备0501</a> <a href=/y>2345号</a></nav>",
    "in two lines of one block": "<h3>鄂ICP备<br>05012345号-1</h3>",
    "its value in the next block": "<div>鄂ICP备</div><div>05012345号-1</div>",
    "its value in the next paragraph": "<p>鄂ICP备</p>\n<p>05012345号-1</p>",
    "its value in the next point": "<ul><li><b>鄂ICP备</b></li><li><i>05012345号-1</i></li></ul>",
    "its value below a block within": "<p><span style='display:block'>鄂ICP备</span>"
    "05012345号-1</p>",
    "at the head of a long block": "<div>鄂ICP备</div><div><p>05012345号-1</p>"
    f"<p>{'版权所有 某某局 ' * 5}</p></div>",
    "in two paragraphs of one block": "<div>鄂ICP备<br><br>05012345号-1</div>",
    "beside another line": "<table><tr><td>鄂ICP备0501<td><br><br>2345号</table>",
}
"""Not shown, whatever the visitor does."""


def homepage(snippet: str) -> bytes:
    """A homepage that holds it."""
    return (
        "<!DOCTYPE html><html lang=zh><head><meta charset=utf-8><title>某局</title></head>"
        f"<body style='margin:0;background:#fff'>{_NEWS}{snippet}</body></html>"
    ).encode()
