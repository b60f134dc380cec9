"""Pages whose scripts write links, and traps.

Marks W… are what a desktop browser writes on such a page. Marks N… it never writes, or only
depending on what the scripts do not tell (a cookie, an element, a lost script, chance), so that
nobody who saw only the scripts may report them.
"""


# ruff: noqa: E501 - code of pages is not wrapped

from __future__ import annotations

import re
from dataclasses import dataclass, field

PAGE = "http://www.unit.test/index.html"


@dataclass(frozen=True, slots=True)
class Case:
    """Scripts of one page in order (None: a lost one), and the external ones that they write."""

    name: str
    scripts: tuple[str | None, ...]
    sources: dict[str, str | None] = field(default_factory=dict)

    @property
    def marks(self) -> set[str]:
        """Every mark in the sources, in plain letters."""
        return set(re.findall(r"\b[WN]\d\b", " ".join(self.texts())))

    def texts(self) -> list[str]:
        """All sources."""
        return [text for text in (*self.scripts, *self.sources.values()) if text is not None]


def _at(name: str) -> str:
    return f"http://www.unit.test/{name}"


CASES = (
    Case("plain write", ("document.write('<a href=\"http://W1.test/\">门户</a>');",)),
    Case(
        "writeln with escaped quotes, as the one public Yichang unit does it",
        (
            "document.writeln(\"<img src=\\'http://W1.test/ad.png\\' usemap=\\'#m\\'>\");\n"
            "document.writeln(\"<map name=\\'m\\'><area href=\\'http://W2.test/\\'></map>\");",
        ),
    ),
    Case("split strings", ("document.write('<a href=\"http:/'+'/'+'W'+'1.test\">x</a>'); // W1",)),
    Case(
        "unescape",
        ("/* W1 */ document.write(unescape('%3Ca href=\"http://W1.test\"%3Ex%3C/a%3E'))",),
    ),
    Case(
        "char codes", ("/* W1 */ document.write(String.fromCharCode(60,98,62,87,49,60,47,98,62))",)
    ),
    Case("unicode escapes", (r"document.write('\u003cb\u003eW\x31\u003c/b\u003e') // W1",)),
    Case(
        "loop over a literal list",
        (
            "var sites=[['a','W1'],['b','W2']];for(var i=0;i<sites.length;i++)"
            "document.write('<option value=\"http://'+sites[i][1]+'.test\">'+sites[i][0]+'</option>');",
        ),
    ),
    Case("for in", ("var o={W1:1,W2:2};for(var k in o)document.write('<i>'+k+'</i>')",)),
    Case(
        "join", ("var h=[];h.push('<b>');h.push('W1');h.push('</b>');document.write(h.join(''))",)
    ),
    Case("alias", ("var d=document;d.write('<b>W1</b>');d['wri'+'te']('<b>W2</b>')",)),
    Case(
        "call and apply",
        ("document.write.call(document,'W1');document.write.apply(document,['W2','W3'])",),
    ),
    Case("with", ("with(document){write('<b>W1</b>');}",)),
    Case(
        "tag split over calls",
        ("document.write('<a hr');document.write('ef=\"http://W1.test\">x</a>')",),
    ),
    Case(
        "function in one script, call in the next",
        ("function f(n){document.write('<b>'+n+'</b>')}", "f('W1')"),
    ),
    Case("immediate function", ("(function(){var t='W1';document.write(t)})()",)),
    Case("html comment around the script", ("<!--\ndocument.write('<b>W1</b>');\n//-->",)),
    Case("CDATA around the script", ("//<![CDATA[\ndocument.write('<b>W1</b>');\n//]]>",)),
    Case(
        "nested inline script",
        ("document.write('<scr'+'ipt>document.write(\"<b>W1</b>\")</scr'+'ipt>W2')",),
    ),
    Case(
        "nested external script",
        ("document.write('<script src=\"/link.js\"><\\/script>')",),
        {_at("link.js"): "document.write('<a href=\"http://W1.test\">x</a>')"},
    ),
    Case(
        "nested external script by unescape",
        ("document.write(unescape('%3Cscript src=\"/link.js\"%3E%3C/script%3E'))",),
        {_at("link.js"): "document.writeln('<b>W1</b>')"},
    ),
    Case(
        "desktop branch",
        (
            "if(/mobile|android|iphone/i.test(navigator.userAgent))document.write('N1');else document.write('W1')",
        ),
    ),
    Case(
        "old sniffing", ("if(window.ActiveXObject)document.write('N1');else document.write('W1')",)
    ),
    Case("date text", ("var d=new Date();document.write(d.getFullYear()+'年 <b>W1</b>')",)),
    Case(
        "cache buster", ("document.write('<img src=\"http://W1.test/a.gif?'+Math.random()+'\">')",)
    ),
    Case(
        "written before the DOM is asked",
        ("document.write('W1');document.getElementById('x').innerHTML='N1'",),
    ),
    Case(
        "after a script that needs the DOM",
        ("document.getElementById('x').style.color='red'", "document.write('<b>W1</b>')"),
    ),
    Case("after a lost script", (None, "var t='W1';document.write(t)")),
    Case(
        "packed",
        (
            "eval(function(p,a,c,k){while(c--)if(k[c])p=p.replace(new RegExp('\\\\b'+c.toString(a)+'\\\\b','g'),k[c]);return p}('0.1(\\'2\\')',3,3,'document|write|W1'.split('|')))",
        ),
    ),
    # --- traps ---
    Case(
        "dead function", ("function never(){document.write('<a href=\"http://N1.test\">x</a>')}",)
    ),
    Case("line comment", ("// document.write('<a href=\"http://N1.test\">x</a>')\nvar a=1;",)),
    Case("block comment", ("/* document.write('N1'); */ document.write('W1')",)),
    Case("string never written", ("var s=\"document.write('N1')\"; var t='<b>N2</b>';",)),
    Case("false branch", ("if(false){document.write('N1')} else {document.write('W1')}",)),
    Case("constant that is off", ("var SHOW=0;SHOW&&document.write('N1');",)),
    Case(
        "after a thrown error", ("document.write('W1');throw new Error('x');document.write('N1')",)
    ),
    Case("after a return", ("(function(){document.write('W1');return;document.write('N1')})()",)),
    Case("does not parse", ("document.write('N1'); var = ;",)),
    Case("click handler", ("document.onclick=function(){document.write('N1')}",)),
    Case("timer", ("setTimeout(\"document.write('N1')\",9e9);document.write('W1')",)),
    Case(
        "swallowed error",
        ("try{document.getElementById('a').b.c()}catch(e){document.write('N1')}",),
    ),
    Case("torn off write", ("try{var w=document.write;w('N1')}catch(e){document.write('W1')}",)),
    Case(
        "written as a comment",
        ("document.write('<!-- <script>document.write(\"N1\")<\\/script> -->W1')",),
    ),
    Case(
        "script as data",
        ('document.write(\'<script type="text/template">document.write("N1")<\\/script>\')',),
    ),
    Case(
        "script in a text area",
        ("document.write('<textarea><script>document.write(\"N1\")<\\/script></textarea>W1')",),
    ),
    Case(
        "state of a script that needs the DOM",
        ("var on=document.cookie.indexOf('x')>=0;", "if(!on)document.write('N1')"),
    ),
    Case(
        "name that a lost script may have set",
        (None, "var links=links||['N1'];document.write(links[0])"),
    ),
    Case("chosen by chance", ("var a=['N1','N2'];document.write(a[Math.floor(Math.random()*2)])",)),
    Case("cookie branch", ("if(document.cookie.indexOf('seen')<0)document.write('N1')",)),
    Case("width branch", ("if(screen.width<600)document.write('N1');else document.write('W1')",)),
    Case("feature branch", ("if(!window.localStorage)document.write('N1')",)),
    Case("hoisted name of the browser", ("var performance;if(!performance)document.write('N1')",)),
    Case("write replaced", ("document.write=function(){};document.write('N1')",)),
)
"""Where a mark stands only in code, the case says in a comment which marks the code makes."""
