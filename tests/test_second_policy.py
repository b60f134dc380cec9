"""Another city's five requirements, in English: no line of the program is about Yichang."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openpyxl
import pytest
import segno

from messages import CHINESE
from support.cli import ycaudit
from support.servers import at_work

POLICY = Path(__file__).parents[1] / "examples" / "harbour"
APP = "https://app.harbour.example/get"
TEXT = "<p>News from the harbour, opening hours, how to find us, and whom to ask.</p>" * 8
LINKS = {
    "portal": '<a href="https://www.harbour.example/">City portal</a>',
    "data": '<a href="https://data.harbour.example/">Open data</a>',
    "accessibility": '<a href="https://www.harbour.example/accessibility/en">Accessibility</a>',
    "app": '<figure><img src="/app.png" width="200"><figcaption>City app</figcaption></figure>',
}
OLD = '<a href="http://old.harbour.example/">City portal</a>'
COUNTER = '<a href="http://counter.example/?id=7">You are visitor no. 7</a>'
PAGES = {
    "library": "".join(LINKS.values()),
    "museum": OLD + LINKS["data"] + LINKS["accessibility"] + LINKS["app"] + COUNTER,
    "pools": LINKS["portal"] + LINKS["accessibility"] + LINKS["app"],
}


@pytest.fixture(scope="module")
def harbour() -> Iterator[int]:
    """The homepages of the city; the port."""
    code = io.BytesIO()
    segno.make_qr(APP).save(code, kind="png", scale=5)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            unit = self.headers["Host"].partition(".")[0]
            html = f"<!DOCTYPE html><meta charset=utf-8><title>x</title>{TEXT}{PAGES[unit]}"
            found = self.path == "/app.png"
            body = code.getvalue() if found else html.encode()
            self.send_response(200)
            self.send_header("Content-Type", "image/png" if found else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield port


@pytest.fixture
def scanned(harbour: int, tmp_path: Path) -> Path:
    """A folder in which the city was scanned, in English."""
    shutil.copytree(POLICY, tmp_path / "city")
    folder = tmp_path / "city"
    words = ("--allow-private", "--observer", "static", "--lang", "en", "--no-cache")
    outputs = ("--output", "run.json", "--output", "report.html", "--output", "table.xlsx")
    lists = folder / "targets.yaml"  # as it stands, but for the port
    text = lists.read_text(encoding="utf-8").replace('.example/"', f'.example:{harbour}/"')
    lists.write_text(text, encoding="utf-8")
    addresses = ("--resolve", f"*:{harbour}:127.0.0.1")
    done = ycaudit("scan", *words, *outputs, *addresses, cwd=folder)
    assert done.returncode == 1, done.stderr
    (folder / "told.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def test_another_city_s_units_are_judged_by_its_own_rules(scanned: Path) -> None:
    run = json.loads((scanned / "run.json").read_text(encoding="utf-8"))
    outcomes = {
        report["target"]["id"]: {v["requirement"]: v["outcome"] for v in report["verdicts"]}
        for report in run["reports"]
    }
    assert set(outcomes["library"].values()) == {"pass"}
    assert {k for k, v in outcomes["museum"].items() if v == "fail"} == {"portal"}
    # Only a painted page accuses of what must not be there, and this is a look at the markup.
    assert outcomes["museum"]["no-counter"] == "undetermined"
    assert outcomes["pools"]["data"] == "waived"
    assert {v for k, v in outcomes["pools"].items() if k != "data"} == {"pass"}
    near = next(
        v["near"][0]["note"]["sentence"]
        for r in run["reports"]
        for v in r["verdicts"]
        if r["target"]["id"] == "museum" and v["requirement"] == "portal"
    )
    assert near == "the portal of before 2024"


def test_its_people_read_english_and_nothing_else(scanned: Path) -> None:
    book = openpyxl.load_workbook(scanned / "table.xlsx")
    sheets = [*book.sheetnames]
    sheets += [str(c.value) for s in book for row in s for c in row if c.value is not None]
    read = {
        "table": (scanned / "told.txt").read_text(encoding="utf-8"),
        "page": (scanned / "report.html").read_text(encoding="utf-8"),
        "sheets": "\n".join(sheets),
    }
    for name, text in read.items():
        assert CHINESE.findall(text) == [], name
        assert "Harbour Museum" in text
    assert '<html lang="en">' in read["page"]
    assert "1 failing" in read["table"] or "fail 1" in read["table"]
