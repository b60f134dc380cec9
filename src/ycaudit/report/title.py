"""Breaks the title of a paper into lines that end with a word and are about equally long.

GB/T 9704-2012, 7.3.1: a line ends where a word ends, and the lines are of fitting length.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache

MARK = "\x1f"
"""A good place for a new line; no name has it, as they are cleaned of control characters."""
MOST = 40
"""Narrow characters: twenty Chinese ones of size 2 (22 points) on a line of 156 mm."""
_BEFORE, _BEHIND = "《（〈“", "》）〉”、，：；。的"
LONGEST = 200
"""Characters of a title."""
_MARKED, _FAIR, _POOR, _BAD, _NEVER = 0, 4, 8, 20, 1_000
_ONE_MORE, _MISSED = 1, 4
"""The price of a line more than the text needs, and of a good place that is not taken."""
# Words of titles of Chinese offices, longest first; between two of them a line may end.
_WORDS = re.compile(
    "政府网站|政务新媒体|人民政府|新媒体|融媒体|自媒体|门户网|二维码|公众号|客户端|视频号|实施方案|管理办法|指导意见"
    "|办公室|办公厅|委员会|教育局|卫生健康|宣传部|关于|推进|推动|推广|加强|做好|落实|开展|规范|使用"
    "|全市|全省|全县|全区|政府|政务|网站|网络|平台|媒体|首页|链接|信息|公开|安全|检查|抽查|情况|工作"
    "|建设|管理|运行|维护|实施|方案|办法|标准|规定|要求|通知|通报|意见|细则|指引|制度|计划|服务|宣传"
    "|微信|微博|学校|医院|单位|部门|整改|问题|结果|季度|年度"
)


def title_lines(title: str) -> list[str]:
    """The lines of a title, in which `MARK` marks good places for a new one."""
    marks, text = set[int](), ""
    for part in title.split(MARK):
        text = (text + part)[:LONGEST]
        marks.add(len(text))
    fewest = -(-width(text) // MOST)
    if fewest <= 1:
        return [text]
    costs = _costs(text, marks)
    tried = ((_broken(text, fewest + more, costs), more) for more in (0, 1))
    _, ends = min((cost + more * _ONE_MORE, ends) for (cost, ends), more in tried)
    return [text[a:b] for a, b in zip((0, *ends), ends, strict=False)]


def _broken(text: str, lines: int, costs: list[int]) -> tuple[float, tuple[int, ...]]:
    """The cheapest ends of so many lines, behind what they cost."""

    def price(start: int, end: int) -> float:
        """Of a line: good places that it runs over, and how uneven it is."""
        missed = sum(cost == _MARKED for cost in costs[start + 1 : end])
        return missed * _MISSED + abs(width(text[start:end]) - width(text) / lines) / 6

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[int, ...]]:
        found = [
            (cost + costs[end] + price(start, end), (end, *ends))
            for end in _ends(text, start, left)
            for cost, ends in [best(end, left - 1) if left > 1 else (0.0, ())]
        ]
        return min(found, default=(math.inf, ()))

    return best(0, lines)


def _ends(text: str, start: int, left: int) -> Iterator[int]:
    """Where a line that begins here may end: the last one at the end of the text."""
    first = start + 1 if left > 1 else len(text)
    for end in range(first, len(text) + 1):
        if width(text[start:end]) > MOST:
            return
        yield end


def width(text: str) -> int:
    """The width in narrow characters; a Chinese one counts two."""
    return sum(1 if c.isascii() else 2 for c in text)


def _costs(text: str, marks: set[int]) -> list[int]:
    """What it costs to end a line before each character, and at the end."""
    words = [match.span() for match in _WORDS.finditer(text)]
    inside = {place for start, end in words for place in range(start + 1, end)}
    edges = {place for span in words for place in span}
    return [*(_cost(text, place, marks, inside, edges) for place in range(len(text))), _MARKED]


def _cost(text: str, place: int, marks: set[int], inside: set[int], edges: set[int]) -> int:
    before, behind = text[place - 1], text[place]
    if behind in _BEHIND or before in _BEFORE or (before + behind).isascii():
        return _NEVER
    if place in marks:
        return _MARKED
    if before in _BEHIND or behind in _BEFORE:
        return _FAIR
    if place in inside:
        return _BAD
    return _FAIR if place in edges else _POOR
