"""Options that nobody types: the line, the environment, the file, the defaults, in this order."""

from __future__ import annotations

import io
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cli import ycaudit
from support.runs import run_of
from ycaudit.cli import doctor, main, office_tables, settings, validate
from ycaudit.cli.app import tree
from ycaudit.cli.commands import COMMANDS
from ycaudit.errors import AuditError, ConfigError
from ycaudit.report.letterhead import Letterhead
from ycaudit.runs.office_settings import Hearing, Threshold

PROGRAM = tree("scan", "check", "show")


def said(text: str, environment: dict[str, str] | None = None, *, name: str = "x.toml") -> Any:
    """What a file and the environment say to the commands."""
    found = settings.Settings(Path(name), text, tomllib.loads(text))
    return settings.defaults_of(PROGRAM, COMMANDS, found, environment or {}, whole=lambda: PROGRAM)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        said(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_key_for_all_commands_goes_to_those_that_have_the_option() -> None:
    values = said('resolve = ["a", "b"]\n')
    assert values["scan"] == values["check"] == {"resolve": ["a", "b"]}
    assert values["show"] == {}


def test_a_command_s_own_table_comes_before_what_is_for_all() -> None:
    values = said("timeout = 9\n[scan]\ntimeout = 8\n")
    assert values["scan"] == {"timeout": 8}
    assert values["check"] == {"timeout": 9}


def test_the_environment_comes_before_the_file_and_the_command_s_own_variable_first() -> None:
    text = "timeout = 9\n"
    assert said(text, {"YCAUDIT_TIMEOUT": "7"})["scan"] == {"timeout": "7"}
    both = {"YCAUDIT_TIMEOUT": "7", "YCAUDIT_SCAN_TIMEOUT": "6"}
    assert said(text, both)["scan"] == {"timeout": "6"}
    assert said(text, both)["check"] == {"timeout": "7"}


def test_a_variable_with_a_name_of_its_own_comes_before_the_file_too() -> None:
    text = 'to = ["w@city.test"]\nhistory = "a.sqlite3"\n'
    assert said(text)["scan"] == {"mail_to": ["w@city.test"], "history": "a.sqlite3"}
    own = {"YCAUDIT_MAIL_TO": "li@city.test", "YCAUDIT_HISTORY": "b.sqlite3"}
    assert said(text, own)["scan"] == {"history": "b.sqlite3"}  # what sends reads the other itself


def test_a_variable_may_hold_several_words_where_the_option_is_repeatable() -> None:
    assert said("", {"YCAUDIT_OUTPUT": "a.html b.xlsx"})["scan"]["output"] == ["a.html", "b.xlsx"]


def test_dashes_and_underscores_are_the_same() -> None:
    assert (
        said('fail_on = "fail"')["scan"] == said('fail-on = "fail"')["scan"] == {"fail_on": "fail"}
    )


def test_every_mistake_is_told_with_its_line() -> None:
    text = 'links = 3\n\n[scan]\njobs = "x"\nforce = true\nobservr = "static"\n'
    assert problems(text) == [
        "x.toml:1: no command has an option 'links'",
        "x.toml:4: jobs: must be a whole number",
        "x.toml:5: force must be typed each time",
        "x.toml:6: `ycaudit scan` has no option 'observr'; did you mean 'observer'?",
    ]


def test_what_names_people_or_writes_to_them_is_never_taken_from_the_environment() -> None:
    held = {f"YCAUDIT_{word.upper()}": "1" for word in settings.TYPED}
    assert said("", held)["scan"] == said("", held)["show"] == {}


def test_a_table_where_a_value_should_be_is_told() -> None:
    assert problems("scan = 1\n") == ["x.toml:1: [scan] must be a table"]


def test_ycaudit_toml_comes_before_pyproject_and_a_named_file_before_both(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.ycaudit]\njobs = 1\n", encoding="utf-8")
    assert settings.find(tmp_path, {}) == settings.Settings(
        project, "[tool.ycaudit]\njobs = 1\n", {"jobs": 1}
    )
    (tmp_path / "ycaudit.toml").write_text("jobs = 2\n", encoding="utf-8")
    found = settings.find(tmp_path, {})
    assert found is not None
    assert found.table == {"jobs": 2}
    named = tmp_path / "other.toml"
    named.write_text("jobs = 3\n", encoding="utf-8")
    found = settings.find(tmp_path, {"YCAUDIT_CONFIG": str(named)})
    assert found is not None
    assert found.table == {"jobs": 3}


def test_a_broken_file_is_a_sentence_but_a_broken_pyproject_is_somebody_else_s(
    tmp_path: Path,
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool", encoding="utf-8")
    assert settings.find(tmp_path, {}) is None
    (tmp_path / "ycaudit.toml").write_text("jobs = ", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"ycaudit.toml:1: is no TOML"):
        settings.find(tmp_path, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        settings.find(tmp_path, {"YCAUDIT_CONFIG": "nowhere.toml"})


@given(st.lists(st.sampled_from(["scan", "--lang", "--lang=en", "zh", "x", "--", "--format"])))
def test_the_line_keeps_all_but_the_early_options(words: list[str]) -> None:
    environment: dict[str, str] = {}
    try:
        rest = settings.early(words, environment)
    except AuditError:
        assert "--lang" in words
        return
    before = words[: words.index("--")] if "--" in words else words
    assert (
        not any(word.startswith("--lang") for word in rest[: rest.index("--")])
        if ("--" in rest)
        else not any(word.startswith("--lang") for word in rest)
    )
    assert [w for w in rest if w in ("scan", "x", "--format")] == [
        w for w in words if w in ("scan", "x", "--format")
    ]
    assert ("YCAUDIT_LANG" in environment) == any(w.startswith("--lang") for w in before)


def test_the_file_of_the_folder_is_used_and_what_is_typed_wins(lists: Path) -> None:
    (lists / "ycaudit.toml").write_text('format = "nonsense"\n', encoding="utf-8")
    wrong = ycaudit("scan", cwd=lists)
    assert wrong.returncode == 2
    assert "--format 'nonsense': choose one of" in wrong.stderr
    typed = ycaudit("scan", "--format", "json", "--only", "nothing", cwd=lists)
    assert "nonsense" not in typed.stderr


def test_messages_can_be_json_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("units: []\nx: 1\n", encoding="utf-8")
    done = ycaudit("validate", "--log-format", "json", cwd=tmp_path)
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 2
    assert {entry["level"] for entry in entries} == {"error"}
    assert all(entry["time"] and entry["message"] for entry in entries)


def test_a_list_may_come_from_stdin_and_a_report_go_to_stdout(lists: Path) -> None:
    import os
    import subprocess
    import sys

    text = (lists / "targets.yaml").read_bytes()
    words = [sys.executable, "-m", "ycaudit", "scan", "-", "--timeout", "120", "--output", "csv:-"]
    words += ["--format", "markdown", "--observer", "static", "--no-history", "--no-cache"]
    done = subprocess.run(
        words, input=text, capture_output=True, cwd=lists, check=False, env=os.environ
    )
    out = done.stdout.decode()
    assert done.returncode == 3, done.stderr
    assert out.count("server-error") >= 2  # in the table of Markdown, and in the CSV behind it
    shown = subprocess.run(
        [sys.executable, "-m", "ycaudit", "show", "-"],
        input=b"{}",
        capture_output=True,
        cwd=lists,
        check=False,
    )
    assert b"-: not a run document" in shown.stderr


def test_colours_go_where_people_look_unless_they_want_none(lists: Path) -> None:
    def coloured(**environment: str) -> bool:
        from ycaudit.report.formats import FORMATS

        class Screen(io.BytesIO):
            def isatty(self) -> bool:
                return True

        with pytest.MonkeyPatch.context() as patch:
            for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
                patch.delenv(name, raising=False)
            for name, value in {"TERM": "xterm-256color", **environment}.items():
                patch.setenv(name, value)
            out = Screen()
            FORMATS["table"].render(run_of("x"), out)
        return re.search(rb"\x1b\[[0-9;]*3\dm", out.getvalue()) is not None

    assert coloured()
    assert not coloured(NO_COLOR="1")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(shell: str) -> None:
    import os
    import subprocess
    import sys

    ending = {"bash": "complete_bash", "zsh": "complete_zsh", "fish": "complete_fish"}[shell]
    environment = {
        **os.environ,
        "_YCAUDIT_COMPLETE": ending,
        "COMP_WORDS": "ycaudit doc",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "ycaudit doc",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [Path(sys.executable).parent / "ycaudit"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "doctor" in done.stdout, done.stderr


def letter(text: str) -> Letterhead:
    return office_tables.letterhead_of(settings.Settings(Path("x.toml"), text, tomllib.loads(text)))


def test_the_office_says_in_a_table_of_its_own_who_it_is() -> None:
    said_of = 'issuer = "市府办"\nnumber = "云办〔2026〕1号"\ncontact = "张三"\nphone = "6251234"\n'
    for deadline in ("2026-07-15", '"2026-07-15"'):
        found = letter(f"[letter]\n{said_of}deadline = {deadline}\n")
        assert found == Letterhead(
            "市府办", "云办〔2026〕1号", date(2026, 7, 15), "张三", "6251234"
        )
    assert letter('[letter]\nissuer = "20260715"\n') == Letterhead("20260715")
    assert letter("") == office_tables.letterhead_of(None) == Letterhead()


def test_the_table_of_the_office_is_no_command_and_no_option() -> None:
    assert said('[letter]\nissuer = "市府办"\n')["scan"] == {}


def test_mistakes_about_the_office_are_told_with_their_lines() -> None:
    text = '[letter]\nissuer = 3\ndeadline = "im Juli"\nphones = "1"\n'
    with pytest.raises(ConfigError) as caught:
        letter(text)
    assert list(map(str, caught.value.problems)) == [
        "x.toml:2: issuer must be text in quotes",
        "x.toml:3: deadline 'im Juli' is no day; write it like 2026-07-15",
        "x.toml:4: [letter] has no key 'phones'; did you mean 'phone'?",
    ]
    with pytest.raises(ConfigError, match=r"x.toml:1: \[letter\] must be a table"):
        letter("letter = 3\n")


def test_a_mistake_about_the_office_stops_a_command_before_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.toml"
    file.write_text("[letter]\nissue = 'a'\n", encoding="utf-8")
    monkeypatch.setenv("YCAUDIT_CONFIG", str(file))
    done = ycaudit("history")
    assert done.returncode == 2
    assert "did you mean 'issuer'" in done.stderr


def test_a_word_that_is_an_option_and_a_command_is_the_option_where_it_is_no_table() -> None:
    both = tree("scan", "history")
    text = 'history = "kept.sqlite3"\n'
    found = settings.Settings(Path("x.toml"), text, tomllib.loads(text))
    values = settings.defaults_of(both, COMMANDS, found, {}, whole=lambda: both)
    assert values["scan"] == values["history"] == {"history": "kept.sqlite3"}


def test_the_doctor_tells_what_is_wrong_with_the_settings_and_goes_by_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["ycaudit", "doctor"])
    monkeypatch.setattr(doctor, "CHECKS", (doctor._history, doctor._files))
    monkeypatch.delenv("YCAUDIT_HISTORY", raising=False)
    (tmp_path / "ycaudit.toml").write_text('history = "mine.sqlite3"\n', encoding="utf-8")
    with pytest.raises(SystemExit):
        main._run()
    assert "begins it at mine.sqlite3" in capsys.readouterr().out
    (tmp_path / "ycaudit.toml").write_text("jbos = 3\n[scan]\njobs = 0\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main._run()
    assert left.value.code == 1
    out = capsys.readouterr().out.replace("：", ": ")
    assert "settings: ycaudit.toml:1: no command has an option 'jbos'" in out
    assert "settings: ycaudit.toml:3: jobs: must be at least 1" in out


def test_validate_finds_the_mistakes_in_what_is_said_to_other_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ycaudit.toml").write_text('[scan]\njbos = 3\njobs = "drei"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        validate.command()
    assert "ycaudit.toml:2: `ycaudit scan` has no option 'jbos'" in str(caught.value)
    assert "ycaudit.toml:3: jobs" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "variable"),
    [("lang", "YCAUDIT_LANG"), ("log-format", "YCAUDIT_LOG_FORMAT"), ("log_format", "_FORMAT")],
)
def test_what_must_be_known_before_the_file_is_read_is_told_with_its_variable(
    key: str, variable: str
) -> None:
    program = tree("scan")
    with pytest.raises(ConfigError, match=rf"x.toml:1: {key} is not set here.*{variable}"):
        settings.defaults_of(
            program, COMMANDS, office(f'{key} = "zh"\n'), {}, whole=lambda: program
        )


# --- what an office has set ---


def office(text: str) -> settings.Settings:
    return settings.Settings(Path("x.toml"), text, tomllib.loads(text))


def test_a_threshold_is_what_the_office_says_with_its_source() -> None:
    text = "[unreachable]\ndays = 7\nchecks = 20\nper_day = 20\nshare = 5\nsource = 's'\n"
    found = office_tables.threshold_of(office(text))
    assert found == Threshold(days=7, checks=20, share=5, source="s", per_day=20)
    assert office_tables.threshold_of(office("")) is None
    assert office_tables.hearing_of(None) == Hearing(persons=1, days=None)
    assert office_tables.hearing_of(office("[hearing]\npersons = 2\ndays = 10\n")) == Hearing(2, 10)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[unreachable]\ndays = 7\n", ["lacks checks", "lacks share", "lacks source"]),
        ("[hearing]\ndays = 0\n", ["x.toml:2: days must be a whole number from 1 to 366"]),
        ("[hearing]\npersons = true\n", ["persons must be a whole number from 1 to 9"]),
        ("[hearing]\nday = 5\n", ["[hearing] has no key 'day'; did you mean 'days'?"]),
        (
            "[unreachable]\ndays = 7\nchecks = 20\nshare = 500\nsource = 's'\n",
            ["x.toml:4: share must be a number of per cent, above 0 and up to 100"],
        ),
        (
            "[unreachable]\ndays = 7\nchecks = 20\nshare = 5\nsource = ' '\n",
            ["[unreachable] source is empty: say which rule sets this threshold"],
        ),
    ],
)
def test_what_an_office_cannot_mean_is_told_with_its_line(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        office_tables.check(office(text))
    for sentence in told:
        assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("file", "variable", "place"),
    [
        ('format = "nonsense"\n', "", "ycaudit.toml:1: --format 'nonsense': choose one of"),
        ('\n[scan]\nfail-on = "x"\n', "", "ycaudit.toml:3: --fail-on 'x': choose one of"),
        ('jobs = 1\nproxy = "socks5://x:1"\n', "", "ycaudit.toml:2: --proxy: write http://"),
        ("", "YCAUDIT_OBSERVER=firefox", "YCAUDIT_OBSERVER: --observer 'firefox': choose one of"),
        ("", "YCAUDIT_SCAN_MAIL_ON=x", "YCAUDIT_SCAN_MAIL_ON: --mail-on 'x': choose one of"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_told_with_its_place(
    lists: Path, monkeypatch: pytest.MonkeyPatch, file: str, variable: str, place: str
) -> None:
    (lists / "ycaudit.toml").write_text(file, encoding="utf-8")
    if variable:
        monkeypatch.setenv(*variable.split("="))
    for name, value in (("MAIL_TO", "a@b.test"), ("MAIL_FROM", "a@b.test"), ("SMTP_HOST", "b")):
        monkeypatch.setenv(f"YCAUDIT_{name}", value)
    done = ycaudit("scan", "--mail", cwd=lists)
    assert done.returncode == 2
    assert f"ycaudit: {place}" in done.stderr
    option = place.split("--")[1].partition(":")[0].split()[0]
    typed = ycaudit("scan", "--mail", f"--{option}", "typed", cwd=lists)
    assert f"ycaudit: --{option}" in typed.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('fail-on = "some"\n', "ycaudit.toml:1: --fail-on 'some': choose one of fail"),
        ('[scan]\nonly = "some"\n', "ycaudit.toml:2: --only 'some': choose one of failed"),
        ('attach = ["pdf"]\n', "ycaudit.toml:1: --attach 'pdf': choose one of"),
        ('[mail]\nto = "a@b.test"\n', 'ycaudit.toml:2: to: write a list: ["a@b.test"]'),
        ('output = "报告.html"\n', 'ycaudit.toml:1: output: write a list: ["报告.html"]'),
        ("[scan]\njobs = 1\njobs = 2\n", "ycaudit.toml:3: this key or table is in the file"),
        ("[scan]\n[mail]\n[scan]\n", "ycaudit.toml:3: this key or table is in the file"),
        ("[letter]\ndeadline = 2026-13-40\n", "ycaudit.toml:2: '2026-13-40': the calendar has"),
        ("[letter]\ndeadline = 2026-02-30\n", "ycaudit.toml:2: '2026-02-30': the calendar has"),
    ],
)
def test_validate_tells_what_is_wrong_with_the_settings_of_every_command(
    lists: Path, text: str, told: str
) -> None:
    (lists / "ycaudit.toml").write_text(text, encoding="utf-8")
    done = ycaudit("validate", cwd=lists)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_folder_named_as_the_settings_is_told(tmp_path: Path) -> None:
    (tmp_path / "ycaudit.toml").mkdir()
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ConfigError, match="this is a folder; name a file"):
        settings.find(tmp_path, {})


def test_a_log_format_that_is_none_is_told_whoever_says_it() -> None:
    for words, environment in ((["--log-format", "xml"], {}), ([], {"YCAUDIT_LOG_FORMAT": "xml"})):
        with pytest.raises(AuditError, match="'xml': choose one of text, json"):
            settings.early(words, environment)
