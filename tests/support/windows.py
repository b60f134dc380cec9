"""A desk on loopback, and the browser of a person at it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from ycaudit.auditing.service import Request
from ycaudit.desk.desk import Desk, Place
from ycaudit.desk.server import listening, prepared
from ycaudit.model import ScanRun
from ycaudit.net.client import Options
from ycaudit.runs.history import opened


@dataclass
class Window:
    """A browser at the desk; its addresses begin at the desk's root, as those of pages do."""

    desk: Desk
    address: str
    """The address, as it was printed."""
    client: httpx.Client
    bugs: list[str]
    """The tracebacks that it has told."""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.desk.session.port}"

    @property
    def root(self) -> str:
        """What the address of each page begins with."""
        return self.address.removesuffix("/")

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def text(self, path: str) -> str:
        """A page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    def post(self, path: str, files: Any = None, **form: Any) -> httpx.Response:
        """Send a form of the desk, as its page would."""
        form = {"form_token": self.desk.session.form_token, **form}
        return self.client.post(path, data=form, files=files, headers={"Origin": self.origin})

    def form(self, page: str, action: str) -> dict[str, str]:
        """What the hidden fields of a page's form say."""
        (body,) = re.findall(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
        found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
        return {unescape(name): unescape(value) for name, value in found}


class FromRoot(httpx.HTTPTransport):
    """Adds the root to the path of each request, and takes it from each answer."""

    def __init__(self, root: str) -> None:
        super().__init__(verify=False)  # to read the certificates takes longer than most pages
        self._root = root

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(raw_path=self._root.encode() + request.url.raw_path)
        answer = super().handle_request(request)
        headers = httpx.Headers(answer.headers)
        if "location" in headers:
            headers["location"] = headers["location"].replace(f"{self._root}/", "/", 1)
        content = answer.read()
        if headers.get("content-type", "").startswith("text/html"):
            content = content.replace(f'="{self._root}/'.encode(), b'="/')
        return httpx.Response(answer.status_code, headers=headers, content=content)


@contextmanager
def opened_desk(folder: Path, *runs: ScanRun, **more: Any) -> Iterator[Window]:
    """A desk in this folder with these runs in its history; `more` says its place otherwise.

    Fails where the desk has told of a bug that the test did not take from `Window.bugs`.
    """
    history = folder / "history.sqlite3"
    with opened(history) as kept:
        for run in runs:
            kept.save(run)
    usual = {
        "history": history,
        "targets": folder / "targets.yaml",
        "rules": (folder / "rules",),
        "request": Request(
            options=Options(allow_private=True), observer="static", evidence=folder / "proof"
        ),
        "by": "王敏",
    }
    place = Place(**{**usual, **more})
    listener = listening(0)
    bugs = list[str]()
    with prepared(place, listener, bugs.append) as (desk, server):
        address = desk.session.address
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        origin = f"http://127.0.0.1:{desk.session.port}"
        from_root = FromRoot(desk.session.root)
        with httpx.Client(
            base_url=origin, transport=from_root, trust_env=False, timeout=60
        ) as client:
            try:
                yield Window(desk, address, client, bugs)
            finally:
                server.should_exit = True
                thread.join()
    assert bugs == []
