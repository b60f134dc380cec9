"""Where outputs are written: what stands at their place stays what it is."""

from __future__ import annotations

import io
import os
import stat
import threading
from pathlib import Path

import pytest

from support.runs import run_of
from ycaudit.errors import AuditError
from ycaudit.report.outputs import Naming, Outputs

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and links of POSIX")


def write(*outputs: str) -> None:
    Outputs.of("", map(Path, outputs)).write(run_of("甲"), io.StringIO())


def flow(output: str, line: bytes) -> None:
    with Outputs.of("", [Path(output)]).flowing(io.StringIO()) as flows:
        for out in flows:
            out.write(line)


def test_what_takes_the_place_of_a_file_while_it_grows_is_no_bug(tmp_path: Path) -> None:
    place = tmp_path / "r.jsonl"
    with (
        pytest.raises(AuditError, match=r"cannot write .*r\.jsonl: this is a folder"),
        Outputs.of("", [place]).flowing(io.StringIO()) as flows,
    ):
        flows[0].write(b"{}\n")
        place.mkdir()


def test_who_was_named_is_noted_although_another_file_cannot_be_written(tmp_path: Path) -> None:
    noted: list[str] = []
    outputs = Outputs.of("", [tmp_path / "r.html", tmp_path / "通报.docx"])
    (tmp_path / "r.html").mkdir()
    with pytest.raises(AuditError, match="this is a folder; name a file"):
        outputs.write(
            run_of("甲"),
            io.StringIO(),
            naming=Naming(unreviewed=True),
            named=lambda: noted.append("named"),
        )
    assert (tmp_path / "通报.docx").is_file()
    assert noted == ["named"]


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    www = tmp_path / "www"
    www.mkdir()
    for name in ("r.html", "r.xlsx", "r.jsonl"):
        (www / name).write_bytes(b"of last night")
        (tmp_path / name).symlink_to(Path("www") / name)
    write(str(tmp_path / "r.html"), str(tmp_path / "r.xlsx"))
    flow(str(tmp_path / "r.jsonl"), b"{}\n")
    for name in ("r.html", "r.xlsx", "r.jsonl"):
        assert (tmp_path / name).is_symlink()
        assert (www / name).read_bytes() != b"of last night"
    assert sorted(p.name for p in www.iterdir()) == ["r.html", "r.jsonl", "r.xlsx"]


def test_a_link_to_what_is_missing_is_filled(tmp_path: Path) -> None:
    (tmp_path / "r.csv").symlink_to("later.csv")
    write(str(tmp_path / "r.csv"))
    assert "甲" in (tmp_path / "later.csv").read_text(encoding="utf-8-sig")


def test_links_in_a_circle_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "r.csv").symlink_to("r.csv")
    with pytest.raises(AuditError, match=r"r\.csv"):
        write(str(tmp_path / "r.csv"))


@pytest.mark.parametrize(("name", "begins"), [("r.csv", b"\xef\xbb\xbf"), ("r.xlsx", b"PK")])
def test_a_pipe_is_written_into(tmp_path: Path, name: str, begins: bytes) -> None:
    pipe = tmp_path / name
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(str(pipe))
    reader.join()
    assert got[0].startswith(begins)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_what_flows_is_written_into_a_pipe_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "r.jsonl"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    flow(str(pipe), b"{}\n")
    reader.join()
    assert got == [b"{}\n"]
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_device_stays_one_and_says_that_it_is_full(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")  # were the device replaced, only this would be
    with pytest.raises(AuditError, match="the disk is full"):
        write(f"csv:{tmp_path / 'full'}")
    assert (tmp_path / "full").is_symlink()
    assert Path("/dev/full").is_char_device()
