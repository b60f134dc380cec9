"""Pages of the own site that send their visitor on: by redirects, scripts, or a button."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ycaudit.net.answer import Fetched
from ycaudit.observe.browser import leads, things
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Closers, Hands
from ycaudit.observe.browser.leads import Lead
from ycaudit.observe.browser.net_errors import cause_of
from ycaudit.observe.browser.tab import Tab
from ycaudit.observe.challenges import refusal
from ycaudit.reasons import Reason
from ycaudit.url import host_of, same_host

AT_ONCE_MS, LATE_MS = 6000, 10_000
"""Milliseconds of the page's clock in which a page sends its visitor on; some count down from ten
first."""
LARGE_TEXT = 1500
"""Characters of a page that is there to be read, and not to send its visitor on."""
SMALL_TEXT, FEW_LINKS = 60, 3
"""Characters and links of a page that is there for nothing else, whatever it says."""
MAX_BUTTONS = 5
_LEAVING = (
    "(即将|将要|将|正在|确[认定])(离开|跳转|前往|转到|转向)|(即将|将要|确[认定]|是否(继续)?)访问|"
    "访问.{0,8}(以下|外部|外链|第三方|其[他它]网|非.{0,4}网站)|离开(本站|本网站|当前)"
)
_ASKS = re.compile(_LEAVING)
_LEAVES = re.compile(
    f"{_LEAVING}|继续(访问|前往)|(leaving|leave) (this|our)|redirect|continue to", re.IGNORECASE
)
"""Words of a page that asks its visitor whether he wants to go on."""
_ARTICLE = re.compile(
    "来源|转自|转载|稿源|编辑|作者|发布|报道|日期|本报|记者|通知|公告|。.*。", re.DOTALL
)
"""Words of what is there to be read, however short: two sentences are."""
_GOES_ON = re.compile(
    "继续|前往|立即|直接|确定|确认|跳转|点击|进入|访问|^是$|https?://|continue", re.IGNORECASE
)
"""Words of what leads on from there."""
_BADGES = re.compile(r"(^|\.)(miit\.gov\.cn|beian\.gov\.cn|conac\.cn)$")
"""Where the registrations in the footer of any page lead."""


async def sent_on(
    tab: Tab, url: str, own: str, whence: str, *, at_once: bool
) -> tuple[list[str], Reason | None]:
    """Where a page sends its visitor, and why it may send others elsewhere.

    `own`: the host of the site; `whence`: the page that leads there, if that is told. `at_once`:
    nothing says that it sends anybody on, and what it shows is its own.
    """
    await tab.stay(own)
    failed = await tab.navigate(url, whence=whence)
    await tab.advance(AT_ONCE_MS)
    if (went := tab.departures.take()) or at_once:
        return went, None
    got = tab.traffic.arrived
    if got is None:
        is_file = tab.is_download or "ERR_ABORTED" in failed
        return [], None if is_file or not failed else cause_of(failed)[1]
    dom = await tab.dom()
    asks = _ASKS.search(dom.text) is not None
    if dom.text_size > LARGE_TEXT and not asks:
        return [], None
    await tab.advance(LATE_MS)
    if went := tab.departures.take():
        return went, None
    dom = await tab.dom()
    shown = [lead for lead in leads.leads_of(dom) if dom.is_shown(lead.node) and lead.is_plain]
    others = {host for lead in shown if not same_host(host := host_of(lead.href), own)}
    others = {host for host in others if _BADGES.search(host) is None} or others
    went = _onward(dom, shown, others)
    if not others and asks:
        went = await _pressed(tab) or went
    # What says where it leads, or asks who the visitor is, keeps nobody out for good.
    is_locked = any(node.name == "input" and node.kind == "password" for node in dom.nodes)
    if others or is_locked or any(not same_host(host_of(href), own) for href in went):
        return went, None
    html = await tab.html()
    answer = Fetched(url, got.url, got.status, got.headers, html.encode())
    return went, refusal(answer, html, dom.text)


def _onward(dom: Dom, shown: Sequence[Lead], others: set[str]) -> list[str]:
    """Where the links of a page lead that is there to send its visitor on; of another, nowhere."""
    asks = _LEAVES.search(dom.text) is not None
    is_small = len(shown) <= FEW_LINKS and dom.text_size <= SMALL_TEXT
    is_bare = is_small and _ARTICLE.search(dom.text) is None
    if not others or (len(others) == 1 and (asks or is_bare)):
        return [lead.href for lead in shown]
    # Below such a page, too, the site's own footer may stand.
    return [lead.href for lead in shown if asks and _GOES_ON.search(lead.text)]


async def _pressed(tab: Tab) -> list[str]:
    """Where the button leads that says that it leads on."""
    hands = Hands(tab, Closers())
    dom = await hands.look()
    found = (n for n in things.onward(dom, dom.shown) if _GOES_ON.search(dom.caption_of(n)))
    for node in [*found][:MAX_BUTTONS]:
        at = await hands.met(node)
        if at is not None and (went := await hands.click(at)):
            return went
    return []
