"""Any terminal: what people read is legible in its encoding, and what programs read is UTF-8."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.cli import reach, ycaudit
from support.history import run
from ycaudit.auditing import demo_city
from ycaudit.cli import console, options, settings
from ycaudit.cli.notices import Notices
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.observe.browser import chromium
from ycaudit.runs.history import opened

CODE = demo_city.folder() / "_shared" / "site" / "img" / "qr_wechat.png"
RARE = "䶮水镇✓ 𬭎"
"""A name of characters that GBK lacks; the last one is no character of the basic plane."""
INHERITED = ("LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG", "LANGUAGE", "PYTHONUTF8")


@pytest.fixture(scope="session")
def gbk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of locales (LOCPATH) with zh_CN.GBK."""
    if (localedef := shutil.which("localedef")) is None:
        pytest.skip("no localedef")
    folder = tmp_path_factory.mktemp("locales")
    made = subprocess.run(
        [localedef, "-i", "zh_CN", "-f", "GBK", str(folder / "zh_CN.GBK")], check=False
    )
    if made.returncode:
        pytest.skip("no sources of the locale zh_CN or of the charmap GBK")
    return folder


LOCALES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "gbk": ("gbk", {"LC_ALL": "zh_CN.GBK", "LOCPATH": "{gbk}"}),
    "gbk that the system lacks": ("gbk", {"LANG": "zh_CN.GBK", "LOCPATH": "/nonexistent"}),
    "C": ("utf-8", {"LC_ALL": "C"}),
    "POSIX": ("utf-8", {"LC_ALL": "POSIX"}),
    "C.UTF-8": ("utf-8", {"LC_ALL": "C.UTF-8"}),
    "C as it was once": ("ascii", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "gbk by Python": ("gbk", {"LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "gbk"}),
    "ascii by Python": ("ascii", {"LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "ascii"}),
    "cp1252": ("cp1252", {"LANG": "en_US.UTF-8", "PYTHONIOENCODING": "cp1252"}),
    "ascii in Chinese": ("ascii", {"PYTHONIOENCODING": "ascii", "YCAUDIT_LANG": "zh"}),
}
"""The encoding that the output must have, and the variables that ask for it."""


class Terminal:
    """The program in one locale."""

    def __init__(self, name: str, folder: Path, request: pytest.FixtureRequest) -> None:
        self.encoding, asked = LOCALES[name]
        self.folder = folder
        self.is_whole = name == "gbk"  # file names and arguments, too
        gbk = request.getfixturevalue("gbk") if name == "gbk" else ""
        kept = {k: v for k, v in os.environ.items() if k not in (*INHERITED, "YCAUDIT_LANG")}
        asked = {key: value.format(gbk=gbk) for key, value in asked.items()}
        self.environment = {**kept, **asked, "PATH": "/nonexistent", "HOME": str(folder)}

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "ycaudit", *(self.name(word) for word in words)],
            capture_output=True, timeout=600, cwd=self.folder, check=False, env=self.environment,
        )  # fmt: skip

    def name(self, text: str) -> str:
        """A file's name, or a word of the line, as the locale writes it."""
        return os.fsdecode(text.encode(self.encoding)) if self.is_whole else text


@pytest.fixture
def office(tmp_path: Path, running_city: demo_city.City) -> Path:
    """A folder as an office keeps it: names of files and units in Chinese."""
    folder = tmp_path / "office"
    (folder / "规则").mkdir(parents=True)
    (folder / "规则" / "甲.yaml").write_bytes((demo_city.folder() / "rules.yaml").read_bytes())
    url = f"http://nothing.city.test:{running_city.port}/"
    units = f"units:\n  - {{id: n, name: {RARE}, url: '{url}'}}\n"
    (folder / "名单.yaml").write_text(units, encoding="utf-8")
    (folder / "名单.csv").write_bytes("单位,网址\n甲局,http://a.test/\n".encode("gbk"))
    (folder / "统计.csv").write_bytes("单位,安装人数\n甲局,3\n乙局,4\n".encode("gbk"))
    shutil.copy(CODE, folder / "码 ①.png")
    (folder / "坏.yaml").write_bytes("units: [中".encode("gbk"))
    with opened(folder / "史.sqlite3") as history:
        history.save(run(0, 甲="+", 乙="-"))
        history.save(run(1, 甲="-", 乙="-", 丙="?"))
    return folder


HISTORY = ("--history", "史.sqlite3")
COMMANDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ("--help",)),
    (2, ("scna",)),
    (2, ("scan", "--obsevrer", "x")),
    (2, ("scan", "没有.yaml", "--rules", "规则")),
    (0, ("scan", "--help")),
    (2, ("validate", "坏.yaml", "--rules", "规则")),
    (0, ("validate", "名单.yaml", "--rules", "规则")),
    (1, ("check", "http://nothing.city.test:{port}/", "--rules", "规则", "--verbose")),
    (0, ("show", "last", *HISTORY, "--numbers", "统计.csv")),
    (3, ("judge", "last", *HISTORY, "--rules", "规则")),
    (0, ("diff", *HISTORY)),
    (0, ("history", *HISTORY)),
    (0, ("review", "--fails", *HISTORY)),
    (0, ("mail", "last", *HISTORY, "--to", "a@b.test")),
    (0, ("import", "名单.csv", "--output", "新.yaml")),
    (0, ("init", "新")),
    (2, ("verify", ".")),
    (2, ("schema", "规则")),
    (0, ("schema", "run")),
    (0, ("doctor",)),
    (2, ()),
    (1, ("scan", "名单.yaml", "--rules", "规则", *HISTORY)),
    (0, ("decode", "码 ①.png", "--explain")),
)
SHORT = 5
"""So many of the last where not every one is tried."""


