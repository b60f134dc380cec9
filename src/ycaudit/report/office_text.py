"""What a run says in the Chinese of official papers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from ycaudit import office_time
from ycaudit.i18n import Translated
from ycaudit.model import Cause, Evidence, Outcome, ScanRun, Sense, UnitReport, Unseen, Verdict
from ycaudit.report.letterhead import day
from ycaudit.report.rows import clean
from ycaudit.runs.checks import CheckDay, check_days

_NAME, _ADDRESS, _NOTE = 80, 300, 120
_SOURCE = 300
_TITLES = re.compile("《[^《》]+》")
_NOT_XML = re.compile("[\ufffe\uffff]")
NOTES = {
    "in_comment": "只写在网页源代码的注释中",
    "only_in_markup": "网页源代码中有，但没有显示出来",
    "other_code_in_comment": "只在网页源代码的注释中有其他二维码",
    "named_other_page": "名称正确，但指向该网站的其他页面",
    "lookalike_host": "地址相似，但指向其他网站",
    "named_leads_elsewhere": "名称正确，但指向其他网站",
    "named_own_page": "名称正确，但指向本网站的网页",
    "named_leads_nowhere": "名称正确，但没有链接地址，点击后无法跳转",
    "other_page": "只链接到该网站的其他页面",
    "other_code_labelled": "名称相符，但二维码内容与官方的不符",
    "code_of_unknown_owner": "名称相符，但从二维码内容看不出是谁的账号",
    "link_in_place_of_code": "有指向该账号的链接，但要求的是二维码",
    "code_labelled_so": "名称相符，尚无官方二维码可供比对",
    "picture_without_code": "同名图片中未读出二维码",
    "picture_lost": "同名图片打不开",
    "picture_on_own_disk": "同名图片的地址是制作者电脑上的文件，访问者看不到",
    "other_code_of_host": "二维码指向同一网站，但内容不符",
    "other_code": "首页只有其他内容的二维码",
    "known_mistake": "放置的是已知的其他内容",
    "named_other_text": "有该项名称，但文字内容不符",
}
"""The text for a near miss, by the code of its note."""
CAUSES = Translated(
    {
        Cause.DNS: "域名无法解析",
        Cause.CONNECT: "无法连接",
        Cause.TLS: "安全连接失败",
        Cause.TIMEOUT: "访问超时",
        Cause.NOT_HTML: "返回的不是网页",
        Cause.REFUSED_ADDRESS: "地址不允许访问",
        Cause.REDIRECTS: "跳转次数过多",
        Cause.CRASH: "浏览器崩溃",
        Cause.OUR_BUG: "检查程序出错",
    }
)
"""Why a homepage could not be seen; where the server answered, the reason says with what."""
# The text for an undetermined verdict: the first whose code is in the chain of reasons.
DOUBTS = (
    ("networks_differ", "从两个网络看到的结果不一致"),
    ("not_all_seen", "未发现，但首页有未能读取的内容"),
    ("hidden_not_all_seen", "网页中有，但能否看到尚不能确定"),
    ("unpinned", "尚无经核实的二维码可供比对"),
    ("unknown_forms", "首页的二维码是否属于该项尚不能确定"),
    ("almost_the_same", "二维码与要求的相近，是否有效尚未核实"),
    ("link_almost_the_same", "首页的链接与要求的相近，是否正确尚未核实"),
    ("unverified_code", "放置的内容尚未核实"),
    ("other_form", "放置的内容尚未核实"),
    ("unverified_link", "放置的内容尚未核实"),
    ("never_shown_undecided", "网页中有，但访问者看不到或用不了"),
    ("never_shown", "网页中有，但访问者看不到或用不了"),
    ("visibility_unknown", "网页中有，但能否看到尚不能确定"),
    ("may_jump", "首页的跳转链接可能指向该网站，尚未核实"),
    ("destination_unknown", "首页有链接或二维码的去向未能查明"),
    ("code_destination_unknown", "首页有链接或二维码的去向未能查明"),
    ("links_not_followed", "首页有链接或二维码的去向未能查明"),
    ("codes_not_followed", "首页有链接或二维码的去向未能查明"),
    ("text_in_picture", "文字中未发现，是否在图片中显示有待人工查看"),
    ("unverified_text", "放置的内容尚未核实"),
    ("text_not_kept", "该次检查未保存网页文字，需重新检查"),
    ("one_look_only", "两次检查的结果不一致"),
)
THINGS = Translated(
    {Sense.LINK: "链接", Sense.QR_CODE: "二维码", Sense.IMAGE: "图片", Sense.TEXT: "文字"}
)
"""The word for what a requirement asks for."""


def plain(text: str, most: int = _ADDRESS) -> str:
    """Any text as one line that XML can hold."""
    return _NOT_XML.sub("", clean(text, most))


def unit_name(report: UnitReport) -> str:
    """The name of the site, else its id; never empty."""
    return named(report.target.name, report.target.id)


def named(name: str, otherwise: str = "") -> str:
    """The name of a unit or a group, else another text; never empty."""
    names = (plain(text, _NAME).strip() for text in (name, otherwise))
    return next(filter(None, names), "（未命名单位）")


def rules_name(run: ScanRun) -> str:
    """The name of the rules without 《》, which papers add."""
    return plain(run.rules.name, _NAME).strip().removeprefix("《").removesuffix("》")


def rules_title(run: ScanRun) -> str:
    """What the rules are called where papers refer to them.

    The document that they come from, where it is one; else their own name, which stands in 《》
    only where the rules file has written it so: it need not be the title of any document.
    """
    titles = list(dict.fromkeys(_TITLES.findall(plain(run.rules.source, _SOURCE))))
    return titles[0] if len(titles) == 1 else plain(run.rules.name, _NAME).strip()


def rules_basis(run: ScanRun) -> str:
    """By what it was checked (根据): the issued document as the rules cite it, else their name."""
    cited = plain(" ".join(run.rules.source.split()), _SOURCE).strip("。；; ")
    return cited or rules_title(run)


def cited(run: ScanRun, clause: str) -> str:
    """A clause with the document in which it stands, where that is known."""
    title = rules_title(run)
    return clause if "《" in clause or not title.startswith("《") else f"{title}{clause}"


def requirement_name(verdict: Verdict) -> str:
    """The name of the requirement."""
    return plain(verdict.name, _NAME).strip()


def note(evidence: Evidence) -> str:
    """The text for the note of a near miss; empty where it has none."""
    if evidence.note is None:
        return ""
    if evidence.note.code == "asked_by_other":
        return f"放置的是“{plain(str(evidence.note.params['other']), _NAME)}”的内容"
    return NOTES.get(evidence.note.code) or plain(evidence.note.translated(), _NOTE)


def doubts(report: UnitReport) -> list[str]:
    """Why the site is undetermined: each reason once, with the requirements concerned."""
    concerns = dict[str, list[str]]()
    for verdict in report.verdicts:
        if is_grave(verdict, Outcome.UNDETERMINED):
            concerns.setdefault(doubt(report, verdict), []).append(requirement_name(verdict))
    return [f"{'、'.join(names)}：{why}" for why, names in concerns.items()]


def days(run: ScanRun) -> str:
    """The days of the check and of those again: 2026年6月15日检查，6月18日复查12家."""
    return f"{first_days(run)}检查{again_in_words(check_days(run))}"


def run_day(run: ScanRun) -> date:
    """The day in the office on which the run ended."""
    return office_time.today(run.finished_at)


def first_days(run: ScanRun) -> str:
    """The days of the first checks; of a run without any, the day on which it ended."""
    return days_in_words(_firsts(check_days(run)) or [run_day(run)])


def again_in_words(found: Sequence[CheckDay]) -> str:
    """The days of checks again, each with its units, as the rest of a sentence; else empty."""
    first = _firsts(found)[-1:]
    agains = [one for one in found if one.again]
    told = ""
    for before, one in zip([*first, *(a.day for a in agains)], agains, strict=False):
        told += f"，{_after(before, one.day) or '当日'}复查{one.again}家"
    return told


def _firsts(found: Iterable[CheckDay]) -> list[date]:
    return [one.day for one in found if one.first]


def days_in_words(found: Sequence[date]) -> str:
    """Days in order, at least one: 2026年6月15日、16日; more than three by the first and last."""
    shown, word = (found, "、") if len(found) <= 3 else ((found[0], found[-1]), "至")
    rest = (_after(before, one) for before, one in pairwise(shown))
    return word.join([day(shown[0]), *rest])


def _after(before: date, one: date) -> str:
    """A day behind another, without the year and month that they share; empty for the same day."""
    if one == before:
        return ""
    if one.year != before.year:
        return day(one)
    return f"{one.day}日" if one.month == before.month else f"{one.month}月{one.day}日"


def is_grave(verdict: Verdict, outcome: Outcome) -> bool:
    """Whether a duty, not an advice, has this outcome."""
    return verdict.level == "must" and verdict.outcome is outcome


def doubt(report: UnitReport, verdict: Verdict) -> str:
    """Why a requirement is undetermined."""
    is_unseen = all(isinstance(observation, Unseen) for observation in report.observations)
    if is_unseen or verdict.why.code == "not_seen":
        return not_opened(report)
    known = (phrase for code, phrase in DOUBTS if verdict.why.has(code))
    return next(known, plain(verdict.why.translated()))


def not_opened(report: UnitReport) -> str:
    """That the homepage could not be opened, and why."""
    why = why_unseen(report)
    return f"首页未能打开（{why}）" if why else "首页未能打开"


def why_unseen(report: UnitReport) -> str:
    """What was recorded of a homepage that could not be seen; empty where nothing was."""
    unseen = [one for one in report.observations if isinstance(one, Unseen)]
    if not unseen:
        return ""
    last = unseen[-1]
    known = CAUSES.source(last.cause) if last.cause in CAUSES else last.why.translated()
    return plain(known, _NOTE)
