"""Tells a homepage from what stands in its place: errors, challenges, files, empty answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from ycaudit.model import Cause
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.reasons import Reason
from ycaudit.url import same_site

# Statuses with which gateways answer visitors whom they take for robots (field: 412, 521; 202 and
# 567 by two products' documentation), whatever the body says.
_CHALLENGE_STATUS = frozenset({202, 412, 418, 429, 468, 493, 521, 567})
_MARKS = r"\$_ts\b|__jsl_clearance|acw_sc__v2|_cf_chl|cf-challenge|/cdn-cgi/challenge"
"""What gateways put into their markup."""
_Said = tuple[str, tuple[str, ...]]
"""What stands in place of a homepage, and words that say so."""
_CHECK_WORDS = (
    _MARKS, "人机验证", "安全验证", "访问验证", "滑动验证", "请完成验证", "安全检查",
    "Just a moment", "Checking your browser",
)  # fmt: skip
_BLOCK_WORDS = ("防火墙", r"WAF\b", "Access Denied", "创宇盾", "安全狗", "云锁", "拦截")
_CODE_WORD = "验证码"
"""Asked for by those that check visitors, and by many that let them log in."""
_LOGIN = rf"\A(?=[\s\S]*{_CODE_WORD})(?=[\s\S]*(?:统一(?:身份)?认证|密码|登[录陆]))"
_CHALLENGE_WORDS = re.compile("|".join((*_CHECK_WORDS, *_BLOCK_WORDS, _CODE_WORD)), re.IGNORECASE)
_NO_PART = "".join(
    f"(?<!{part}{now})" for part in ("栏目", "频道", "版块", "专栏", "专题") for now in ("", "正在")
)
"""Not said of a part of the page, as in 栏目维护中."""
_KEEPS_OUT = (
    ("checks_visitors", _CHECK_WORDS),
    ("stands_in_login", (_LOGIN,)),
    ("checks_visitors", (_CODE_WORD,)),
    ("stands_in_too_often", (
        "(访问|操作|请求)(过于|太)频繁", "请求过多", "稍后再试", "Too Many Requests",
    )),
    ("stands_in_region", (
        "仅限境内", "境外.{0,6}(访问|IP)", "所在(地区|区域).{0,10}(访问|限制)",
        r"not available in your (country|region)",
    )),
    ("stands_in_gateway", (
        *_BLOCK_WORDS,
        "Request Rejected", "Your support ID", "请求被拒绝", "非法请求", "访问被(拒绝|阻断)",
        "403 Forbidden", "blocked by", "安全策略", "Web应用防护", "云防护", "Incident ID",
    )),
)  # fmt: skip
"""What pages say that keep some visitors out, the surest first."""
_STAND_INS = (
    *_KEEPS_OUT,
    ("stands_in_parked", (
        "域名(出售|转让|到期|已过期|停放)", "(出售|转让).{0,8}域名", "该域名",
        "domain (is|may be) for sale", r"\bparked\b", "buy this domain",
    )),
    ("stands_in_default", (
        "Welcome to (nginx|CentOS|OpenResty)", "IIS Windows Server", "IIS7",
        "It works!", "Apache2? .{0,20}(Default|Test) Page", "Test Page for", "Tengine",
        "Apache Tomcat", r"宝塔(面板|Linux|服务器)", "恭喜.{0,6}站点创建成功",
    )),
    ("stands_in_hosting", (
        "未备案", "备案(信息|号).{0,8}(不|未|无)", "站点(不存在|已停止|已暂停)", "没有找到站点",
        "网站已(关闭|停用|暂停)", "虚拟主机", "空间(已)?到期", r"account.{0,10}suspended",
    )),
    ("stands_in_portal", (
        "上网认证", "网络认证", "认证登录", "Portal.{0,12}(认证|login)", "captive",
        "校园网.{0,6}登录", "连接到?(互联)?网络",
    )),
    ("maintenance", (
        # 运行维护单位：… stands in many footers.
        "(系统|网站|平台|服务器|数据库|停机|例行|临时|升级|进行).{0,4}维护(?!单位|部门|电话|：|:)",
        f"{_NO_PART}维护(中(?!心)|公告|通知|升级|期间|时间)", f"{_NO_PART}建设中(?!心)", "升级改造",
        "系统升级", "暂停服务", "暂停访问", "网站关闭", "停止运行", "maintenance",
    )),
    ("stands_in_error", (
        "404 Not Found", "页面(不存在|未找到|丢失)", "系统(错误|异常|繁忙)", "数据库连接",
        "Internal Server Error", "Bad Gateway", "Service Unavailable", "Runtime Error",
        "Fatal error", "Hacked",
    )),
)  # fmt: skip
"""What pages say that stand in place of a homepage, the surest first."""
_IN_MARKUP = (
    ("checks_visitors", (_MARKS,)),
    ("stands_in_parked", ("sedoparking",)),
    ("stands_in_default", ("iisstart",)),
)
"""What tells them by their markup, whatever they show."""
_TITLES = (
    ("stands_in_default", (
        "^Index of /", "^Apache Tomcat", "^Welcome to nginx", "^IIS( Windows Server|7|8)",
        "Apache2? .{0,20}Default Page", "^Test Page for",
    )),
    ("stands_in_parked", ("域名(出售|转让|停放)", "domain (is|may be) for sale")),
    ("stands_in_gateway", ("^Request Rejected", "^(403|400) ")),
    ("stands_in_error", ("^(404|500|502|503) ",)),
)  # fmt: skip
"""What no homepage has for a title, however much stands on the page."""
_HTML_TYPES = re.compile(r"\s*(text/html|application/(xhtml\+xml|xml)|text/xml)\b", re.IGNORECASE)
_TAG = re.compile(
    rb"<\s*(!doctype|html|head|body|script|meta|title|frameset|div|table|a|p|!--)\b", re.I
)
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff")
_FILES = (
    *_PICTURES,
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"\x1f\x8b",  # packed once more than the server said
)
STUB_BYTES = 4096
"""A page no larger than this may be there only to send the visitor on."""
MAX_SEARCHED = 200_000
"""Characters in which words of gateways are looked for: their pages are small."""
EMPTY_TEXT = 20
"""Fewer characters than this, without a link or an image, are no homepage."""
SHORT_TEXT, FEW_THINGS = 400, 3
"""A page of no more than these is no homepage, whatever it says."""
LONGER_TEXT, FEW_LINKS = 1500, 6
"""A page of no more than these is none either, if it has the words of what stands in its place."""


def unseen_because(got: Fetched, text: str) -> FetchError | None:
    """Why the answer is not the homepage that a visitor sees; None where it may be."""
    if (lost := _by_status(got, text)) is not None:
        return lost
    if not got.body.strip() and got.truncated:
        return no_page(got.url, nothing_readable(got.truncated))
    if not _is_html(got):
        return FetchError(got.url, Cause.NOT_HTML, Reason.of("not_html", type=_type_of(got)))
    if not got.body.strip():
        return no_page(got.url, Reason.of("empty_page"))
    return None


def nothing_readable(truncated: Reason) -> Reason:
    """Of a page that broke off before it showed anything nobody knows what it is."""
    return Reason.of("nothing_readable", because=truncated)


def no_page(url: str, why: Reason) -> FetchError:
    """What broke off, and what stands in the place of a homepage."""
    cause = Cause.CONNECT if why.code == "nothing_readable" else Cause.CHALLENGE
    return FetchError(url, cause, why)


def _type_of(got: Fetched) -> Reason | str:
    if got.body.startswith(_PICTURES) or got.content_type.lower().startswith("image/"):
        return Reason.of("a_picture")
    if got.body.startswith(_FILES):
        return Reason.of("a_file")
    return got.content_type.partition(";")[0][:80] or Reason.of("no_content_type")


def _by_status(got: Fetched, text: str) -> FetchError | None:
    status = got.status
    if status in _CHALLENGE_STATUS:
        return FetchError(got.url, Cause.CHALLENGE, Reason.of("gateway_status", status=status))
    if status in (200, 203, 206):
        return None
    if status in (401, 403, 405, 406, 503) and keeps_out(text[:20_000]):
        return FetchError(got.url, Cause.CHALLENGE, _answered(status, text[:20_000]))
    return FetchError(got.url, Cause.HTTP_STATUS, Reason.of("http_status", status=status))


def _answered(status: int, text: str) -> Reason:
    """What a gateway's page says that is not sent as a homepage is."""
    said = _stands_in(text, _KEEPS_OUT)
    if said is None or said.code == "checks_visitors":
        return Reason.of("gateway_page", status=status)
    return Reason.of("answered_instead", status=status, because=said)


