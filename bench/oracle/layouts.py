"""What stands around the things on a page, and what a whole page does to all of them."""

# ruff: noqa: E501 - markup

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pictures
from pieces import File, Place, Step, run


@dataclass(frozen=True, slots=True)
class Parts:
    """A page before it is laid out."""

    head: str
    css: str
    body: str
    js: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a whole page does: its files, the visitor's first steps, and how long it takes."""

    name: str
    build: Callable[[Parts], dict[str, File]]
    steps: tuple[Step, ...] = ()
    settle: float = 0
    shown: bool = True


CSS = (
    "body{margin:0;font:14px/1.7 sans-serif;color:#222;background:#fff}.in{width:1000px;margin:0 auto}"
    ".top{background:#1a5fa8;color:#fff;padding:14px 0}.nav a{color:#fff;background:#247;padding:6px 12px;margin-right:3px}"
    ".row{display:flex;flex-wrap:wrap;align-items:flex-start;gap:14px;margin:14px auto}.lk{color:#05a;cursor:pointer}"
    ".slot{position:relative;padding:6px;border:1px solid #e4e9f0;min-width:170px;min-height:40px}.slot h4{margin:0 0 6px;font-size:13px}"
    ".news{columns:2}.foot{background:#eef1f5;padding:16px 0 340px;margin-top:18px;font-size:12px}"
)
NAV = ("首页", "机构概况", "政务公开", "办事服务", "互动交流", "专题专栏", "党建工作", "数据开放")
SUBJECTS = (
    "全市安全生产",
    "重点项目建设",
    "城市管理",
    "乡村振兴",
    "防汛抗旱",
    "教育教学",
    "医疗卫生",
    "文化旅游",
    "营商环境",
)
ACTIONS = (
    "工作推进会召开",
    "专项检查启动",
    "情况通报发布",
    "实施方案印发",
    "座谈会在市政府举行",
    "公开征求意见",
    "取得阶段性成效",
)
DECOY_LINKS = (
    ("http://www.gov.cn/", "中国政府网"),
    ("http://www.hubei.gov.cn/", "湖北省人民政府"),
    ("http://news.cn3x.com.cn/", "三峡新闻"),
    ("http://www.cn3x.com.cn/art/2018/0612/8841.shtml", "宜昌要闻"),
    ("http://zwfw.yichang.gov.cn/", "政务服务网"),
    ("http://www.yichang.gov.cn/content-41-1.html", "市政府信息公开"),
    ("http://www.yichang.gov.com/", "宜昌在线"),
)
PROSE = (
    "本单位贯彻落实党中央、国务院和省委、省政府决策部署，承担全市相关领域的规划、指导、协调和监督管理工作，"
    "负责组织起草有关地方性法规和政府规章草案，拟订发展规划并组织实施，推进信息公开和便民服务，接受社会监督。"
)


def news(rng: random.Random, count: int) -> str:
    items = []
    for _ in range(count):
        title = rng.choice(SUBJECTS) + rng.choice(ACTIONS)
        address = f"/art/{rng.randint(2016, 2018)}/t{rng.randint(10**5, 10**6)}.html"
        items.append(
            f'<li><a href="{address}">{title}</a> <span>{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}</span></li>'
        )
    return f"<ul class=news>{''.join(items)}</ul>"


def slot(caption: str, markup: str, name: str = "") -> str:
    return f"<div class=slot id='{name or 'side'}'><h4>{caption}</h4>{markup}</div>"


def decoys(place: Place) -> list[str]:
    """What stands around: codes of others, links to others."""
    rng = place.rng
    names = rng.sample(("云江发布微博", "官方微信", "手机客户端", "政务新媒体"), rng.randint(1, 2))
    codes = [
        slot(name, f'<img src="{pictures.lookup(place, "DECOY")}" width=110 height=110 alt="">')
        for name in names
    ]
    links = "".join(
        f' <a href="{url}" target=_blank>{text}</a>' for url, text in rng.sample(DECOY_LINKS, 4)
    )
    return [*codes, slot("相关网站", links)]


