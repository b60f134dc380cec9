"""`check --explain` answers why a unit got its verdict; `--verbose` adds the words of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import reach, ycaudit
from ycaudit.auditing import demo_city


def explained(lists: Path, there: demo_city.City, case: str, *words: str) -> tuple[int, str]:
    url = f"http://{case}.city.test:{there.port}/"
    done = ycaudit(
        "--lang", "en", "check", url, *reach(there), "--explain", "wechat", *words, cwd=lists
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("case", "code", "lines"),
    [
        ("complies", 0, ("clause: 三、3", "DEMO-yunjiang-fabu", "[seen as the page is loaded,")),
        ("nothing", 1, ("(no_qr_code)", "what to do: the unit corrects its homepage")),
        ("destroyed-code", 3, ("near: ", "(not_all_seen)", "(code_unread)", "what to do: ")),
        ("server-error", 3, ("the server answered 500 (http_status)",)),
    ],
)
def test_one_requirement_is_explained_by_witness_evidence_and_reasons(
    lists: Path, running_city: demo_city.City, case: str, code: int, lines: tuple[str, ...]
) -> None:
    returncode, out = explained(lists, running_city, case)
    assert returncode == code
    assert "witness: without a browser" in out
    for line in lines:
        assert line in out
    assert out.count("clause: ") == 1  # no other requirement


def test_the_words_of_libraries_are_shown_only_on_request_and_once(
    lists: Path, running_city: demo_city.City
) -> None:
    port = str(running_city.closed_port)
    there = ("--resolve", f"*:{port}:127.0.0.1", "--rules", str(lists / "rules"))
    words = ("check", f"http://closed.city.test:{port}/", "--allow-private", *there)
    quiet = ycaudit(*words, "--observer", "static", cwd=lists).stdout
    verbose = ycaudit(*words, "--observer", "static", "--verbose", cwd=lists).stdout
    assert "connection_refused: " not in quiet
    assert verbose.count("connection_refused: ") == 1


def test_an_unknown_requirement_is_answered_with_those_that_there_are(
    lists: Path, running_city: demo_city.City
) -> None:
    url = f"http://complies.city.test:{running_city.port}/"
    done = ycaudit("check", url, *reach(running_city), "--explain", "none", cwd=lists)
    assert done.returncode == 2
    assert "wechat" in done.stderr
