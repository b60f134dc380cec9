"""The wrong inputs of people who are new: one sentence each, with the place first and the cure."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from support.wrong import WRONG, lay_out
from ycaudit import i18n, office_time
from ycaudit.cli import main

_RAW = re.compile(
    r"Errno|pydantic|Traceback|validation error|sqlite3?\.|yaml\.|No such file|Is a directory|"
    r"File exists|Usage:|[Ee]xception|_type\b|is_instance|Warning"
)
"""Words of libraries, drivers and systems, which no reader needs."""

NEEDS = {"--cluster": "distributed", "--timestamp": "rfc3161_client"}
"""What an extra brings: without it, that is what is told."""


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wrong")
    lay_out(folder)
    return folder


def said(
    line: str,
    language: str,
    folder: Path,
    patch: pytest.MonkeyPatch,
    capture: pytest.CaptureFixture[str],
) -> list[str]:
    """What is said of a line that was typed in this folder."""
    for option, library in NEEDS.items():
        if option in line:
            pytest.importorskip(library)
    words = shlex.split(line)
    for name in [name for name in os.environ if name.startswith("YCAUDIT_")]:
        patch.delenv(name)
    patch.setenv("YCAUDIT_HISTORY", str(folder / "history.sqlite3"))
    patch.setenv(i18n.VARIABLE, language)
    patch.setenv("COLUMNS", "160")
    while re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        patch.setenv(name, value)
    patch.setattr("sys.argv", ["ycaudit", *words])
    patch.chdir(folder)
    with pytest.raises(SystemExit) as left, i18n.in_language(language):
        main._run()
    office_time.use(office_time.CHINA)
    assert left.value.code == 2, capture.readouterr()
    got = capture.readouterr()
    assert not got.out
    return got.err.replace(str(folder), "HERE").splitlines()


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_input_is_told_in_one_sentence(
    line: str, laid_out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(line, "en", laid_out, monkeypatch, capsys)
    assert lines[0] == f"ycaudit: {WRONG[line]}"
    assert all(one.startswith("ycaudit: ") for one in lines)
    assert not _RAW.search("\n".join(lines))


@pytest.mark.parametrize("line", WRONG)
def test_and_in_chinese_by_the_same_template(
    line: str, laid_out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(line, "zh", laid_out, monkeypatch, capsys)
    assert all(one.startswith("ycaudit: ") for one in lines)
    assert not _RAW.search("\n".join(lines))


def test_the_list_is_long_and_has_every_command() -> None:
    from ycaudit.cli.commands import COMMANDS

    assert len(WRONG) >= 70
    typed = {word for line in WRONG for word in shlex.split(line)}
    assert set(COMMANDS) - typed <= {"demo", "doctor", "diff", "review"}
