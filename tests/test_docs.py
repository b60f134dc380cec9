"""The pages of the documentation: twins in two languages, links that lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.docs import (
    DOCS,
    FENCE,
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
from ycaudit.i18n import in_language, lookup
from ycaudit.inputs.file_models import RulesFile
from ycaudit.model import Cause, Outcome
from ycaudit.reason_table import REASONS
from ycaudit.rules import KINDS
from ycaudit.rules.forms import Form

_LINK = re.compile(r"\]\(([^()\s]+)\)")

# --- twins ---------------------------------------------------------------------------------------

CHINESE = ".zh-CN.md"
ENGLISH_ALONE = {"architecture", "decisions", "library", "recipes", "release", "zoo"}
"""Pages for who works on the program."""
BY_ITSELF = {"sentences"}
"""A page in Chinese, of what the program says in Chinese."""
PAIRS = [
    (page, page.with_name(page.stem + CHINESE))
    for page in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
    if not page.name.endswith(CHINESE) and page.stem not in ENGLISH_ALONE | BY_ITSELF
]
every_pair = pytest.mark.parametrize(("page", "twin"), PAIRS, ids=[p.stem for p, _ in PAIRS])
every_twin = pytest.mark.parametrize("twin", [t for _, t in PAIRS], ids=lambda p: p.stem)


def shape(page: Path) -> list[str]:
    """Its headings by their level, its tables by their figures, its blocks by their language."""
    outline = FENCE.sub(lambda block: f"```{block[1]}\n", text_of(page)).splitlines()
    rows = [_figures(line) if line.lstrip().startswith("|") else line for line in outline]
    return [line.split(" ")[0] for line in rows if line.startswith(("#", "|", "```"))]


def _figures(row: str) -> str:
    """A row of a table with its figures alone."""
    cells = re.split(r"(?<!\\)\|", re.sub(r"[ *]", "", row.strip()))
    return "|".join(cell if re.fullmatch(r"[\d.,%/–-]+", cell) else "" for cell in cells)


def in_chinese(path: Path) -> Path:
    """The page or picture in Chinese, where there is one."""
    chinese = path.with_name(f"{path.stem}.zh-CN{path.suffix}")
    return chinese if chinese.exists() else path


def test_every_page_for_users_is_there_in_chinese_and_no_other() -> None:
    found = {*DOCS.glob(f"*{CHINESE}"), *ROOT.glob(f"*{CHINESE}")}
    assert found == {twin for _, twin in PAIRS}


@every_pair
def test_twins_have_the_same_headings_tables_figures_and_blocks(page: Path, twin: Path) -> None:
    assert shape(twin) == shape(page)


@every_pair
def test_twins_run_the_same_commands(page: Path, twin: Path) -> None:
    assert prompts(twin) == prompts(page)


@every_pair
def test_twins_lead_to_the_same_places_each_in_its_language(page: Path, twin: Path) -> None:
    there = {(in_chinese(target), anchor) for target, anchor in links(page)}
    back = {(target, anchor) for target, anchor in links(twin) if target != page}
    assert back == there - {(twin, "")}


@every_page
def test_an_anchor_that_is_linked_to_stands_in_the_twin_as_well(page: Path) -> None:
    """The Chinese site shows pages that are in English alone, too."""
    for target, anchor in links(page):
        if anchor:
            assert anchor in slugs(in_chinese(target)), f"{in_chinese(target).name}: {anchor}"


@every_twin
def test_a_chinese_page_is_chinese_all_through(twin: Path) -> None:
    shown = "".join([*blocks(twin, "console"), *blocks(twin, "text")])
    printed = "\n".join(line for line in shown.splitlines() if not PROMPT.match(line))
    written = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", prose(twin))
    assert re.findall(r"(?:[A-Za-z]{3,} ){3,}", printed + written) == []


@every_twin
def test_a_chinese_paragraph_stands_on_one_line_and_its_marks_hold_everywhere(twin: Path) -> None:
    """A line break would be shown as a space; marks after a full stop are text on code hosts."""
    wide = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
    assert re.findall(rf"^(?![|#>\s-]).*{wide}\n{wide}.*$", prose(twin), re.MULTILINE) == []
    assert re.findall(rf"\*\*[^*\n]+[。，：；！？]\*\*{wide}", prose(twin)) == []


@every_twin
def test_one_word_for_one_thing(twin: Path) -> None:
    assert not re.search("未能判定|无法判定|访客|链结", text_of(twin))


def test_the_readme_can_be_read_in_a_few_minutes() -> None:
    assert len(prose(ROOT / "README.md").split()) <= 700
    signs = re.findall(r"[\u4e00-\u9fff]|[A-Za-z][\w.-]*", prose(ROOT / "README.zh-CN.md"))
    assert len(signs) <= 1200


def test_the_site_says_its_navigation_in_chinese() -> None:
    site = yaml.load(text_of(ROOT / "mkdocs.yml"), yaml.BaseLoader)
    (languages,) = (p["i18n"]["languages"] for p in site["plugins"] if "i18n" in p)
    (chinese,) = (one for one in languages if one["locale"] == "zh-CN")
    titles = {title for title, _ in _titles(site["nav"])}
    assert set(chinese["nav_translations"]) == titles


def _titles(nav: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for entry in nav:
        for title, what in entry.items():
            yield title, what
            if isinstance(what, list):
                yield from _titles(what)


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
    return found | set(re.findall(r'^#+ <a id="([^"]+)"></a>', prose(page), re.MULTILINE))


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
    site = yaml.load(text_of(ROOT / "mkdocs.yml"), yaml.BaseLoader)
    shown = re.findall(r"[\w.-]+\.md", str(site["nav"]))
    assert sorted(shown) == sorted(p.name for p in DOCS.glob("*.md") if ".zh-CN" not in p.name)
    assert site["strict"] == "true"
    assert site["theme"]["font"] == "false"
    assert not {"extra_css", "extra_javascript"} & set(site)


# --- completeness --------------------------------------------------------------------------------


@both("rules")
def test_the_page_on_rules_names_every_key(page: Path) -> None:
    text = text_of(page)
    models = (RulesFile, *Form.__subclasses__(), *KINDS.values())
    keys = {key for model in models for key in model.model_fields}
    assert {key for key in keys if f"`{key}`" not in text} == set()


@both("outcomes")
def test_the_page_on_outcomes_names_every_outcome_and_cause(page: Path) -> None:
    text = text_of(page)
    assert {word for word in (*Outcome, *Cause) if f"| `{word}` |" not in text} == set()


@both("outcomes")
def test_what_the_page_on_outcomes_quotes_is_what_the_program_says(page: Path) -> None:
    with in_language("zh" if page.name.endswith(".zh-CN.md") else "source"):
        said = "\n".join(lookup(f"reason.{code}", kind.text) for code, kind in REASONS.items())
    plural = re.sub(r"\{\w+:[^{}|]*\|([^{}]*)\}", r"\1", said)
    by_hand, _, _ = text_of(page).partition("<!-- reasons")
    cells = [line.split(" | ")[0] for line in by_hand.splitlines() if line.startswith("| `")]
    quoted = [text for cell in cells for text in re.findall(r"`([^`]*[^\w`][^`]*)`", cell)]
    parts = {part.strip() for text in quoted for part in re.split(r"…|\d+|[()（）]", text)}
    assert len(parts) > 40
    assert {part for part in parts if len(part) > 3 and part not in plural} == set()


@both("deployment")
def test_the_page_on_deployment_names_every_variable_and_template(page: Path) -> None:
    text = text_of(page)
    sources = (p.read_text(encoding="utf-8") for p in (ROOT / "src" / "ycaudit").rglob("*.py"))
    read = {name for source in sources for name in re.findall(r'"(YCAUDIT_[A-Z_]+)"', source)}
    ours = {"YCAUDIT_CHILD_MEMORY"}  # told by the program to its children
    assert {name for name in read - ours if name not in text} == set()
    for template in (ROOT / "deploy").iterdir():
        assert f"deploy/{template.name}" in text


def test_the_reference_is_what_the_program_says() -> None:
    """To mend: python docs/make_reference.py"""
    done = subprocess.run(
        [sys.executable, "-c", "import make_reference as m; [print(m.FILES[f]() == "
         "f.read_text(encoding='utf-8')) for f in m.FILES]"],
        cwd=ROOT / "docs", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True"] * 5
