"""The headings under which offices keep what is known of a unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ycaudit.i18n import Message

HEADERS: dict[str, tuple[str, ...]] = {
    "url": (
        *("网址", "网站地址", "首页地址", "网站首页", "首页网址", "网站网址", "首页", "url"),
        *("homepage", "website", "网站域名", "域名", "官网", "官方网站", "网站", "address"),
        *("网站首页地址", "网站首页网址", "门户网站地址", "门户网站网址", "门户网站", "主页地址"),
        *("主页网址", "主页", "网页地址", "网站链接", "首页链接", "链接地址", "链接", "网络地址"),
        *(
            "官网地址",
            "官网网址",
            "访问地址",
            "政府网站",
            "政府网站网址",
            "政府网站地址",
            "网站url",
        ),
        *("首页url", "网址url", "主域名", "首页域名", "webaddress", "site", "link"),
    ),
    "name": (
        *("单位名称", "单位", "单位全称", "学校名称", "学校", "机构名称", "机构", "主办单位"),
        *("开办单位", "学校全称", "医院名称", "医院", "单位简称", "责任单位", "责任部门"),
        *("填报单位", "部门名称", "部门", "名称", "全称", "name", "unit", "organization"),
    ),
    "site": ("网站名称", "站点名称", "网站名", "sitename"),
    "office": (
        *("主管部门", "主管单位", "主管局", "主管机关", "上级主管部门", "上级主管单位"),
        *("行业主管部门", "上级部门", "上级单位", "归口部门", "归口单位", "归口管理部门"),
        *("监管部门", "监管单位", "隶属", "隶属单位", "隶属关系", "所属单位", "所属部门"),
        *("主管部门名称", "主管单位名称", "office", "supervisor"),
    ),
    "tags": (
        *("类别", "类型", "分类", "标签", "性质", "系统", "tags", "tag", "category", "type"),
        *(
            "单位性质",
            "单位类别",
            "单位类型",
            "网站类别",
            "网站类型",
            "所属系统",
            "所属行业",
            "行业",
        ),
        *(
            "所属地区",
            "所属区域",
            "所在地区",
            "地区",
            "区域",
            "县市区",
            "所属县市区",
            "区县",
            "县区",
        ),
        *("所属区县", "所在区县", "行政区划", "行政区", "级别", "层级", "学段", "办学层次"),
    ),
    "person": (
        *("联系人", "联系人姓名", "网站负责人", "网站负责人姓名", "网站管理员", "联络员", "负责人"),
        *("负责人姓名", "管理员", "管理员姓名", "经办人", "经办人姓名", "信息员", "责任人"),
        *("联络员姓名", "姓名", "person", "contact"),
    ),
    "phone": (
        *(
            "联系电话",
            "电话",
            "手机",
            "phone",
            "telephone",
            "tel",
            "mobile",
            "联系方式",
            "联系人电话",
        ),
        *("联系人联系方式", "联系人联系电话", "联系人手机", "联系人手机号", "联系人手机号码"),
        *("手机号码", "手机号", "移动电话", "办公电话", "联系手机", "电话号码", "联系电话号码"),
        *("固定电话", "座机", "座机号码", "办公室电话", "值班电话", "负责人电话", "负责人联系电话"),
        *("负责人联系方式", "负责人手机", "负责人手机号码", "管理员电话", "联络员电话"),
    ),
    "email": (
        *("邮箱", "电子邮箱", "电子邮件", "email", "mail", "邮件", "邮箱地址", "电子信箱"),
        *("邮件地址", "联系邮箱", "联系人邮箱", "负责人邮箱", "emailaddress"),
    ),
    "id": ("编号", "id", "单位编号", "网站编号"),
    "row": ("序号", "no", "行号", "顺序号"),
    "waived": (*("豁免要求", "豁免项目", "豁免事项", "豁免项", "豁免内容", "要求", "requirement"),),
    "reason": ("豁免理由", "豁免原因", "理由", "原因", "事由", "reason"),
    "approved_by": ("批准人", "审批人", "核准人", "批准单位", "审批单位", "批准", "approvedby"),
    "until": (
        *("豁免期限", "有效期", "有效期至", "期限", "豁免至", "截止日期", "截止时间", "截止日"),
        *("到期日", "到期日期", "until"),
    ),
}
"""The headings of each field; where several columns fit, the earlier heading is preferred."""

FIELDS = {
    "row": Message("row number"),
    "url": Message("address"),
    "name": Message("unit"),
    "site": Message("site"),
    "office": Message("office"),
    "tags": Message("tag"),
    "person": Message("contact person"),
    "phone": Message("telephone"),
    "email": Message("e-mail"),
    "id": Message("id"),
}
"""What a column of a list of units may be taken for."""

# Whose it is: of "学校联系电话" 联系电话. Not 政府: 政府门户链接 is what a rule asks for.
_OWNER = re.compile(r"(?:本?单位|学校|医院|机构|部门|企业|网站|门户|官方)(?=.{2})")
_NUMBER = re.compile(r"(?<=\D)(?:[1-9]|[一二三四五])$")
_OR = re.compile(r"[/／|｜、]|或者?|以?及|和|与")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_ABOUT = re.compile(r"(?:基本)?(?:信息|情况|资料)$")


def heading(text: str) -> str:
    """A heading as `HEADERS` has it: of "网 址（必填）：", 网址."""
    text = folded(text)
    return re.sub(r"[\W_]+", "", _BRACKETED.sub("", text)) or re.sub(r"[\W_]+", "", text)


def folded(text: str) -> str:
    """The text as it is compared: narrow, in small letters."""
    return unicodedata.normalize("NFKC", text[:100]).casefold()


def meanings(*texts: str) -> dict[str, int]:
    """The fields that a heading may mean, each with its rank, from 0.

    `texts` are the headings above each other, from the top: of 联系人 over 电话, 联系人电话.
    """
    *above, last = texts
    group = "".join(_ABOUT.sub("", heading(text)) for text in above)
    return (
        _known(group + heading(last))
        or _known(heading(last))
        or _any_of(_BRACKETED.sub("", folded(last)))
        or _known(unnumbered(last))
    )


def unnumbered(text: str) -> str:
    """A heading without the number at its end: of 网址2, 网址."""
    return _NUMBER.sub("", heading(text))


def _any_of(text: str) -> dict[str, int]:
    """Of 主管部门/主管单位 what one of them means, of 联系人及电话 what each means."""
    found: dict[str, int] = {}
    for part in _OR.split(text):
        found = _known(heading(part)) | found
    return found


def _known(word: str) -> dict[str, int]:
    own = dict(_ranks(word))
    bare = _OWNER.sub("", word, count=1) if _OWNER.match(word) else ""
    return own or {field: rank + 100 for field, rank in _ranks(bare)}


def _ranks(word: str) -> Iterator[tuple[str, int]]:
    for field, words in HEADERS.items():
        if word in words:
            yield field, words.index(word)


def columns_of(heads: Sequence[tuple[str, ...]]) -> dict[str, list[int]]:
    """The columns (0-based) of every field, the best first; each heading from the top down."""
    ranked: dict[str, list[tuple[int, int]]] = {field: [] for field in HEADERS}
    for column, texts in enumerate(heads):
        for field, rank in meanings(*texts).items() if any(texts) else ():
            ranked[field].append((rank, column))
    return {field: [column for _, column in sorted(found)] for field, found in ranked.items()}
