"""Odd style sheets: nothing is claimed that a browser was seen to contradict.

The truths in bench/sheets/known.json were found with Chromium by `bench/sheets/sheets.py
--save-known`; the pages are grown anew here, from the same seed, and only judged.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench" / "sheets"
sys.path.insert(0, str(BENCH))

from grow import Grower  # noqa: E402
from judging import WRONG, claimed, judge  # noqa: E402

KNOWN = json.loads((BENCH / "known.json").read_text(encoding="utf-8"))
GROWER = Grower(KNOWN["seed"])


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, str]]:
    """Each probe's verdict, and where it is."""
    verdicts = []
    for index, known in KNOWN["pages"].items():
        page = GROWER.page(int(index))
        assert page.hash == known["hash"], f"page {index} has changed: run with --save-known"
        said = claimed(page)
        for probe, truth in zip(page.probes, known["truths"], strict=True):
            where = f"page {index}, {probe.kind} {probe.number}: {', '.join(probe.ways)}"
            verdicts.append((judge(truth, said[probe.number]), where))
    return verdicts


def test_nothing_is_claimed_that_a_browser_contradicts(judged: list[tuple[str, str]]) -> None:
    assert [(verdict, where) for verdict, where in judged if verdict in WRONG] == []


def test_modesty_has_its_limits(judged: list[tuple[str, str]]) -> None:
    counted = Counter(verdict for verdict, _ in judged)
    assert len(judged) == 240
    assert counted["right"] > 10  # every page here is odd; test_links.py has the plain one
