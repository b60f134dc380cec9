"""The things of a page as a visitor meets them: how large they are, what they are called, and which
of them say that they close something, lead on, or take what is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ycaudit.observe.browser.dom import Dom, squeezed
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.static.links import script_of

_CLOSES = re.compile(
    r"关闭|关 闭|不再|取消|放弃|暂不|留在|知道了|已阅|close(?!st)|cancel|guanbi|[×✕✖╳]|^[xX]$",
    re.IGNORECASE,
)
_ONWARD = re.compile(r"继续|确定|确认|前往|访问|离开|打开|是|进入|ok|yes|go", re.IGNORECASE)
_CONFIRMS = re.compile(
    "查询|查看|查找|搜索|检索|提交|显示|下载|获取|领取|跳转|转到|直达|search|query|submit|show|view",
    re.IGNORECASE,
)
_UNDOES = re.compile(r"\s*(?:重置|重填|清空|清除|取消|reset|clear|cancel)\s*", re.IGNORECASE)
_BUTTON = re.compile(r"btn|button", re.IGNORECASE)
MENUS = re.compile(r"更多|链接|相关|导航|tab|menu|nav|link|more|drop|select", re.IGNORECASE)
_LARGE = 0.5
"""Of the window: what covers more is no thing to point at."""
MAX_NAME = 24
BUTTONS = frozenset({"button", "summary", "label"})
_PRESSED = frozenset({"button", "submit", "image", "checkbox", "radio", "reset"})
NEVER_SHOWN = frozenset(
    {
        *("script", "style", "head", "meta", "link", "title", "template", "noscript", "option"),
        *("#text", "#document", "html", "source", "track", "param", "br"),
    }
)


def is_small(node: Node, window: tuple[int, int]) -> bool:
    """Whether it is one thing on the screen, and not most of it."""
    box = node.box
    return box is not None and box[2] * box[3] < _LARGE * window[0] * window[1]


def name_of(dom: Dom, node: Node) -> str:
    """Its words, if few, and those of its attributes."""
    text = dom.text_of(node)
    attributes = node.attributes
    said = (
        attributes.get(name, "") for name in ("title", "alt", "aria-label", "class", "id", "value")
    )
    pictures = (child.attributes.get("alt", "") for child in node.children if child.name == "img")
    return squeezed(" ".join((text if len(text) <= MAX_NAME else "", *said, *pictures)))[:200]


def is_button(node: Node) -> bool:
    """Whether it is one of the browser's own buttons."""
    return node.name == "button" or (node.name == "input" and node.kind in _PRESSED)


def is_drawn_as_button(node: Node) -> bool:
    """Whether its class has made it a button."""
    return _BUTTON.search(node.attributes.get("class", "")) is not None


def closes(caption: str) -> bool:
    """Whether a thing says of itself that it closes something."""
    return _CLOSES.search(caption) is not None


def goes_on(caption: str) -> bool:
    """Whether a thing says of itself that it leads on."""
    return _ONWARD.search(caption) is not None


def confirms(caption: str) -> bool:
    """Whether a thing says of itself that it takes what is chosen, or leads on."""
    return goes_on(caption) or _CONFIRMS.search(caption) is not None


def undoes(caption: str) -> bool:
    """Whether a thing says, and says no more than, that it undoes what is chosen."""
    return _UNDOES.fullmatch(caption) is not None


def onward(dom: Dom, among: Iterable[Node]) -> list[Node]:
    """What leads on from a dialog, those first that say so."""
    found = [n for n in _elements(among) if n.clickable or n.name in ("a", *BUTTONS, "input")]
    named = [n for n in _elements(among) if _ONWARD.search(name_of(dom, n))]
    return list(dict.fromkeys((*(n for n in found if n in named), *named, *found)))


def closing(dom: Dom, among: Iterable[Node]) -> list[Node]:
    """What says of itself that it closes what these stand in; the innermost first, since what
    holds such a button says so, too."""
    found = [node for node in _elements(among) if _says_that_it_closes(dom, node)]
    return sorted(found, key=lambda node: any(o is not node and o.within(node) for o in found))


def _says_that_it_closes(dom: Dom, node: Node) -> bool:
    """Whether its name does, or its script, or the name of its picture."""
    href, source = (node.attributes.get(name, "") for name in ("href", "src"))
    text = dom.text_of(node).strip()
    said = (
        *(name_of(dom, node), text if len(text) == 1 else "", node.attributes.get("onclick", "")),
        *(script_of(href) or "", "" if source.startswith("data:") else source.rpartition("/")[2]),
    )
    return any(map(closes, said))


def _elements(among: Iterable[Node]) -> list[Node]:
    """The elements in which these nodes stand, the innermost first, each once."""
    found: dict[Node, None] = {}
    for node in among:
        for outer in [*node.up()][:3]:
            if not outer.pseudo and outer.name not in ("#text", "#document", "html", "body"):
                found.setdefault(outer)
    return list(found)
