"""`check --explain` answers why a unit got its verdict; `--verbose` adds the words of others."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import segno

from support.cli import reach, ycaudit
from support.servers import served
from ycaudit.auditing import demo_city
from ycaudit.auditing.pin_images import keep_official_image
from ycaudit.report.formats import FORMATS


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
        (
            "nothing",
            1,
            ("has no QR code at all\n", "what to do: show the official code where visitors"),
        ),
        ("destroyed-code", 3, ("near: ", "could be seen: ", "what to do: ")),
        ("server-error", 3, ("the server answered 500\n",)),
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


def test_the_codes_of_reasons_are_told_on_request(
    lists: Path, running_city: demo_city.City
) -> None:
    quiet = explained(lists, running_city, "nothing")[1]
    assert "(no_qr_code)" not in quiet
    assert "(no_qr_code)" in explained(lists, running_city, "nothing", "--verbose")[1]


RULES = """name: 规则
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: www.p.test, path: root}]}
  - {id: app, name: 客户端, kind: qr, accept: [{payload: "http://app.test/get"}]}
  - {id: edu, name: 教育局, kind: link, applies_to: {tags: [学校, 园]}, accept: [{host: e.test}]}
"""
ARTICLE = '<a href="http://www.p.test/a/1.html">门户</a>'


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


@contextmanager
def homepage(folder: Path, body: str) -> Iterator[str]:
    """The address of a page with this body, a title and some text of its own."""
    (folder / "site").mkdir()
    own = "".join(f'<p><a href="/{n}.html">关于开展工作的通知 {n}</a></p>' for n in range(9))
    html = f"<!DOCTYPE html><meta charset=utf-8><title>甲局</title><h1>甲局</h1>{own}{body}"
    (folder / "site" / "index.html").write_text(html, encoding="utf-8")
    with served(folder / "site") as port:
        yield f"http://127.0.0.1:{port}/"


def checked(url: str, *words: str, cwd: Path, browser: bool = True) -> tuple[int, str, str]:
    look = ("--allow-private", "--rules", "rules.yaml")
    without = () if not browser else ("--observer", "static")
    path = None if browser else "/nonexistent"
    line = ("--lang", "en", "check", url, *look, *without, *words)
    done = ycaudit(*line, cwd=cwd, path=path)
    return done.returncode, done.stdout, done.stderr


def test_a_link_to_an_article_is_answered_with_the_line_that_would_pass(office: Path) -> None:
    with homepage(office, ARTICLE) as url:
        code, out, _ = checked(url, "--explain", "portal", cwd=office)
    assert code == 1
    assert '  to copy: <a href="http://www.p.test/">门户</a>' in out
    assert "  required: a link to www.p.test/\n" in out


def test_the_picture_of_the_official_code_is_named_where_it_is_kept(office: Path) -> None:
    payload = "http://app.test/get"
    picture = io.BytesIO()
    segno.make_qr(payload).save(picture, kind="png")
    kept = keep_official_image(office, "app", payload, picture.getvalue())
    assert kept is not None
    with homepage(office, ARTICLE) as url:
        _, out, _ = checked(url, "--explain", "app", cwd=office)
    tag = f'<img src="images/{kept.name}" width="160" height="160" alt="客户端">'
    assert f"  to copy: the picture {kept.relative_to(office)}; put it into" in out
    assert f"write {tag}\n" in out


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("wechat.png", b"\x89PNG\r\n\x1a\n", "the homepage is not HTML but a picture\n"),
        ("code.svg", b"<svg/>", "the homepage is not HTML but a picture\n"),
        ("form.pdf", b"%PDF-1.7", "the homepage is not HTML but a file\n"),
        ("unknown", b"words", "the homepage is not HTML but "),
    ],
)
def test_an_address_of_a_file_is_to_be_corrected_and_no_domain_is_to_blame(
    name: str, content: bytes, told: str, office: Path
) -> None:
    with homepage(office, ARTICLE) as url:
        (office / "site" / name).write_bytes(content)
        code, out, _ = checked(f"{url}{name}", cwd=office)
    assert code == 3
    assert f"not seen: {told}" in out
    assert "what to do: check what was typed: it must be the address of a page" in out
    assert "are read by `ycaudit decode`" in out
    assert "the domain" not in out


def test_a_check_says_how_to_ask_about_what_is_open(office: Path) -> None:
    with homepage(office, ARTICLE) as url:
        code, out, _ = checked(url, cwd=office)
        assert code == 1
        assert "why, and how to mend it: --explain ID, where ID is portal, app\n" in out
        by_name = checked(url, "--explain", "客户端", cwd=office)[1]
    assert by_name.startswith("✗ 客户端: fail\n")


def test_a_requirement_is_explained_by_its_number_too(office: Path) -> None:
    with homepage(office, ARTICLE) as url:
        assert checked(url, "--explain", "2", cwd=office)[1].startswith("✗ 客户端: fail\n")
        own_id = RULES.replace("id: portal", 'id: "2"')
        (office / "rules.yaml").write_text(own_id, encoding="utf-8")
        assert checked(url, "--explain", "2", cwd=office)[1].startswith("✗ 门户: fail\n")
    code, _, err = checked("http://a.test/", "--explain", "3", cwd=office)
    assert (code, "asked of units with one of the tags 学校" in err) == (2, True)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("potral", "; did you mean 'portal'?"),
        ("户", ""),  # 门户, 客户端
        ("户端", "; did you mean 'app'?"),
        ("下载", "; did you mean 'app'?"),
        ("教育", "; did you mean 'edu'?"),
        ("4", ""),
        ("0", ""),
    ],
)
def test_what_is_called_as_no_requirement_is_answered_with_the_ids_and_the_likeliest(
    asked: str, meant: str, office: Path
) -> None:
    rules = RULES.replace("kind: qr,", "kind: qr, labels: [扫码下载],")
    (office / "rules.yaml").write_text(rules, encoding="utf-8")
    code, _, err = checked("http://a.test/", "--explain", asked, cwd=office)
    assert code == 2
    ids = " (the ids are portal (门户), app (客户端))"
    assert err == f"ycaudit: --explain '{asked}': no requirement is called so{meant}{ids}\n"


def test_an_explanation_is_printed_and_ends_by_this_requirement_alone(office: Path) -> None:
    with homepage(office, '<a href="http://www.p.test/">门户</a>') as url:
        assert checked(url, cwd=office)[0] == 1
        code, out, _ = checked(url, "--explain", "portal", "--format", "json", cwd=office)
        assert checked(url, "--explain", "app", "--output", "run.json", cwd=office)[0] == 1
    (report,) = json.loads(out)["reports"]
    assert (code, [v["requirement"] for v in report["verdicts"]]) == (0, ["portal"])
    (report,) = json.loads((office / "run.json").read_bytes())["reports"]
    assert [v["requirement"] for v in report["verdicts"]] == ["app"]


def test_what_is_not_asked_for_lack_of_a_tag_says_what_to_type(office: Path) -> None:
    with homepage(office, ARTICLE) as url:
        _, out, _ = checked(url, cwd=office)
        code, _, err = checked(url, "--explain", "edu", cwd=office)
    assert "(学校, 园): 教育局; if the unit is of that kind, say so: --tag 学校\n" in out
    assert code == 2
    assert "one of the tags 学校, 园; if this is one, say so: --tag 学校\n" in err


def test_without_a_browser_it_is_said_that_the_markup_alone_was_looked_at(office: Path) -> None:
    body = '<a href="http://www.p.test/">门户</a>'
    told = "no browser is installed: only the markup was looked at"
    with homepage(office, body) as url:
        code, out, _ = checked(url, "--explain", "portal", cwd=office, browser=False)
        assert (code, out.count(told)) == (0, 1)
        code, out, _ = checked(url, "--explain", "app", cwd=office, browser=False)
        assert (code, out.count(told)) == (1, 1)
        assert told not in checked(url, "--explain", "portal", cwd=office)[1]  # as asked for


ADVICE = """name: 规则
requirements:
  - {id: portal, name: 门户, kind: link, level: should, accept: [{host: www.p.test, path: root}]}
  - id: icp
    name: 备案号
    kind: text
    accept: [{pattern: '鄂ICP备\\d{8}号', sample: 鄂ICP备05012345号}]
