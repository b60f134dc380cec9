"""The desk as a program: it prints its address, and ends at Ctrl-C with all that is done kept."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
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


SILENT = 60


@pytest.fixture
def silent(tmp_path: Path, running_city: demo_city.City) -> Path:
    """A folder with the list of a unit that answers, and of so many on one host that never do that
    no machine is too slow to see one finished before all are given up."""
    port = running_city.port
    urls = [f"http://complies.city.test:{port}/"]
    urls += (f"http://stall.city.test:{port}/{n}" for n in range(SILENT))
    units = [f'  - {{id: "{n}", name: "{n}", url: "{url}"}}' for n, url in enumerate(urls)]
    (tmp_path / "targets.yaml").write_text("\n".join(["units:", *units]), encoding="utf-8")
    (tmp_path / "rules").mkdir()
    rules = (demo_city.folder() / "rules.yaml").read_bytes()
    (tmp_path / "rules" / "rules.yaml").write_bytes(rules)
    return tmp_path


@pytest.mark.parametrize(
    ("how", "in_background"),
    [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGTERM, True)],
)
def test_ctrl_c_ends_the_desk_and_keeps_what_a_check_has_finished(
    silent: Path, running_city: demo_city.City, how: signal.Signals, in_background: bool
) -> None:
    options = ("--allow-private", "--resolve", f"*:{running_city.port}:127.0.0.1")
    words = ("desk", "--no-open", "--observer", "static", "--timeout", "3000", "--by", "王敏")
    with started(*words, *options, cwd=silent, in_background=in_background) as process:
        with httpx.Client(trust_env=False, timeout=60, follow_redirects=True) as client:
            first = client.get(address_of(process))
            root = str(first.url).rstrip("/")
            origin = root.rpartition("/")[0]
            (token,) = set(re.findall(r'name="form_token" value="(\w+)"', first.text))
            form = {"form_token": token, "how": "whole"}
            page = client.post(f"{root}/check", data=form, headers={"Origin": origin})
            while f"已完成 0 / {SILENT + 1}" in page.text:
                page = client.get(f"{root}/check")
                assert "data-progress" in page.text
        process.send_signal(how)
        out, err = process.communicate(timeout=300)
    assert (process.returncode, out, err) == (0, "the desk is closed\n", "")
    with opened(silent / "history.sqlite3") as kept:
        run = kept.load("last")
    assert not run.complete
    assert 1 <= len(run.reports) <= SILENT


BROWSER = """
import signal, sys, urllib.request
signal.alarm(120)  # it does not outlive the test
with open(sys.argv[1], "w", encoding="utf-8") as told:
    try:
        told.write(urllib.request.urlopen(sys.argv[3], timeout=60).read().decode())
    except OSError as error:
        told.write(str(error))
open(sys.argv[2]).read()  # until a person closes it
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a named pipe")
def test_a_browser_that_returns_only_when_it_is_closed_gets_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, closed = tmp_path / "told", tmp_path / "closed"
    os.mkfifo(told)
    os.mkfifo(closed)
    (tmp_path / "browser.py").write_text(BROWSER, encoding="utf-8")
    words = [sys.executable, str(tmp_path / "browser.py"), str(told), str(closed)]
    monkeypatch.setenv("BROWSER", f"{shlex.join(words)} %s")
    monkeypatch.setenv("no_proxy", "*")
    with started("desk", cwd=tmp_path) as process:
        address_of(process)
        assert "历次检查" in told.read_text(encoding="utf-8")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        closed.write_bytes(b"")


def test_a_desk_that_cannot_begin_says_why(tmp_path: Path) -> None:
    (tmp_path / "ycaudit.toml").write_text("[letter]\nisuer = 'x'\n", encoding="utf-8")
    with started("desk", "--no-open", cwd=tmp_path) as process:
        out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (2, "")
    assert "did you mean 'issuer'" in err