def _is_html(got: Fetched) -> bool:
    if got.body.startswith(_FILES):
        return False
    if got.content_type:
        return _HTML_TYPES.match(got.content_type) is not None
    return _TAG.search(got.body[:2048]) is not None


def no_homepage(
    things: int, text_size: int, html: str, text: str, *,
    own: str, linked: Sequence[str], title: str, truncated: Reason | None,
) -> Reason | None:  # fmt: skip
    """Why a page is no homepage: what stands in its place, or that it broke off before it began.

    `things` counts its links, images and frames, `text_size` its visible characters; `own` is its
    host, and `linked` those to which its links lead. `text` is what shows, as far as that is known:
    what a page says elsewhere in its markup, such as a hidden notice of maintenance, it says to
    nobody.
    """
    if things == 0 and text_size < EMPTY_TEXT:
        return nothing_readable(truncated) if truncated else Reason.of("almost_empty_page")
    if (why := _stands_in(title, _TITLES)) is not None:
        return why
    is_small = things <= FEW_THINGS and text_size <= SHORT_TEXT
    is_small = is_small or (len(linked) <= FEW_LINKS and text_size <= LONGER_TEXT)
    if is_small or not any(same_site(host, own) for host in linked):
        # Of a page that holds much, passing words of maintenance or of errors prove nothing.
        words: Iterable[_Said] = _STAND_INS if is_small else _STAND_INS[:-2]
        if max(Counter(linked).values(), default=0) > FEW_LINKS and not is_small:
            # So many links to one host are a site's, such as one by another name; who keeps
            # visitors out has none, and its words stand in headlines.
            words = _STAND_INS[len(_KEEPS_OUT) : -2]
        said = _stands_in(f"{title}\n{text[:MAX_SEARCHED]}", words)
        return said or _stands_in(html[:MAX_SEARCHED], _IN_MARKUP)
    return None