"""


def test_advice_is_marked_and_what_was_not_looked_for_is_not_counted(office: Path) -> None:
    (office / "rules.yaml").write_text(ADVICE, encoding="utf-8")
    with homepage(office, "<p>鄂ICP备00000001号</p><img src=/i.png>") as url:
        code, out, _ = checked(url, cwd=office)
        wrong = checked(url, "--explain", "portal", cwd=office)[1]
    assert code == 0
    assert "✗ 门户 (advice, does not count): fail" in out
    assert "1 image; no rule asks for a QR code, so none was looked for" in out
    assert wrong.startswith("✗ 门户 (advice, does not count): fail\n")


def test_the_form_of_a_text_is_told_by_its_sample_in_the_language_of_the_reader(
    office: Path,
) -> None:
    (office / "rules.yaml").write_text(ADVICE, encoding="utf-8")
    with homepage(office, "") as url:
        assert (
            "required: the text of the form of 鄂ICP备05012345号\n" in checked(url, cwd=office)[1]
        )
        chinese = checked(url, "--lang", "zh", cwd=office)[1]
    assert "要求：文字：形如 鄂ICP备05012345号 的内容\n" in chinese


def test_a_machine_reads_the_document_alone_without_a_browser_too(office: Path) -> None:
    with homepage(office, '<a href="http://www.p.test/">门户</a>') as url:
        words = ("--explain", "portal", "--format", "json")
        _, out, err = checked(url, *words, cwd=office, browser=False)
    assert json.loads(out)["outcome"] == "pass"
    assert "only the markup was looked at" in err


def test_without_rules_here_the_option_is_named(tmp_path: Path) -> None:
    done = ycaudit("check", "http://a.test/", cwd=tmp_path)
    assert done.returncode == 2
    told = "rules: no such file or folder; run it in the folder of ycaudit, or name that of the"
    assert told in done.stderr


def test_the_formats_of_a_check_are_those_that_name_nobody(tmp_path: Path) -> None:
    told = " ".join(ycaudit("check", "--help", cwd=tmp_path).stdout.split())
    assert "What to print: table, json" in told
    listed = told.partition("What to print: ")[2].partition(".")[0].split(", ")
    assert set(FORMATS) - set(listed) == {"docx", "notice"}


@pytest.mark.parametrize(
    ("option", "value"),
    [("--output", "报告.docx"), ("--output", "notice:a.zip"), ("--format", "notice")],
)
def test_what_names_units_is_refused_of_one_look_by_its_option_and_file(
    tmp_path: Path, option: str, value: str
) -> None:
    done = ycaudit("--lang", "en", "check", "http://a.test/", option, value, cwd=tmp_path)
    assert done.returncode == 2
    assert f"ycaudit: {option} {value}: " in done.stderr
    assert "is written of a scan or of a stored run (`show`), not of one look" in done.stderr


def test_a_choice_that_there_is_not_is_answered_with_what_this_command_writes(
    tmp_path: Path,
) -> None:
    for option, value in (("--output", "r.pdf"), ("--format", "pdf")):
        told = {
            name: ycaudit("--lang", "en", name, *words, option, value, cwd=tmp_path).stderr
            for name, words in (("check", ["http://a.test/"]), ("scan", []), ("show", ["last"]))
        }
        assert all(("docx" in line) is (name != "check") for name, line in told.items()), told
        assert all("html" in line for line in told.values())


def test_where_the_notice_says_that_there_is_no_browser_it_is_not_said_again(office: Path) -> None:
    body = '<a href="http://x.test/">x</a><script>fetch("/a").then(f)</script>'
    with homepage(office, body) as url:
        _, out, err = checked(url, cwd=office, browser=False)
    assert (out + err).count("no browser is installed") == 1


def test_help_is_understood_as_a_word_too(tmp_path: Path) -> None:
    every, one = (ycaudit("help", *words, cwd=tmp_path) for words in ((), ("check",)))
    assert every.stdout == ycaudit("--help", cwd=tmp_path).stdout
    assert one.stdout == ycaudit("check", "--help", cwd=tmp_path).stdout


def test_a_browser_that_is_not_there_is_the_users_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YCAUDIT_BROWSER", "/nonexistent/360se")
    done = ycaudit("--lang", "en", "doctor", cwd=tmp_path)
    assert "✓ look without a browser" in done.stdout
    assert "✗ look by a browser: YCAUDIT_BROWSER=/nonexistent/360se: no such program" in done.stdout
    assert "it is a bug" not in done.stdout
