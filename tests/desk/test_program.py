"""The desk as a program: it prints its address, and ends at Ctrl-C with all that is done kept."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from support.cli import started
from ycaudit.auditing import demo_city
from ycaudit.runs.history import opened


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = re.fullmatch(r"the desk is open at (\S+)\n", process.stdout.readline())
    assert found is not None
    assert process.stdout.readline() == (
        "the address is for you alone, and holds until Ctrl-C ends the desk\n"
    )
    return found[1]


@pytest.fixture
def silent(tmp_path: Path, running_city: demo_city.City) -> Path:
    """A folder with the list of a unit that answers and of one that never does."""
    units = [
        f'  - {{id: {case}, name: {case}, url: "http://{case}.city.test:{running_city.port}/"}}'
        for case in ("complies", "stall")
    ]
    (tmp_path / "targets.yaml").write_text("\n".join(["units:", *units]), encoding="utf-8")
    (tmp_path / "rules").mkdir()
    rules = (demo_city.folder() / "rules.yaml").read_bytes()
    (tmp_path / "rules" / "rules.yaml").write_bytes(rules)
    return tmp_path


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_desk_and_keeps_what_a_check_has_finished(
    silent: Path, running_city: demo_city.City, how: signal.Signals
) -> None:
    options = ("--allow-private", "--resolve", f"*:{running_city.port}:127.0.0.1")
    words = ("desk", "--no-open", "--observer", "static", "--timeout", "3000", "--by", "王敏")
    with started(*words, *options, cwd=silent) as process:
        with httpx.Client(trust_env=False, timeout=60, follow_redirects=True) as client:
            first = client.get(address_of(process))
            root = str(first.url).rstrip("/")
            origin = root.rpartition("/")[0]
            (token,) = set(re.findall(r'name="form_token" value="(\w+)"', first.text))
            form = {"form_token": token, "how": "whole"}
            page = client.post(f"{root}/check", data=form, headers={"Origin": origin})
            while "已完成 1 / 2" not in page.text:
                page = client.get(f"{root}/check")
                assert "data-progress" in page.text
        process.send_signal(how)
        out, err = process.communicate(timeout=300)
    assert (process.returncode, out, err) == (0, "the desk is closed\n", "")
    with opened(silent / "history.sqlite3") as kept:
        run = kept.load("last")
    assert not run.complete
    assert [report.target.id for report in run.reports] == ["complies"]


def test_a_desk_that_cannot_begin_says_why(tmp_path: Path) -> None:
    (tmp_path / "ycaudit.toml").write_text("[letter]\nisuer = 'x'\n", encoding="utf-8")
    with started("desk", "--no-open", cwd=tmp_path) as process:
        out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (2, "")
    assert "did you mean 'issuer'" in err
