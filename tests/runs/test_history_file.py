"""The file of the history: private from the start, and left alone where it is not ours."""

from __future__ import annotations

import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.history import run
from ycaudit.errors import AuditError
from ycaudit.runs.history import LAST, opened
from ycaudit.runs.history_file import MIGRATIONS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "history.sqlite3"


def created(file: Path) -> None:
    with opened(file) as history:
        history.save(run(0, a="+"))


def test_only_the_owner_may_read_it(file: Path) -> None:
    created(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_else_may_read_it_at_any_moment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    connect = sqlite3.connect

    def noting(path: Path, **more: Any) -> sqlite3.Connection:
        modes.append(stat.S_IMODE(path.stat().st_mode))
        return connect(path, **more)

    monkeypatch.setattr(sqlite3, "connect", noting)
    with opened(file) as history:
        history.save(run(0, a="+"))
        modes += [stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()]
    assert len(modes) > 2  # the log beside it, too
    assert set(modes) == {0o600}


def test_a_file_of_another_kind_or_of_a_newer_program_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("no database, but long enough to look at it" * 50)
    with (
        pytest.raises(AuditError, match="history is damaged, or the file is none; put"),
        opened(file),
    ):
        pass
    assert file.read_text().startswith("no database")
    file.unlink()
    created(file)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(AuditError, match="newer ycaudit"), opened(file):
        pass


def read_all(file: Path) -> None:
    """What any command reads of it."""
    with opened(file) as history:
        list(history.entries())
        history.decisions()
        history.past()
        stored = history.load(LAST)
        list(stored.reports)
        list(stored.reports.briefs())
        history.suspicions(stored.id)


def test_bits_that_are_turned_over_are_one_sentence_wherever_they_are(file: Path) -> None:
    created(file)
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    whole, chance = file.read_bytes(), random.Random(7)
    told: set[str] = set()
    for _ in range(150):
        bits = bytearray(whole)
        for place in chance.sample(range(len(bits)), 40):
            bits[place] ^= 1 << chance.randrange(8)
        file.write_bytes(bits)
        try:
            read_all(file)
        except AuditError as error:
            told.add(str(error.message))
    assert any("the history is damaged" in sentence for sentence in told)
    assert all(sentence.startswith(f"{file}: ") or "newer ycaudit" in sentence for sentence in told)


def test_version_0_1_refuses_a_history_whose_reports_it_cannot_read(file: Path) -> None:
    created(file)
    with closing(sqlite3.connect(file)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    assert version > 5  # the number of 0.1
