"""The well-known third parties on homepages: none of them shows what rules ask for.

The table is `third_parties.json`: to add one, add a line there, with where it is known from.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ycaudit.url import parse_web_url

Shows = Literal["nothing", "badge", "buttons"]
"""What could be seen of a service: nothing, a badge of its own, or buttons for sharing the page."""


class ThirdParty(BaseModel):
    """Hosts of one service; * stands for one label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    hosts: tuple[str, ...]
    shows: Shows
    source: str


@cache
def known() -> tuple[ThirdParty, ...]:
    """The table, as it is shipped."""
    text = (files("ycaudit.observe") / "third_parties.json").read_text(encoding="utf-8")
    return tuple(map(ThirdParty.model_validate, json.loads(text)))


@cache
def counters() -> tuple[str, ...]:
    """The hosts of services that only count: they need not even be asked."""
    return tuple(host for party in known() if party.shows == "nothing" for host in party.hosts)


@cache
def _all_hosts() -> tuple[str, ...]:
    return tuple(host for party in known() for host in party.hosts)


def is_analytics(url: str) -> bool:
    """Whether an address belongs to a service that only counts visitors."""
    return _is_of(url, counters())


def shows_nothing(url: str) -> bool:
    """Whether what is lost there could have shown neither a link nor a code that is asked for."""
    return _is_of(url, _all_hosts())


def _is_of(url: str, hosts: tuple[str, ...]) -> bool:
    found = parse_web_url(url)
    return found is not None and _pattern(hosts).fullmatch(found.host) is not None


@cache
def _pattern(hosts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(host).replace(r"\*", r"[\w-]+") for host in hosts))


# The loaders that these services tell site owners to paste: an element named in full, set to the
# service's own address, put before the first script. Nothing else may stand in the script.
_LOADER = re.compile(
    r"""\s*(?:var\s+_hmt\s*=\s*_hmt\s*\|\|\s*\[\]\s*;?)?\s*\(\s*function\s*\(\s*\)\s*\{
    \s*var\s+(\w+)\s*=\s*document\.createElement\(\s*["']script["']\s*\)\s*;
    (?:\s*\1\.(?:async|type|charset|id)\s*=\s*[^;]{1,40};)*
    \s*\1\.src\s*=\s*["'](?P<src>[^"']+)["'](?:\s*\+\s*["'][^"']*["'])?\s*;
    \s*var\s+(\w+)\s*=\s*document\.getElementsByTagName\(\s*["']script["']\s*\)\s*\[\s*0\s*\]\s*;
    \s*\3\.parentNode\.insertBefore\(\s*\1\s*,\s*\3\s*\)\s*;?
    \s*\}\s*\)\s*\(\s*\)\s*;?\s*""",
    re.VERBOSE,
)


def is_loader(source: str) -> bool:
    """Whether an inline script only loads one of the services."""
    found = _LOADER.fullmatch(source)
    if found is None:
        return False
    src = found["src"]
    return is_analytics(f"https:{src}" if src.startswith("//") else src)
