"""Keeps everybody but the person at this machine out of the desk.

All pages lie below a part of the address that nobody can guess, which is new each time. Not a
cookie: a browser gives the cookies of a host to all its ports, whoever listens there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD"})
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # No other page learns the address. Not no-referrer: with it a browser does not say from which
    # page a form comes (Origin: null).
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


@dataclass(frozen=True, slots=True)
class Session:
    """The one session of a desk."""

    port: int
    root: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(24)}")
    """What the path of each page begins with."""
    form_token: str = field(default_factory=lambda: secrets.token_hex(32))
    """What each form of the desk brings along."""

    @property
    def address(self) -> str:
        """The address of the desk, which holds as long as it runs."""
        return f"http://127.0.0.1:{self.port}{self.root}/"

    def is_of_form(self, token: str) -> bool:
        """Whether a form brought the right token."""
        return _same(token, self.form_token)

    def holds(self, path: str) -> bool:
        """Whether a path lies in the desk."""
        return _same(path[: len(self.root) + 1], f"{self.root}/")


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
        answer = self._answer(scope, Headers(scope=scope))
        app: ASGIApp = self._app if answer is None else answer
        root = self._session.root
        await app({**scope, "root_path": root}, receive, _with_headers(send, root))

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """What is answered without asking the application; None where it may be asked."""
        if headers.get("host", "") not in self._hosts:
            return _refused(421, _OTHER_HOST)  # a name that was bound to this machine
        if not self._session.holds(scope["path"]):
            return _refused(403, _OUTSIDE)
        if scope["method"] not in SAFE and headers.get("origin") != f"http://{headers['host']}":
            return _refused(403, _OTHER_PAGE)
        # Whoever follows the address from a file or a note comes from elsewhere, and may.
        is_followed = scope["method"] in SAFE and headers.get("sec-fetch-dest") == "document"
        is_own = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return None if is_own or is_followed else _refused(403, _OTHER_PAGE)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(why, status_code=status)


def _with_headers(send: Send, root: str) -> Send:
    """Adds what each answer carries, and says in full where the desk leads."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("location", "").startswith("/"):
                headers["location"] = root + headers["location"]
        await send(message)

    return sending
