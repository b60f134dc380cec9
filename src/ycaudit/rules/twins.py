"""Addresses that differ in so little that they may lead to the same page.

Nobody has verified that they do. A real difference in host, port, path or parameter makes another
address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import eq

from ycaudit.reasons import Reason
from ycaudit.rules.platforms import HOST_FIRST, address_in, unwrapped
from ycaudit.url import Url, parse_web_url, unquote_unreserved

_INDEX = re.compile(r"index\.\w{1,5}", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_ROUTES = ("/", "!")
"""How the fragment begins by which a script chooses what the page shows."""
Same = Callable[[str, str], bool]


def difference(text: str, wanted: str) -> Reason | None:
    """All in which a text differs from the wanted address; None where in nothing, or in more."""
    one, other = opened(text), opened(wanted)
    if one is None or other is None or not _may_be_one_page(one, other):
        return None
    path = path_differences(one.path, other.path)
    if path is None:
        return None
    return together([*_of_starts(text, wanted, one, other), *path, *_of_tails(one, other)])


def opened(text: str) -> Url | None:
    """The address that a phone opens, also of a text that lacks the scheme (ZXing's
    URIResultParser takes that for one)."""
    bare = unwrapped(text)
    return address_in(text) or (parse_web_url(f"http://{bare}") if lacks_scheme(text) else None)


def lacks_scheme(text: str) -> bool:
    """Whether a text is an address but for its scheme."""
    return address_in(text) is None and HOST_FIRST.fullmatch(unwrapped(text)) is not None


def path_differences(path: str, wanted: str, same: Same = eq) -> list[str] | None:
    """In which small things two paths differ; None where in more."""
    if same(path.casefold(), wanted.casefold()):
        return [] if same(path, wanted) else ["differs_in_case"]
    one, slashes, index = _ended(path)
    other, its_slashes, its_index = _ended(wanted)
    single, its_single = _SLASHES.sub("/", one), _SLASHES.sub("/", other)
    if not same(single.casefold(), its_single.casefold()):
        return None
    found = {
        "differs_in_slashes": not same(one.casefold(), other.casefold()),
        "differs_in_index": index != its_index,
        "differs_in_slash": index == its_index and slashes != its_slashes,
        "differs_in_case": not same(single, its_single),
    }
    return [code for code, differs in found.items() if differs]


def _ended(path: str) -> tuple[str, str, str]:
    """A path without what ends it, the slashes that do, and the name of the index page."""
    name = path.rpartition("/")[2]
    index = name if _INDEX.fullmatch(name) else ""
    rest = path.removesuffix(index)
    bare = rest.rstrip("/")
    return bare, rest[len(bare) :], index


def _may_be_one_page(one: Url, other: Url) -> bool:
    routes = {url.fragment.casefold() for url in (one, other) if url.fragment.startswith(_ROUTES)}
    return (
        _without_www(one) == _without_www(other)
        and one.port == other.port
        and _folded(other.parameters) <= _folded(one.parameters)
        and len(routes) < 2
    )


def _of_starts(text: str, wanted: str, one: Url, other: Url) -> Iterator[str]:
    if lacks_scheme(text) is not lacks_scheme(wanted):
        yield "differs_in_start"
    elif one.scheme != other.scheme:
        yield "differs_in_scheme"
    if one.host != other.host:
        yield "differs_in_www"


def _of_tails(one: Url, other: Url) -> Iterator[str]:
    queries = [unquote_unreserved(url.query).casefold() for url in (one, other)]
    if queries[0] != queries[1]:
        yield "differs_in_query"
    if one.fragment.casefold() != other.fragment.casefold():
        yield "differs_in_fragment"
    elif one.fragment != other.fragment or not other.parameters <= one.parameters:
        yield "differs_in_case"


def together(codes: Iterable[str]) -> Reason | None:
    """One reason of all these codes; None of none."""
    reasons = [Reason.of(code) for code in dict.fromkeys(codes)]
    return reduce(_joined, reasons) if reasons else None


def _joined(first: Reason, second: Reason) -> Reason:
    return Reason.of("differs_in_both", first=first, second=second)


def _without_www(url: Url) -> str:
    return url.host.removeprefix("www.")


def _folded(parameters: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(name.casefold(), value.casefold()) for name, value in parameters}
