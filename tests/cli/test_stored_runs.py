"""Run documents that commands are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import ycaudit


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("x", "（不是 JSON）"),
        ("[]", "（应是键值对）"),
        ('{"format": 7}', "（format: 应是以下之一：2）"),
        ('{"format": 2}', "（id: 缺失）"),
    ],
)
def test_what_is_no_run_document_is_refused_in_the_language_of_the_reader(
    tmp_path: Path, written: str, why: str
) -> None:
    (tmp_path / "run.json").write_text(written)
    done = ycaudit("--lang", "zh", "show", "run.json", cwd=tmp_path)
    assert done.returncode == 2
    assert why in done.stderr
