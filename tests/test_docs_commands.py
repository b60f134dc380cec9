"""What the documentation types and shows: the program takes it, and it does what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import segno
import typer
import yaml

import messages
from support.docs import (
    DOCS,
    PAGES,
    PROMPT,
    ROOT,
    blocks,
    both,
    every_page,
    prompts,
    prose,
    text_of,
)
from support.servers import served
from ycaudit.cli.app import build, run
from ycaudit.cli.commands import COMMANDS
from ycaudit.cli.settings import early
from ycaudit.inputs.plan import load, load_rules

_INLINE = re.compile(r"`ycaudit ([^`]+)`")

# --- commands ------------------------------------------------------------------------------------


@cache
def program() -> Any:
    return typer.main.get_command(build(*COMMANDS))


def typed(page: Path) -> Iterator[list[str]]:
    """What stands behind `ycaudit` at every prompt of the page, up to a pipe or a redirection."""
    for block in blocks(page, "console"):
        for line in PROMPT.findall(block.replace("\\\n", " ")):
            lexer = shlex.shlex(line, posix=True, punctuation_chars="|;<>")
            lexer.whitespace_split = True
            words = list(lexer)
            starts = [n for n, w in enumerate(words) if w.rpartition("/")[2] == "ycaudit"]
            if starts and starts[0] == 0:
                ends = [n for n, w in enumerate(words) if set(w) <= set("|;<>")]
                # What holds for all commands is taken out of the line before it is read.
                yield early(words[1 : ends[0] if ends else None], {})


def options(command: Any) -> set[str]:
    return {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}


@every_page
def test_every_command_at_a_prompt_is_taken_by_the_program(page: Path) -> None:
    for words in typed(page):
        if words[0].startswith("-"):
            assert words[0] in options(program())
            continue
        assert words[0] in program().commands, f"{page.name}: ycaudit {words[0]}"
        # Reads the options as the command would, and complains of those that there are not.
        program().commands[words[0]].make_context(words[0], words[1:])


@every_page
def test_every_command_in_a_sentence_has_options_that_exist(page: Path) -> None:
    for line in _INLINE.findall(prose(page)):
        name, *words = early(line.split(), {})
        if name in ("COMMAND", "命令"):
            continue
        assert name in program().commands, f"{page.name}: ycaudit {name}"
        known = options(program().commands[name])
        assert {w for w in words if w.startswith("--")} <= known, f"{page.name}: ycaudit {line}"


def sentences(language: str) -> Iterator[re.Pattern[str]]:
    """Every line that the program may print, but for words that stand in many."""
    catalogue = messages.catalogue("zh", "po")
    for line in "\n".join(catalogue if language == "en" else catalogue.values()).splitlines():
        parts = re.split(r"\{[^{}]*\}", line.strip())
        if max(len(part.strip()) for part in parts) >= (6 if language == "en" else 3):
            yield re.compile(".*".join(map(re.escape, parts)))


def outputs(page: Path) -> Iterator[str]:
    """What commands print on the page, without lines of addresses and numbers alone."""
    for line in "\n".join(blocks(page, "console")).replace("\\\n", " ").splitlines():
        if not PROMPT.match(line) and re.search(r"[^\W\d]", re.sub(r"\S+://\S+", "", line)):
            yield line


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_page_shows_of_the_console_is_what_the_program_prints(language: str) -> None:
    known = list(sentences(language))
    shown = [
        (page.name, line)
        for page in PAGES
        if page.name.endswith(".zh-CN.md") is (language == "zh")
        for line in outputs(page)
    ]
    assert len(shown) > 12
    assert [where for where in shown if not any(says.search(where[1]) for says in known)] == []


def test_every_job_that_a_page_names_is_one_of_the_script() -> None:
    jobs = set(re.findall(r"^  (\w+)\)", text_of(ROOT / "dev"), re.MULTILINE))
    named = {job for page in PAGES for job in re.findall(r"\./dev (\w+)", text_of(page))}
    assert {"demo", "test"} <= named <= jobs


def test_a_command_that_there_is_not_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ ycaudit check x.test --colour red\n```\n", encoding="utf-8")
    (words,) = typed(page)
    with pytest.raises(Exception, match="colour"):
        program().commands[words[0]].make_context(words[0], words[1:])


# --- examples ------------------------------------------------------------------------------------


@both("rules")
def test_every_example_of_rules_loads_and_of_a_list_fits_the_first_of_them(
    page: Path, tmp_path: Path
) -> None:
    rules: list[Path] = []
    for number, block in enumerate(blocks(page, "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        if "units" in yaml.safe_load(block):
            assert load(file, rules[:1], today=date(2026, 6, 15)).units
        else:
            requirements, _ = load_rules([file])
            assert requirements
            rules.append(file)
    assert len(rules) > 1


@both("index")
def test_the_first_audit_of_the_start_page_loads(page: Path, tmp_path: Path) -> None:
    targets, rules = blocks(page, "yaml")
    (tmp_path / "targets.yaml").write_text(targets, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    plan = load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=date(2026, 6, 15))
    assert [len(unit.requirements) for unit in plan.units] == [2, 2]


def test_the_snippet_for_webmasters_is_the_same_in_both_languages_but_for_its_words() -> None:
    plain = {
        re.sub(r'(alt=")[^"]+|(>)[^<>]+(?=</a>)', r"\1\2", blocks(page, "html")[0])
        for page in (DOCS / "units.md", DOCS / "units.zh-CN.md")
    }
    assert len(plain) == 1


def test_the_snippet_for_webmasters_passes(tmp_path: Path) -> None:
    (snippet,) = blocks(DOCS / "units.md", "html")
    hosts = re.findall(r'href="http://([^/"]+)/"', snippet)
    images = re.findall(r'src="([^"]+)"', snippet)
    assert (len(hosts), len(images)) == (2, 4)
    rules = ["name: those of the page", "requirements:"]
    rules += [
        f"  - {{id: {h}, name: {h}, kind: link, accept: [{{host: {h}, path: root}}]}}"
        for h in hosts
    ]
    for image in images:
        payload = f"http://app.example.test/{Path(image).stem}"
        rules.append(
            f"  - {{id: {image}, name: {image}, kind: qr, accept: [{{payload: '{payload}'}}]}}"
        )
        (tmp_path / image).parent.mkdir(exist_ok=True)
        segno.make_qr(payload).save(str(tmp_path / image), scale=6, border=4)
    (tmp_path / "rules.yaml").write_text("\n".join(rules), encoding="utf-8")
    head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>A unit</title>'
    (tmp_path / "index.html").write_text(f"{head}<h1>A unit</h1>{snippet}", encoding="utf-8")
    with served(tmp_path) as port:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ycaudit", "check", f"http://127.0.0.1:{port}/"),
                *("--rules", tmp_path / "rules.yaml", "--allow-private", "--observer", "static"),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "COLUMNS": "160"},
        )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_week_of_the_readme_ends_with_a_circular_that_names_who_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = "".join(f'<p><a href="/{n}.html">News of the day, number {n}</a></p>' for n in range(30))
    (tmp_path / "index.html").write_text(f"<title>A unit</title><h1>A unit</h1>{news}", "utf-8")
    (tmp_path / "rules").mkdir()
    rule = "{id: p, name: 门户, kind: link, accept: [{host: p.test}]}"
    (tmp_path / "rules" / "city.yaml").write_text(f"name: 方案\nrequirements: [{rule}]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "history.sqlite3"))
    monkeypatch.setattr(typer, "getchar", iter("f\r").__next__)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with served(tmp_path) as port:
        listed(tmp_path / "名单.xlsx", f"http://unit.test:{port}/")
        (tmp_path / "ycaudit.toml").write_text(
            f'observer = "static"\nallow-private = true\nresolve = ["*:{port}:127.0.0.1"]\n',
            encoding="utf-8",
        )
        week = [line.split()[1:] for line in prompts(ROOT / "README.md") if "proof" in line]
        codes = [code_of(words) for words in (["import", "名单.xlsx"], *week)]
    assert codes == [0, 1, 0, 0, 0]
    assert (tmp_path / "通报.docx").stat().st_size > 10_000


def listed(file: Path, address: str) -> None:
    """A spreadsheet of one unit."""
    book = openpyxl.Workbook()
    for row in (["单位", "网址"], ["甲局", address]):
        book.active.append(row)
    book.save(file)


def code_of(words: list[str]) -> int | str | None:
    """The exit code of a command that runs in this process."""
    with pytest.raises(SystemExit) as end:
        run(words)
    return end.value.code
