"""The pages of the documentation, as tests read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / n for n in ("README.md", "README.zh-CN.md", "SECURITY.md", "CONTRIBUTING.md")]
PAGES += sorted(DOCS.glob("*.md"))
FENCE = re.compile(r"^```([\w-]*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"^(?:[\w-]+)?\$\s+(.+)$", re.MULTILINE)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def both(name: str) -> pytest.MarkDecorator:
    """This page of the site, in either language."""
    return pytest.mark.parametrize("page", [DOCS / f"{name}.md", DOCS / f"{name}.zh-CN.md"])


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [body for name, body in FENCE.findall(text_of(page)) if name == language]


def prompts(page: Path) -> list[str]:
    """The command lines of its blocks, without remarks."""
    lines = "\n".join(blocks(page, "console")).replace("\\\n", " ")
    return [re.sub(r"\s+# .*", "", line) for line in PROMPT.findall(lines)]
