"""Payloads are text in the charset that their code names; if it names none, the guess is told."""

from __future__ import annotations

import io

import numpy
import pytest
import segno
import zxingcpp
from PIL import Image

from support.codes import saved
from ycaudit.observe.qr import decoders
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.charsets import Text, guessed
from ycaudit.observe.qr.reading import Effort


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        ("http://a.test/", "ascii", ""),
        ("宜昌发布", "utf-8", ""),
        ("王𠮷的公众号", "utf-8", ""),
        ("Größe", "utf-8", ""),
        ("Größe mö", "utf-8", ""),
        ("café", "utf-8", "UTF-8"),  # 茅 in GB 18030
        ("宜昌发布", "gb18030", "GB 18030"),
        ("联系人朱镕堃", "gb18030", "GB 18030"),
        ("王𠮷镕堃", "gb18030", "GB 18030"),
        ("市民中心服務電話", "big5", "Big5"),
        ("点検茗荷", "shift_jis", "Shift JIS"),
        ("Grüße", "iso-8859-1", "ISO 8859-1"),
    ],
)
def test_the_likeliest_reading_in_china_is_taken_and_told_where_there_is_another(
    text: str, encoding: str, charset: str
) -> None:
    assert guessed(text.encode(encoding)) == Text(text, charset)


def test_what_a_decoder_made_of_several_modes_stays() -> None:
    assert guessed(b"\x93_\xff\x80", "点 and more") == Text("点 and more")


def by_zxing(text: str, charset: str) -> Image.Image:
    """A code that names its charset, by another hand than the other tests' codes."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, eci=charset)
    return Image.fromarray(
        numpy.array(zxingcpp.write_barcode_to_image(code, scale=4, add_quiet_zones=True))
    )


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("王𠮷镕堃", "GB18030"),
        ("宜昌发布", "GB2312"),
        ("宜昌發布", "Big5"),
        ("王𠮷镕堃", "UTF-8"),
        ("王𠮷镕堃", "UTF-16BE"),
        ("Größe", "ISO8859_1"),
    ],
)
def test_a_charset_that_the_code_names_is_no_guess(text: str, charset: str) -> None:
    (symbol,) = read_codes(saved(by_zxing(text, charset)), effort=Effort.THOROUGH).symbols
    assert (symbol.payload, symbol.guessed) == (text, "")


def test_the_mode_for_chinese_names_its_charset() -> None:
    out = io.BytesIO()
    segno.make_qr("宜昌发布", mode="hanzi").save(out, kind="png", scale=5)
    (symbol,) = read_codes(out.getvalue(), effort=Effort.FAST).symbols
    assert (symbol.payload, symbol.guessed) == ("宜昌发布", "")


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8"])
def test_the_second_engine_gives_the_bytes_as_they_are(encoding: str) -> None:
    if decoders.engines()["zbar"] is None:
        pytest.skip("libzbar is not installed")
    out = io.BytesIO()
    segno.make_qr("宜昌發布".encode(encoding)).save(out, kind="png", scale=5)
    grey = numpy.asarray(Image.open(out).convert("L"))
    assert [hit.payload for hit in decoders.zbar(grey)] == ["宜昌發布"]


def test_one_code_that_two_decoders_spell_otherwise_is_one_symbol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """UTF-16 is named by the code, and zbar does not tell so."""
    picture = by_zxing("王𠮷镕堃", "UTF-16BE")
    if decoders.engines()["zbar"] is not None:
        (other,) = decoders.zbar(numpy.asarray(picture))
        assert other.payload != "王𠮷镕堃"
    sheet = Image.new("L", (3 * picture.width, picture.height), 255)
    sheet.paste(picture, (0, 0))  # room for another code, so that every step is taken
    reading = read_codes(saved(sheet), effort=Effort.NORMAL)
    assert [symbol.payload for symbol in reading.symbols] == ["王𠮷镕堃"]


def test_a_code_inside_of_another_is_another_whatever_its_charset() -> None:
    outer, inner = "http://d-qr.test/" + "外" * 20, "内側の点検"
    sheet, code = (
        Image.open(io.BytesIO(drawn)).convert("L")
        for drawn in (shift_jis(outer, error="h", scale=12), shift_jis(inner, scale=3))
    )
    sheet.paste(code, ((sheet.width - code.width) // 2, (sheet.height - code.height) // 2))
    reading = read_codes(saved(sheet), effort=Effort.THOROUGH)
    assert {symbol.payload for symbol in reading.symbols} == {outer, inner}
    assert {symbol.guessed for symbol in reading.symbols} == {"Shift JIS"}


def shift_jis(text: str, *, scale: int, error: str = "l") -> bytes:
    out = io.BytesIO()
    code = segno.make_qr(text.encode("shift_jis"), error=error)
    code.save(out, kind="png", scale=scale)
    return out.getvalue()
