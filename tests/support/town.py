"""A town of small homepages on loopback, which their webmasters change while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.servers import at_work

PORTAL = '<p><a href="http://p.test/">门户</a></p>'
RULES = """\
name: 云江市网站规定
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: p.test}]}
"""


class Town:
    """Homepages by their path; who has none cannot be reached."""

    def __init__(self) -> None:
        self.port = 0
        self.pages: dict[str, str] = {}
        self.files: dict[str, bytes] = {}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}/"

    def page(self, name: str) -> bytes | None:
        if name in self.files:
            return self.files[name]
        if name not in self.pages:
            return None
        text = "本单位的公开信息、办事指南、新闻动态和联系方式。" * 20
        links = "".join(f'<li><a href="/{name}/{n}.html">栏目{n}</a></li>' for n in range(12))
        head = f"<!DOCTYPE html><meta charset=utf-8><title>{name}</title>"
        return f"{head}<p>{text}</p><ul>{links}</ul>{self.pages[name]}".encode()

    def write_list(self, folder: Path, **names: str) -> None:
        """The files that a scan takes; `names` are the units by their path."""
        units = "".join(
            f'  - {{id: {path}, name: {name}, url: "{self.url(path)}", '
            f"contact: {{email: {path}@city.test}}}}\n"
            for path, name in names.items()
        )
        (folder / "targets.yaml").write_text(f"units:\n{units}", encoding="utf-8")
        (folder / "rules").mkdir(exist_ok=True)
        (folder / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")


@contextmanager
def built() -> Iterator[Town]:
    """The town, on a free port."""
    town = Town()

    class Keeper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = town.page(self.path.strip("/"))
            if found is None:
                self.send_error(503)
                return
            self.send_response(200)
            kind = "text/html; charset=utf-8" if found.startswith(b"<!") else "image/png"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *_: object) -> None:
            pass

    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), Keeper)) as town.port:
        yield town
