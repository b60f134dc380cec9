"""How often a site could be reached, in words: for the history, the report and papers."""

from __future__ import annotations

from collections.abc import Iterator

from ycaudit import office_time
from ycaudit.i18n import Message, Translated, translate
from ycaudit.report.rows import clean
from ycaudit.runs.availability import Availability, Check, Found

MAX_REASONS = 5
WORD = Translated({Found.REACHED: "可访问", Found.DOWN: "无法访问", Found.UNTOLD: "不能确定"})


def lines(told: Availability) -> Iterator[str]:
    """How often in how many days, the first and the last check, why, and the threshold."""
    yield _figures(told)
    if not told.checks:
        return
    first, last = told.checks[0], told.checks[-1]
    if first is last:
        yield translate("该次：{0}。", _told(first))
    else:
        yield translate("首次：{0}；末次：{1}。", _told(first), _told(last))
    if reasons := told.reasons.most_common():
        shown = (
            translate("{0} {1} 次", clean(why.translated(), 200), times)
            for why, times in reasons[:MAX_REASONS]
        )
        more = translate("；另有 {0} 种", len(reasons) - MAX_REASONS)
        yield translate(
            "未能看到首页的原因：{0}{1}。",
            translate("；").join(shown),
            more if len(reasons) > MAX_REASONS else "",
        )
    if told.threshold is not None:
        yield threshold(told)


def _figures(told: Availability) -> str:
    text = translate(
        "{0} 天内（{1} 至 {2}）检查 {3} 次，可访问 {4} 次，无法访问 {5} 次",
        *(told.days, told.first_day, told.last_day, len(told.checks)),
        *(told.count(Found.REACHED), told.count(Found.DOWN)),
    )
    untold = told.count(Found.UNTOLD)
    rest = translate(
        "，不能确定 {0} 次（可能是检查方网络或程序所致，或者网站显示的是访问验证、维护等页面）",
        untold,
    )
    return text + (rest if untold else "") + translate("。")


def _told(check: Check) -> str:
    when = f"{office_time.local(check.at):%Y-%m-%d %H:%M}"
    why = translate("（{0}）", clean(check.why.translated(), 200)) if check.why else ""
    return f"{when} {WORD[check.found]}{why}"


def threshold(told: Availability) -> str:
    """Whether the office's threshold is reached, with its source; empty where it has none."""
    asked = told.threshold
    if asked is None:
        return ""
    source = clean(asked.source, 200)
    if not told.is_enough:
        how_often = Message(
            "{0} 天内至少 {1} 次{2:?、每天至少 # 次}", asked.days, asked.checks, asked.per_day
        )
        return translate("检查次数不足（标准要求{0}），不能判定：{1}。", how_often, source)
    verdict = Message("已达到") if told.is_reached else Message("未达到")
    return translate(
        "{0}认定网站无法访问的标准（无法访问的次数不少于 {1:g}%）：{2}。",
        *(verdict, asked.share, source),
    )
