"""What a command reads or keeps is never written over, whatever --output says."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from support.cli import ycaudit
from support.history import run as history_run
from ycaudit.runs.history import opened

RULES = """name: n
requirements:
  - {id: portal, name: Portal, kind: link, accept: [{host: www.p.test}]}
"""
AGAIN = "units:\n  - {id: a, url: 'http://127.0.0.1:9/'}\n"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with a list in two kinds of files, rules, settings, a run, and a history."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "policy.yaml").write_text(RULES, "utf-8")
    (tmp_path / "targets.yaml").write_text(AGAIN, "utf-8")
    (tmp_path / "ycaudit.toml").write_text('observer = "static"\nnumbers = "numbers.csv"\n')
    (tmp_path / "numbers.csv").write_text("单位,下载数\na局,5\n", "utf-8")
    book = Workbook()
    book.active.append(("单位名称", "网址"))
    book.active.append(("a局", "http://127.0.0.1:9/"))
    book.save(tmp_path / "list.xlsx")
    with opened(tmp_path / "history.sqlite3") as kept:
        kept.save(history_run(0, a="-", b="+"))
    assert ycaudit("show", "last", "--output", "run.json", cwd=tmp_path).returncode == 0
    (tmp_path / "link.xlsx").symlink_to("list.xlsx")
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "show last --output html:history.sqlite3",
        "show last --output html:targets.yaml",
        "show last --output json:ycaudit.toml",
        "show last --output html:rules/policy.yaml",
        "show last --output numbers.csv",
        "show last --numbers list.xlsx --output form:list.xlsx",
        "show last --numbers list.xlsx --output form:link.xlsx",
        "show run.json --output run.json",
        "judge last --output jsonl:history.sqlite3",
        "judge run.json --targets list.xlsx --output list.xlsx",
        "check http://127.0.0.1:9/ --output json:targets.yaml",
        "scan targets.yaml --output csv:targets.yaml",
        "scan list.xlsx --output list.xlsx",
        "scan list.xlsx --output ./rules/../list.xlsx",
        "scan --history h.db --output html:h.db",
        "scan --case old.wacz --evidence proof --output json:old.wacz",
        "schema targets --output targets.yaml",
        "import list.xlsx --output list.xlsx --force",
        "import list.xlsx --output rules/policy.yaml --force",
        "import list.xlsx --output ycaudit.toml --force",
    ],
)
def test_what_is_read_or_kept_is_refused_as_output_before_any_work(office: Path, line: str) -> None:
    before = {path: path.read_bytes() for path in office.rglob("*") if path.is_file()}
    done = ycaudit(*line.split(), cwd=office)
    assert done.returncode == 2, done.stdout
    assert done.stderr.count("\n") == 1
    assert "nothing is written over it: choose another name" in done.stderr
    assert {path: path.read_bytes() for path in office.rglob("*") if path.is_file()} == before


def test_a_list_that_settings_or_environment_name_is_kept_by_commands_that_read_none(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ("show", "last", "--output", "list.xlsx")
    monkeypatch.setenv("YCAUDIT_TARGETS", "list.xlsx")
    assert ycaudit(*line, cwd=office).returncode == 2
    monkeypatch.delenv("YCAUDIT_TARGETS")
    with (office / "ycaudit.toml").open("a") as settings:
        settings.write('[scan]\ntargets = "list.xlsx"\n')
    assert ycaudit(*line, cwd=office).returncode == 2


def test_reports_take_the_place_of_reports_also_through_links_and_into_devices(
    office: Path,
) -> None:
    (office / "page.html").write_text("the last one")
    (office / "latest.html").symlink_to("page.html")
    for output in ("latest.html", "json:/dev/stdout", "csv:-", "html:rules/report"):
        done = ycaudit("show", "last", "--output", output, cwd=office)
        assert done.returncode == 0, done.stderr
    assert (office / "latest.html").is_symlink()
    assert "a局" in (office / "page.html").read_text(encoding="utf-8")


def test_import_writes_the_list_itself(office: Path) -> None:
    with (office / "ycaudit.toml").open("a") as settings:
        settings.write('[scan]\ntargets = "targets.yaml"\n')
    done = ycaudit("import", "list.xlsx", "--force", cwd=office)
    assert done.returncode == 0, done.stderr
    assert "a局" in (office / "targets.yaml").read_text(encoding="utf-8")
