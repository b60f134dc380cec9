"""Addresses that only send their visitor on."""

from __future__ import annotations

import re
from itertools import pairwise

from ycaudit.url import parse_web_url

_JUMPS = frozenset(
    {"jump", "goto", "gotosite", "gotourl", "redirect", "redir", "tiaozhuan", "outlink", "linkto"}
    | {"adclick", "clickad", "go", "out"}
)
_JUMPS_OF_A_QUERY = _JUMPS | frozenset(
    {"link", "links", "linkid", "flink", "friendlink", "leave", "exit", "skip", "url"}
    | {"to", "click", "poster", "ad", "ads", "adv", "visit", "forward", "away"}
)
"""Words of addresses: of any, and of those that also say where to, such as `link.asp?id=3`."""


def looks_like_jump(href: str) -> bool:
    """Whether an address is one of those that only send their visitor on."""
    found = parse_web_url(href)
    if found is None:
        return False
    told = href.partition("//")[2].partition("/")[2]
    told = re.sub(r"\burltype=[\w.]*", "", told)  # content.jsp?urltype=news.NewsContentUrl
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", told)
    joined = {word.lower() for word in (*words, *map("".join, pairwise(words)))}
    return not joined.isdisjoint(_JUMPS_OF_A_QUERY if "?" in told else _JUMPS)
