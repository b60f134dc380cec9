"""What stands beside the program: templates whose commands work, docs whose pictures exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.testing
import yaml

from ycaudit.cli.app import build
from ycaudit.cli.commands import COMMANDS

DEPLOY = Path(__file__).parents[1] / "deploy"
FILES = sorted(DEPLOY.iterdir())


def scans(text: str) -> list[list[str]]:
    """The words of every `ycaudit scan` in a template, folded lines joined."""
    joined = re.sub(r"\n\s+(?=--)", " ", text)
    lines = re.findall(r"(?<!\S)(?:\S*/)?ycaudit (scan[^\n>]*)", joined)
    return [shlex.split(line) for line in lines]


SCANNING = [f for f in FILES if f.name not in ("ycaudit.timer", "ycaudit-failure.service")]


@pytest.mark.parametrize("file", SCANNING, ids=lambda f: f.name)
def test_every_template_scans_with_options_that_exist(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SMTP_HOST": "x.test",
        "MAIL_FROM": "a@b.test",
        "MAIL_TO": "c@d.test",
    }.items():
        monkeypatch.setenv(f"YCAUDIT_{name}", value)
    found = scans(file.read_text(encoding="utf-8"))
    assert found
    for words in found:
        assert {"--mail", "--fail-on"} <= set(words)
        done = typer.testing.CliRunner().invoke(build(*COMMANDS), words)
        # The options are taken: what is missing is the list, and only that.
        assert "targets.yaml: no such file" in str(done.exception) + done.output


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_the_yaml_is_yaml_and_keeps_the_history_and_the_report(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert isinstance(yaml.safe_load(text), dict)
    for kept in ("history.sqlite3", "report.html", "table.xlsx"):
        assert text.count(kept) >= 2


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Their program and user are not here: instead of these, true and root."""
    for unit in DEPLOY.glob("ycaudit*.*"):
        text = unit.read_text(encoding="utf-8").replace("User=ycaudit", "User=root")
        text = text.replace("/srv/ycaudit/.venv/bin/ycaudit", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True, text=True, check=False, env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert said == []
    assert done.returncode == 0, done.stderr


def test_no_template_holds_a_secret() -> None:
    for file in FILES:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "PASSWORD" in line and not line.lstrip().startswith("#"):
                assert "secrets." in line


def test_every_picture_of_the_docs_is_there_and_none_is_there_for_nothing() -> None:
    root = DEPLOY.parent
    pages = [*root.glob("README*.md"), *sorted((root / "docs").glob("*.md"))]
    shown = {
        (page.parent / name).resolve()
        for page in pages
        for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert shown == {file.resolve() for file in (root / "docs" / "pictures").iterdir()}
    assert all(file.stat().st_size < 250_000 for file in shown)
