"""A seeded city of homepages on disk, for a web server to serve and auditors to look at.

    python bench/fetching/city.py [--units N] [--seed S] [FOLDER]

A body (a homepage with its sheets, scripts and images) depends on the seed and its number alone, so
a larger city holds the smaller one. There are at most 300 bodies: units beyond share them by
symlink, each under an address of its own, which is fair for looks at the markup and not for looks
at images, since ycaudit decodes the same bytes once a run.

Every unit has its own address in 127.0.0.0/8. What many sites share is on one common host.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random

import numpy
import segno
import yaml
from PIL import Image, ImageDraw

MAX_BODIES = 300
COMMON = "127.0.0.2"
COMMON_PORT = 21480
"""Of the host that many sites share: pages name it, so it is the same at every latency."""

PORTALS = {"one": "http://www.portal-one.test/", "two": "http://www.portal-two.test/"}
PORTAL_NAMES = {"one": "云城新闻网", "two": "中国·云城网"}
CODES = {
    "cloud": ("云上云城", "http://app.portal-one.test/cloud"),
    "pass": ("云城通", "https://app.portal-one.test/pass/download?from=qr"),
    "weibo": ("云城发布微博", "https://weibo.cn/qr/userinfo?uid=0000000001"),
    "wechat": ("云城发布微信", "http://weixin.qq.com/r/BENCH-yuncheng-fabu"),
}
OTHER_CODES = (
    "http://weixin.qq.com/r/BENCH-another",
    "https://weibo.cn/qr/userinfo?uid=0000000009",
)


# --- what is where -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Truth:
    """What a body shows of what is asked for."""

    links: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def both(self) -> bool:
        return len(self.links) == len(PORTALS)

    @property
    def complies(self) -> bool:
        return self.both and len(self.codes) == len(CODES)


@dataclass(frozen=True, slots=True)
class City:
    """A city on disk."""

    folder: Path
    units: int
    truths: tuple[Truth, ...]

    def truth(self, unit: int) -> Truth:
        return self.truths[unit % len(self.truths)]

    def write_lists(self, folder: Path, port: int, tls_port: int | None = None) -> list[str]:
        """targets.yaml, urls.txt and the rules; every tenth unit on TLS, if there is a port."""
        urls = [
            f"https://{address(unit)}:{tls_port}/"
            if tls_port is not None and unit % 10 == 9
            else f"http://{address(unit)}:{port}/"
            for unit in range(self.units)
        ]
        folder.mkdir(parents=True, exist_ok=True)
        lines = (
            f'  - {{id: u{unit:05}, name: "云城市第{unit}单位", url: "{url}"}}\n'
            for unit, url in enumerate(urls)
        )
        (folder / "targets.yaml").write_text("units:\n" + "".join(lines), "utf-8")
        (folder / "urls.txt").write_text("".join(f"{url}\n" for url in urls), "utf-8")
        links = [
            {"id": name, "name": PORTAL_NAMES[name], "kind": "link", "accept": [
                {"host": [url.split("/")[2]], "path": "root"}
            ]}
            for name, url in PORTALS.items()
        ]  # fmt: skip
        codes = [
            {"id": name, "name": label, "kind": "qr", "labels": [label], "accept": [
                {"payload": payload, "source": "made for the bench", "verified": "2026-11-23"}
            ]}
            for name, (label, payload) in CODES.items()
        ]  # fmt: skip
        _rules(folder / "rules" / "links", [{**link, "visible": "any"} for link in links])
        _rules(folder / "rules" / "visible", links)
        _rules(folder / "rules" / "full", [*links, *codes])
        return urls


def address(unit: int) -> str:
    """The unit's own: from 127.1.0.1 on."""
    block, within = divmod(unit, 250)
    return f"127.{1 + block // 250}.{block % 250}.{within + 1}"


