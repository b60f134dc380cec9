"""History: every run is kept whole, and what changed is told against what was last known."""

from __future__ import annotations

import copy
import io
import json
import pickle
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.history import PORTAL, START, run
from ycaudit.auditing.recorder import HistoryRecorder
from ycaudit.auditing.selection import Selection
from ycaudit.errors import AuditError
from ycaudit.model import Decision, Outcome, ScanRun, Target
from ycaudit.report.changes import lines_of
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.runs import past
from ycaudit.runs.decisions import decided, fingerprint
from ycaudit.runs.diff import Kind, compare, past_of
from ycaudit.runs.format_1 import read_run
from ycaudit.runs.history import LAST, History, opened
from ycaudit.runs.letter_log import LetterKey
from ycaudit.runs.report_store import StoredReports


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
    assert [entry.sites for entry in entries] == [2, 1, 2]
    assert entries[0].counts == {"fail": 2}
    assert entries[2].counts == {"pass": 1, "fail": 1}


def test_the_list_counts_as_persons_decided(file: Path) -> None:
    whole = run(0, a="+", b="-")
    kept(file, whole)
    made = Decision(outcome=Outcome.PASS, by="王", at=START, page=fingerprint(whole.reports[1]))
    with opened(file) as history:
        history.decide("b", "p", made)
        (entry,) = history.entries()
    assert entry.counts == {"pass": 2}


def test_what_is_not_there_or_not_clear_is_one_sentence(file: Path) -> None:
    kept(file, run(0, a="+"), run(1, a="+"))
    with opened(file) as history:
        with pytest.raises(AuditError, match="no run 'x'"):
            history.load("x")
        with pytest.raises(AuditError, match=r"begins several runs: [^…]*, [^…]*$"):
            history.load("202606")
        history.save(run(2, a="+"))
        with pytest.raises(AuditError, match=r"begins several runs: .*, .* …$"):
            history.load("202606")


def test_a_run_that_cannot_be_kept_leaves_the_others_intact(file: Path) -> None:
    kept(file, run(0, a="+"))
    broken = run(1, a="+", b="+")
    with opened(file) as history, pytest.raises(AuditError):
        history._db.execute("DROP TABLE verdicts")
        history.save(broken)
    with opened(file) as history:
        assert [entry.run.id for entry in history.entries()] == [run(0, a="+").id]


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
    assert told.names == {"c": "c局", "b": "b局"}
    assert [*lines_of(told)][-4:] == ["新增单位 1 家", "  c局", "不再列入的单位 1 家", "  b局"]


def test_later_runs_do_not_count_as_past(file: Path) -> None:
    first, second = run(0, a="-"), run(1, a="+")
    kept(file, first, second)
    with opened(file) as history:
        (change,) = compare(history.past(before=first), first).changes
    assert change.kind is Kind.NEWLY_FAILING


def test_two_runs_alone_can_be_compared() -> None:
    told = compare(past_of(run(0, a="-", b="+")), run(1, a="+", b="+"))
    assert [(c.unit, c.kind) for c in told.changes] == [("a", Kind.FIXED)]


def test_of_two_runs_alone_only_what_both_tell_is_told() -> None:
    """Others may stand between them, in which it was otherwise."""
    found = compare(past_of(run(0, a="-", b="?")), run(9, a="-", b="?"))
    lines = [*lines_of(found)]
    assert lines == ["仍未整改 1 项", "  a局  门户", "两次检查均未看到 1 个网站的首页", "  b局"]


def unit(name: str) -> Unit:
    target = Target(id=name, name=f"{name}局", url=f"http://{name}.test/")
    return Unit(target=target, requirements=(PORTAL,))


def recorder_of(
    history: History, chosen: str, looked_at: str, base: ScanRun | None = None, **more: Any
) -> HistoryRecorder:
    """Of a scan of these units, named by letters."""
    picked = Selection(tuple(map(unit, chosen)), tuple(map(unit, looked_at)), base)
    return HistoryRecorder(history, {}, picked, **more)


