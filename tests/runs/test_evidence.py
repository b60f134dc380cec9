"""Evidence files: named by content, whole or not there, and pointed to by every verdict."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from support.browsers import needs_browser
from support.city import audited
from ycaudit.auditing import demo_city
from ycaudit.auditing.engine import header_of
from ycaudit.errors import AuditError
from ycaudit.model import MemoryReports, Policy, ScanRun
from ycaudit.runs.evidence import EvidenceStore, broken_files, manifest_of, unknown_files


def proven(there: demo_city.City, case: str, folder: Path) -> ScanRun:
    return audited(there, case, evidence=folder)


def broken(folder: Path) -> list[str]:
    return list(broken_files(folder, manifest_of(folder)[0]))


def finished_run() -> ScanRun:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    policy = Policy(name="规则", sha256="0")
    return (
        header_of(policy, started=now)
        .model_copy(update={"complete": True})
        .with_reports(MemoryReports())
    )


def test_every_verdict_points_to_a_file_that_the_manifest_vouches_for(
    tmp_path: Path, running_city: demo_city.City
) -> None:
    run = proven(running_city, "complies", tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    for verdict in run.reports[0].verdicts:
        for evidence in verdict.evidence:
            assert evidence.file in manifest["files"]
    for name, entry in manifest["files"].items():
        data = (tmp_path / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"] == Path(name).name.split(".")[0]
    assert manifest["run"] == run.id
    assert broken(tmp_path) == []


def test_a_code_is_cut_out_with_its_corners(tmp_path: Path, running_city: demo_city.City) -> None:
    run = proven(running_city, "composite-strip", tmp_path)
    wechat = next(v for v in run.reports[0].verdicts if v.requirement == "wechat")
    file = wechat.evidence[0].file
    assert file is not None
    with Image.open(tmp_path / file) as crop:
        assert crop.format == "PNG"
        assert max(crop.size) < 130  # one code of the strip, and not the strip


@needs_browser
@pytest.mark.browser
def test_a_browser_look_leaves_a_screenshot_with_what_was_found_framed(
    tmp_path: Path, running_city: demo_city.City
) -> None:
    run = proven(running_city, "dom-links", tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    kinds = {entry["kind"] for entry in manifest["files"].values()}
    assert {"html", "headers", "screenshot", "framed", "image", "crop"} <= kinds
    link = next(v for v in run.reports[0].verdicts if v.requirement == "portal-news").evidence[0]
    assert link.where.box is not None
    assert manifest["files"][link.file]["kind"] == "framed"


def test_a_changed_file_is_noticed(tmp_path: Path, running_city: demo_city.City) -> None:
    proven(running_city, "complies", tmp_path)
    victim = next(tmp_path.glob("*/*.png"))
    victim.write_bytes(b"other")
    assert broken(tmp_path) == [f"{victim.relative_to(tmp_path).as_posix()}: was changed"]
    victim.unlink()
    assert broken(tmp_path) == [f"{victim.relative_to(tmp_path).as_posix()}: is missing"]
    (tmp_path / "more.txt").write_text("mine")
    assert list(unknown_files(tmp_path, manifest_of(tmp_path)[0])) == ["more.txt"]


def test_a_manifest_cannot_point_out_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "proof"
    store = EvidenceStore.opened(folder, 1 << 20, run="r")
    store.put("html", b"<html>", unit="u", url="http://u.test/")
    store.finish(finished_run())
    manifest = folder / "manifest.json"
    (tmp_path / "outside").write_bytes(b"<html>")
    (name,) = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(name, "../outside"))
    assert broken(folder) == ["../outside: lies outside the folder"]
    manifest.write_text("{}")
    with pytest.raises(AuditError, match="not a manifest"):
        manifest_of(folder)
    with pytest.raises(AuditError, match="cannot be read"):
        manifest_of(tmp_path / "nowhere")


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


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(AuditError, match="cannot write"):
        EvidenceStore(file / "below", 10).put("html", b"x", unit="u", url="x")
