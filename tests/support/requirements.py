"""Requirements that several tests judge by, and short ways to ask for their verdicts."""

from __future__ import annotations

from support.pages import code, link, page
from ycaudit.model import BlindSpot, Link, QrCode, Target, Visibility
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

PORTAL = LinkRequirement(
    id="portal",
    name="中国·宜昌网",
    kind="link",
    accept=[{"host": ["www.yichang.gov.cn"], "path": "root"}],
)
WECHAT = QrRequirement(
    id="wechat",
    name="宜昌发布",
    kind="qr",
    labels=["微信"],
    accept=[
        {"payload": "http://weixin.qq.com/r/RIGHT", "source": "a test", "verified": "2026-01-01"}
    ],
)
RIGHT_LINK = link("http://www.yichang.gov.cn/")
RIGHT_CODE = code("http://weixin.qq.com/r/RIGHT")


def outcome(
    requirement: LinkRequirement | QrRequirement, *things: Link | QrCode | BlindSpot
) -> str:
    return requirement.judge(page(*things)).outcome


TARGET = Target(id="u", name="单位", url="http://u.test/")

WEIBO = QrRequirement(
    id="weibo",
    name="宜昌发布微博",
    kind="qr",
    labels=["微博"],
    exhaustive=False,
    accept=[{"weibo": {"uid": "1999404300"}}],
)


def led(payload: str, *hops: str, unresolved: str | None = None) -> QrCode:
    return code(payload).model_copy(update={"leads_to": hops, "unresolved": unresolved})


RESOLVING = QrRequirement.model_validate({**WEIBO.model_dump(), "resolve": True})
SHORT = "http://qr.weibo.cn/g/5aBcDe"


def notes(requirement: LinkRequirement | QrRequirement, *things: Link | QrCode) -> list[str]:
    return [str(evidence.note) for evidence in requirement.judge(page(*things)).near]


def in_comment(thing: Link | QrCode) -> Link | QrCode:
    where = thing.where.model_copy(update={"origin": "comment"})
    return thing.model_copy(update={"where": where, "visible": Visibility.HIDDEN})
