"""The desk in a real browser: the whole week, within everybody's reach, quiet, on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import docx
import openpyxl
import pytest

from support.browsers import DESKTOP, in_every_scheme
from support.city import options
from support.codes import picture, saved
from support.golden import golden_run
from support.runs import run_of
from support.windows import Window, opened_desk
from ycaudit.auditing import demo_city
from ycaudit.auditing.service import Request
from ycaudit.model import Outcome
from ycaudit.observe.browser import chromium
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import opened

WHY = chromium.why_no_browser(os.environ)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(WHY is not None, reason=WHY or "")]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
CASES = ("complies", "nothing", "lookalike-hosts", "server-error")


@dataclass
class Seen:
    """A tab at the desk, and what it did that it should not."""

    page: Any
    root: str
    faults: list[str] = field(default_factory=list)

    def goes(self, path: str) -> None:
        self.page.goto(self.root + path)

    @property
    def text(self) -> str:
        return str(self.page.inner_text("main"))


@contextmanager
def tab(window: Window, **context: Any) -> Iterator[Seen]:
    """A browser that comes by the printed address."""
    from playwright.sync_api import sync_playwright

    found = chromium.find_browser(os.environ)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(**context)
        page.set_default_timeout(180_000)  # a busy machine
        seen = Seen(page, window.root)
        page.on("console", lambda said: seen.faults.append(said.text))
        page.on("pageerror", lambda error: seen.faults.append(str(error)))
        page.on("dialog", lambda dialog: (seen.faults.append("dialog"), dialog.dismiss()))
        page.on("request", lambda asked: _note(seen, asked.url))
        page.goto(window.address)
        yield seen
        browser.close()


def _note(seen: Seen, url: str) -> None:
    if urlsplit(url).hostname != "127.0.0.1":
        seen.faults.append(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    rules = (demo_city.folder() / "rules-unpinned.yaml").read_bytes()
    (tmp_path / "rules" / "rules.yaml").write_bytes(rules)
    return tmp_path


def listed(folder: Path, city: demo_city.City) -> Path:
    """The list as an office keeps it."""
    book = openpyxl.Workbook()
    book.active.append(["单位", "网址", "主管部门", "电话"])
    for case in CASES:
        url = f"http://{case}.city.test:{city.port}/"
        book.active.append([city.cases[case].name, url, "市政府办公室", "0717-6251234"])
    file = folder / "名单.xlsx"
    book.save(file)
    return file


def test_the_whole_week_at_the_desk(folder: Path, running_city: demo_city.City) -> None:
    city = running_city
    request = Request(
        options=options(city), observer="static", seconds=600, evidence=folder / "proof"
    )
    with opened_desk(folder, request=request) as window, tab(window, viewport=DESKTOP) as seen:
        page = seen.page
        # 名单
        seen.goes("/list")
        page.set_input_files("input[name=list]", listed(folder, city))
        page.click("text=查看将要采用的内容")
        assert "尚未启用" in seen.text
        page.click("text=启用这份名单")
        assert f"共 {len(CASES)} 家单位" in seen.text
        # 检查
        page.click("nav >> text='检查'")
        page.click("text=开始检查")
        page.wait_for_selector("text=检查完成")
        page.click("text=看结果")
        assert city.cases["nothing"].name in seen.text
        # 规则
        page.click("nav >> text=规则")
        page.click("text=指定官方二维码 >> nth=0")
        code = folder / "code.png"
        code.write_bytes(saved(picture()))
        page.set_input_files("input[name=picture]", code)
        page.click("text=识读")
        page.fill("input[name=source]", "来文附件")
        page.click("text=核对无误，写入规则")
        assert "官方二维码已写入规则" in seen.text
        # 复核
        reviewed(seen, window)
        # 文件
        circular(seen, window, folder)
        # 复查
        seen.goes("/check")
        page.click("text=复查不合格的")
        page.wait_for_selector("text=检查完成")
        assert seen.faults == []
    with opened(folder / "history.sqlite3") as kept:
        runs = [entry.run for entry in kept.entries()]
        assert [bool(run.carries) for run in runs] == [True, False]


def reviewed(seen: Seen, window: Window) -> None:
    """Everything that is in doubt passes, and what failed is confirmed: by keys alone."""
    page = seen.page
    audit = window.desk.audits.scan
    assert audit is not None
    assert audit.run is not None
    path = f"/run/{audit.run.id}/review"
    for what, key in (("undetermined", "p"), ("fail", "f")):
        seen.goes(f"{path}?what={what}")
        while page.query_selector("#answer"):
            page.keyboard.press(key)
            with page.expect_navigation():
                page.keyboard.press("Enter")
        assert "没有需要复核的单位了" in seen.text
    with window.desk.history() as kept:
        run = decided(kept.load(audit.run.id), kept.decisions())
    assert {v.outcome for r in run.reports for v in r.verdicts} == {Outcome.PASS, Outcome.FAIL}


def circular(seen: Seen, window: Window, folder: Path) -> None:
    """The circular is looked at and taken."""
    page = seen.page
    page.click("text=去做文件")
    page.locator(".papers li", has_text="通报").first.locator("a").click()
    assert "落实情况的通报" in seen.text
    with page.expect_download() as coming:
        page.click("button:has-text('下载')")
    coming.value.save_as(folder / "通报.docx")
    text = "\n".join(p.text for p in docx.Document(str(folder / "通报.docx")).paragraphs)
    assert "不合格" in text


PATHS = (
    *("/", "/list", "/rules", "/rules/weixin", "/check", "/look"),
    *(f"/run/{golden_run().id}{rest}" for rest in (
        "", "/unit/1", "/unit/7", "/review", "/review?what=fail", "/changes", "/calls",
        "/papers", "/papers/docx", "/papers/xlsx", "/papers/json", "/papers/html",
    )),
)  # fmt: skip
RULES = """\
name: 规定
requirements:
  - {id: portal, name: 门户网, kind: link, accept: [{host: p.test}], clause: 三、1}
  - {id: weixin, name: 微信, kind: qr, accept: [], applies_to: {tags: [学校]}}
