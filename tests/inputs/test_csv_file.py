"""CSV files in every encoding and with every delimiter that offices use."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lists import csv_file, refusal, urls
from ycaudit.inputs import csv_file as csv_reader
from ycaudit.inputs.unit_list import read_list


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    text = '单位,网址,类别\r\n"教育\r\n局",http://a.cn/,学校\r\n\r\n财政局,http://b.cn/,学校\r\n'
    found = read_list(csv_file(tmp_path, text.replace(",", delimiter), encoding))
    assert [(u.name, u.number, u.tags) for u in found.units] == [
        ("教育 局", 2, ("学校",)),
        ("财政局", 4, ("学校",)),
    ]


def test_lines_that_end_as_on_old_macs_are_read(tmp_path: Path) -> None:
    found = read_list(csv_file(tmp_path, "单位,网址\r甲,http://a.cn/\r"))
    assert urls(found) == ["http://a.cn/"]


def test_a_delimiter_wrongly_guessed_is_tried_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "类别,网址\n" + "a;b;c;d,http://a.cn/\n" * 3
    monkeypatch.setattr(csv_reader, "_sniffed", lambda _text: ";")
    assert read_list(csv_file(tmp_path, text)).units[0].tags == ("a", "b", "c", "d")


def test_bytes_of_no_encoding_are_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("网址\n".encode() + b"\xff\xff\xff")
    assert refusal(path) == "neither UTF-8 nor GB18030 text; save it as .xlsx"
