"""The proxies that options name, tried before the work is done through them."""

from __future__ import annotations

import asyncio
import os

from ycaudit.cli.notices import Notices
from ycaudit.errors import AuditError
from ycaudit.net.connect import check_proxy
from ycaudit.net.proxy import Proxy, proxy_of


def first(asked: str, notices: Notices) -> Proxy | None:
    """The way of every look, where `--proxy` names one. Raises AuditError."""
    return _tried(asked, "--proxy", notices)


def other(asked: str, *, besides: str, notices: Notices) -> Proxy | None:
    """The way to another network, where `--also-via` names one besides that of `--proxy`.

    Raises AuditError.
    """
    found = _tried(asked, "--also-via", notices)
    usual = proxy_of(besides, os.environ)
    if found is not None and usual is not None and str(found) == str(usual):
        raise AuditError("--also-via names the same proxy as --proxy: name one elsewhere")
    return found


def _tried(asked: str, option: str, notices: Notices) -> Proxy | None:
    """The proxy, once it has answered: without it every unit would be undetermined."""
    proxy = proxy_of(asked, os.environ, option=option)
    if proxy is not None:
        asyncio.run(check_proxy(proxy))
        notices.notice(
            "the proxy {0} resolves names itself: of names that are unknown here nobody checks "
            "whether they lead into its network",
            proxy,
        )
    return proxy
