"""Rounds of one list: judged anew, looked at again in part, proven to one unit."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.cli import ycaudit
from support.town import PORTAL, RULES, Town, built
from ycaudit.model import Decision, Outcome, ScanRun
from ycaudit.office_time import CHINA
from ycaudit.runs.decisions import decided, fingerprint
from ycaudit.runs.history import opened

LOOK = ("--allow-private", "--observer", "static", "--no-cache")
LENIENT = RULES.replace("[{host: p.test}]", "[{host: p.test}, {host: old.test}]")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with built() as town:
        town.pages = {"a": PORTAL, "b": '<a href="http://old.test/">门户</a>', "c": ""}
        town.write_list(tmp_path, a="甲局", b="乙局", c="丙局", d="丁局")
        yield town


def last(folder: Path, run: str = "last") -> ScanRun:
    """A run as the history has it, decided."""
    with opened(folder / "history.sqlite3") as history:
        return decided(history.load(run), history.decisions())


def outcomes(run: ScanRun) -> dict[str, str]:
    return {report.target.name: str(report.outcome) for report in run.reports}


def scan(folder: Path, *words: str, code: int = 1) -> str:
    done = ycaudit("scan", *LOOK, *words, cwd=folder)
    assert done.returncode == code, done.stderr
    return done.stdout


def decide(folder: Path, name: str, outcome: Outcome) -> None:
    run = last(folder)
    report = next(r for r in run.reports if r.target.name == name)
    made = Decision(outcome=outcome, by="王敏", at=run.finished_at, page=fingerprint(report))
    with opened(folder / "history.sqlite3") as history:
        history.decide(report.target.id, "portal", made)


def test_what_judge_makes_is_the_last_run_with_decisions_and_the_list_of_now(
    town: Town, tmp_path: Path
) -> None:
    scan(tmp_path)
    before = last(tmp_path)
    assert outcomes(before) == {
        "甲局": "pass",
        "乙局": "fail",
        "丙局": "fail",
        "丁局": "undetermined",
    }
    decide(tmp_path, "丁局", Outcome.FAIL)
    (tmp_path / "rules" / "rules.yaml").write_text(LENIENT, encoding="utf-8")
    with (tmp_path / "targets.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "waivers:\n  - {unit: c, requirement: portal, reason: 迁站, approved_by: 网信办, "
            "until: 2999-01-01}\n"
        )
    text = (tmp_path / "targets.yaml").read_text(encoding="utf-8")
    (tmp_path / "targets.yaml").write_text(text.replace("甲局", "甲新局"), encoding="utf-8")
    done = ycaudit("judge", "last", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    after = last(tmp_path)
    assert after.judges == before.id
    assert (after.started_at, after.finished_at) == (before.started_at, before.finished_at)
    assert outcomes(after) == {"甲新局": "pass", "乙局": "pass", "丙局": "waived", "丁局": "fail"}
    assert [r.verdicts[0].decision is not None for r in after.reports] == [False] * 3 + [True]
    # It stands in the place of the first: who failed then has not mended anything.
    assert "已整改" not in ycaudit("diff", cwd=tmp_path).stdout
    assert "改判（未重新检查） 2 项" in ycaudit("diff", before.id, cwd=tmp_path).stdout
    listed = ycaudit("history", cwd=tmp_path).stdout.splitlines()
    assert "(judges " in listed[0]
    assert "4 sites: 不合格 1，合格 2，豁免 1" in listed[0]
    assert "4 sites: 不合格 3，合格 1" in listed[1]  # as a person decided


def test_a_document_brings_its_decisions_along(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    decide(tmp_path, "丁局", Outcome.FAIL)
    ycaudit("show", "last", "--output", "run.json", cwd=tmp_path)
    (tmp_path / "history.sqlite3").unlink()  # another desk
    assert ycaudit("judge", "run.json", "--no-history", cwd=tmp_path).returncode == 1
    with opened(tmp_path / "history.sqlite3") as history:
        assert history.decisions() == {}
    assert ycaudit("judge", "run.json", cwd=tmp_path).returncode == 1
    assert outcomes(last(tmp_path))["丁局"] == "fail"


def test_judging_without_keeping_leaves_the_history_alone(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    before = last(tmp_path)
    done = ycaudit("judge", "last", "--no-history", "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["judges"] == before.id
    assert last(tmp_path).id == before.id


def test_judge_tells_what_the_list_and_the_run_do_not_share(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    town.write_list(tmp_path, a="甲局", b="乙局", e="戊局")
    done = ycaudit("judge", "last", cwd=tmp_path)
    assert "left out, since the list no longer has them: 丁局, 丙局" in done.stderr
    assert "not judged, since the run has not looked at them: 戊局" in done.stderr
    assert list(outcomes(last(tmp_path))) == ["甲局", "乙局"]
    alien = ycaudit("judge", "last", "--targets", "other.yaml", cwd=tmp_path)
    assert alien.returncode == 2


def test_what_is_carried_over_is_judged_by_the_rules_of_now(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    first = last(tmp_path)
    (tmp_path / "rules" / "rules.yaml").write_text(LENIENT, encoding="utf-8")
    town.pages["c"] = PORTAL
    scan(tmp_path, "--only", "failed", code=3)
    again = last(tmp_path)
    # 乙局 passes by the rules of now and is not looked at again; 丙局 is, and has mended it.
    assert outcomes(again) == {
        "甲局": "pass",
        "乙局": "pass",
        "丙局": "pass",
        "丁局": "undetermined",
    }
    assert again.carries == first.id
    assert [len(r.checked_before) for r in again.reports] == [0, 0, 1, 0]
    assert len({r.verdicts[0].why.code for r in list(again.reports)[:2]}) == 1
    told = ycaudit("diff", cwd=tmp_path).stdout
    assert "已整改 1 项\n  丙局  门户" in told
    assert "改判（未重新检查） 1 项\n  乙局  门户" in told
    assert "从未看到 1 个网站的首页\n  丁局  从未看到首页，已检 1 次" in told


def test_who_has_another_address_now_is_looked_at_again(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    town.pages["moved"] = PORTAL
    text = (tmp_path / "targets.yaml").read_text(encoding="utf-8")
    moved = text.replace(town.url("a"), town.url("moved"))
    (tmp_path / "targets.yaml").write_text(moved, encoding="utf-8")
    scan(tmp_path, "--only", "undetermined")
    found = {r.target.id: r for r in last(tmp_path).reports}
    assert found["a"].target.url == town.url("moved")
    assert found["a"].checked_before == ()  # this page was not looked at before


def test_where_nothing_is_to_be_looked_at_again_that_is_told(town: Town, tmp_path: Path) -> None:
    town.pages.update(b=PORTAL, c=PORTAL, d=PORTAL)
    scan(tmp_path, code=0)
    first = last(tmp_path).id
    done = ycaudit("scan", *LOOK, "--only", "undetermined", cwd=tmp_path)
    told = f"--only undetermined: nothing in run {first} is, so no unit is looked at again"
    assert told in done.stderr
    assert (
        "--only" not in ycaudit("scan", *LOOK, "--only", "failed", "--quiet", cwd=tmp_path).stderr
    )


def test_a_scan_of_a_part_is_never_the_last(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    whole = last(tmp_path)
    scan(tmp_path, "--unit", "乙局")
    assert last(tmp_path).id == whole.id
    listed = ycaudit("history", cwd=tmp_path).stdout.splitlines()
    assert "(a part of the list)" in listed[0]
    shown = ycaudit("show", "last", cwd=tmp_path)
    assert "4 units" in shown.stdout
    assert "is of a part of the list" in shown.stderr
    part = listed[0].split()[0]
    assert "1 unit " in ycaudit("show", part, cwd=tmp_path).stdout
    assert "不再列入" not in ycaudit("diff", cwd=tmp_path).stdout


def test_a_resumed_second_look_knows_of_the_first(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    first = last(tmp_path)
    scan(tmp_path, "--only", "failed")
    second = last(tmp_path)
    # As if it had been killed before it came to 丙局.
    with closing(sqlite3.connect(tmp_path / "history.sqlite3")) as db, db:
        db.execute("DELETE FROM reports WHERE run = ? AND unit = 'c'", (second.id,))
        header = second.header.model_copy(update={"complete": False})
    with opened(tmp_path / "history.sqlite3") as history:
        history.finish(header)
    scan(tmp_path, "--resume")
    resumed = {r.target.id: r for r in last(tmp_path).reports}
    (before,) = resumed["c"].checked_before
    assert before < second.started_at
    assert before > first.started_at
    assert list(resumed) == ["a", "b", "c", "d"]


def test_one_units_proof_is_a_zip_with_names_that_people_read(town: Town, tmp_path: Path) -> None:
    scan(tmp_path, "--evidence", "proof")
    run = last(tmp_path)
    words = ("show", "last", "--unit", "乙局", "--evidence", "proof", "--output", "证据包.zip")
    done = ycaudit(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    with zipfile.ZipFile(tmp_path / "证据包.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    reasons, *evidence, manifest = files
    assert reasons == "01_乙局/结论与原因.txt"
    assert manifest == f"证据清单_{run.id}.json"
    assert {name.rpartition("_")[2] for name in evidence} == {"网页源码.html.txt", "响应头.json"}
    text = files[reasons].decode("utf-8-sig")
    assert f"乙局  {town.url('b')}" in text
    assert f"{run.started_at.astimezone(CHINA):%Y-%m-%d %H:%M}" in text
    assert "✗ 门户：不合格" in text
    assert "http://old.test/" in text
    known = json.loads(files[manifest])["files"]
    for name in evidence:
        line = next(one for one in text.splitlines() if one.startswith(name.partition("/")[2]))
        _, file, digest = line.split("  ")
        assert known[file]["sha256"] == digest
    assert "丙局" not in text


def test_a_unit_of_which_no_run_knows_has_no_proof(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    done = ycaudit("show", "last", "--unit", "没有", "--output", "x.zip", cwd=tmp_path)
    assert done.returncode == 2
    assert "none of the 4 sites" in done.stderr
    assert not (tmp_path / "x.zip").exists()
    without = ycaudit("show", "last", "--unit", "乙局", "--output", "x.zip", cwd=tmp_path)
    assert without.returncode == 0
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        (reasons,) = archive.namelist()
        assert "以下证据文件未找到" not in archive.read(reasons).decode("utf-8-sig")


def test_a_copy_of_the_history_alone_is_complete(town: Town, tmp_path: Path) -> None:
    scan(tmp_path)
    with opened(tmp_path / "history.sqlite3"):  # another program has it open
        scan(tmp_path)
        run = last(tmp_path)
        shutil.copy(tmp_path / "history.sqlite3", tmp_path / "copy.sqlite3")
    with opened(tmp_path / "copy.sqlite3") as copy:
        assert copy.load("last") == run


def test_show_prints_the_table_only_where_nothing_else_is_asked_for(
    town: Town, tmp_path: Path
) -> None:
    quiet = scan(tmp_path, "--quiet", "--output", "run.json")
    assert quiet == ""
    assert ycaudit("show", "last", "--quiet", cwd=tmp_path).stdout == ""
    assert "┃" in ycaudit("show", "last", cwd=tmp_path).stdout
    written = ycaudit("show", "last", "--output", "v.csv", cwd=tmp_path)
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "v.csv").exists()
    asked = ycaudit("show", "last", "--quiet", "--format", "json", cwd=tmp_path)
    assert json.load(io.StringIO(asked.stdout))["format"] == 2
    wrong = ycaudit("show", "nothing", "--quiet", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "no run 'nothing'" in wrong.stderr


def test_two_lists_in_one_history_are_told(town: Town, tmp_path: Path) -> None:
    def told(**units: str) -> str:
        town.write_list(tmp_path, **units)
        return ycaudit("scan", *LOOK, cwd=tmp_path).stderr

    assert "--history" not in told(a="甲局", b="乙局", c="丙局", d="丁局")
    assert "--history" not in told(a="甲局", b="乙局", c="丙局")  # one is gone, it is no other
    assert "2 of the 3 sites of the last run" in told(a="甲局", d="丁局")
    assert "--history" not in told(a="甲局", d="丁局")