def test_a_second_look_at_some_units_is_completed_by_the_first(file: Path) -> None:
    base, again = run(0, a="+", b="-", c="?"), run(1, b="+")
    with opened(file) as history:
        recorder = recorder_of(history, "cba", "b", base)
        begun = recorder.begin(again.header.model_copy(update={"complete": False}))
        recorder.take(0, again.reports[0])
        whole = recorder.finish(begun.model_copy(update={"complete": True}))
        assert [(r.target.id, r.outcome) for r in whole.reports] == [
            ("c", "undetermined"),
            ("b", "pass"),
            ("a", "pass"),
        ]
        assert [r.checked_before for r in whole.reports] == [(), (START,), ()]
        assert (whole.carries, whole.partial) == (base.id, False)
        assert history.load(again.id) == whole


def test_what_is_finished_is_on_disk_before_the_next_is_begun(file: Path) -> None:
    whole = run(0, a="+", b="-")
    flow = io.BytesIO()
    with opened(file) as history:
        recorder = recorder_of(history, "ab", "ab", flows=[flow])
        recorder.begin(whole.header.model_copy(update={"complete": False}))
        recorder.take(1, whole.reports[1])
        with opened(file) as another:  # as after a kill -9
            begun = another.load(LAST)
        assert [r.target.id for r in begun.reports] == ["b"]
        assert not begun.complete
        assert [json.loads(line)["target"]["id"] for line in flow.getvalue().splitlines()] == ["b"]
        (entry,) = history.entries()
        assert (entry.sites, entry.run.complete) == (1, False)


def test_a_stored_run_is_told_in_every_format_as_one_in_memory(file: Path) -> None:
    whole = run(0, a="+", b="-", c="?")
    kept(file, whole)
    with opened(file) as history:
        stored = history.load(LAST)
    assert isinstance(stored.reports, StoredReports)
    for name, form in FORMATS.items():
        first, second = io.BytesIO(), io.BytesIO()
        form.render(whole, first)
        form.render(stored, second)
        assert first.getvalue() == second.getvalue(), name


def test_reports_are_read_in_brief_by_those_who_only_tell_of_verdicts(file: Path) -> None:
    whole = run(0, a="+", b="-")
    kept(file, whole)
    with opened(file) as history:
        stored = history.load(LAST)
    assert [len(r.observations[0].links) for r in stored.reports] == [1, 1]  # type: ignore[union-attr]
    short = list(stored.reports.briefs())
    assert [len(r.observations[0].links) for r in short] == [0, 0]  # type: ignore[union-attr]
    assert [r.verdicts for r in short] == [r.verdicts for r in whole.reports]
    assert list(stored.reports.briefs([1, 0])) == short[::-1]


@pytest.mark.parametrize("held", [1, 1000])
def test_reports_are_read_as_often_as_they_are_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr("ycaudit.runs.report_store.MAX_HELD", held)
    kept(file, run(0, a="+", b="-"))
    with opened(file) as history:
        reports = history.load(LAST).reports
    first = list(reports.briefs())
    assert [r.target.id for r in first] == ["a", "b"]
    again = list(reports.briefs())
    assert again == first
    assert (again[0] is first[0]) == (held > 1)  # a large run is not kept in memory


def test_a_stored_run_is_written_hashed_and_copied_like_any_other(file: Path) -> None:
    whole = run(0, a="+", b="-")
    kept(file, whole)
    with opened(file) as history:
        stored = history.load(LAST)
    assert stored.model_dump_json() == whole.model_dump_json()
    assert read_run(stored.model_dump_json()) == stored == whole
    assert hash(stored) == hash(whole)
    assert copy.deepcopy(stored) == stored
    assert pickle.loads(pickle.dumps(stored)) == stored


def test_runs_of_before_there_were_briefs_are_read_too(file: Path) -> None:
    whole = run(0, a="+", b="-")
    kept(file, whole)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE reports SET brief = NULL")
    with opened(file) as history:
        short = list(history.load(LAST).reports.briefs())
    assert [(r.outcome, len(r.observations[0].links)) for r in short] == [  # type: ignore[union-attr]
        ("pass", 0),
        ("fail", 0),
    ]