"""


@in_every_scheme
@pytest.mark.series(1)
def test_axe_finds_no_serious_fault_and_nothing_is_wider_than_the_screen(
    folder: Path, viewport: dict[str, int], scheme: str
) -> None:
    (folder / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "targets.yaml").write_text(
        "units:\n  - {name: 甲校, url: 'http://a.test/', tags: [学校], office: 教育局}\n",
        encoding="utf-8",
    )
    context = {"viewport": viewport, "color_scheme": scheme, "bypass_csp": True}
    grave, passes = set(), 0
    with opened_desk(folder, golden_run()) as window, tab(window, **context) as seen:
        for path in PATHS:
            seen.goes(path)
            seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            wide = seen.page.evaluate("document.documentElement.scrollWidth")
            if wide > viewport["width"]:
                grave.add((path, f"{wide} pixels wide"))
            seen.page.evaluate(AXE.read_text(encoding="utf-8"))
            found = seen.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            passes += len(found["passes"])
            grave |= {
                (path, fault["id"], node["html"][:200])
                for fault in found["violations"]
                if fault["impact"] in ("serious", "critical")
                for node in fault["nodes"]
            }
        assert seen.faults == []
    assert grave == set()
    assert passes > 10 * len(PATHS)


def test_hostile_names_and_words_of_pages_do_nothing_in_a_browser(folder: Path) -> None:
    evil = '"><script>alert(1)</script><img src="http://evil.test/x" onerror="alert(1)">'
    run = run_of(evil, "javascript:alert(1)", "</select><svg onload=alert(1)>")
    with opened_desk(folder, run) as window, tab(window, viewport=DESKTOP) as seen:
        for rest in ("", "/unit/0", "/unit/1", "/review?what=fail", "/papers/docx", "/papers/html",
                     "/papers/html/sheet", f"?text={evil}"):  # fmt: skip
            seen.goes(f"/run/r{rest}")
            assert seen.page.query_selector("img[onerror], svg[onload]") is None
        assert seen.faults == []


def test_the_desk_works_without_scripts(folder: Path) -> None:
    with (
        opened_desk(folder, golden_run()) as window,
        tab(window, viewport=DESKTOP, java_script_enabled=False) as seen,
    ):
        seen.goes(f"/run/{golden_run().id}/review")
        seen.page.click("label.pass >> nth=0")
        seen.page.click("#submit")
        assert "已记录" in seen.text
        assert seen.page.locator(".keys").is_hidden()


def test_a_desk_survives_a_reload_and_the_way_back(folder: Path) -> None:
    with opened_desk(folder, golden_run()) as window, tab(window, viewport=DESKTOP) as seen:
        seen.goes(f"/run/{golden_run().id}")
        seen.page.reload()
        seen.page.go_back()
        assert "历次检查" in seen.text
        seen.page.goto(window.address)  # what a browser opens that restores its tabs
        assert "历次检查" in seen.text
        assert seen.faults == []


def test_previews_of_tables_can_be_read_on_a_desk_a_phone_and_paper(folder: Path) -> None:
    path = f"/run/{golden_run().id}/papers"
    heights = """[...document.querySelectorAll('.as-is td')].map(
        cell => cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight))"""
    with opened_desk(folder, golden_run()) as window, tab(window) as seen:
        for width, media in ((1280, "screen"), (375, "screen"), (700, "print")):
            seen.page.set_viewport_size({"width": width, "height": 900})
            seen.page.emulate_media(media=media)
            for name in ("form", "xlsx", "docx"):
                seen.goes(f"{path}/{name}")
                lines = seen.page.evaluate(heights)
                assert lines
                assert max(lines) < 16, (name, width)  # nothing stands one letter to a line
                boxes = seen.page.evaluate(
                    "[...document.querySelectorAll('.scroll')].map("
                    "box => box.scrollHeight - box.clientHeight)"
                )
                assert max(boxes) <= 1, (name, width)  # nothing is cut off below


def test_a_printed_review_says_why_and_shows_no_buttons(folder: Path) -> None:
    with opened_desk(folder, golden_run()) as window, tab(window) as seen:
        seen.page.emulate_media(media="print")
        seen.goes(f"/run/{golden_run().id}/review")
        assert "未能打开" in seen.text or "not seen" in seen.text
        assert seen.page.locator("button:visible, .choices:visible, input:visible").count() == 0


def test_keys_rest_while_a_person_writes_and_can_be_put_off(folder: Path) -> None:
    path = f"/run/{golden_run().id}/review"
    with opened_desk(folder, golden_run()) as window, tab(window, viewport=DESKTOP) as seen:
        page, chosen = seen.page, "input[value=pass]:checked"
        seen.goes(path)
        page.focus("input[name=note]")
        page.keyboard.type("p")
        assert page.query_selector(chosen) is None
        page.uncheck("#keys")
        page.locator("h1").click()
        page.keyboard.press("p")
        assert page.query_selector(chosen) is None
        page.reload()
        assert not page.is_checked("#keys")
        page.check("#keys")
        page.locator("h1").click()
        with page.expect_navigation():
            page.keyboard.press("Enter")  # with nothing chosen
        assert "没有选择任何结论" in seen.text
        page.keyboard.press("p")
        assert page.query_selector(chosen) is not None
        assert seen.faults == []
