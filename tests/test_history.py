"""History: every run is kept whole, and what changed is told against what was last known."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import link, page, unseen
from ycaudit.diff import Kind, compare, merged, past_of
from ycaudit.errors import AuditError
from ycaudit.history import LAST, MIGRATIONS, opened
from ycaudit.model import Policy, ScanRun, Target, Tool, UnitReport
from ycaudit.requirements import LinkRequirement
from ycaudit.unit import Unit

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
PORTAL = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])
SIGHTS = {"+": page(link("http://p.test/")), "-": page(link("http://x.test/")), "?": unseen()}


def run(day: int, *, complete: bool = True, **units: str) -> ScanRun:
    """A run of that day; each unit shows the link (+), does not (-), or is down (?)."""
    reports = []
    for unit, what in units.items():
        target = Target(id=unit, name=f"{unit}局", url=f"http://{unit}.test/")
        sight = SIGHTS[what]
        verdicts = Unit(target=target, requirements=(PORTAL,)).judge(sight)
        reports.append(UnitReport(target=target, sights=(sight,), verdicts=verdicts))
    started = START + timedelta(days=day)
    return ScanRun(
        id=started.strftime("%Y%m%dT%H%M%S.%fZ"),
        tool=Tool(version="1"),
        rules=Policy(name="规则", sha256="0"),
        started_at=started,
        finished_at=started,
        complete=complete,
        reports=tuple(reports),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "history.sqlite3"


def kept(file: Path, *runs: ScanRun) -> None:
    with opened(file) as history:
        for one in runs:
            history.save(one)


def test_a_run_comes_back_as_it_was_kept(file: Path) -> None:
    whole = run(0, a="+", b="-", c="?")
    kept(file, whole)
    with opened(file) as history:
        assert history.load(whole.id) == whole
        assert history.load(LAST) == whole
        assert history.load(whole.id[:9]) == whole


def test_the_list_has_the_newest_first_with_its_figures(file: Path) -> None:
    kept(file, run(0, a="+", b="-"), run(2, a="-", b="-"), run(1, a="?"))
    with opened(file) as history:
        entries = list(history.entries())
    assert [entry.units for entry in entries] == [2, 1, 2]
    assert entries[0].counts == {"fail": 2}
    assert entries[2].counts == {"pass": 1, "fail": 1}


def test_what_is_not_there_or_not_clear_is_one_sentence(file: Path) -> None:
    kept(file, run(0, a="+"), run(1, a="+"))
    with opened(file) as history:
        with pytest.raises(AuditError, match="no run 'x'"):
            history.load("x")
        with pytest.raises(AuditError, match="begins several runs"):
            history.load("202606")


def test_only_the_owner_may_read_it(file: Path) -> None:
    kept(file, run(0, a="+"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_of_another_kind_or_of_a_newer_program_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("no database, but long enough to look at it" * 50)
    with pytest.raises(AuditError, match="history cannot be used"), opened(file):
        pass
    assert file.read_text().startswith("no database")
    file.unlink()
    kept(file, run(0, a="+"))
    with sqlite3.connect(file) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(AuditError, match="newer ycaudit"), opened(file):
        pass


def test_a_run_that_cannot_be_kept_leaves_the_others_intact(file: Path) -> None:
    kept(file, run(0, a="+"))
    broken = run(1, a="+", b="+")
    with opened(file) as history, pytest.raises(AuditError):
        history._db.execute("DROP TABLE verdicts")
        history.save(broken)
    with opened(file) as history:
        assert [entry.id for entry in history.entries()] == [run(0, a="+").id]


# --- what changed ---


def changes(file: Path, *runs: ScanRun) -> dict[str, Kind]:
    kept(file, *runs)
    with opened(file) as history:
        past = history.past(before=runs[-1])
    return {change.unit: change.kind for change in compare(past, runs[-1]).changes}


def test_a_change_is_told_against_the_last_determined_verdict(file: Path) -> None:
    assert changes(
        file,
        run(0, mended="-", still="-", fell="+", again="-", gone="+", quiet="+"),
        run(1, mended="?", still="-", fell="+", again="+", gone="+", quiet="+"),
        run(2, mended="+", still="-", fell="-", again="-", gone="?", quiet="+", new="-", fresh="+"),
    ) == {
        "mended": Kind.FIXED,
        "still": Kind.STILL_FAILING,
        "fell": Kind.NEWLY_FAILING,
        "again": Kind.RELAPSED,
        "gone": Kind.LOST_SIGHT,
        "new": Kind.NEWLY_FAILING,
    }


def test_since_when_it_fails_is_the_first_day_of_the_row(file: Path) -> None:
    runs = [run(day, a=what) for day, what in enumerate("-+-?--")]
    kept(file, *runs)
    with opened(file) as history:
        (change,) = compare(history.past(before=runs[-1]), runs[-1]).changes
    assert change.kind is Kind.STILL_FAILING
    assert change.since == START + timedelta(days=2)


def test_units_that_came_and_went_are_told_against_the_last_whole_run(file: Path) -> None:
    runs = [run(0, a="+", b="+"), run(1, complete=False, a="+"), run(2, a="+", c="+")]
    kept(file, *runs)
    with opened(file) as history:
        told = compare(history.past(before=runs[-1]), runs[-1])
    assert (told.added, told.removed) == (("c",), ("b",))


def test_later_runs_do_not_count_as_past(file: Path) -> None:
    first, second = run(0, a="-"), run(1, a="+")
    kept(file, first, second)
    with opened(file) as history:
        (change,) = compare(history.past(before=first), first).changes
    assert change.kind is Kind.NEWLY_FAILING


def test_two_runs_alone_can_be_compared() -> None:
    told = compare(past_of(run(0, a="-", b="+")), run(1, a="+", b="+"))
    assert [(c.unit, c.kind) for c in told.changes] == [("a", Kind.FIXED)]


def test_a_second_look_at_some_units_is_completed_by_the_first(file: Path) -> None:
    base, again = run(0, a="+", b="-", c="?"), run(1, b="+")
    whole = merged(base, again, ["c", "b", "a", "unknown"])
    assert [(r.target.id, r.outcome) for r in whole.reports] == [
        ("c", "undetermined"),
        ("b", "pass"),
        ("a", "pass"),
    ]
    assert whole.id == again.id