ALIKE = LOCALES.keys() - {"gbk", "C"}
"""They end in the same encoding as others, by other ways, or in one that is hardly used."""


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        pytest.param("gbk", COMMANDS[:-SHORT], marks=pytest.mark.series),
        pytest.param("C as it was once", COMMANDS[:-SHORT], marks=pytest.mark.series),
        *(
            pytest.param(name, COMMANDS[-SHORT:], marks=[pytest.mark.series] * (name in ALIKE))
            for name in LOCALES
        ),
    ],
)
def test_every_command_speaks_the_encoding_of_the_terminal(
    name: str,
    commands: tuple[tuple[int, tuple[str, ...]], ...],
    office: Path,
    running_city: demo_city.City,
    request: pytest.FixtureRequest,
) -> None:
    terminal = Terminal(name, office, request)
    for path in (*office.glob("*/*"), *office.glob("*")):
        path.rename(path.with_name(terminal.name(path.name)))
    for code, words in commands:
        looks = words[:1] in (("scan",), ("check",)) and code == 1
        filled = (word.format(port=running_city.port) for word in words)
        done = terminal.run(*filled, *(reach(running_city) if looks else ()))
        told = done.stderr.decode(terminal.encoding)
        out = done.stdout.decode("utf-8" if words == ("schema", "run") else terminal.encoding)
        assert done.returncode == code, (words, told)
        assert "Traceback" not in told, (words, told)
        assert not set("\x1b\x07\r") & set(out + told), words


def test_what_programs_read_is_utf_8_in_every_locale(
    office: Path, request: pytest.FixtureRequest
) -> None:
    for words in (
        ("decode", "码 ①.png", "--format", "json"),
        ("diff", *HISTORY, "--format", "json"),
        ("show", "last", *HISTORY, "--format", "csv"),
    ):
        names = "C.UTF-8", "ascii in Chinese"
        one, other = (Terminal(name, office, request).run(*words).stdout for name in names)
        assert one == other
        assert not one.decode("utf-8").isascii()


def test_messages_for_machines_are_utf_8_in_every_locale(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = Terminal("ascii in Chinese", tmp_path, request).run("无", "--log-format", "json")
    assert json.loads(done.stderr.decode("utf-8"))["message"].startswith("没有")


def test_a_frame_of_ascii_stands_where_signs_take_two_cells(
    office: Path, request: pytest.FixtureRequest
) -> None:
    with opened(office / "史.sqlite3") as history:
        history.save(run(2, 䶮镇="-", 甲="-"))
    done = Terminal("gbk by Python", office, request).run("show", "last", *HISTORY)
    _, top, *rest = done.stdout.decode("gbk").splitlines()
    assert top.strip("+-") == ""
    rows = [line for line in rest if line.startswith("|")]
    assert any(row.startswith(r"| \u4dae镇局") for row in rows)
    assert {len(row.encode("gbk")) for row in rows} == {len(top)}


def test_file_names_that_are_no_utf_8_are_written_as_their_bytes(
    office: Path, running_city: demo_city.City, request: pytest.FixtureRequest
) -> None:
    named = os.fsdecode("名单.yaml".encode("gbk"))
    (office / "名单.yaml").rename(office / named)
    done = Terminal("C.UTF-8", office, request).run(
        "scan", named, "--rules", "规则", *HISTORY, "--output", "果.json", *reach(running_city)
    )
    assert done.returncode == 1, done.stderr
    listed = json.loads((office / "果.json").read_bytes())["reports"][0]["target"]["listed"]
    assert listed["file"] == r"\xc3\xfb\xb5\xa5.yaml"


def test_who_closes_stdout_gets_the_exit_code(office: Path, request: pytest.FixtureRequest) -> None:
    terminal = Terminal("C.UTF-8", office, request)
    line = [sys.executable, "-m", "ycaudit", "history", *HISTORY]
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *line],
        stderr=subprocess.PIPE, cwd=office, env=terminal.environment, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_a_page_says_drives_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console.notice("{0}", "a\x1b[31m\x9b2J\u202eb\r\nc\x07")
    assert capsys.readouterr().err == "ycaudit: a [31m 2J b\nc \n"


