"""The file of the history: private from the start, and left alone where it is not ours."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.history import START, run
from ycaudit.errors import AuditError
from ycaudit.model import Decision, Outcome
from ycaudit.runs.decisions import decided, fingerprint
from ycaudit.runs.diff import Kind, compare
from ycaudit.runs.history import LAST, History, opened, opened_to_read
from ycaudit.runs.history_file import MIGRATIONS
from ycaudit.runs.letter_log import LetterKey


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


def all_of(history: History) -> list[str]:
    """What any command reads of it; the ids of the units of the last run."""
    list(history.entries())
    history.decisions()
    history.past()
    stored = history.load(LAST)
    list(stored.reports.briefs())
    history.suspicions(stored.id)
    return [report.target.id for report in stored.reports]


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system says it of a mount for reading; whoever runs the tests may be its master."""
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)


@pytest.mark.usefixtures("unwritable")
def test_where_nothing_can_be_written_all_is_read_and_nothing_made(file: Path) -> None:
    created(file)
    before = file.read_bytes()
    with opened_to_read(file) as history:
        assert all_of(history) == ["a"]
        assert [path.name for path in file.parent.iterdir()] == [file.name]
        with pytest.raises(AuditError, match="it cannot be written to"):
            history.letters.settle(run(0, a="+").header)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == before


@pytest.mark.usefixtures("unwritable")
def test_an_old_file_that_cannot_be_brought_up_to_date_is_told(file: Path) -> None:
    created(file)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    with pytest.raises(AuditError, match="older ycaudit, and nothing"), opened_to_read(file):
        pass


def test_what_is_missing_is_not_made_to_be_read(file: Path) -> None:
    with opened_to_read(file) as history:
        assert list(history.entries()) == []
        with pytest.raises(AuditError, match="no run is kept there yet"):
            history.load(LAST)
    assert not file.parent.exists()


def test_where_it_can_be_written_reading_brings_it_up_to_date(file: Path) -> None:
    file.parent.mkdir()
    shutil.copy(Path(__file__).with_name("format_1.sqlite3"), file)
    with opened_to_read(file) as history:
        assert all_of(history)


def read_all(file: Path) -> None:
    with opened(file) as history:
        all_of(history)


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


def test_side_files_that_others_could_read_are_closed_to_them(file: Path) -> None:
    """As an earlier version, or a copy by hand, may have left them."""
    created(file)
    with opened(file) as history:  # so that there are side files
        history.save(run(1, a="+"))
        for path in file.parent.iterdir():
            path.chmod(0o644)
        with opened(file):
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


def test_when_it_is_closed_all_of_it_is_in_one_file(file: Path) -> None:
    with opened(file) as other:  # keeps its side files there
        created(file)
        copy = file.with_name("copy.sqlite3")
        copy.write_bytes(file.read_bytes())
        assert other.load(LAST).id == run(0, a="+").id
    with opened(copy) as history:
        assert history.load(LAST) == run(0, a="+")


BEFORE = 6
"""The version of files of before decisions were kept by page and letters by unit."""


def of_version_6(file: Path) -> None:
    """The file as the version before wrote it."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as db, db:
        for script in MIGRATIONS[:BEFORE]:
            db.executescript(script)
        db.execute(f"PRAGMA user_version = {BEFORE}")
        one = run(0, a="-")
        (report,) = one.reports
        header, body = (zlib.compress(r.model_dump_json().encode()) for r in (one.header, report))
        started = "2026-06-01T08:00:00.000000+00:00"
        db.execute("INSERT INTO runs VALUES (?, ?, 1, 1, ?)", (one.id, started, header))
        row = (one.id, 0, "a", "fail", body, None, 0)
        db.execute("INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        db.execute("INSERT INTO verdicts VALUES (?, 'a', 'p', 'fail')", (one.id,))
        db.execute("INSERT INTO letters VALUES (?, 'w@city.test', 'then')", (one.id,))
        made = Decision(outcome=Outcome.FAIL, by="王", at=START, page=fingerprint(report))
        db.execute("INSERT INTO decisions VALUES ('a', 'p', ?)", (made.model_dump_json(),))


def test_a_file_of_the_version_before_keeps_its_decisions_letters_and_past(file: Path) -> None:
    of_version_6(file)
    with opened(file) as history:
        (report,) = decided(history.load(LAST), history.decisions()).reports
        assert report.verdicts[0].decision is not None
        office = LetterKey(run=run(0, a="-").id, kind="office")
        assert history.letters.was_sent(office, "w@city.test", "w@city.test")
        assert not history.letters.was_sent(office, "x@city.test", "x@city.test")
        later = run(9, a="-")
        (change,) = compare(history.past(before=later), later).changes
        history.decide("a", "p", report.verdicts[0].decision)
    assert (change.kind, change.since, change.times) == (Kind.STILL_FAILING, START, 2)


def test_a_damage_that_breaks_off_a_query_is_told_as_what_it_is(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as a lock, which the query around it still has when the file is closed."""
    with opened(file) as history:
        for day in range(3):
            history.save(run(day, a="+"))

    def malformed(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(History, "_shares_of_same", malformed)
    with pytest.raises(AuditError, match="the history is damaged"), opened(file) as history:
        history.suspicions(run(2, a="+").id)
