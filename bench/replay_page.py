"""Opens a case file in ReplayWeb.page and compares what it shows with our own screenshots.

    npm pack replaywebpage && tar xzf replaywebpage-*.tgz
    python bench/replay_page.py june.wacz --package package [--keep DIR] [--at-most 1.0]

ReplayWeb.page (https://replayweb.page, another hand on the same format) is served on loopback. For
each unit that fails and was looked at by the browser, its homepage is replayed in a window of the
same size, and the share of picture points that differ from the screenshot in the case is told.
Exit code 1: a page differs in more than `--at-most` percent, or did not open.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import socket
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from contest import program
from PIL import Image, ImageChops
from playwright.sync_api import Frame, Page, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from ycaudit.observe.static.sheets import WINDOW

SECONDS = 60
SAME = 24
"""Levels of grey by which two points may differ and still look the same."""
FRAME = "mp_/"
"""What stands in the address of a replayed document."""


@dataclass(frozen=True)
class Kept:
    """A homepage in the case, and how it looked."""

    unit: str
    url: str
    ts: str
    screenshot: bytes


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("case", type=Path)
    parser.add_argument("--package", type=Path, required=True, help="replaywebpage, unpacked")
    parser.add_argument("--keep", type=Path, help="write both pictures of each page here")
    parser.add_argument("--at-most", type=float, default=1.0, help="percent of points")
    asked = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder)
        for name in ("ui.js", "sw.js"):
            shutil.copy(asked.package / name, root)
        shutil.copy(asked.case, root / "case.wacz")
        (root / "replay").mkdir()
        (root / "replay" / "sw.js").write_text('importScripts("/sw.js");')
        server, port = serving(root)
        browser = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        for kept in failing(asked.case):
            page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
            shown = replayed(page, root, port, kept)
            share = None if shown is None else 100 * difference(kept.screenshot, shown)
            wrong += share is None or share > asked.at_most
            print(kept.unit, "did not open" if share is None else f"{share:.2f} % differ")
            if asked.keep and shown:
                asked.keep.mkdir(parents=True, exist_ok=True)
                (asked.keep / f"{kept.unit}-case.png").write_bytes(kept.screenshot)
                (asked.keep / f"{kept.unit}-replayed.png").write_bytes(shown)
            page.close()
        browser.close()
        server.should_exit = True
    print(f"{wrong} differ")
    return 1 if wrong else 0


def serving(folder: Path) -> tuple[uvicorn.Server, int]:
    """A server that gives parts of files, without which no large case is opened, and its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    threading.Thread(target=server.run, args=([listening],), daemon=True).start()
    return server, listening.getsockname()[1]


def failing(case: Path) -> Iterator[Kept]:
    """The failing units that a browser has looked at."""
    with zipfile.ZipFile(case) as archive:
        lines = archive.read("pages/pages.jsonl").decode().splitlines()[1:]
        moments = {page["title"]: page for page in map(json.loads, lines)}
        for line in archive.read("ycaudit/reports.jsonl").decode().splitlines():
            report = json.loads(line)
            unit = report["target"]["id"]
            page = moments.get(f"{unit} (browser)")
            shots = [
                file["file"]
                for seen in report["observations"]
                for file in seen.get("evidence_files", ())
                if file["kind"] == "screenshot"
            ]
            if report["outcome"] == "fail" and page is not None and shots:
                digits = "".join(filter(str.isdigit, page["ts"]))
                yield Kept(unit, page["url"], digits, archive.read(f"evidence/{shots[0]}"))


def replayed(page: Page, root: Path, port: int, kept: Kept) -> bytes | None:
    """How the homepage looks in the replay; None where it did not open."""
    (root / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><body style="margin:0"><script src="/ui.js"></script>'
        '<replay-web-page embed="replayonly" replayBase="/" source="/case.wacz" '
        f'url="{kept.url}" ts="{kept.ts}" style="display:block;height:100vh"></replay-web-page>',
        encoding="utf-8",
    )
    page.goto(f"http://localhost:{port}/")  # a service worker wants a secure origin
    frame = opened(page)
    if frame is None:
        return None
    frame.wait_for_load_state("networkidle")
    return frame.frame_element().screenshot()


def opened(page: Page) -> Frame | None:
    for _ in range(SECONDS):
        for frame in page.frames:
            if FRAME in frame.url and frame.evaluate("document.body?.innerText.length > 0"):
                return frame
        page.wait_for_timeout(1000)
    return None


def difference(ours: bytes, theirs: bytes) -> float:
    """The share of points that look different, of what both show from the top left."""
    one, other = (Image.open(io.BytesIO(png)).convert("L") for png in (ours, theirs))
    size = min(one.width, other.width) - 20, min(one.height, other.height)  # less a scroll bar
    change = ImageChops.difference(one.crop((0, 0, *size)), other.crop((0, 0, *size)))
    return sum(change.histogram()[SAME:]) / (size[0] * size[1])


if __name__ == "__main__":
    sys.exit(main())