def test_an_unknown_language_is_one_sentence(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    terminal = Terminal("C.UTF-8", tmp_path, request)
    terminal.environment["YCAUDIT_LANG"] = "fr"
    done = terminal.run("history")
    assert done.returncode == 2
    assert done.stderr == b"ycaudit: YCAUDIT_LANG 'fr': choose one of zh, en\n"
    assert terminal.run("history", "--lang", "en").returncode == 0


@pytest.mark.parametrize("tag", ["zh-CN", "zh_CN.UTF-8", "ZH"])
def test_a_language_may_be_named_as_systems_name_it(
    tag: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    terminal = Terminal("C.UTF-8", tmp_path, request)
    assert "选项" in terminal.run("--lang", tag, "history", "--help").stdout.decode()
    terminal.environment["YCAUDIT_LANG"] = tag
    assert "选项" in terminal.run("history", "--help").stdout.decode()


def test_a_default_is_told_in_the_language_of_the_help_where_the_line_breaks(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for columns in (64, 80):
        terminal = Terminal("C.UTF-8", tmp_path, request)
        terminal.environment["COLUMNS"] = str(columns)
        told = terminal.run("--lang", "zh", "decode", "--help").stdout.decode()
        assert "[默认：thorough]" in "".join(told.split())
        assert "[default" not in told


def test_a_variable_that_nothing_reads_is_told_once(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    terminal = Terminal("C.UTF-8", tmp_path, request)
    wrong = {"YCAUDIT_HISTROY": "x", "YCAUDIT_FORCE": "1", "YCAUDIT_SCAN_JOBS": "3"}
    terminal.environment.update(wrong)
    done = terminal.run("history")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        "ycaudit: YCAUDIT_FORCE must be typed each time",
        "ycaudit: nothing reads the variable YCAUDIT_HISTROY; did you mean 'YCAUDIT_HISTORY'?",
        f"ycaudit: {tmp_path}/history.sqlite3: no run is kept there yet; `ycaudit scan` makes one",
    ]


def test_every_variable_of_the_source_is_known() -> None:
    source = Path(settings.__file__).parents[1]
    texts = (file.read_text(encoding="utf-8") for file in source.rglob("*.py"))
    read = {name for text in texts for name in re.findall(r'"(YCAUDIT_[A-Z_]+[A-Z])"', text)}
    assert len(read) > 5
    assert read - {"YCAUDIT_CHILD_MEMORY"} <= settings.VARIABLES


def test_a_file_is_no_homepage_but_can_be_served(tmp_path: Path) -> None:
    (tmp_path / "首页 1.html").write_text("<p>", encoding="utf-8")
    for text in ("首页 1.html", f"file://{tmp_path}/首页 1.html"):
        done = ycaudit("check", text, cwd=tmp_path)
        assert done.returncode == 2
        assert "python3 -m http.server --bind 127.0.0.1 --directory" in done.stderr
        address = "http://127.0.0.1:8000/%E9%A6%96%E9%A1%B5%201.html --allow-private"
        assert f"ycaudit check {address}" in done.stderr


def test_a_folder_without_evidence_is_told(tmp_path: Path) -> None:
    done = ycaudit("verify", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert ". is no evidence folder: no manifest is in manifests" in done.stderr


def test_an_account_without_a_name_is_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nameless)
    with pytest.raises(AuditError, match="say with --by"):
        options.user()


def test_an_account_without_a_folder_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert chromium._playwright_folder({}).parts[0] == Path("/").parts[0]


def test_a_notice_of_a_file_whose_name_is_no_text_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(console, "notice", told.append)
    name = os.fsdecode(b"\xc3\xfb\xb5\xa5.yaml")
    with opened(tmp_path / "history.sqlite3") as history:
        for _ in range(2):
            notices = Notices(quiet=True, before=history.letters.told())
            notices.notice("{0}: no such file", name)
            history.letters.note_told(notices.given)
    assert told == [f"{name}: no such file"]


def test_a_quiet_night_tells_a_notice_once_whatever_number_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(console, "notice", told.append)
    left = [Message("{0} unit{0:|s}", n) for n in (1, 2, 3)]
    with opened(tmp_path / "history.sqlite3") as history:
        for units, why in zip(left, ("no browser", "no browser", "no font"), strict=True):
            notices = Notices(quiet=True, before=history.letters.told())
            for _ in range(2):  # two parts of a command may find the same
                notices.notice("{0} could not be settled: {1}", units, why)
            history.letters.note_told(notices.given)
    assert told == [
        "1 unit could not be settled: no browser",
        "3 units could not be settled: no font",
    ]


def test_a_quiet_night_tells_of_one_more_row_of_which_the_same_is_to_be_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(console, "notice", told.append)
    with opened(tmp_path / "history.sqlite3") as history:
        for rows in ([5], [5, 9], [6, 10]):
            notices = Notices(quiet=True, before=history.letters.told())
            for row in rows:
                notices.notice("row {0} is no unit", row)
            history.letters.note_told(notices.given)
    assert told == ["row 5 is no unit", "row 9 is no unit"]
