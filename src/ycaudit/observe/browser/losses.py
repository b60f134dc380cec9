"""What a page asked for and did not get, if it could have shown something."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Protocol

from ycaudit.model import EVERY_SENSE, PICTURES, Sense
from ycaudit.observe.browser.leads import LIKE_A_CODE
from ycaudit.observe.browser.net_errors import cause_of
from ycaudit.observe.browser.socks_proxy import SocksProxy
from ycaudit.observe.browser.traffic import Request, Traffic
from ycaudit.reasons import Reason
from ycaudit.rules.third_parties import ThirdParties
from ycaudit.url import host_of, is_on_disk

Loss = tuple[frozenset[Sense], Reason]
"""What it may hide, and why it is missing."""
MAX_LOST, MAX_URL = 20, 200


class HasRoom(Protocol):
    """Whether a picture of this address could be seen to hold a code."""

    def __call__(self, src: str, *, is_gone: bool = False) -> bool:
        """`is_gone`: it is not there for anybody."""
        ...


_PICTURES = frozenset({"Image", "Stylesheet"})
_LOST = {"Script": "script_lost", "Stylesheet": "sheet_lost", "Document": "frame_lost"}
_GONE = frozenset({404, 410})
_REFUSED = frozenset({403, 408, 425, 429})
"""Statuses of what others, or later, may get."""
_MATTERS = frozenset({"Image", "Script", "Stylesheet", "XHR", "Fetch", "Document", "EventSource"})


def losses(
    traffic: Traffic, proxy: SocksProxy, third_parties: ThirdParties, has_room: HasRoom
) -> Iterator[Loss]:
    """What is lost, the likeliest to matter first, of many some; else what is still under way.

    `has_room`: whether a picture of this address could be seen to hold a code.
    """
    own = host_of(traffic.arrived.url) if traffic.arrived else ""
    failed = (
        r
        for r in traffic.lost()
        if _hides(r, own)
        and _could_show(r, third_parties)
        and (r.kind != "Image" or has_room(r.asked, is_gone=r.status in _GONE))
    )
    lost = {(r.kind, r.url): r for r in failed}.values()  # once, however often it was asked for
    for request in islice(sorted(lost, key=partial(_rank, own)), MAX_LOST):
        why = _why(request, proxy)
        url = request.url[:MAX_URL]
        if request.kind == "Image":
            reason = Reason.of("image_lost", src=url, because=why)
        else:
            reason = Reason.of(_LOST.get(request.kind, "request_lost"), url=url, because=why)
        yield PICTURES if request.kind in _PICTURES else EVERY_SENSE, reason
    if len(lost) >= MAX_LOST:
        return
    for request in (r for r in traffic.pending() if _could_show(r, third_parties)):
        hides = PICTURES if request.kind == "Image" else EVERY_SENSE
        yield hides, Reason.of("request_pending", url=request.url[:MAX_URL])


def _hides(request: Request, own: str) -> bool:
    """Whether it is lost to us alone.

    What our clicks ask for and the site does not have, no visitor gets; nor does a counter of
    clicks elsewhere show anything.
    """
    if not request.by_us:
        return True
    is_refused = request.failure or request.status in _REFUSED or request.status >= 500
    bare, host = own.removeprefix("www."), host_of(request.url)
    return bool(is_refused) and (host == bare or host.endswith(f".{bare}"))


def _could_show(request: Request, third_parties: ThirdParties) -> bool:
    """Whether anything of it may be on a visitor's screen: of a file of the writer's disk nothing
    is on anybody's."""
    is_for_nobody = is_on_disk(request.url) or third_parties.shows_nothing(request.url)
    return request.kind in _MATTERS and not is_for_nobody


def _rank(own: str, request: Request) -> int:
    """Lower for what is likelier to have shown what is missing."""
    match request.kind:
        case "Image":
            return 0 if LIKE_A_CODE.search(request.url) else 5
        case "Stylesheet":
            return 4
        case "Document":
            return 1
    return 2 if host_of(request.url) == own else 3


def _why(request: Request, proxy: SocksProxy) -> Reason:
    if not request.failure:
        return Reason.of("http_status", status=request.status)
    known = proxy.troubles.get(host_of(request.url))
    return known[1] if known else cause_of(request.failure)[1]
