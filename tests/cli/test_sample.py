"""ycaudit sample: from the draw to the error, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from support.cli import ycaudit
from support.history import run
from ycaudit.model import ScanRun
from ycaudit.runs.evidence import write_whole

RULES = "name: 规则\nrequirements:\n  - {id: p, name: 门户, kind: link, accept: [{host: p.test}]}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of six units that fail and four that pass, one is down; and its rules."""
    store(tmp_path, run(0, **dict.fromkeys("abcdef", "-"), **dict.fromkeys("ghij", "+"), k="?"))
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def store(folder: Path, whole: ScanRun) -> None:
    write_whole(folder / "run.json", whole.model_dump_json().encode())


def sample(folder: Path, *words: str) -> tuple[int, str, str]:
    done = ycaudit("sample", "run.json", *words, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def draw(folder: Path, *words: str) -> tuple[int, str, str]:
    return sample(folder, "--rules", "rules.yaml", "--output", "s.xlsx", *words)


def filled(path: Path, **answers: str) -> None:
    """Answered as the machine said, but for these units."""
    book = load_workbook(path)
    for row in book["抽查"].iter_rows(min_row=2):
        unit = str(row[9].value)
        row[4].value = answers.get(unit, "没有" if unit in "abcdef" else "有")
        row[5].value = "李"
    book.save(path)


def test_a_draw_is_filled_in_and_tells_the_error(folder: Path) -> None:
    code, told, _ = draw(folder, "--passes", "2", "--fails", "4")
    assert (code, "6 verdicts drawn" in told) == (0, True)
    seal = json.loads((folder / "s.seal.json").read_text("utf-8"))
    assert seal["questions"] == {"p": {"text": "首页上有没有“门户”的链接？", "wanted": "p.test/*"}}
    filled(folder / "s.xlsx")
    code, told, _ = sample(folder, "--answers", "s.xlsx")
    assert code == 0
    assert "从判为不合格的 6 项中随机抽取 4 项由人工复核，均属实" in told
    assert "given by the run" in told


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (
            "[{host: [www.p.test, p.test], path: root}, {host: news.p.test, path: /a}]",
            "www.p.test/ or p.test/ or news.p.test/a",
        ),
        ("[{domain: p.test}], expect: absent", "p.test/* or *.p.test/*"),
        (
            "[{weibo: {uid: '1999404300'}}]",
            "https://weibo.com/u/1999404300 or https://m.weibo.cn/u/1999404300",
        ),
        ("[{host: p.test}, {host: q.test, verified: false}]", "p.test/*"),
    ],
)
def test_the_sheet_names_every_form_that_counts(folder: Path, accept: str, wanted: str) -> None:
    """Else who checks honestly books a right verdict as wrong."""
    (folder / "rules.yaml").write_text(RULES.replace("[{host: p.test}]", accept), encoding="utf-8")
    draw(folder)
    (asked,) = json.loads((folder / "s.seal.json").read_text("utf-8"))["questions"].values()
    assert asked["wanted"] == wanted


def test_a_sheet_with_many_forms_is_read_back_whole(folder: Path) -> None:
    hosts = [f"host-of-the-city-{number}.p.test" for number in range(40)]
    rules = RULES.replace("p.test", f"[{', '.join(hosts)}]")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    draw(folder)
    cells = [row[3].value for row in load_workbook(folder / "s.xlsx")["抽查"].iter_rows(min_row=2)]
    assert all(host in str(cell) for cell in cells for host in hosts)
    filled(folder / "s.xlsx")
    assert sample(folder, "--answers", "s.xlsx")[0] == 0


def test_json_holds_both_errors_and_what_was_seen(folder: Path) -> None:
    draw(folder, "--seed", "5")
    filled(folder / "s.xlsx", a="有", g="看不清")
    _, told, _ = sample(folder, "--answers", "s.xlsx", "--format", "json")
    document = json.loads(told)
    passes, fails = document["errors"]
    assert (passes["wrong"], passes["unclear"], passes["worst"]["at_most"]) == (0, 1, 1)
    assert (fails["wrong"], fails["drawn"], fails["worst"]["interval"]) == (1, 6, [1, 1])
    assert (document["seed"], document["seed_was_chosen"]) == (5, True)
    wrong = [one["reply"]["unit"] for one in document["checked"] if one["is_wrong"]]
    assert wrong == ["a"]


def test_more_than_there_are_takes_all_and_says_so(folder: Path) -> None:
    _, told, notices = draw(folder)
    assert "10 verdicts drawn" in told
    assert "合格: 20 were asked for, and there are 4: no more are taken" in notices
    assert "不合格: 20 were asked for, and there are 6: no more are taken" in notices


def test_a_run_without_fails_is_drawn_from_for_its_passes(folder: Path) -> None:
    store(folder, run(0, a="+", b="+"))
    _, told, notices = draw(folder)
    assert "2 verdicts drawn" in told
    assert "不合格: 20 were asked for, and there are 0" in notices
    filled(folder / "s.xlsx", a="有", b="有")
    _, told, _ = sample(folder, "--answers", "s.xlsx")
    assert "不合格: none of 0 was drawn" in told


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--passes", "0", "--fails", "0"), "nothing to draw"),
        (("--fails", "-1"), "--fails"),
        (("--seed", "-1"), "--seed"),
        (("--output", "s.csv"), "written as .xlsx"),
        (("--answers", "s.xlsx"), "either --output"),
        (("--format", "xml"), "choose text or json"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    folder: Path, words: tuple[str, ...], why: str
) -> None:
    code, _, told = draw(folder, *words)
    assert code == 2
    assert why in told
    assert not (folder / "s.xlsx").exists()


def test_neither_a_draw_nor_answers_is_one_sentence(folder: Path) -> None:
    code, _, told = sample(folder)
    assert code == 2
    assert "either --output" in told


def test_a_sheet_or_a_seal_is_never_written_over(folder: Path) -> None:
    draw(folder)
    before = (folder / "s.xlsx").read_bytes()
    code, _, told = draw(folder, "--seed", "1")
    assert (code, "is there already" in told) == (2, True)
    (folder / "s.xlsx").unlink()
    code, _, told = draw(folder, "--seed", "1")
    assert (code, "s.seal.json is there already" in told) == (2, True)
    (folder / "s.seal.json").unlink()
    draw(folder)
    assert (folder / "s.xlsx").read_bytes() == before  # who draws again gets the same


def test_a_seal_that_is_lost_or_broken_is_one_sentence(folder: Path) -> None:
    draw(folder)
    (folder / "s.seal.json").rename(folder / "other.json")
    _, _, told = sample(folder, "--answers", "s.xlsx")
    assert "name the seal of the sheet with --seal" in told
    filled(folder / "s.xlsx")
    assert sample(folder, "--answers", "s.xlsx", "--seal", "other.json")[0] == 0
    (folder / "other.json").write_text("{}", encoding="utf-8")
    _, _, told = sample(folder, "--answers", "s.xlsx", "--seal", "other.json")
    assert "other.json: not a seal of ycaudit" in told


def test_rules_that_the_run_was_not_judged_by_are_told(folder: Path) -> None:
    other = RULES.replace("id: p,", "id: other,")
    (folder / "rules.yaml").write_text(other, encoding="utf-8")
    code, _, told = draw(folder)
    assert (code, "the rules ask nothing named p" in told) == (2, True)
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    assert "the sheet says what they accept now" in draw(folder)[2]
