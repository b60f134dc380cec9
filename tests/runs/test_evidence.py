"""Evidence files: named by content, whole or not there, and pointed to by every verdict."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from PIL import Image

from support.browsers import needs_browser
from support.city import audited, options
from support.cli import ycaudit
from ycaudit.auditing import demo_city, service
from ycaudit.auditing.engine import header_of
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import load_rules
from ycaudit.model import MemoryReports, Policy, RunHeader, ScanRun, UnitReport
from ycaudit.runs.evidence import EvidenceStore, journal_of, write_whole
from ycaudit.runs.manifests import broken_files, manifests_in, unknown_files
from ycaudit.runs.manifests import prune as prune_sparing

OLD = 1_780_000_000
"""Seconds; before anything that a test writes."""


@dataclass(frozen=True)
class Proven:
    """A run and the folder of its proof."""

    run: ScanRun
    folder: Path

    def copied(self, folder: Path) -> Path:
        """A copy of the folder that a test may alter."""
        return Path(shutil.copytree(self.folder, folder / "proof"))

    def report(self, case: str) -> UnitReport:
        return next(report for report in self.run.reports if report.target.id == case)


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory, running_city: demo_city.City) -> Proven:
    folder = tmp_path_factory.mktemp("proven")
    cases = ("complies", "composite-strip", "dom-links")
    return Proven(audited(running_city, *cases, evidence=folder), folder)


def broken(folder: Path) -> list[str]:
    return [line for one in manifests_in(folder) for line in broken_files(folder, one.manifest)]


def manifest_file(folder: Path) -> Path:
    (file,) = (folder / "manifests").iterdir()
    return file


def finished_run(run: str = "r", *reports: UnitReport) -> ScanRun:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    header = header_of(Policy(name="规则", sha256="0"), started=now)
    ended = header.model_copy(update={"id": run, "complete": True})
    return ended.with_reports(MemoryReports(reports))


def kept(folder: Path, run: str, *contents: bytes, ends: bool = True) -> EvidenceStore:
    """The evidence of a run, written long ago."""
    store = EvidenceStore.opened(folder, 1 << 20, run=run)
    for content in contents:
        name = store.put("html", content, unit="u", url="http://u.test/")
        assert name is not None
        os.utime(folder / name, (OLD, OLD))
    if ends:
        store.finish(finished_run(run))
    return store


def prune(
    folder: Path, current: str, *, keep: int | None, max_bytes: int | None, relied_on: str = ""
) -> tuple[str, ...]:
    """Runs have one letter: those of `relied_on` stay, if they are asked about."""
    return prune_sparing(
        folder, current,
        keep=keep, max_bytes=max_bytes,
        relied_on=lambda runs: [run for run in runs if run in relied_on],
    )  # fmt: skip


def contents(folder: Path) -> set[bytes]:
    return {file.read_bytes() for file in folder.glob("??/*")}


def test_every_verdict_points_to_a_file_that_the_manifest_vouches_for(proven: Proven) -> None:
    manifest = json.loads(manifest_file(proven.folder).read_text(encoding="utf-8"))
    for verdict in proven.report("complies").verdicts:
        for evidence in verdict.evidence:
            assert evidence.file in manifest["files"]
    for name, entry in manifest["files"].items():
        data = (proven.folder / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"] == Path(name).name.split(".")[0]
    assert manifest["run"] == proven.run.id
    assert broken(proven.folder) == []


def test_a_code_is_cut_out_with_its_corners(proven: Proven) -> None:
    verdicts = proven.report("composite-strip").verdicts
    wechat = next(v for v in verdicts if v.requirement == "wechat")
    file = wechat.evidence[0].file
    assert file is not None
    with Image.open(proven.folder / file) as crop:
        assert crop.format == "PNG"
        assert max(crop.size) < 130  # one code of the strip, and not the strip


@needs_browser
@pytest.mark.browser
def test_a_browser_look_leaves_a_screenshot_with_what_was_found_framed(proven: Proven) -> None:
    manifest = json.loads(manifest_file(proven.folder).read_text(encoding="utf-8"))
    kinds = {
        entry["kind"]
        for entry in manifest["files"].values()
        if any(seen["unit"] == "dom-links" for seen in entry["seen"])
    }
    assert {"html", "headers", "screenshot", "framed", "image", "crop"} <= kinds
    verdicts = proven.report("dom-links").verdicts
    link = next(v for v in verdicts if v.requirement == "portal-news").evidence[0]
    assert link.where.box is not None
    assert manifest["files"][link.file]["kind"] == "framed"


def test_a_changed_file_is_noticed(tmp_path: Path, proven: Proven) -> None:
    folder = proven.copied(tmp_path)
    victim = next(folder.glob("*/*.png"))
    victim.write_bytes(b"other")
    assert broken(folder) == [f"{victim.relative_to(folder).as_posix()}: was changed"]
    victim.unlink()
    assert broken(folder) == [f"{victim.relative_to(folder).as_posix()}: is missing"]
    (folder / "more.txt").write_text("mine")
    assert list(unknown_files(folder, manifests_in(folder))) == ["more.txt"]


def test_a_manifest_cannot_point_out_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "proof"
    store = EvidenceStore.opened(folder, 1 << 20, run="r")
    store.put("html", b"<html>", unit="u", url="http://u.test/")
    store.finish(finished_run())
    manifest = manifest_file(folder)
    (tmp_path / "outside").write_bytes(b"<html>")
    (name,) = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(name, "../outside"))
    assert broken(folder) == ["../outside: lies outside the folder"]
    manifest.write_text("{}")
    with pytest.raises(AuditError, match="not a manifest"):
        manifests_in(folder)
    with pytest.raises(AuditError, match="is no evidence folder"):
        manifests_in(tmp_path / "nowhere")


def test_what_a_broken_off_run_has_kept_is_known_when_it_goes_on(tmp_path: Path) -> None:
    first = EvidenceStore.opened(tmp_path, 1 << 20, run="r")
    kept = first.put("html", b"<html>", unit="u", url="http://u.test/")
    lost = first.put("html", b"<html>2", unit="u", url="http://u.test/")
    assert kept and lost
    (tmp_path / lost).unlink()
    (journal,) = tmp_path.glob(".*.jsonl")
    with journal.open("ab") as out:
        out.write(b'{"name": "cut o')
    again = EvidenceStore.opened(tmp_path, 1 << 20, run="r")
    assert list(again.files) == [kept]
    assert again.written == len(b"<html>")
    again.finish(finished_run())
    assert not journal.exists()
    assert broken(tmp_path) == []


def test_evidence_is_capped_and_what_was_left_out_is_counted(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path, 10)
    assert store.put("html", b"12345678", unit="u", url="x") is not None
    assert store.put("html", b"12345678", unit="v", url="y") is not None  # the same, once
    assert store.put("html", b"abc", unit="u", url="x") is None
    assert (store.written, store.left_out) == (8, 1)


@pytest.mark.skipif(os.name != "posix", reason="links take rights of their own on Windows")
@pytest.mark.parametrize("link", ["ca", "manifests", ".r.jsonl"])
def test_no_link_in_the_folder_leads_evidence_out_of_it(tmp_path: Path, link: str) -> None:
    folder, outside = tmp_path / "proof", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    target = outside / "diary" if link.startswith(".") else outside
    (folder / link).symlink_to(target)
    assert hashlib.sha256(b"a").hexdigest().startswith("ca")
    with pytest.raises(AuditError, match="is a link, which evidence never follows"):
        kept(folder, "r", b"a")
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="links take rights of their own on Windows")
def test_a_file_behind_a_link_is_not_vouched_for(tmp_path: Path) -> None:
    kept(tmp_path, "r", b"a", ends=False)
    (file,) = tmp_path.glob("??/*")
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert EvidenceStore.opened(tmp_path, 1 << 20, run="r").files == {}


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(AuditError, match="cannot write"):
        EvidenceStore(file / "below", 10).put("html", b"x", unit="u", url="x")


def test_a_run_is_sealed_before_it_is_complete(
    tmp_path: Path, running_city: demo_city.City
) -> None:
    """So whoever kills the program leaves a run that goes on, or one that is sealed."""
    known: list[tuple[bool, int]] = []

    class Watching(MemoryRecorder):
        def finish(self, run: RunHeader) -> ScanRun:
            known.append((run.complete, len(list(tmp_path.glob("manifests/*.json")))))
            return super().finish(run)

    requirements, policy = load_rules([demo_city.folder() / "rules.yaml"])
    units = [u for u in running_city.units(requirements) if u.target.id == "complies"]
    request = service.Request(options=options(running_city), observer="static", evidence=tmp_path)
    run = service.run(units, policy, request, Watching())
    assert known == [(False, 0), (True, 1)]
    assert run.complete
    assert broken(tmp_path) == []
    assert list(tmp_path.glob(".*.jsonl")) == []


# --- several runs in one folder ---


def test_each_run_has_its_own_manifest_and_all_are_verified(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    kept(proof, "1", b"a", b"both")
    kept(proof, "2", b"b", b"both")
    files = {one.manifest.run: len(one.manifest.files) for one in manifests_in(proof)}
    assert files == {"1": 2, "2": 2}
    assert ycaudit("verify", proof).returncode == 0
    lost = hashlib.sha256(b"a").hexdigest()
    (proof / lost[:2] / f"{lost}.html.txt").unlink()
    every = ycaudit("verify", proof)
    assert (every.returncode, every.stdout.count("missing or changed")) == (1, 2)
    assert ycaudit("verify", proof, "--run", "1").returncode == 1
    assert ycaudit("verify", proof, "--run", "last").returncode == 0
    unknown = ycaudit("verify", proof, "--run", "3")
    assert "no manifest is of a run '3'; there are 1, 2" in unknown.stderr


def test_a_history_of_other_runs_is_told_once(tmp_path: Path) -> None:
    for run in "12":
        kept(tmp_path, run, run.encode())
    done = ycaudit("verify", tmp_path, "--history", tmp_path.parent / "other.sqlite3")
    assert done.returncode == 0
    assert done.stdout.count("other.sqlite3 knows none of these sums") == 1
    assert "knows no sum" not in done.stdout


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    one, two = (kept(tmp_path, run, run.encode(), b"both", ends=False) for run in "12")
    two.finish(finished_run("2"))
    # While the first goes on nothing is removed, and none of its files is unknown.
    with pytest.raises(AuditError, match="evidence of 1 older run is not removed yet: run 1 may"):
        prune(tmp_path, "2", keep=1, max_bytes=None)
    assert prune(tmp_path, "2", keep=2, max_bytes=None) == ()
    assert list(unknown_files(tmp_path, manifests_in(tmp_path))) == []
    one.finish(finished_run("1"))
    assert broken(tmp_path) == []
    assert [len(s.manifest.files) for s in manifests_in(tmp_path)] == [2, 2]


def test_only_the_newest_runs_are_kept_and_what_they_share_with_older_ones(tmp_path: Path) -> None:
    for run in "1234":
        kept(tmp_path, run, run.encode(), b"13" if run in "13" else b"24")
    assert prune(tmp_path, "4", keep=2, max_bytes=None) == ("2", "1")
    assert contents(tmp_path) == {b"3", b"4", b"13", b"24"}
    assert [one.manifest.run for one in manifests_in(tmp_path)] == ["3", "4"]
    assert broken(tmp_path) == []


def test_a_limit_over_all_runs_takes_the_oldest_and_never_the_current(tmp_path: Path) -> None:
    for run in "123":
        kept(tmp_path, run, run.encode() * 10)
    assert prune(tmp_path, "3", keep=None, max_bytes=25) == ("1",)
    assert contents(tmp_path) == {b"2" * 10, b"3" * 10}
    assert prune(tmp_path, "3", keep=None, max_bytes=1) == ("2",)
    assert broken(tmp_path) == []


def test_runs_that_something_rests_on_stay_and_take_no_place_of_the_newest(tmp_path: Path) -> None:
    for run in "12345":
        kept(tmp_path, run, run.encode() * 10, b"15" if run in "15" else b"234")
    assert prune(tmp_path, "5", keep=2, max_bytes=None, relied_on="2") == ("3", "1")
    assert [one.manifest.run for one in manifests_in(tmp_path)] == ["2", "4", "5"]
    assert prune(tmp_path, "5", keep=None, max_bytes=1, relied_on="2") == ("4",)
    assert contents(tmp_path) == {b"2" * 10, b"5" * 10, b"15", b"234"}
    assert broken(tmp_path) == []


def test_a_file_that_another_run_has_just_written_again_stays(tmp_path: Path) -> None:
    """As if a run had begun and written it after the journals were read."""
    kept(tmp_path, "1", b"a")
    kept(tmp_path, "2", b"b")
    file = next(f for f in tmp_path.glob("??/*") if f.read_bytes() == b"a")
    later = file.stat().st_mtime + 1e9
    os.utime(file, (later, later))
    assert prune(tmp_path, "2", keep=1, max_bytes=None) == ("1",)
    assert contents(tmp_path) == {b"a", b"b"}


def test_what_a_killed_run_left_behind_goes_with_the_others_in_time(tmp_path: Path) -> None:
    kept(tmp_path, "1", b"a", ends=False)
    kept(tmp_path, "2", b"b")
    os.utime(journal_of(tmp_path, "1"), (OLD, OLD))
    assert prune(tmp_path, "2", keep=1, max_bytes=None) == ("1",)
    assert contents(tmp_path) == {b"b"}
    assert not journal_of(tmp_path, "1").exists()


def test_what_was_carried_over_is_vouched_for_by_the_new_run_too(
    tmp_path: Path, proven: Proven
) -> None:
    """So its evidence stays when that of the first run goes."""
    first, folder = proven.report("complies"), proven.copied(tmp_path)
    store = EvidenceStore.opened(folder, 1 << 20, run="9")
    store.finish(finished_run("9", first))
    old, new = manifests_in(folder)
    assert new.manifest.run == "9"
    assert new.manifest.files.keys() <= old.manifest.files.keys()
    named = {e.file for v in first.verdicts for e in v.evidence}
    assert named <= new.manifest.files.keys()
    kinds = {name: entry.kind for name, entry in new.manifest.files.items()}
    assert kinds == {name: old.manifest.files[name].kind for name in kinds}


def test_a_folder_of_an_earlier_version_is_verified_and_added_to(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    kept(proof, "1", b"a")
    manifest_file(proof).rename(proof / "manifest.json")
    kept(proof, "2", b"b")
    assert [one.manifest.run for one in manifests_in(proof)] == ["1", "2"]
    assert ycaudit("verify", proof).stderr == ""
    assert prune(proof, "2", keep=1, max_bytes=None) == ("1",)
    assert not (proof / "manifest.json").exists()


def test_what_breaks_off_while_a_file_grows_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path, 1 << 20)
    with pytest.raises(ConnectionResetError), store.growing() as out:
        out.write(b"half")
        raise ConnectionResetError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes of this kind")
def test_who_may_read_a_file_stays_as_it_was_when_it_is_written_anew(tmp_path: Path) -> None:
    """A list with passwords is for its owner alone, as the page on security asks."""
    new, private, shared = (tmp_path / name for name in ("new", "private", "shared"))
    for path, mode in ((private, 0o600), (shared, 0o664)):
        path.write_bytes(b"old")
        path.chmod(mode)
    seen = []

    def write(out: IO[bytes]) -> None:
        seen.append(os.fstat(out.fileno()).st_mode & 0o777)
        out.write(b"new")

    umask = os.umask(0o022)
    try:
        for path in (new, private, shared):
            write_whole(path, write)
    finally:
        os.umask(umask)
    assert [path.stat().st_mode & 0o777 for path in (new, private, shared)] == [0o644, 0o600, 0o664]
    assert seen[1:] == [0o600, 0o600]  # nor while it is written
    assert private.read_bytes() == b"new"