def _rules(folder: Path, requirements: Sequence[object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(
        {"name": "bench", "requirements": list(requirements)}, allow_unicode=True, sort_keys=False
    )
    (folder / "rules.yaml").write_text(text, "utf-8")


def default_folder(seed: int) -> Path:
    return Path(tempfile.gettempdir()) / f"ycaudit-bench-city-{seed}"


def built(units: int, seed: int, folder: Path | None = None) -> City:
    """The city, made as far as it is not there yet; another generator's is thrown away."""
    folder = folder or default_folder(seed)
    stamp = folder / "stamp.json"
    wanted = {"seed": seed, "generator": hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}
    known = json.loads(stamp.read_text()) if stamp.is_file() else {}
    if {k: known.get(k) for k in wanted} != wanted:
        if folder.exists() and not stamp.is_file():
            raise SystemExit(f"{folder} is no city of this bench: name another folder")
        shutil.rmtree(folder, ignore_errors=True)
        known = {**wanted, "bodies": [], "units": 0}
        (folder / "sites").mkdir(parents=True)
        stamp.write_text("{}")  # ours, and not yet whole
        _write_common(folder / "sites" / COMMON, seed)
    have = len(known["bodies"])
    more = range(have, min(units, MAX_BODIES))
    if more:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            made = pool.map(partial(_write_body, folder, seed), more, chunksize=4)
            known["bodies"] += [[list(t.links), list(t.codes)] for t in made]
    for unit in range(known["units"], units):
        link = folder / "sites" / address(unit)
        link.unlink(missing_ok=True)
        link.symlink_to(f"../bodies/{unit % MAX_BODIES:03}")
    known["units"] = max(units, known["units"])
    stamp.write_text(json.dumps(known))
    bodies = known["bodies"][: min(units, MAX_BODIES)]
    return City(folder, units, tuple(Truth(tuple(a), tuple(b)) for a, b in bodies))


# --- words ---------------------------------------------------------------------------------------

PHRASES = (
    "通知公告 政务公开 领导之窗 机构设置 办事指南 在线服务 互动交流 政策法规 工作动态 市长信箱 "
    "专题专栏 信息公开 人事信息 规划计划 财政预算 统计数据 重点项目 招标采购 行政许可 应急管理 "
    "召开 会议 学习 贯彻 落实 推进 加强 开展 组织 印发 关于 全市 2026年 专项 检查 培训 活动 建设 "
    "改革 发展 服务 群众 企业 学校 医院 社区 乡镇 教育 卫生 环保 交通 水利 农业 旅游 文化 安全 生产"
)
WORDS = PHRASES.split()


@cache
def _hanzi() -> str:
    """The 3,755 common characters of GB 2312, which GBK holds."""
    return "".join(
        bytes((row, cell)).decode("gb2312", "ignore")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
    )


def _title(rng: Random) -> str:
    words = "".join(rng.choices(WORDS, k=rng.randint(2, 5)))
    return words + "".join(rng.choices(_hanzi(), k=rng.randint(2, 9)))


def _prose(rng: Random, length: int) -> str:
    parts = [_title(rng) for _ in range(length // 14 + 1)]
    return "，".join(parts) + "。"


def _name(rng: Random) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(4, 9)))


# --- sheets and scripts --------------------------------------------------------------------------


def _sheet(rng: Random, size: int, images: Sequence[str] = ()) -> str:
    out = ["body,ul,li,p{margin:0;padding:0}a{color:#333;text-decoration:none}\n"]
    out += [f".bg{i}{{background:#fff url(../{name}) repeat-x}}\n" for i, name in enumerate(images)]
    total = 0
    while total < size:
        rule = (
            f".{_name(rng)} .{_name(rng)}{rng.choice(['', ' li', ' a:hover', ' span', '>p'])}"
            f"{{width:{rng.randint(20, 1000)}px;line-height:{rng.randint(18, 40)}px;"
            f"color:#{rng.randrange(1 << 24):06x};float:{rng.choice(['left', 'right', 'none'])};"
            f"border-bottom:1px solid #{rng.randrange(1 << 24):06x}}}\n"
        )
        out.append(rule)
        total += len(rule)
    return "".join(out)


LIBRARY = """(function(window, undefined){
var document = window.document, rnotwhite = /\\S+/g, slice = [].slice;
var $ = function(selector, context){ return new $.fn.init(selector, context); };
$.fn = $.prototype = {
  length: 0,
  init: function(selector, context){
    if (typeof selector === "function") { $.ready(selector); return this; }
    var found = typeof selector === "string" ? document.querySelectorAll(selector) : [selector];
    for (var i = 0; i < found.length; i++) this[i] = found[i];
    this.length = found.length; return this;
  },
  each: function(fn){ for (var i = 0; i < this.length; i++) fn.call(this[i], i); return this; },
  addClass: function(name){ return this.each(function(){ this.className += " " + name; }); },
  css: function(key, value){ return this.each(function(){ this.style[key] = value; }); },
  on: function(type, fn){ return this.each(function(){ this.addEventListener(type, fn); }); }
};
$.fn.init.prototype = $.fn;
$.extend = function(to){ var rest = slice.call(arguments, 1);
  for (var i = 0; i < rest.length; i++) for (var k in rest[i]) to[k] = rest[i][k]; return to; };
$.ready = function(fn){ document.addEventListener("DOMContentLoaded", fn); };
window.jQuery = window.$ = $;
})(window);
"""

PLUGIN = """;(function($){{
  var defaults = {{speed: {speed}, delay: {delay}, easing: "{easing}", current: "{word}-on"}};
  $.fn.{name} = function(options){{
    var settings = $.extend({{}}, defaults, options);
    return this.each(function(){{
      var self = this, index = 0, timer = null;
      function show(next){{
        index = next < 0 ? {speed} : next % (settings.delay + 1);
        $(self).css("left", -index * settings.speed + "px").addClass(settings.current);
      }}
      function start(){{ timer = setInterval(function(){{ show(index + 1); }}, settings.delay); }}
      $(self).on("mouseover", function(){{ clearInterval(timer); }}).on("mouseout", start);
      start();
    }});
  }};
}})(jQuery);
"""


def _plugins(rng: Random, size: int) -> tuple[str, list[str]]:
    out: list[str] = []
    names: list[str] = []
    while sum(map(len, out)) < size:
        names.append(_name(rng))
        out.append(
            PLUGIN.format(
                name=names[-1],
                speed=rng.randint(100, 900),
                delay=rng.randint(1000, 9000),
                easing=rng.choice(["swing", "linear"]),
                word=_name(rng),
            )
        )
    return "".join(out), names


COMMON_SCRIPTS = ("jquery.min.js", "slides.js", "share.js")
COMMON_SHEETS = ("common.css", "theme.css")


def _write_common(folder: Path, seed: int) -> None:
    rng = Random(f"{seed} common")
    folder.mkdir(parents=True)
    for name, size in zip(COMMON_SCRIPTS, (60_000, 20_000, 9_000), strict=True):
        text, _ = _plugins(rng, size)
        _write(folder / name, ((LIBRARY if name == COMMON_SCRIPTS[0] else "") + text).encode())
    for name, size in zip(COMMON_SHEETS, (30_000, 12_000), strict=True):
        _write(folder / name, _sheet(rng, size).encode())


# --- images --------------------------------------------------------------------------------------


def _picture(rng: Random) -> tuple[bytes, str]:
    """A photograph, a banner or a small icon, of 1 to 20 KB for the most part."""
    noise = numpy.random.default_rng(rng.randrange(1 << 32))
    kind = rng.choices(("jpg", "png", "gif"), (6, 2, 2))[0]
    out = io.BytesIO()
    if kind == "jpg":
        width, height = rng.randint(120, 360), rng.randint(80, 240)
        coarse = noise.integers(0, 256, (rng.randint(4, 14), rng.randint(4, 14), 3), numpy.uint8)
        image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        grain = noise.integers(-14, 15, (height, width, 1))
        pixels = numpy.clip(numpy.asarray(image).astype(numpy.int16) + grain, 0, 255)
        Image.fromarray(pixels.astype(numpy.uint8)).save(out, "JPEG", quality=rng.randint(60, 85))
        return out.getvalue(), kind
    width, height = (rng.randint(80, 320), rng.randint(30, 90)) if kind == "png" else (90, 60)
    image = Image.new("RGB", (width, height), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(6, 24)):
        x, y = rng.randint(0, width), rng.randint(0, height)
        box = (x, y, x + rng.randint(3, 60), y + rng.randint(3, 30))
        (draw.rectangle if rng.random() < 0.5 else draw.ellipse)(box, _colour(rng), _colour(rng))
    if kind == "png":
        grain = noise.integers(0, 3, (height, width, 1))
        image = Image.fromarray((numpy.asarray(image) // 4 * 4 + grain).astype(numpy.uint8))
        image.save(out, "PNG", compress_level=6)
    else:
        image.quantize(64).save(out, "GIF")
    return out.getvalue(), kind


def _colour(rng: Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _code(rng: Random, payload: str) -> tuple[bytes, str]:
    """A code of 80 to 160 px, as sites show them; never smaller than two pixels a module."""
    symbol = segno.make(payload, error=rng.choice("lm"), micro=False, boost_error=False)
    raw = io.BytesIO()
    border = rng.randint(1, 4)
    symbol.save(raw, kind="png", scale=10, border=border)
    count = symbol.symbol_size(1, border)[0]
    side = max(rng.randint(80, 160), 2 * count + 2)
    image = Image.open(raw).convert("L").resize((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    kind = rng.choice(("png", "jpg", "gif"))
    match kind:
        case "jpg":
            image.convert("RGB").save(out, "JPEG", quality=rng.randint(75, 92))
        case "gif":
            image.quantize(32).save(out, "GIF")
        case _:
            image.save(out, "PNG")
    return out.getvalue(), kind


# --- a body --------------------------------------------------------------------------------------


def _lacking(rng: Random) -> Truth:
    """What is there: nine of ten show all, the others lack links or codes, half and half."""
    links, codes = list(PORTALS), list(CODES)
    if rng.random() < 0.1:
        lacks = links if rng.random() < 0.5 else codes
        for _ in range(1 if rng.random() < 0.7 else len(lacks)):
            lacks.pop(rng.randrange(len(lacks)))
    return Truth(tuple(links), tuple(codes))


def _write_body(folder: Path, seed: int, number: int) -> Truth:
    rng = Random(f"{seed} body {number}")
    truth = _lacking(rng)
    body = folder / "bodies" / f"{number:03}"
    shutil.rmtree(body, ignore_errors=True)
    body.mkdir(parents=True)
    for name in ("img", "js", "css"):
        (body / name).mkdir()

    def image(made: tuple[bytes, str], stem: str) -> str:
        path = f"img/{stem}.{made[1]}"
        _write(body / path, made[0])
        return path

    count = rng.randint(20, 60) - len(CODES)
    pictures = [image(_picture(rng), f"{_name(rng)}{i}") for i in range(count)]
    shown = []
    for name, (label, payload) in CODES.items():
        stem = rng.choice(("ewm", "qr", "erweima", "code")) + name[0] + str(number)
        if name in truth.codes:
            shown.append((label, image(_code(rng, payload), stem)))
        elif rng.random() < 0.5:
            shown.append((label, image(_code(rng, rng.choice(OTHER_CODES)), stem)))
    grounds = [pictures.pop() for _ in range(rng.randint(0, 2))]

    common = f"http://{COMMON}:{COMMON_PORT}"
    sheets = [f"{common}/{name}" for name in COMMON_SHEETS[: rng.randint(0, 2)]]
    for i in range(max(1, rng.randint(1, 4) - len(sheets))):
        text = _sheet(rng, rng.randint(3_000, 15_000), () if i else grounds)
        _write(body / f"css/style{i}.css", text.encode())
        sheets.append(f"css/style{i}.css")
    scripts = [f"{common}/{name}" for name in COMMON_SCRIPTS[: rng.randint(1, 3)]]
    calls: list[str] = []
    for i in range(max(1, rng.randint(2, 6) - len(scripts))):
        text, names = _plugins(rng, rng.randint(1_500, 8_000))
        _write(body / f"js/{names[0]}{i}.js", text.encode())
        scripts.append(f"js/{names[0]}{i}.js")
        calls.append(f'$(function(){{ $("#{names[0]}").{names[0]}({{}}); }});')

    charset = "gbk" if rng.random() < 0.2 else "utf-8"
    page = _page(rng, charset, truth, sheets, scripts, calls, pictures, shown, grounds)
    _write(body / "index.html", page.encode(charset))
    return truth


def _page(
    rng: Random,
    charset: str,
    truth: Truth,
    sheets: Sequence[str],
    scripts: Sequence[str],
    calls: Sequence[str],
    pictures: Sequence[str],
    codes: Sequence[tuple[str, str]],
    grounds: Sequence[str],
) -> str:
    size = rng.randint(30_000, 118_000)
    articles = rng.randint(100, 300) - 24
    out = [
        "<!DOCTYPE html>\n<html>\n<head>\n",
        f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n',
        f"<title>云城市{_title(rng)}</title>\n",
        *(f'<link rel="stylesheet" type="text/css" href="{href}">\n' for href in sheets),
        *(f'<script type="text/javascript" src="{src}"></script>\n' for src in scripts),
        "</head>\n<body>\n<div class=top><div class=nav><ul>\n",
        *(f'<li><a href="/{_name(rng)}/">{_title(rng)[:6]}</a></li>\n' for _ in range(20)),
        "</ul></div></div>\n",
        *(f'<div class="bg{i}">&nbsp;</div>\n' for i in range(len(grounds))),
    ]
    unplaced = list(pictures)
    for i in range(articles):
        if i % 12 == 0:
            out.append(f'{"</ul></div>" if i else ""}<div class="column {_name(rng)}">\n')
            out.append(f"<h2>{_title(rng)[:4]}</h2><ul>\n")
        title = _title(rng)
        day = f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        href = f"/{rng.choice(('xwzx', 'zwgk', 'tzgg'))}/{day[:7]}/t{rng.randrange(10**8)}.html"
        out.append(f'<li><a href="{href}" title="{title}" target="_blank">{title}</a>')
        out.append(f"<span>{day}</span></li>\n")
        if unplaced and rng.random() < len(pictures) / articles:
            out.append(f'<li><img src="{unplaced.pop()}" width="200" alt="{title[:6]}"></li>\n')
    out.append("</ul></div>\n<div class=gallery>\n")
    out += (f'<img src="{src}" alt="{_title(rng)[:5]}">\n' for src in unplaced)
    out.append("</div>\n<div class=links>友情链接：\n")
    friends = [(f"http://www.{_name(rng)}.test/", _title(rng)[:6]) for _ in range(2)]
    friends += [(PORTALS[name], PORTAL_NAMES[name]) for name in truth.links]
    rng.shuffle(friends)
    out += (f'<a href="{href}" target="_blank">{label}</a>\n' for href, label in friends)
    out.append("</div>\n<div class=codes>\n")
    out += (f'<div><img src="{src}" alt="{label}"><p>{label}</p></div>\n' for label, src in codes)
    out.append("</div>\n<script>\n" + "\n".join(calls) + "\n</script>\n<div class=text>\n")
    have = len("".join(out).encode(charset))
    wide = 2 if charset == "gbk" else 3
    while have < size:
        paragraph = f"<p>{_prose(rng, rng.randint(60, 300))}</p>\n"
        out.append(paragraph)
        have += len(paragraph) * wide
    out.append(
        "</div>\n<div class=foot>主办：云城市人民政府办公室 备案号：云ICP备00000000号</div>\n"
    )
    out.append("</body>\n</html>\n")
    return "".join(out)


def _write(path: Path, data: bytes) -> None:
    """The file and, for text, its packed twin, so that the server packs nothing."""
    path.write_bytes(data)
    if path.suffix in {".html", ".css", ".js"}:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 6, mtime=0))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    city = built(asked.units, asked.seed, asked.folder)
    complying = sum(city.truth(unit).complies for unit in range(city.units))
    print(f"{city.folder}: {city.units} units, {complying} comply")


if __name__ == "__main__":
    main()
