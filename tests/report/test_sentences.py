"""The clerk's reading list is what the program says today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from ycaudit.reason_table import REASONS

DOCS = Path(__file__).parents[2] / "docs"


def made() -> str:
    """The page as its script makes it now."""
    spec = importlib.util.spec_from_file_location("make_sentences", DOCS / "make_sentences.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page: str = module.page()
    return page


def test_the_reading_list_is_current() -> None:
    assert (DOCS / "sentences.md").read_text(encoding="utf-8") == made()


def test_every_sentence_is_chinese_and_no_hole_is_left() -> None:
    page = made()
    assert page.count("\n- ") > len(REASONS) * 0.9
    assert not re.search(r"\{\w*", page)
    english = re.findall(r"(?:[A-Za-z]{3,} ){3,}", re.sub(r"`[^`]*`", "", page))
    assert english == []
