"""The HTML report in a real browser: quiet, reachable by everybody, whole on paper, inert."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from support.browsers import DESKTOP, PHONE, in_every_scheme
from support.golden import golden_run
from support.pages import page
from support.runs import run_of
from ycaudit.model import MemoryReports, NoWebsite, ScanRun
from ycaudit.observe.browser import chromium
from ycaudit.reasons import Reason
from ycaudit.report.formats import FORMATS

WHY = chromium.why_no_browser(os.environ)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(WHY is not None, reason=WHY or "")]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
HOSTILE = [
    "</style><img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}",
    "\u202egnp.exe \x1b[31m \x07",
    "长" * 10_000,
    "w" * 10_000,
    "a\nb\u2028c",
]


@dataclass
class Opened:
    """A page that was opened from disk, and what it did that it should not."""

    page: Any
    faults: list[str] = field(default_factory=list)


@contextmanager
def opened(run: ScanRun, folder: Path, **context: Any) -> Iterator[Opened]:
    from playwright.sync_api import sync_playwright

    file = folder / "报告.html"
    out = io.BytesIO()
    FORMATS["html"].render(run, out)
    file.write_bytes(out.getvalue())
    found = chromium.find_browser(os.environ)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(**context)
        opened = Opened(page)
        page.on("console", lambda said: opened.faults.append(said.text))
        page.on("pageerror", lambda error: opened.faults.append(str(error)))
        page.on("dialog", lambda dialog: (opened.faults.append("dialog"), dialog.dismiss()))
        page.on("request", lambda asked: _note(opened, asked.url))
        page.goto(file.as_uri())
        yield opened
        browser.close()


def test_the_report_names_the_units_without_a_website(tmp_path: Path) -> None:
    without = (NoWebsite(id="n", name="档案馆"), NoWebsite(id="m", name="<b>公司"))
    run = golden_run().model_copy(update={"no_website": without})
    with opened(run, tmp_path) as report:
        assert "未开设网站 2 家（档案馆、<b>公司）" in report.page.inner_text(".total")


def test_the_report_tells_what_was_remarked_on_a_homepage(tmp_path: Path) -> None:
    run = golden_run()
    first, *rest = run.reports
    seen = page().model_copy(update={"remarks": (Reason.of("no_own_link"),)})
    told = first.model_copy(update={"observations": (seen,)})
    changed = run.header.with_reports(MemoryReports([told, *rest]))
    with opened(changed, tmp_path) as report:
        said = str(Reason.of("no_own_link"))
        assert report.page.locator(".unit", has_text=said).count() == 1


def _note(opened: Opened, url: str) -> None:
    if not url.startswith(("file:", "data:")):
        opened.faults.append(url)


@in_every_scheme
def test_axe_finds_no_serious_fault(tmp_path: Path, viewport: dict[str, int], scheme: str) -> None:
    context = {"viewport": viewport, "color_scheme": scheme, "bypass_csp": True}
    with opened(golden_run(), tmp_path, **context) as there:
        there.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        there.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = there.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = {
        (fault["id"], node["html"][:200], node["failureSummary"])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    }
    assert grave == set()
    assert len(found["passes"]) > 10


def test_nothing_is_asked_of_anybody_and_nothing_complains(tmp_path: Path) -> None:
    with opened(golden_run(), tmp_path, viewport=DESKTOP) as there:
        there.page.wait_for_load_state("networkidle")
        assert there.page.title() == "推广方案 · 检查报告"
        assert there.faults == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_is_wider_than_its_screen_whatever_a_page_says(
    tmp_path: Path, viewport: dict[str, int]
) -> None:
    with opened(run_of(*HOSTILE), tmp_path, viewport=viewport) as there:
        there.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        wide = there.page.evaluate("document.scrollingElement.scrollWidth")
        assert wide <= viewport["width"]
        if viewport is PHONE:
            assert there.page.evaluate(_SIDEWAYS) == []
        assert there.page.locator("main img, main script, main iframe").count() == 0
        assert there.page.locator("[onmouseover], [onerror]").count() == 0
        hrefs = there.page.eval_on_selector_all("a", "all => all.map(a => a.protocol)")
        assert set(hrefs) <= {"http:", "https:", "file:"}
        assert "49" not in there.page.inner_text("main")
        assert there.faults == []


_SIDEWAYS = """[...document.querySelectorAll('main *')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')
    .filter(e => !e.matches('.unseen, thead')).map(e => e.outerHTML.slice(0, 80))"""
_BROKEN = """[...document.querySelectorAll('thead th, td:not(:has(.unseen))')].filter(cell => {
    const range = document.createRange(); range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1;
}).map(cell => cell.textContent)"""


def test_a_phone_shows_a_card_a_unit_with_the_name_of_every_duty(tmp_path: Path) -> None:
    with opened(golden_run(), tmp_path, viewport=PHONE) as there:
        card = there.page.locator("tbody tr", has_text="乙中学")
        shown = card.evaluate(
            "row => [...row.cells].filter(c => c.dataset.name).map(c => "
            "getComputedStyle(c, '::before').content + c.innerText.trim())"
        )
        assert [text.replace('"', "").split()[0] for text in shown][:2] == ["门户网", "发布微信"]
        assert there.page.evaluate(_SIDEWAYS) == []


def test_whom_to_call_and_the_totals_stand_in_the_report(tmp_path: Path) -> None:
    with opened(golden_run(), tmp_path, viewport=DESKTOP) as there:
        page = there.page
        assert page.inner_text(".total") == "应检 8 家单位、8 个网站"
        assert page.inner_text("tfoot").split() == [
            "合格",
            "4",
            "/",
            "8",
            "3",
            "/",
            "8",
            "6",
            "/",
            "8",
        ]
        assert "联系人：王" in page.text_content("#u1 .contact")


def test_on_paper_words_stay_whole_and_pages_are_numbered(tmp_path: Path) -> None:
    upright = {"width": 703, "height": 1000}  # 186 mm
    with opened(golden_run(), tmp_path, viewport=upright) as there:
        there.page.emulate_media(media="print")
        assert there.page.evaluate(_BROKEN) == []
        styles = there.page.text_content("style")
    assert re.search(r"@page \{[^}]*@bottom-center \{ content: counter\(page\)", styles)


def test_units_are_filtered_and_searched_by_keyboard_alone(tmp_path: Path) -> None:
    with opened(golden_run(), tmp_path, viewport=DESKTOP) as there:
        page = there.page

        def shown() -> list[str]:
            names: list[str] = page.eval_on_selector_all(
                "details.unit", "all => all.filter(d => d.offsetParent).map(d => d.dataset.outcome)"
            )
            return names

        assert len(shown()) == 8
        page.keyboard.press("Tab")
        assert "跳到单位列表" in page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.value") == "fail":
                break
        page.keyboard.press("Space")
        assert "fail" not in shown()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "text":
                break
        page.keyboard.type("丙医院")
        assert shown() == ["undetermined"]
        assert "1" in page.inner_text("#count")
        assert page.locator("tbody tr:visible").count() == 1


def test_on_paper_every_unit_stands_open_and_no_control_is_printed(tmp_path: Path) -> None:
    with opened(golden_run(), tmp_path, viewport=DESKTOP) as there:
        there.page.emulate_media(media="print")
        there.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert not there.page.locator("#filters").is_visible()
        details = there.page.locator("details.unit dl")
        assert [one.is_visible() for one in details.all()] == [True] * 8
        paper = there.page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert b"/MediaBox [0 0 595" in paper or b"/MediaBox [0 0 594" in paper  # A4 upright, in points
