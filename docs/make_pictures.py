"""Makes the pictures of the documentation anew, from a run of the embedded city.

.venv/bin/python docs/make_pictures.py

One run is shown in both languages: NAME.png in English, NAME.zh-CN.png in Chinese.
The circular needs LibreOffice and pdftoppm (Debian: libreoffice-writer-nogui, poppler-utils);
without them its picture is left as it is.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.cells import cell_len

from ycaudit.observe.browser.chromium import find_browser

PICTURES = Path(__file__).parent / "pictures"
LINES = 34
MONO = "'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace"
RED, GREEN, YELLOW = "#ff7b86", "#6fd08c", "#f2c14e"
WORDS = {
    "不合格": RED,
    "fail": RED,
    "合格": GREEN,
    "pass": GREEN,
    "待核实": YELLOW,
    "undetermined": YELLOW,
}
COLOURS = {"✗": RED, "✓": GREEN, "?": YELLOW, **dict.fromkeys("│┃┏┓┗┛━┳┻╇┡┩─└┘┴╋", "#7d8896")}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        city = Path(folder)
        ycaudit("demo", folder=city)
        browser = driver.chromium.launch(
            executable_path=find_browser(os.environ), args=["--no-sandbox"]
        )
        for language, suffix in {"en": "", "zh": ".zh-CN"}.items():
            table = shown(city, language)
            report = (city / "report.html").as_uri()
            photograph(browser, report, f"report{suffix}", wide=1180, high=1240)
            photograph(browser, report, f"report-phone{suffix}", wide=390, high=844, scheme="dark")
            terminal(browser, table, f"terminal{suffix}")
        browser.close()
        circular(city / "ycaudit-demo" / "circular.docx", city)


def ycaudit(*words: str, folder: Path, language: str = "zh") -> str:
    """What a command prints in a language, whatever is set here."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YCAUDIT_")}
    done = subprocess.run(
        [sys.executable, "-m", "ycaudit", *words], cwd=folder,
        capture_output=True, text=True, check=True,
        env={**environment, "LC_ALL": "C.UTF-8", "YCAUDIT_LANG": language},
    )  # fmt: skip
    return done.stdout


def shown(city: Path, language: str) -> str:
    """Write report.html of the city's run in this language; its table as on a terminal."""
    words = ("show", "ycaudit-demo/run.json", "--evidence", "ycaudit-demo/proof")
    return ycaudit(
        *words, "--format", "table", "--output", "report.html", folder=city, language=language
    )


def photograph(
    browser: Browser, address: str, name: str, *, wide: int, high: int, scheme: str = "light"
) -> None:
    page = browser.new_page(viewport={"width": wide, "height": high}, color_scheme=scheme)
    page.goto(address)
    keep(page.screenshot(), name)
    page.close()


def terminal(browser: Browser, table: str, name: str) -> None:
    """The table as a terminal shows it: on a grid, Chinese characters two cells wide."""
    lines = table.splitlines()
    figures = next(line for line in reversed(lines) if line.startswith("60 "))
    shown = ["$ ycaudit scan", *lines[: LINES - 4], "…", figures]
    page = browser.new_page(viewport={"width": 1200, "height": 200})
    page.set_content(
        '<meta charset="utf-8"><body style="margin:0;background:#10151c;color:#e6e9ee">'
        f'<div id="t" style="font:15px/19px {MONO};padding:18px;display:inline-block;'
        f'white-space:pre">{"".join(f"<div>{_cells(line.rstrip())}</div>" for line in shown)}</div>'
    )
    keep(page.locator("#t").screenshot(), name)
    page.close()


def _cells(line: str) -> str:
    words = re.sub("|".join(WORDS), lambda word: _coloured(word[0]), line)
    return re.sub(r"(<[^>]*>)|(.)", lambda part: part[1] or _cell(part[2]), words)


def _cell(sign: str) -> str:
    style = f"display:inline-block;overflow:hidden;text-align:center;width:{cell_len(sign)}ch"
    colour = COLOURS.get(sign)
    return f'<span style="{style}{f";color:{colour}" if colour else ""}">{escape(sign)}</span>'


def _coloured(word: str) -> str:
    return f'<b style="font-weight:400;color:{WORDS[word]}">{word}</b>'


def circular(paper: Path, folder: Path) -> None:
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        print("circular.png is left as it is: it needs LibreOffice and pdftoppm")
        return
    convert = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/office"]
    subprocess.run(
        [*convert, "--convert-to", "pdf", "--outdir", str(folder), str(paper)],
        check=True, capture_output=True,
    )  # fmt: skip
    pages = folder / "page"
    pdf = folder / f"{paper.stem}.pdf"
    subprocess.run(["pdftoppm", "-r", "60", "-png", "-l", "2", str(pdf), str(pages)], check=True)
    keep(_beside(sorted(folder.glob("page*.png"))), "circular")


def _beside(pages: list[Path]) -> bytes:
    """The pages side by side, a line between them."""
    first, second = (Image.open(page) for page in pages)
    with first, second, io.BytesIO() as written:
        both = Image.new("RGB", (first.width + second.width + 1, first.height), "#7d8896")
        both.paste(first, (0, 0))
        both.paste(second, (first.width + 1, 0))
        both.save(written, "PNG")
        return written.getvalue()


def keep(picture: bytes, name: str) -> None:
    """As few colours as it needs: the pictures are carried by every clone."""
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
            PICTURES / f"{name}.png", optimize=True
        )


if __name__ == "__main__":
    main()
