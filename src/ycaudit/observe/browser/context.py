"""Opens a browser context for a visit, and tabs in it, as an ordinary visitor has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ycaudit.observe.browser.chromium import Browser
from ycaudit.observe.browser.devtools import CommandError, GoneError
from ycaudit.observe.browser.tab import Tab, Visitor

MAX_BUFFER, MAX_RESOURCE = 64 << 20, 16 << 20
"""Bytes that the browser keeps of what a tab has loaded, altogether and of one answer."""


@asynccontextmanager
async def open_context(browser: Browser, proxy_port: int) -> AsyncIterator[str]:
    """A fresh context, with nothing kept from others, whose only way out is the proxy."""
    ask = browser.connection.send
    made = await ask(
        "Target.createBrowserContext",
        proxyServer=f"socks5://127.0.0.1:{proxy_port}",
        proxyBypassList="<-loopback>",
    )
    context = made["browserContextId"]
    try:
        await ask("Browser.setDownloadBehavior", behavior="deny", browserContextId=context)
        yield context
    finally:
        browser.listeners.pop(context, None)
        with suppress(GoneError, CommandError, TimeoutError):
            await ask("Target.disposeBrowserContext", seconds=10.0, browserContextId=context)


async def open_tab(browser: Browser, context: str, visitor: Visitor) -> Tab:
    """A tab in a context; it is closed with its context."""
    ask = browser.connection.send
    wide, high = visitor.window
    async with browser.opening:
        made = await ask(
            "Target.createTarget",
            url="about:blank",
            browserContextId=context,
            width=wide,
            height=high,
        )
        browser.tabs.add(made["targetId"])
    found = await ask("Target.attachToTarget", targetId=made["targetId"], flatten=True)
    tab = Tab(browser, made["targetId"], found["sessionId"], visitor)
    browser.listeners.setdefault(context, tab.of_browser)
    await _prepare(tab, visitor, browser.version)
    return tab


async def _prepare(tab: Tab, visitor: Visitor, version: str) -> None:
    for domain in ("Page", "DOM", "Inspector", "Performance", "Animation"):
        await tab.send(f"{domain}.enable")
    await tab.send(
        "Network.enable", maxTotalBufferSize=MAX_BUFFER, maxResourceBufferSize=MAX_RESOURCE
    )
    if visitor.archive.log is not None:
        with suppress(CommandError):  # an older Chromium keeps bodies only while their page stays
            await tab.send(
                "Network.configureDurableMessages",
                maxTotalBufferSize=MAX_BUFFER,
                maxResourceBufferSize=MAX_RESOURCE,
            )
    await tab.send("Network.setBlockedURLs", urls=list(visitor.blocked))
    await tab.send("Network.setBypassServiceWorker", bypass=True)
    await tab.send("Security.setIgnoreCertificateErrors", ignore=True)
    wide, high = visitor.window
    await tab.send(
        "Emulation.setDeviceMetricsOverride",
        width=wide,
        height=high,
        screenWidth=wide,
        screenHeight=high,
        deviceScaleFactor=1,
        mobile=False,
    )
    await tab.send(
        "Emulation.setUserAgentOverride",
        userAgent=visitor.user_agent,
        acceptLanguage="zh-CN,zh;q=0.9",
        platform="Win32",
        userAgentMetadata=_client_hints(version),
    )
    await tab.send("Emulation.setLocaleOverride", locale="zh-CN")
    await tab.send("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
    await tab.send("Emulation.setFocusEmulationEnabled", enabled=True)
    if (archive := visitor.archive).replay is not None:
        await tab.send("Fetch.enable", patterns=[{"urlPattern": "*"}])
    # A page that is looked at again has the time that it was then.
    began = {"initialVirtualTime": archive.began.timestamp()} if archive.began else {}
    await tab.send("Emulation.setVirtualTimePolicy", policy="pause", **began)


def _client_hints(version: str) -> dict[str, object]:
    """What Chromium on a visitor's desktop says of itself in `sec-ch-ua` headers."""
    major = version.partition(".")[0]
    brands = [
        {"brand": "Chromium", "version": major},
        {"brand": "Google Chrome", "version": major},
        {"brand": "Not)A;Brand", "version": "99"},
    ]
    return {
        "brands": brands,
        "platform": "Windows",
        "platformVersion": "10.0.0",
        "architecture": "x86",
        "model": "",
        "mobile": False,
    }