def test_a_decision_is_applied_to_a_stored_run_as_it_is_read(file: Path) -> None:
    whole = run(0, a="+", b="-")
    kept(file, whole)
    made = Decision(outcome=Outcome.PASS, by="王", at=START, page=fingerprint(whole.reports[1]))
    with opened(file) as history:
        settled = decided(history.load(LAST), {("b", "p"): [made]})
    assert [r.outcome for r in settled.reports] == ["pass", "pass"]
    assert [r.outcome for r in settled.reports.briefs()] == ["pass", "pass"]
    assert settled.outcome is Outcome.PASS


def test_the_notices_of_a_scan_take_the_place_of_those_before(file: Path) -> None:
    with opened(file) as history:
        assert history.letters.told() == frozenset()
        history.letters.note_told(["no browser", "no libzbar"])
    with opened(file) as history:
        assert history.letters.told() == {"no browser", "no libzbar"}
        history.letters.note_told(["no libzbar"])
        assert history.letters.told() == {"no libzbar"}


# --- whose evidence must stay ---


def test_evidence_is_relied_on_by_papers_letters_to_units_and_decisions(file: Path) -> None:
    runs = [run(day, a="-" if day < 3 else "?", b="+") for day in range(5)]
    ids = [one.id for one in runs]
    kept(file, *runs)
    with opened(file) as history:
        assert history.papers.relied_on(ids) == frozenset()
        history.letters.note_sent(LetterKey(run=ids[4], kind="office"), "li@city.test", START)
        assert history.papers.relied_on(ids) == frozenset()
        history.letters.note_sent(
            LetterKey(run=ids[0], kind="unit", unit="a"), "a@city.test", START
        )
        assert history.papers.relied_on(ids) == {ids[0]}
        history.papers.note_named(runs[1], START)
        assert history.papers.relied_on(ids) == {ids[0], ids[1]}
        assert history.papers.relied_on(ids[1:]) == {ids[1]}


def test_a_decision_rests_on_the_newest_run_that_shows_what_the_person_saw(file: Path) -> None:
    runs = [run(day, a="-" if day < 3 else "?") for day in range(5)]
    ids = [one.id for one in runs]
    kept(file, *runs)
    page = fingerprint(runs[0].reports[0])
    assert page is not None
    with opened(file) as history:
        history.decide("a", "p", Decision(outcome=Outcome.FAIL, by="li", at=START, page=page))
        assert history.papers.relied_on(ids) == {ids[2]}
        # Of the others there is no evidence in the folder: then it is the newest that has some.
        assert history.papers.relied_on([ids[0], ids[4]]) == {ids[0]}


def test_a_paper_about_a_run_that_was_judged_anew_rests_on_the_evidence_of_that(file: Path) -> None:
    first, again = run(0, a="-"), run(1, a="-")
    anew = again.header.model_copy(update={"judges": first.id}).with_reports(again.reports)
    kept(file, first, anew)
    with opened(file) as history:
        history.papers.note_named(anew, START)
        assert history.papers.relied_on([first.id]) == {first.id}


def test_what_was_known_of_a_unit_is_read_without_reading_the_run_once_a_verdict(
    file: Path,
) -> None:
    kept(file, run(0, a="+", b="-"), run(1, a="+", b="+"))
    with closing(sqlite3.connect(file)) as db:
        plan = db.execute(
            f"EXPLAIN QUERY PLAN {past._VERDICTS}", {"limit": "9999", "mine": ""}
        ).fetchall()
    assert any("reports_of_unit" in detail for *_, detail in plan), plan


def test_the_pages_of_a_run_are_told_in_the_order_of_its_list(file: Path) -> None:
    whole = run(0, a="+", b="-", c="?")
    kept(file, whole)
    with opened(file) as history:
        assert history.pages(whole.id) == [fingerprint(report) for report in whole.reports]
