"""The homepage as people type it: read as it is meant, or told what is wrong with it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from ycaudit import i18n
from ycaudit.cli.typed_address import address_of
from ycaudit.errors import AuditError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "read", "is_told"),
    [
        ("www.a.gov.cn", "http://www.a.gov.cn", False),
        ("https://a.gov.cn/risk?a=\\", "https://a.gov.cn/risk?a=\\", False),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", False),
        ("http：//a.gov.cn/risk/", "http://a.gov.cn/risk/", True),
        ("http://127.0.0.1：28101/ski/", "http://127.0.0.1:28101/ski/", True),
        ("http:\\\\a.gov.cn\\x\\", "http://a.gov.cn/x/", False),
        ("a.gov.cn/index.html", "http://a.gov.cn/index.html", False),
        ("示例中学.中国", "http://示例中学.中国", False),
        ("http://a.gov.cn/x/。", "http://a.gov.cn/x/", True),
        ("www.a.gov.cn）；", "http://www.a.gov.cn", False),
        ("网址：http://a.gov.cn/", "http://a.gov.cn/", True),
        ("示例中学。中国", "http://示例中学。中国", False),
    ],
)
def test_an_address_is_read_as_it_is_meant(
    typed: str, read: str, is_told: bool, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with i18n.in_language("en"):
        assert address_of(typed, ["check", typed]) == read
    assert (f"is read as {read}" in capsys.readouterr().err) is is_told


@pytest.mark.parametrize("typed", ["ftp://a.test/", "http://a b/", "http://a.test:99999/"])
def test_what_is_no_web_address_is_left_to_be_refused(
    typed: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert address_of(typed, []) == typed
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "typed", ["index.html", "./a.b/c", "..\\x", "名单.xlsx", "D:\\web\\default.asp"]
)
def test_a_file_that_is_not_there_is_not_taken_for_a_host(typed: str, here: Path) -> None:
    with pytest.raises(AuditError, match="no such file here"):
        address_of(typed, [])


@pytest.mark.parametrize("typed", ["images", "./images", "../{0}/images", "file://{1}/images", "."])
def test_a_folder_without_a_page_is_told_as_such(typed: str, here: Path) -> None:
    (here / "images").mkdir()
    with pytest.raises(AuditError, match=r"is a folder without index\.html: name the file"):
        address_of(typed.format(here.name, here), [])


def test_a_folder_that_is_called_like_a_host_hides_no_address(here: Path) -> None:
    (here / "www.a.gov.cn").mkdir()
    assert address_of("www.a.gov.cn", []) == "http://www.a.gov.cn"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("wechat 1.png", "decode"),
        ("code.JPG", "decode"),
        ("targets.yaml", "scan"),
        ("名单.xlsx", "scan"),
    ],
)
def test_a_picture_or_a_list_is_answered_with_the_command_that_takes_it(
    name: str, command: str, here: Path
) -> None:
    (here / name).write_bytes(b"")
    with pytest.raises(AuditError) as refused:
        address_of(name, ["check", name])
    assert shlex.split(str(refused.value).split("`")[1]) == ["ycaudit", command, name]
    assert "http.server" not in str(refused.value)


def test_a_file_is_answered_with_the_line_that_looks_at_it(here: Path) -> None:
    (here / "首页 1.html").write_text("<p>", encoding="utf-8")
    line = ["check", "首页 1.html", "--rules", "my rules.yaml", "--allow-private"]
    with pytest.raises(AuditError) as refused:
        address_of("首页 1.html", line)
    served, again = (text.split("`")[0] for text in str(refused.value).split(": run `")[1].split(
        "` in another window, then `"
    ))  # fmt: skip
    assert shlex.split(served)[-2:] == [".", "8000"]
    page = "http://127.0.0.1:8000/%E9%A6%96%E9%A1%B5%201.html"
    assert shlex.split(again) == ["ycaudit", "check", page, *line[2:]]
