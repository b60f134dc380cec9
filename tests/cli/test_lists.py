"""A list straight from an office, scanned: every unit of it is in the run, and chosen by office."""

from __future__ import annotations

import json
from pathlib import Path

from support.cli import ycaudit
from support.lists import RULES, workbook

HEAD = ("单位", "主管部门", "网址")
QUICK = ("--allow-private", "--observer", "static", "--no-history", "--format", "json")


def test_a_run_has_the_units_without_a_website_and_the_sites_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    rows = [
        HEAD,
        ("甲", "教育局", "http://127.0.0.1:9/ http://127.0.0.1:9/b"),
        ("乙", "教育局", "暂无"),
        ("丙", "卫健委", "http://127.0.0.1:9/c"),
        ("丁", "卫健委", "/"),
    ]
    path = workbook(tmp_path, rows)
    done = ycaudit("scan", path, "--rules", "rules.yaml", *QUICK, cwd=tmp_path)
    whole = json.loads(done.stdout)
    assert [r["target"]["unit"] for r in whole["reports"]] == ["甲", "甲", None]
    assert [unit["name"] for unit in whole["no_website"]] == ["乙", "丁"]
    words = ("--office", "教育局")
    done = ycaudit("scan", path, "--rules", "rules.yaml", *words, *QUICK, cwd=tmp_path)
    part = json.loads(done.stdout)
    assert [r["target"]["office"] for r in part["reports"]] == ["教育局", "教育局"]
    assert [unit["name"] for unit in part["no_website"]] == ["乙"]
