"""Keeps everybody but the person at this machine out of the desk.

A page of the desk is given only to a browser that came by the address that was printed, which
holds for once; what changes anything must come from a page of the desk itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENTRY = "/enter"
SAFE = frozenset({"GET", "HEAD"})
MAX_BODY = 33 << 20
"""Bytes of a request: a list of 32 MB, which is the most that is read, and its form."""
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it a browser does not say from which page a form comes (Origin: null).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer that does not say otherwise."""
_OUTSIDE = (
    "请用运行 ycaudit desk 时显示的网址打开本页。\nOpen the address that `ycaudit desk` printed.\n"
)
_OTHER_HOST = "网址中的主机名不是本机。\nThis is another host.\n"
_OTHER_PAGE = (
    "请求来自其他页面，未予处理；请在 ycaudit desk 的页面上操作。\nThis comes from another page.\n"
)
# In both languages: the guard stands before the page that knows which one is read.


@dataclass(slots=True)
class Session:
    """The one session of a desk, and the token that opens it once."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Empty once it has been used."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies of a host are for all its ports."""
        return f"ycaudit-desk-{self.port}"

    @property
    def form_token(self) -> str:
        """What each form of the desk brings along."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def address(self) -> str:
        """The first address, which holds for once."""
        return f"http://127.0.0.1:{self.port}{ENTRY}?token={self.token}"

    def is_of_form(self, token: str) -> bool:
        """Whether a form brought the right token."""
        return secrets.compare_digest(token.encode(), self.form_token.encode())

    def is_open_to(self, cookies: Mapping[str, str]) -> bool:
        """Whether these are the cookies of the session."""
        return _same(cookies.get(self.cookie, ""), self.secret)

    def opens(self, token: str) -> bool:
        """Whether the token opens the session; it does so once."""
        fits = bool(self.token) and _same(token, self.token)
        if fits:
            self.token = ""
        return fits


class Guard:
    """An ASGI application around another, which only the session's requests reach."""

    def __init__(self, app: ASGIApp, session: Session) -> None:
        self._app = app
        self._session = session
        self._hosts = {f"{name}:{session.port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand the request on."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        answer = self._answer(scope, headers)
        app: ASGIApp = self._app if answer is None else answer
        await app(scope, receive, _with_headers(send))

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """What is answered without asking the application; None where it may be asked."""
        if headers.get("host", "") not in self._hosts:
            return _refused(421, _OTHER_HOST)  # a name that was bound to this machine
        cookies = cookie_parser(headers.get("cookie", ""))
        is_known = self._session.is_open_to(cookies)
        if scope["path"] == ENTRY and scope["method"] == "GET":
            token = QueryParams(scope["query_string"]).get("token", "")
            return self._entered() if is_known or self._session.opens(token) else _outside()
        if not is_known:
            return _outside()
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return _refused(403, _OTHER_PAGE)
        if scope["method"] not in SAFE and headers.get("origin") != f"http://{headers['host']}":
            return _refused(403, _OTHER_PAGE)
        return None

    def _entered(self) -> Response:
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            self._session.cookie, self._session.secret, httponly=True, samesite="strict"
        )
        return answer


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _outside() -> Response:
    return _refused(403, _OUTSIDE)


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(why, status_code=status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
