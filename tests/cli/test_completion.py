"""A shell completes formats, observers and the runs that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.runs import run_of
from ycaudit.cli import main
from ycaudit.cli.stored_runs import stored
from ycaudit.runs.history import opened


def completed(
    line: str, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> list[str]:
    """What bash is offered at the end of the line."""
    patch.setattr("sys.argv", ["ycaudit"])
    patch.setenv("_YCAUDIT_COMPLETE", "complete_bash")
    patch.setenv("COMP_WORDS", line)
    patch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    with pytest.raises(SystemExit):
        main._run()
    return capture.readouterr().out.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ycaudit show --format j", ["json", "jsonl", "junit"]),
        ("ycaudit check --observer s", ["static"]),
        ("ycaudit scan --observer ", ["auto", "browser", "static"]),
        ("ycaudit sh", ["show"]),
    ],
)
def test_what_tables_hold_is_offered(
    line: str,
    offered: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sorted(completed(line, monkeypatch, capsys)) == offered


def test_stored_runs_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "h.sqlite3"
    monkeypatch.setenv("YCAUDIT_HISTORY", str(file))
    assert stored("") == []
    assert not file.exists(), "a completion makes no history"
    run = run_of()
    with opened(file) as history:
        history.save(run)
    assert completed("ycaudit show ", monkeypatch, capsys) == ["last", run.id]
    assert stored(run.id[:3]) == [run.id]


def test_a_damaged_history_offers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "h.sqlite3").write_bytes(b"no database" * 500)
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "h.sqlite3"))
    assert stored("") == []
