"""Drawings of strangers open, whatever tool wrote them, and read nothing but themselves."""

from __future__ import annotations

import base64
import codecs
import gzip
import io
import re
import time
from pathlib import Path
from urllib.parse import quote

import pytest
import segno

from ycaudit.observe.qr import drawing
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble

PAYLOAD = "http://q.test/public"
SECRET = "http://q.test/of-the-disk"
NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
IMAGE = '<image {}="{}" width="300" height="300"/>'


def code(payload: str, kind: str) -> bytes:
    out = io.BytesIO()
    segno.make_qr(payload).save(out, kind=kind, scale=6)
    return out.getvalue()


def svg(inner: str, before: str = "") -> str:
    return f'{before}<svg {NAMES} width="300" height="300">{inner}</svg>'


def image(address: str, attribute: str = "href") -> str:
    return svg(IMAGE.format(attribute, address))


def packed(text: str | bytes, kind: str = "svg+xml") -> str:
    data = text.encode() if isinstance(text, str) else text
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def read(data: str | bytes) -> list[str]:
    data = data.encode() if isinstance(data, str) else data
    return [symbol.payload for symbol in read_codes(data).symbols]


def why_not(data: str | bytes) -> str:
    with pytest.raises(ImageTrouble) as caught:
        read(data)
    return caught.value.code


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the auditor with codes in it, in which the auditor runs."""
    (tmp_path / "code.png").write_bytes(code(SECRET, "png"))
    (tmp_path / "code.svg").write_bytes(code(SECRET, "svg"))
    (tmp_path / "data:").mkdir()
    (tmp_path / "data:" / "code.png").write_bytes(code(SECRET, "png"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


PATTERN = (
    '<pattern id="p" width="9" height="9">{}</pattern><rect width="9" height="9" fill="url(#p)"/>'
)
FILTER = '<filter id="f"><feImage href="{}"/></filter><rect width="9" height="9" filter="url(#f)"/>'
OUTSIDE = {
    "path": lambda d: image(f"{d}/code.png"),
    "old attribute": lambda d: image(f"{d}/code.png", "xlink:href"),
    "attribute of another name": lambda d: svg(
        f'<image x:href="{d}/code.png" xmlns:x="http://www.w3.org/1999/xlink" width="9"/>'
    ),
    "drawing": lambda d: image(f"{d}/code.svg"),
    "path from here": lambda d: image("code.png"),
    "path with spaces": lambda d: image(f" \n{d}/code.png"),
    "file address": lambda d: image(f"file://{d}/code.png"),
    "data without data": lambda d: image("data:/code.png"),
    "standard input": lambda d: image("/dev/stdin"),
    "pattern": lambda d: svg(PATTERN.format(IMAGE.format("href", f"{d}/code.png"))),
    "filter": lambda d: svg(FILTER.format(f"{d}/code.png")),
    "use": lambda d: svg(f'<use href="{d}/code.svg"/><use href="{d}/code.svg#a"/>'),
    "drawing within": lambda d: image(packed(image(f"{d}/code.png"))),
    "drawing within, written out": lambda d: image(
        "data:image/svg+xml," + quote(image(f"{d}/code.png"))
    ),
    "style": lambda d: svg(
        f'<style>@import "{d}/a.css"; rect {{ fill: url({d}/code.png) }}</style>'
        f'<rect width="300" height="300"/><rect style="fill:url(\'{d}/code.svg#a\')"/>'
    ),
    "entity": lambda d: image("&a;").replace(
        "<svg", f'<!DOCTYPE svg [<!ENTITY a "{d}/code.png">]><svg', 1
    ),
    "entity of a file": lambda d: svg(
        "&a;", f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file://{d}/code.svg">]>'
    ),
    "entity of a parameter": lambda d: svg(
        "&a;", f'<!DOCTYPE svg [<!ENTITY % p SYSTEM "{d}/code.svg"> %p;]>'
    ),
    "document type": lambda d: svg("", f'<!DOCTYPE svg SYSTEM "{d}/code.svg">'),
    "default of an attribute": lambda d: svg(
        '<image width="9" height="9"/>',
        f'<!DOCTYPE svg [<!ATTLIST image href CDATA "{d}/code.png">]>',
    ),
    "inclusion": lambda d: svg(
        f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{d}/code.svg"/>'
    ),
    "style sheet": lambda d: svg("", f'<?xml-stylesheet href="{d}/code.svg"?>'),
}


@pytest.mark.parametrize("way", OUTSIDE)
def test_no_file_of_the_disk_is_read(way: str, disk: Path) -> None:
    assert read(OUTSIDE[way](disk)) == []


@pytest.mark.parametrize("way", [way for way in OUTSIDE if "within" not in way])
def test_the_rasteriser_is_not_even_told_of_a_file(way: str, disk: Path) -> None:
    written = drawing.enclosed(OUTSIDE[way](disk))
    assert str(disk) not in written
    assert "code." not in written
    assert "/dev/stdin" not in written


def test_what_a_drawing_holds_itself_stays() -> None:
    assert read(image(packed(code(PAYLOAD, "png"), "png"))) == [PAYLOAD]
    assert read(image(" " + packed(code(PAYLOAD, "svg")), "xlink:href")) == [PAYLOAD]
    kept = svg(
        "<style>rect { fill: url( '#a' ) }</style><use href='#b'/>"
        '<rect id="b" fill="url(#a)" style="mask:url(&quot;#c&quot;);cursor:url(data:,x)"/>'
        "<text>1 &lt; 2 &amp; 3</text>"
    )
    written = kept.replace("'#b'/", '"#b"></use').replace('(data:,x)"/', '(data:,x)"></rect')
    assert drawing.enclosed(kept) == written


CODE = code(PAYLOAD, "svg").decode()
BARE = CODE[CODE.index("<svg") :]
ILLUSTRATOR = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!-- Generator: Adobe Illustrator -->\n'
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [\n'
    '\t<!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">\n'
    '\t<!ENTITY ns_svg "http://www.w3.org/2000/svg">\n]>\n'
) + BARE.replace('"http://www.w3.org/2000/svg"', '"&ns_svg;" xmlns:x="&ns_extend;"', 1)
FORMS = {
    "bare": BARE.encode(),
    "a byte order mark": codecs.BOM_UTF8 + CODE.encode(),
    "UTF-16": CODE.replace("utf-8", "UTF-16").encode("utf-16"),
    "UTF-16, the other way": codecs.BOM_UTF16_BE + BARE.encode("utf-16-be"),
    "UTF-16 without a mark": BARE.encode("utf-16-le"),
    "GBK": ('<?xml version="1.0" encoding="GBK"?><!-- 二维码 -->' + BARE).encode("gbk"),
    "a long prolog": ("<!-- 版权 -->\n" * 5000 + BARE).encode(),
    "blank lines first": b"\n\n  " + CODE.encode(),
    "a prefix": re.sub("(</?)", r"\1s:", BARE).replace("xmlns", "xmlns:s").encode(),
    "Illustrator": ILLUSTRATOR.encode(),
    "packed": gzip.compress(CODE.encode()),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_drawings_open_as_the_tools_of_offices_write_them(form: str) -> None:
    assert read(FORMS[form]) == [PAYLOAD]


def entities(*declared: str) -> str:
    return f"<!DOCTYPE svg [{''.join(declared)}]>"


LAUGHS = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(10)]
BOMBS = {
    "billion laughs": svg("&a9;", entities(*LAUGHS)),
    "declared backwards": svg("&a9;", entities(*reversed(LAUGHS))),
    "in an attribute": svg('<rect id="&a9;"/>', entities(*LAUGHS)),
    "by numbers": svg("&b;", entities('<!ENTITY a "lol">', '<!ENTITY b "&#38;a;&#38;a;">')),
    "itself": svg("&a;", entities('<!ENTITY a "&a;">')),
    "one long word, many times": svg("&a;" * 9000, entities(f'<!ENTITY a "{"x" * 9000}">')),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_entities_that_unfold_are_refused_at_once(bomb: str) -> None:
    began = time.process_time()
    with pytest.raises(drawing.EntitiesError):
        drawing.enclosed(BOMBS[bomb])
    assert time.process_time() - began < 2
    assert why_not(BOMBS[bomb]) == "drawing_has_entities"


def test_blanks_without_end_cost_no_time() -> None:
    blanks = svg(f"<style>{('url(' + ' ' * 2000 + '#') * 500}</style>")
    began = time.process_time()
    drawing.enclosed(blanks)
    assert time.process_time() - began < 2


def test_defaults_of_attributes_do_not_unfold_either() -> None:
    default = entities(f'<!ATTLIST a b CDATA "{"x" * 9000}">')
    assert len(drawing.enclosed(svg("<a/>" * 9000, default))) < 100_000


NO_DRAWINGS = {
    "broken off": (svg("<g>"), "image_damaged"),
    "badly packed": (b"\x1f\x8bjunk", "image_damaged"),
    "a page": ("<html><body>404</body></html>", "image_unknown_format"),
    "a page that is no XML": ("<!DOCTYPE html><p>404<br>", "image_unknown_format"),
    "one sign": ("<", "image_unknown_format"),
    "text, packed": (gzip.compress(b"text"), "image_unknown_format"),
    "large": (f"<!--{' ' * (drawing.MAX_BYTES + 1)}-->", "drawing_too_large"),
    "large when unpacked": (gzip.compress(b"<svg>" + b" " * (64 << 20)), "drawing_too_large"),
}


@pytest.mark.parametrize("kind", NO_DRAWINGS)
def test_what_is_no_drawing_says_why(kind: str) -> None:
    data, code = NO_DRAWINGS[kind]
    assert why_not(data) == code
