"""docs/recipes.md at its word: all that it adds is added to a copy of the source, and works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from support.browsers import needs_browser
from support.servers import served

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_HOME = re.compile(r"(?:# |--- |<!-- )((?:src|fixtures)/[\w./-]+)(?: -->)?\n")
RULES = """
name: 规则
requirements:
  - {id: w, name: 新闻网, kind: words, whole: false, labels: 新闻}
"""
JUDGE = """
from pathlib import Path
from datetime import UTC, datetime
from ycaudit.inputs.plan import load_rules
from ycaudit.model import Link, Page, Where
(rule,), _ = load_rules([Path("rules.yaml")])
def outcome(text):
    link = Link(href="http://x.test/", text=text, how="a", where=Where(origin="markup", url="u"))
    page = Page(url="u", final_url="u", status=200, observer="static", sha256="",
                taken_at=datetime.now(UTC), links=(link,))
    return str(rule.judge(page).outcome)
print(outcome("中国新闻网"), outcome("新闻"))
"""


def recipes() -> Iterator[tuple[str, str, str]]:
    """What stands on the page to be added: the file, the language of the block, and its text."""
    page = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    for indent, language, body in _FENCE.findall(page):
        text = textwrap.dedent(body) if indent else body
        if home := _HOME.match(text):
            yield home[1], language, text[home.end() :] if language != "yaml" else text


def add(root: Path, home: str, language: str, text: str) -> None:
    file = root / home
    if language != "diff":
        assert not file.exists(), home
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    lines = [line or " " for line in text.splitlines()]
    before, after = ("".join(f"{x[1:]}\n" for x in lines if x[0] in (" ", s)) for s in "-+")
    now = file.read_text(encoding="utf-8")
    assert now.count(before) == 1, f"{home} is not as the recipe says:\n{before}"
    file.write_text(now.replace(before, after), encoding="utf-8")


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)


class Copy:
    """A copy of the source to which all recipes were added."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("src", "tests", "docs", "schemas", "rules"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("rules.yaml", "_shared"):  # of the demo city no case but the new one
            _copied(ROOT / "fixtures/city" / name, root / "fixtures/city" / name)
        for name in ("pyproject.toml", "README.md", "targets.yaml"):
            shutil.copy(ROOT / name, root / name)
        for recipe in recipes():
            add(root, *recipe)

    def run(self, *command: str, language: str = "en", code: int = 0, **more: str) -> str:
        path = os.pathsep.join([str(self.root / "src"), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": path, "YCAUDIT_LANG": language, **more},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def translate(self, code: str, chinese: str) -> None:
        """Write the Chinese of a reason into the catalogue, as the recipe says."""
        self.run("tests/messages.py")
        catalogue = self.root / "src/ycaudit/locale/zh/LC_MESSAGES/ycaudit.po"
        text = catalogue.read_text(encoding="utf-8")
        empty = f'msgid "reason.{code}"\nmsgstr ""'
        assert empty in text, "the catalogue did not get it"
        told = empty[:-1] + chinese + '"'
        catalogue.write_text(text.replace(empty, told), encoding="utf-8")
        self.run("tests/messages.py")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = Copy(tmp_path_factory.mktemp("copy"))
    made.translate("too_many_links", "链接超过 {count} 个，未全部比对")
    made.run("docs/make_reference.py")
    return made


def test_the_page_has_each_way_to_grow() -> None:
    homes = [home for home, _, _ in recipes()]
    parts = ("rules/__init__", "json_schema", "reason_table", "formats", "steps", "fixtures/city")
    for part in parts:
        assert any(part in home for home in homes), part


def test_a_kind_is_known_to_rules_files_editors_and_the_judge(copy: Copy) -> None:
    schema = json.loads(copy.run("-m", "ycaudit", "schema", "rules"))
    keys = schema["$defs"]["WordsRequirement"]["properties"]
    assert keys["kind"]["const"] == "words"
    assert keys["whole"]["description"] == "Whether the link has no other words."
    (copy.root / "rules.yaml").write_text(RULES, encoding="utf-8")
    assert copy.run("-c", JUDGE).split() == ["pass", "fail"]


BROWSED = """<!DOCTYPE html><meta charset="utf-8"><title>市档案馆</title>
<ul><li><a href="/1">概况</a><li><a href="/2">公告</a><li><a href="/3">服务</a></ul>
<p>馆藏档案三十万卷，向社会开放，凭身份证查阅；开放时间为周一至周五，上午九时至下午五时。</p>
<p><a href="/news">中国新闻网</a></p>
<p style="position:relative"><a href="http://video.test/">视频网</a>
<b style="position:absolute;inset:0;background:white"></b></p>
"""
TWO = RULES + "  - {id: v, name: 视频网, kind: words}\n"


@needs_browser
@pytest.mark.browser
@pytest.mark.series
def test_the_browser_tries_what_a_kind_finds(copy: Copy, tmp_path: Path) -> None:
    """A link that can be clicked is told from one that is covered, and nobody has to say which."""
    (tmp_path / "index.html").write_text(BROWSED, encoding="utf-8")
    (copy.root / "rules.yaml").write_text(TWO, encoding="utf-8")
    with served(tmp_path) as port:
        told = copy.run(
            *("-m", "ycaudit", "check", f"http://127.0.0.1:{port}/", "--rules", "rules.yaml"),
            *("--allow-private", "--observer", "browser", "--format", "json"),
            code=3,
        )
    news, video = json.loads(told)["reports"][0]["verdicts"]
    assert (news["outcome"], news["reason_code"]) == ("pass", "found")
    assert (video["outcome"], video["reason_code"]) == ("undetermined", "never_shown_undecided")


def test_what_is_required_is_told_by_what_the_kind_is(copy: Copy) -> None:
    say = (
        "from pathlib import Path; from ycaudit.inputs.plan import load_rules;"
        "from ycaudit.report.required import required;"
        "print(required(load_rules([Path('rules.yaml')])[0][0]))"
    )
    (copy.root / "rules.yaml").write_text(RULES, encoding="utf-8")
    assert copy.run("-c", say).strip() == "a link with certain words"


def test_a_reason_is_told_in_both_languages_and_listed(copy: Copy) -> None:
    say = (
        "from ycaudit.reasons import Reason; from ycaudit import i18n; i18n.use('zh');"
        "print(Reason.of('too_many_links', count=5000).translated())"
    )
    assert copy.run("-c", say, language="zh").strip() == "链接超过 5000 个，未全部比对"
    assert "`too_many_links`" in (copy.root / "docs/outcomes.md").read_text("utf-8")


@pytest.mark.series
def test_a_format_is_taken_by_the_tests_over_all_formats(copy: Copy) -> None:
    tests = ("tests/report/test_golden.py", "tests/report/test_formats.py")
    quiet = ("-q", "-p", "no:cacheprovider", "-k", "names")
    copy.run("-m", "pytest", *tests, *quiet, YCAUDIT_ACCEPT="1")
    assert "甲局" in (copy.root / "tests/report/golden/names.txt").read_text("utf-8")
    assert "a name a line" in (copy.root / "docs/commands.md").read_text("utf-8")


@pytest.mark.series
def test_a_step_of_decoding_is_taken_and_what_was_read_without_it_is_read_again(copy: Copy) -> None:
    Image.radial_gradient("L").save(copy.root / "x.png")  # no code: all steps are taken
    thorough = ("--explain", "--effort", "thorough")
    told = copy.run("-m", "ycaudit", "decode", *thorough, "x.png", code=1)
    assert "negative" in told
    say = "from ycaudit.auditing import cache; print(cache._decoders())"
    from ycaudit.auditing import cache

    assert copy.run("-c", say).strip() != cache._decoders()


@pytest.mark.series
def test_a_case_is_part_of_the_demo_city(copy: Copy) -> None:
    tests = ("tests/auditing/test_demo_city.py", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in copy.run("-m", "pytest", *tests, "-k", "only-portal and never")
