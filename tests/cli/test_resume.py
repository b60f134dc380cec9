"""Nothing lost: a killed scan goes on where it was, and trouble with files is a sentence."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.cli import finished, reach, started, ycaudit
from support.servers import Gate, gated
from ycaudit.auditing import demo_city

UNITS = 12
EARLY, LATE = "early", "late"
"""Units behind a gate: a scan that looks at one at a time is killed while it stands there."""
KNOWN = ("complies", EARLY, "nothing", "server-error")


@pytest.fixture
def gate() -> Iterator[Gate]:
    """The homepages of two units that let nobody through when told so."""
    with gated((demo_city.folder() / "nothing" / "site" / "index.html").read_bytes()) as gate:
        yield gate


@pytest.fixture
def lists(tmp_path: Path, running_city: demo_city.City, gate: Gate) -> Path:
    """A folder with a list of some units of the running city, and their rules."""
    lines = ["units:"]
    others = [name for name in running_city.cases if name not in KNOWN]
    for case in (*KNOWN, *others[: UNITS - len(KNOWN) - 1], LATE):
        url = f"http://{case}.city.test:{running_city.port}/"
        if case in (EARLY, LATE):
            url = gate.url(f"/{case}")
        lines.append(f'  - {{id: {case}, name: {case}, url: "{url}"}}')
    (tmp_path / "targets.yaml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "rules").mkdir()
    rules = (demo_city.folder() / "rules.yaml").read_bytes()
    (tmp_path / "rules" / "city.yaml").write_bytes(rules)
    return tmp_path


def killed_at(gate: Gate, unit: str, lists: Path, *words: object, history: Path) -> int:
    """A scan that is killed while it looks at this unit; returns how many reports are on disk."""
    gate.shut(f"/{unit}")
    with started("scan", *words, "--history", history, cwd=lists) as process:
        gate.wait_for_visitor()
        process.kill()
        process.wait()
    gate.open()
    return finished(history)


def settled(document: dict[str, Any]) -> list[tuple[object, ...]]:
    """What a run says, without times and order of looking."""
    return [
        (
            report["target"]["id"],
            report["outcome"],
            [(v["requirement"], v["outcome"], v["reason"]) for v in report["verdicts"]],
        )
        for report in document["reports"]
    ]


def test_a_killed_scan_goes_on_to_the_same_end(
    lists: Path, running_city: demo_city.City, gate: Gate
) -> None:
    common = (*reach(running_city), "--no-cache", "--jobs", "1")
    whole = lists / "whole.json"
    ycaudit("scan", *common, "--no-history", "--output", whole, "--evidence", "p0", cwd=lists)
    undisturbed = json.loads(whole.read_text(encoding="utf-8"))
    for unit in (EARLY, LATE):
        history = lists / f"{unit}.sqlite3"
        proof = f"proof-{unit}"
        words = (*common, "--evidence", proof)
        reports = killed_at(gate, unit, lists, *words, history=history)
        assert reports == 1 if unit == EARLY else 1 < reports < UNITS
        went_on = ycaudit(
            *("scan", *common, "--resume", "--history", history, "--evidence", proof),
            *("--output", "went-on.json", "--output", "went-on.jsonl"),
            cwd=lists,
        )
        assert (
            f"{reports} of {UNITS} units {'is' if reports == 1 else 'are'} finished"
            in went_on.stderr
        )
        document = json.loads((lists / "went-on.json").read_text(encoding="utf-8"))
        assert document["complete"]
        assert settled(document) == settled(undisturbed)
        told = [json.loads(line) for line in (lists / "went-on.jsonl").read_bytes().splitlines()]
        assert sorted(r["target"]["id"] for r in told) == sorted(t[0] for t in settled(document))
        assert ycaudit("verify", proof, cwd=lists).returncode == 0
        assert len(ycaudit("history", "--history", history, cwd=lists).stdout.splitlines()) == 1


def test_what_cannot_go_on_is_told(lists: Path, running_city: demo_city.City, gate: Gate) -> None:
    common = (*reach(running_city), "--jobs", "1")
    history = lists / "h.sqlite3"
    assert "no run is kept there yet" in ycaudit("scan", *common, "--resume", cwd=lists).stderr
    killed_at(gate, LATE, lists, *common, history=history)
    again = ("scan", *common, "--resume", "--history", history)
    assert "has changed" in ycaudit(*again, "--unit", "nothing", cwd=lists).stderr
    rules = lists / "rules" / "city.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert "the rules are others" in ycaudit(*again, cwd=lists).stderr
    rules.write_bytes((demo_city.folder() / "rules.yaml").read_bytes())
    assert "goes on" in ycaudit(*again, cwd=lists).stderr
    told = ycaudit(*again, cwd=lists).stderr
    assert "is complete" in told
    show = re.search(r"`ycaudit (show \S+) --output FILE` writes", told)
    assert show, told
    shown = ycaudit(*show[1].split(), "--history", history, "--output", "run.json", cwd=lists)
    assert shown.returncode == 0, shown.stderr
    assert json.loads((lists / "run.json").read_text("utf-8"))["complete"]
    assert "not with --only" in ycaudit(*again, "--only", "failed", cwd=lists).stderr


def test_a_locked_or_full_history_is_one_sentence_and_keeps_what_was(
    lists: Path, running_city: demo_city.City
) -> None:
    history = lists / "h.sqlite3"
    scan = ("scan", *reach(running_city), "--history", history, "--unit", "nothing")
    assert ycaudit(*scan, cwd=lists).returncode == 1
    with closing(sqlite3.connect(history)) as other:
        other.execute("BEGIN EXCLUSIVE")
        locked = ycaudit(*scan, cwd=lists)
    assert locked.returncode == 2
    assert locked.stderr.strip().endswith("another run uses it; try again when that has ended")
    assert "Traceback" not in locked.stderr
    assert len(ycaudit("history", "--history", history, cwd=lists).stdout.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX plays the full disk")
def test_a_full_disk_is_one_sentence_and_what_was_finished_goes_on(
    lists: Path, running_city: demo_city.City
) -> None:
    history = lists / "h.sqlite3"
    scan = ("scan", *reach(running_city), "--no-cache", "--history", history)
    assert ycaudit(*scan, "--unit", "nothing", cwd=lists).returncode == 1
    limited = "import resource, sys; n = int(sys.argv.pop(1)); sys.argv[0] = 'ycaudit'; "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)); "
    limited += "from ycaudit.cli.main import main; main()"
    full = subprocess.run(
        [sys.executable, "-c", limited, str(history.stat().st_size + 120_000), *map(str, scan)],
        cwd=lists, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert full.returncode == 2, full.stderr
    assert "Traceback" not in full.stderr
    assert "the history cannot be used" in full.stderr
    runs = ycaudit("history", "--history", history, cwd=lists).stdout.splitlines()
    assert len(runs) == 2
    assert "(interrupted)" in runs[0]
    assert "goes on" in ycaudit(*scan, "--resume", cwd=lists).stderr
    assert "(interrupted)" not in ycaudit("history", "--history", history, cwd=lists).stdout


def test_evidence_that_cannot_be_written_is_one_sentence(
    lists: Path, running_city: demo_city.City
) -> None:
    (lists / "proof").write_text("a file, where a folder should be")
    scan = ycaudit("scan", *reach(running_city), "--evidence", "proof", cwd=lists)
    assert scan.returncode == 2
    assert "proof" in scan.stderr
    assert "Traceback" not in scan.stderr


def test_a_suspect_run_says_so_first_and_names_nobody(
    lists: Path, running_city: demo_city.City
) -> None:
    seen = ycaudit("scan", *reach(running_city), cwd=lists)
    assert seen.returncode == 1
    nowhere = ("--allow-private", "--resolve", f"*:{running_city.port}:127.0.0.1")
    (lists / "targets.yaml").write_text(
        (lists / "targets.yaml").read_text("utf-8").replace(f":{running_city.port}/", ":9/"),
        encoding="utf-8",
    )
    scan = ycaudit(
        *("scan", *nowhere, "--resolve", "*:9:127.0.0.1", "--observer", "static"),
        *("--output", "c.docx", "--output", "r.html", "--output", "r.md", "--output", "r.json"),
        *("--output", "r.xml", "--output", "r.sarif", "--output", "r.xlsx"),
        cwd=lists,
    )
    assert scan.returncode == 2
    assert scan.stdout.startswith("本次检查存疑")
    assert "cannot be reached" in scan.stdout.splitlines()[1]
    assert "nobody is named in its name; --force names them all the same" in scan.stderr
    assert not (lists / "c.docx").exists()
    assert json.loads((lists / "r.json").read_text("utf-8"))["suspicions"]
    for name in ("r.html", "r.md", "r.xml", "r.sarif"):
        assert "本次检查存疑" in (lists / name).read_text("utf-8"), name
    mail = ycaudit("mail", "last", "--to-units", cwd=lists)
    assert mail.returncode == 2
    assert "no unit is written to without --force" in mail.stderr
    letter = ycaudit("mail", "last", "--to", "office@x.test", cwd=lists).stdout
    assert "Subject: 【存疑】" in letter
    forced = ycaudit("show", "last", "--force", "--unreviewed", "--output", "c.docx", cwd=lists)
    assert (lists / "c.docx").exists(), forced.stderr


def test_a_list_with_passwords_that_others_can_read_is_told_and_they_are_kept_out(
    lists: Path, running_city: demo_city.City
) -> None:
    targets = lists / "targets.yaml"
    secret = targets.read_text("utf-8").replace("http://", "http://clerk:hunter2@")
    targets.write_text(secret, encoding="utf-8")
    scan = ("scan", *reach(running_city), "--unit", "nothing", "--output", "run.json")
    told = ycaudit(*scan, "--evidence", "proof", cwd=lists)
    assert "chmod 600" in told.stderr
    written = [file.read_bytes() for file in (lists / "proof").rglob("*") if file.is_file()]
    written.append((lists / "run.json").read_bytes() + told.stdout.encode() + told.stderr.encode())
    assert [
        data[max(0, data.find(b"hunter2") - 200) :][:300] for data in written if b"hunter2" in data
    ] == []
    targets.chmod(0o600)
    assert "chmod 600" not in ycaudit(*scan, cwd=lists).stderr


def test_evidence_that_cannot_be_written_does_not_lose_what_is_finished(
    lists: Path, running_city: demo_city.City, gate: Gate
) -> None:
    gate.shut(f"/{LATE}")
    words = (*reach(running_city), "--jobs", "1", "--evidence", "proof", "--history", "h.sqlite3")
    with started("scan", *words, "--quiet", cwd=lists) as process:
        gate.wait_for_visitor()
        (lists / "proof").rename(lists / "moved")
        (lists / "proof").touch()
        gate.open()
        _, said = process.communicate()
    assert process.returncode == 2
    assert "cannot write proof/" in said
    assert "; what was finished is kept: go on with `ycaudit" in said
    (line,) = re.findall("`(ycaudit scan --resume --history h.sqlite3)`", said)
    (lists / "proof").unlink()
    (lists / "moved").rename(lists / "proof")
    went_on = ycaudit(*line.split()[1:], *words[:-2], "--fail-on", "never", cwd=lists)
    assert went_on.returncode == 0, went_on.stderr
    assert re.search(rf"goes on: [1-9]\d* of {UNITS} units are finished", went_on.stderr)


def test_a_report_that_cannot_be_written_is_told_with_the_line_that_writes_it_later(
    lists: Path, running_city: demo_city.City, gate: Gate
) -> None:
    gate.shut(f"/{EARLY}")
    outputs = ("--output", "a.html", "--output", "b.xlsx", "--output", "c.csv")
    words = (*reach(running_city), "--unit", EARLY, "--history", "h.sqlite3", *outputs)
    with started("scan", *words, cwd=lists) as process:
        gate.wait_for_visitor()
        for name in ("a.html", "b.xlsx"):
            (lists / name).mkdir()
        gate.open()
        _, said = process.communicate()
    assert process.returncode == 2
    assert "cannot write a.html: this is a folder; name a file, cannot write b.xlsx: " in said
    assert (lists / "c.csv").is_file()
    (line,) = re.findall("the run is kept: `ycaudit (.*)` writes this later", said)
    for name in ("a.html", "b.xlsx"):
        (lists / name).rmdir()
    assert ycaudit(*line.split(), cwd=lists).returncode == 0
    assert (lists / "a.html").is_file()
    assert (lists / "b.xlsx").is_file()


def test_a_scan_that_finishes_nothing_leaves_the_reports_of_the_night_before(
    lists: Path, running_city: demo_city.City, gate: Gate
) -> None:
    names = ("r.html", "r.xlsx", "r.jsonl")
    for name in names:
        (lists / name).write_text("of last night")
    gate.shut(f"/{EARLY}")
    outputs = [word for name in names for word in ("--output", name)]
    words = (*reach(running_city), "--unit", EARLY, "--quiet", "--history", "h.sqlite3", *outputs)
    with started("scan", *words, cwd=lists) as process:
        gate.wait_for_visitor()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    gate.open()
    assert process.returncode == 130
    assert "no unit was finished: no file is written, what was there stays" in said
    assert "go on with `ycaudit scan --resume --history h.sqlite3`" in said
    assert all((lists / name).read_text() == "of last night" for name in names)
    assert not [*lists.glob("*.part")]
