"""The pages of the documentation: their links lead somewhere, their commands and examples work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import segno
import typer
import yaml

from ycaudit.cli.app import COMMANDS, build
from ycaudit.cli.settings import early
from ycaudit.inputs.file_models import RulesFile
from ycaudit.inputs.plan import load, load_rules
from ycaudit.model import Cause, Outcome
from ycaudit.rules import KINDS
from ycaudit.rules.forms import Form

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / n for n in ("README.md", "README.zh-CN.md", "SECURITY.md", "CONTRIBUTING.md")]
PAGES += sorted(DOCS.glob("*.md"))
_FENCE = re.compile(r"^```([\w-]*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_INLINE = re.compile(r"`ycaudit ([^`]+)`")
_PROMPT = re.compile(r"^(?:[\w-]+)?\$\s+(.+)$", re.MULTILINE)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [body for name, body in _FENCE.findall(text_of(page)) if name == language]


# --- links ---------------------------------------------------------------------------------------


def slugs(page: Path) -> set[str]:
    """The anchors of its headings that the site and code hosts both make."""
    found = set()
    for heading in re.findall(r"^#+ +(.+?)\s*$", prose(page), re.MULTILINE):
        plain = heading.replace("`", "").strip().lower()
        ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        site = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip())
        host = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        if site == host:
            found.add(site)
    return found


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Where its relative links lead, and to which anchor."""
    for target in _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        yield ((page.parent / path).resolve() if path else page), anchor


@every_page
def test_every_relative_link_and_anchor_leads_to_something(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in slugs(target), f"{page.name}: no heading {anchor} in {target.name}"


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent == DOCS], ids=lambda p: p.name)
def test_no_page_of_the_site_links_to_what_is_not_of_the_site(page: Path) -> None:
    for target, _ in links(page):
        assert target.is_relative_to(DOCS), f"{page.name}: {target}"


def test_the_site_shows_every_page_and_loads_nothing_from_elsewhere() -> None:
    site = yaml.safe_load(text_of(ROOT / "mkdocs.yml"))
    shown = re.findall(r"[\w.-]+\.md", str(site["nav"]))
    assert sorted(shown) == sorted(page.name for page in DOCS.glob("*.md"))
    assert site["strict"] is True
    assert site["theme"]["font"] is False
    assert not {"extra_css", "extra_javascript"} & set(site)


# --- commands ------------------------------------------------------------------------------------


@cache
def program() -> Any:
    return typer.main.get_command(build(*COMMANDS))


def typed(page: Path) -> Iterator[list[str]]:
    """What stands behind `ycaudit` at every prompt of the page, up to a pipe or a redirection."""
    for block in blocks(page, "console"):
        for line in _PROMPT.findall(block.replace("\\\n", " ")):
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
        if name == "COMMAND":
            continue
        assert name in program().commands, f"{page.name}: ycaudit {name}"
        known = options(program().commands[name])
        assert {w for w in words if w.startswith("--")} <= known, f"{page.name}: ycaudit {line}"


def test_a_command_that_there_is_not_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ ycaudit check x.test --colour red\n```\n", encoding="utf-8")
    (words,) = typed(page)
    with pytest.raises(Exception, match="colour"):
        program().commands[words[0]].make_context(words[0], words[1:])


# --- examples ------------------------------------------------------------------------------------


def test_every_example_of_rules_loads_and_of_a_list_fits_the_first_of_them(tmp_path: Path) -> None:
    rules: list[Path] = []
    for number, block in enumerate(blocks(DOCS / "rules.md", "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        if "units" in yaml.safe_load(block):
            assert load(file, rules[:1], today=date(2026, 6, 15)).units
        else:
            requirements, _ = load_rules([file])
            assert requirements
            rules.append(file)
    assert len(rules) > 1


def test_the_first_audit_of_the_start_page_loads(tmp_path: Path) -> None:
    targets, rules = blocks(DOCS / "index.md", "yaml")
    (tmp_path / "targets.yaml").write_text(targets, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    plan = load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=date(2026, 6, 15))
    assert [len(unit.requirements) for unit in plan.units] == [2, 2]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The folder over HTTP on loopback."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


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


# --- completeness --------------------------------------------------------------------------------


def test_the_page_on_rules_names_every_key() -> None:
    page = text_of(DOCS / "rules.md")
    models = (RulesFile, *Form.__subclasses__(), *KINDS.values())
    keys = {key for model in models for key in model.model_fields}
    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_the_page_on_outcomes_names_every_outcome_and_cause() -> None:
    page = text_of(DOCS / "outcomes.md")
    assert {word for word in (*Outcome, *Cause) if f"| `{word}` |" not in page} == set()


def test_the_page_on_deployment_names_every_variable_and_template() -> None:
    page = text_of(DOCS / "deployment.md")
    sources = (p.read_text(encoding="utf-8") for p in (ROOT / "src" / "ycaudit").rglob("*.py"))
    read = {name for source in sources for name in re.findall(r'"(YCAUDIT_[A-Z_]+)"', source)}
    ours = {"YCAUDIT_CHILD_MEMORY"}  # told by the program to its children
    assert {name for name in read - ours if name not in page} == set()
    for template in (ROOT / "deploy").iterdir():
        assert f"deploy/{template.name}" in page


def test_the_reference_is_what_the_program_says() -> None:
    """To mend: python docs/make_reference.py"""
    done = subprocess.run(
        [sys.executable, "-c", "import make_reference as m; [print(m.FILES[f]() == "
         "f.read_text(encoding='utf-8')) for f in m.FILES]"],
        cwd=ROOT / "docs", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True"] * 3