def refusal(got: Fetched, html: str, text: str) -> Reason | None:
    """Why a small page of a site may be another for others, or later; None where it is what it is:
    nobody gets what the site does not have.
    """
    if got.status in (204, 205, 404, 410):
        return None
    if (lost := _by_status(got, html)) is not None:
        return lost.why
    said = _stands_in(text[:MAX_SEARCHED], _KEEPS_OUT)
    return said or _stands_in(html[:MAX_SEARCHED], _IN_MARKUP)


def stands_in(text: str) -> Reason | None:
    """What a page says to be that stands in place of another."""
    return _stands_in(text[:MAX_SEARCHED], _STAND_INS)


def bare(links: int, text_size: int) -> Reason | None:
    """Why too little is on a page for what is missing from it to mean anything."""
    if links > FEW_THINGS or text_size > SHORT_TEXT:
        return None
    return Reason.of("stands_in_bare", links=links, text=text_size)


def _stands_in(text: str, table: Iterable[_Said]) -> Reason | None:
    found = (code for code, words in table if _any_of(words).search(text))
    return next(map(Reason.of, found), None)


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


def keeps_out(html: str) -> bool:
    """Whether the text is of a gateway that checks visitors, or blocks them, or of a login."""
    return _CHALLENGE_WORDS.search(html, 0, MAX_SEARCHED) is not None


def no_destination(url: str, text: str) -> Reason:
    """Why nobody knows where an address leads whose text is of such a page."""
    said = _stands_in(text, _KEEPS_OUT)
    is_check = said is None or said.code == "checks_visitors"
    return Reason.of("url_checks_visitors" if is_check else "url_keeps_out", url=url)