def page_body(rng: random.Random, slots: list[str]) -> str:
    rng.shuffle(slots)
    cut = sorted(rng.sample(range(len(slots) + 1), 2))
    rows = [slots[: cut[0]], slots[cut[0] : cut[1]], slots[cut[1] :]]
    nav = "".join(f'<a href="/col/c{n}/index.html">{word}</a>' for n, word in enumerate(NAV))
    row = [f"<div class='row in'>{''.join(x)}</div>" for x in rows]
    return (
        f"<div class=top><div class=in><h1>云江市公共事务管理局</h1></div></div><div class='nav in'>{nav}</div>{row[0]}"
        f"<div class=in><h2>工作动态</h2>{news(rng, rng.randint(10, 18))}</div>{row[1]}"
        f"<div class=in><h2>机构职能</h2><p>{PROSE}{PROSE}</p>{news(rng, rng.randint(6, 14))}<p>{PROSE}{PROSE}</p></div>{row[2]}"
        "<div class=foot><div class=in>主办：云江市公共事务管理局　地址：云江市沿江大道 88 号　"
        '<a href="/sitemap.html">网站地图</a> <a href="/about.html">关于我们</a> 鄂ICP备05000001号</div></div>'
    )


def whole(parts: Parts, *, head: str = "", body: str = "", css: str = "", js: str = "") -> str:
    return (
        f"<!doctype html><html lang=zh><head><meta charset=utf-8><title>云江市公共事务管理局</title>{parts.head}{head}"
        f"<style>{CSS}{parts.css}{css}</style></head><body>{parts.body}{body}<script>{run(parts.js + js, 'document')}</script></body></html>"
    )


def only(text: str, parts: Parts) -> dict[str, File]:
    return {"/": File(text.encode(), headers=parts.headers)}


def simple(**more: str) -> Callable[[Parts], dict[str, File]]:
    return lambda parts: only(whole(parts, **more), parts)


def old_doctype(parts: Parts) -> dict[str, File]:
    return only(whole(parts).replace("<!doctype html>", ""), parts)


def gbk(parts: Parts) -> dict[str, File]:
    text = whole(parts).replace("charset=utf-8", "charset=gb2312", 1)
    return {"/": File(text.encode("gb18030"), "text/html", headers=parts.headers)}


def in_frame(parts: Parts) -> dict[str, File]:
    outer = (
        '<!doctype html><meta charset=utf-8><title>云江市公共事务管理局</title><body style="margin:0">'
        '<iframe src="/main.html" style="position:fixed;inset:0;width:100%;height:100%;border:0"></iframe>'
    )
    return {
        "/": File(outer.encode()),
        "/main.html": File(whole(parts).encode(), headers=parts.headers),
    }


def fetched(parts: Parts) -> dict[str, File]:
    """The whole body is fetched; what a script cannot insert is not put into such pages."""
    shell = Parts(parts.head, parts.css, "<div id=app>加载中…</div>", "", parts.headers)
    js = (
        "fetch('/body.html').then(function(r){return r.text()}).then(function(t){"
        f"$('#app').innerHTML=t;{run(parts.js)}}});"
    )
    return {**only(whole(shell, js=js), parts), "/body.html": File(parts.body.encode(), delay=0.3)}


def tall(parts: Parts) -> dict[str, File]:
    spacer = "<div style='height:9000px;background:linear-gradient(#fff,#f3f6fa)' class=in>专题长图</div>"
    body = parts.body.replace("<div class=in><h2>", spacer + "<div class=in><h2>")
    return only(whole(Parts(parts.head, parts.css, body, parts.js, parts.headers)), parts)


COVER = "position:fixed;inset:0;z-index:9000;background:#fff;text-align:center;padding-top:180px;font-size:30px"
LAYOUTS = (
    Layout(
        "splash that goes after 3 s",
        simple(
            body=f"<div id=splash style='{COVER}'>欢迎访问</div>",
            js="setTimeout(function(){$('#splash').remove()},3000);",
        ),
        settle=3.3,
    ),
    Layout(
        "closable notice over the page",
        simple(
            body=f"<div id=notice style='{COVER}'>网站公告<br><button id=shut type=button>关闭</button></div>",
            js="$('#shut').onclick=function(){$('#notice').remove()};",
        ),
        (Step("click", "shut"),),
    ),
    Layout(
        "overlay that stays",
        simple(body=f"<div style='{COVER}'>系统升级中，请稍候</div>"),
        shown=False,
    ),
    Layout(
        "page in an inner scroll box",
        simple(css="html,body{height:100%;overflow:hidden}body{overflow-y:auto}"),
    ),
    Layout("very tall page", tall),
    Layout("body fetched by script", fetched, settle=0.6),
    Layout("page in a frame", in_frame, settle=0.3),
    Layout("no doctype", old_doctype),
    Layout("charset GBK", gbk),
    Layout("base target blank", simple(head="<base target=_blank>")),
    Layout(
        "body hidden until a script is done",
        simple(
            css="body{opacity:0}body.ok{opacity:1}",
            js="setTimeout(function(){document.body.className='ok'},1200);",
        ),
        settle=1.5,
    ),
)
PLAIN_LAYOUT = Layout("plain", simple())
