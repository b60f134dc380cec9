"""Files are told apart by their content; what cannot be read is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.lists import read_or_refuse, refusal


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 99, "damaged"),
        (
            "a.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password; save it as .xlsx",
        ),
        ("a.xlsx", b"", "save it as .xlsx"),
        ("a.xls", b"<html><table>", "save it as .xlsx"),
        ("a.xlsx", b"PK\x03\x04 cut off", "damaged"),
        ("a.csv", b'\xef\xbb\xbf"' + b"x" * 200_000, "not a CSV file"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert expected in refusal(tmp_path / name)
    assert "\n" not in refusal(tmp_path / name)


def test_no_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx") == "no such file"
    assert refusal(tmp_path) == "this is a folder; name a file"


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(33 << 20)
    assert refusal(tmp_path / "a.csv").startswith("larger than 32 MB")


@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.ods"]))
def test_arbitrary_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    read_or_refuse(tmp_path_factory.getbasetemp(), name, data)
