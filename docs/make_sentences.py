"""Makes the clerk's reading list of all sentences: python docs/make_sentences.py

docs/sentences.md, from the table of reasons, its Chinese, and the words of the papers.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ycaudit.i18n import in_language, lookup, translate
from ycaudit.reason_table import REASONS
from ycaudit.report import office_text

FILE = Path(__file__).parent / "sentences.md"
HEAD = """\
# 检查结果用语对照

由 `python docs/make_sentences.py` 根据程序的用语表生成，请勿手改。“…”处是具体的网址、数字或名称。

| 结论 | 含义 |
| --- | --- |
| 合格 | 访问者能看到规定的内容 |
| 不合格 | 完整看过首页，没有规定的内容；须经人工核定后才能通报 |
| 待核实 | 没能看全，或看到的内容尚未核实：不算合格，也不算不合格 |
| 豁免 | 经批准在期限内不作要求 |
| 未开设网站 | 名单中没有网站的单位，计入应检家数 |
| 人工核定 | 由人查看后作出的结论；首页内容变化后自动失效 |
| 系统检测结果 | 人工核定之前程序得出的结论 |
"""


def page() -> str:
    """The whole page."""
    with in_language("zh"):
        return "".join([HEAD, *_by_remedy(), *_of_papers()])


def _by_remedy() -> Iterator[str]:
    """The sentences of reports and tables, by what a person can do about them."""
    yield "\n## 报告和表格中的说明\n"
    remedies = dict.fromkeys(kind.remedy for kind in REASONS.values())
    for remedy in sorted(remedies, key=lambda text: not text):
        yield f"\n### {_code(translate(remedy)) if remedy else '补充说明，无须处理'}\n\n"
        codes = (code for code, kind in REASONS.items() if kind.remedy == remedy)
        yield _listed(_open(lookup(f"reason.{code}", REASONS[code].text)) for code in codes)


def _of_papers() -> Iterator[str]:
    """The words of the circular, the notices and the list of what is to be verified."""
    yield "\n## 通报和整改通知书中的情形\n\n"
    yield _listed(["首页没有该链接（二维码）", *office_text.NOTES.values()])
    yield "\n## 待核实的原因\n\n"
    yield _listed(dict.fromkeys(text for _, text in office_text.DOUBTS))
    yield "\n首页未能打开的原因：\n\n"
    yield _listed(office_text.CAUSES.values())


def _listed(sentences: Iterable[str]) -> str:
    said = dict.fromkeys(text for text in sentences if text.strip("…"))
    return "".join(f"- {text}\n" for text in said)


def _open(sentence: str) -> str:
    """A sentence with … for each of its holes."""
    optional = re.sub(r"\{\w+:\?([^{}]*)\}", lambda hole: hole[1].replace("#", "…"), sentence)
    return _code(re.sub(r"\{[^{}]*\}", "…", optional))


def _code(text: str) -> str:
    """Angle brackets and bars as text."""
    return text.replace("<", "&lt;").replace("|", "\\|")


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(FILE, file=sys.stderr)
