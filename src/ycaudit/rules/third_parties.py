"""The well-known third parties on homepages: none of them shows what rules ask for.

The table is `third_parties.json`: to add one for everybody, add a line there, with where it is
known from. A rules file adds those of its own city under `third_parties`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.resources import files

from ycaudit.model import ThirdParty
from ycaudit.url import parse_web_url


@cache
def shipped() -> tuple[ThirdParty, ...]:
    """The table that comes with the program."""
    text = (files("ycaudit.rules") / "third_parties.json").read_text(encoding="utf-8")
    return tuple(map(ThirdParty.model_validate, json.loads(text)))


class ThirdParties:
    """The shipped table, and what a city adds to it.

    Without the services of which the rules ask for one of the hosts: what such a badge shows is
    what is looked for.
    """

    def __init__(
        self, added: tuple[ThirdParty, ...] = (), *, asked_for: Iterable[str] = ()
    ) -> None:
        asked = [f"http://{host}/" for host in asked_for]
        self._known = tuple(
            party
            for party in (*shipped(), *added)
            if not any(_is_of(url, party.hosts) for url in asked)
        )

    @cached_property
    def counters(self) -> tuple[str, ...]:
        """The hosts of services that only count: they need not even be asked."""
        return tuple(
            host for party in self._known if party.shows == "nothing" for host in party.hosts
        )

    def counts(self, url: str) -> bool:
        """Whether an address belongs to a service that only counts visitors."""
        return _is_of(url, self.counters)

    def shows_nothing(self, url: str) -> bool:
        """Whether what is lost there could have shown neither a link nor a code."""
        return _is_of(url, self._hosts)

    def is_loader(self, source: str) -> bool:
        """Whether an inline script only loads one of the services that count."""
        found = _LOADER.fullmatch(source)
        if found is None:
            return False
        src = found["src"]
        return self.counts(f"https:{src}" if src.startswith("//") else src)

    @cached_property
    def _hosts(self) -> tuple[str, ...]:
        return tuple(host for party in self._known for host in party.hosts)


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
