"""Makes the pictures of the desk's pages anew, at desktop and phone, from a run of the city.

.venv/bin/python docs/make_desk_pictures.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from make_pictures import keep, ycaudit
from playwright.sync_api import Browser, sync_playwright

from ycaudit.auditing import demo_city
from ycaudit.model import Outcome, ScanRun
from ycaudit.observe.browser.chromium import find_browser
from ycaudit.runs.format_1 import read_run
from ycaudit.runs.history import opened

SIZES = {"": {"width": 1180, "height": 900}, "-phone": {"width": 390, "height": 844}}


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        ycaudit("demo", folder=folder)
        run = prepared(folder)
        browser = driver.chromium.launch(
            executable_path=find_browser(os.environ), args=["--no-sandbox"]
        )
        with desk(folder) as address:
            photographed(browser, address, pages(run))
        browser.close()


def prepared(folder: Path) -> ScanRun:
    """The demo's run in a history, with its list, rules and evidence beside it."""
    reports = folder / "ycaudit-demo"
    run = read_run((reports / "run.json").read_bytes())
    with opened(folder / "history.sqlite3") as kept:
        kept.save(run)
    units = [{"name": r.target.name, "url": r.target.url} for r in run.reports.briefs()]
    text = yaml.safe_dump({"units": units}, allow_unicode=True)
    (folder / "targets.yaml").write_text(text, encoding="utf-8")
    (folder / "rules").mkdir()
    shutil.copy(demo_city.folder() / "rules.yaml", folder / "rules")
    (reports / "proof").rename(folder / "proof")
    return run


def pages(run: ScanRun) -> dict[str, str]:
    """The pages by the names of their pictures."""
    failing = next(
        place for place, r in enumerate(run.reports.briefs()) if r.outcome is Outcome.FAIL
    )
    here = f"/run/{run.id}"
    return {
        "rounds": "/", "list": "/list", "rules": "/rules", "check": "/check", "look": "/look",
        "run": here, "unit": f"{here}/unit/{failing}", "review": f"{here}/review",
        "papers": f"{here}/papers", "circular": f"{here}/papers/docx", "cases": f"{here}/cases",
    }  # fmt: skip


@contextmanager
def desk(folder: Path) -> Iterator[str]:
    """The desk while it runs; its first address."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YCAUDIT_")}
    environment |= {"YCAUDIT_HISTORY": str(folder / "history.sqlite3"), "YCAUDIT_LANG": "zh"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ycaudit", "desk", "--no-open", "--by", "王敏"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            found = re.search(r"http\S+", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.terminate()


def photographed(browser: Browser, address: str, asked: dict[str, str]) -> None:
    """Each page at each size, in one session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    root = page.url.rstrip("/")
    for suffix, size in SIZES.items():
        page.set_viewport_size(size)
        for name, path in asked.items():
            page.goto(root + path)
            page.wait_for_load_state("networkidle")
            keep(page.screenshot(), f"desk-{name}{suffix}")


if __name__ == "__main__":
    main()
