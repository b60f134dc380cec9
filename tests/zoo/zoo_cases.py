"""The animals: what each does, and what must come of it."""

from __future__ import annotations

import asyncio
import base64
import datetime
import gzip
import io
import shutil
import ssl
import struct
import subprocess
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import old_tls
import segno
import trustme
from PIL import Image
from zoo_keeper import (
    HOST,
    Handler,
    Keeper,
    Writer,
    dripping,
    endless,
    first,
    http,
    raw,
    reset,
    site,
)

WORD = "ZOO 动物园"
"""What the code says that every homepage must show."""
LINK = '<p><a href="http://p.test/">门户</a></p>'
CODE = '<p><img src="/code.png" width="240" height="240" alt="动物园"></p>'
HEAD = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>t</title></head><body>'
TEXT = "<p>本站内容，供市民随时查阅。</p>" * 40
BOTH, LINK_ONLY, NEITHER = HEAD + TEXT + LINK + CODE, HEAD + TEXT + LINK, HEAD + TEXT
PASS, FAIL, OPEN = "pass", "fail", "undetermined"


@dataclass(frozen=True, slots=True)
class Animal:
    """One case; `says` stands in the reason of what is open, or in a remark of what passes."""

    name: str
    what: str
    start: Callable[[Keeper], str]
    outcome: str
    says: str = ""
    browser: str | None = None
    """What comes of it through a browser alone, where it is looked at so. A browser shows what it
    could unpack, and what it shows is what visitors see."""
    link: str | None = None
    code: str | None = None
    """Of one requirement, where it is not what comes of the whole."""
    also: tuple[str, ...] = ()
    """Networks that are open to it besides."""


@cache
def code_png() -> bytes:
    """The code."""
    out = io.BytesIO()
    segno.make_qr(WORD).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def pages(html: str | bytes = BOTH, **more: bytes) -> dict[str, bytes]:
    """A site with this homepage, the code, and more answers by name."""
    body = html if isinstance(html, bytes) else html.encode()
    known = {"/": http(body), "/code.png": http(code_png(), "image/png")}
    return known | {f"/{name.replace('__', '.')}": answer for name, answer in more.items()}


def at(port: int, path: str = "/", scheme: str = "http", host: str = HOST) -> str:
    return f"{scheme}://{host}:{port}{path}"


def served(html: str | bytes = BOTH, **more: bytes) -> Callable[[Keeper], str]:
    """A site that answers as it should."""
    return lambda keeper: at(keeper.open(site(pages(html, **more))))


def odd(handler: Handler) -> Callable[[Keeper], str]:
    """A homepage that answers so; its code is there."""
    return lambda keeper: at(keeper.open(first(handler, pages())))


def built(
    make: Callable[[], bytes], kind: str = "text/html", *headers: str
) -> Callable[[Keeper], str]:
    """A homepage whose bytes are dear, made when they are wanted."""

    def start(keeper: Keeper) -> str:
        return odd(raw(http(make(), kind, *headers)))(keeper)

    return start


def image(body: bytes | Callable[[], bytes], kind: str = "image/png") -> Callable[[Keeper], str]:
    """A good page whose only image, where the code should be, is this."""
    html = HEAD + TEXT + LINK + '<p><img src="/odd" width="240" height="240" alt="动物园"></p>'

    def start(keeper: Keeper) -> str:
        return served(html, odd=http(body() if callable(body) else body, kind))(keeper)

    return start


# --- connections ---


def _connections() -> Iterator[Animal]:
    whole = http(BOTH.encode())
    cut = whole.index(b"</p><p><img") if b"</p><p><img" in whole else len(whole) // 2
    named = whole.replace(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n")

    async def slam(path: str, reader: asyncio.StreamReader, writer: Writer) -> None:
        reset(writer)
        raise ConnectionError("slammed")

    yield Animal(
        "reset",
        "resets the connection before it answers",
        odd(slam),
        OPEN,
        "the connection was reset",
        browser=OPEN,
    )
    yield Animal(
        "reset-in-headers", "resets it in the middle of the headers",
        odd(raw(b"HTTP/1.1 200 OK\r\nContent-Ty", then="reset")), OPEN, "the connection was reset",
    )  # fmt: skip
    yield Animal(
        "reset-after-headers", "resets it after the headers",
        odd(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", then="reset")), OPEN, "the connection was reset",
    )  # fmt: skip
    yield Animal(
        "silence", "takes the question and never answers", odd(raw(b"", then="silence")), OPEN,
        "does not answer in time",
    )  # fmt: skip
    yield Animal(
        "half-with-all", "breaks off after what was asked for",
        odd(raw(http(BOTH.encode() + b"x" * 5000)[:-4000])), PASS,
    )  # fmt: skip
    yield Animal(
        "half-without", "breaks off before what was asked for",
        odd(raw(named[: cut - 120])), OPEN, "broke off", browser=OPEN,
    )  # fmt: skip
    yield Animal(
        "length-too-long", "promises more bytes than it sends",
        odd(raw(http(NEITHER.encode() + b" " * 999)[:-500])), OPEN, "broke off",
    )  # fmt: skip
    yield Animal(
        "length-too-short", "sends more bytes than it promised: nobody sees those",
        odd(raw(http(NEITHER.encode()) + (LINK + CODE).encode())), FAIL,
    )  # fmt: skip
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield Animal(
        "chunk-junk", "sends chunks whose length is no number", odd(raw(chunked + b"zz\r\n<html>")),
        OPEN, "does not speak HTTP properly",
    )  # fmt: skip
    yield Animal(
        "http-0.9", "sends a page without status or headers", odd(raw(BOTH.encode())), OPEN,
        "does not speak HTTP properly",
    )  # fmt: skip
    trailing = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(4000))
    page = BOTH.encode()
    yield Animal(
        "trailer-bomb", "sends four megabytes of trailers after its page",
        odd(raw(chunked + b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(page), page, trailing))), PASS,
    )  # fmt: skip
    bomb = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(2000))
    yield Animal(
        "header-bomb", "sends two megabytes of headers",
        odd(raw(b"HTTP/1.1 200 OK\r\n" + bomb + b"\r\n" + BOTH.encode())), OPEN,
        "too long or have no end", browser=OPEN,
    )  # fmt: skip
    yield Animal(
        "drip",
        "sends a byte now and then",
        odd(dripping(whole, 0.2)),
        OPEN,
        "no whole answer within",
        browser=OPEN,
    )
    yield Animal(
        "endless-with-all", "never ends, after all that was asked for",
        odd(endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + BOTH.encode(), b" " * 65536)),
        PASS,
    )  # fmt: skip
    yield Animal(
        "endless-without", "never ends, and shows nothing of it",
        odd(endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + NEITHER.encode(), b"<i>" * 9999)),
        OPEN, "cut off",
    )  # fmt: skip


# --- packing ---


def _packed() -> Iterator[Animal]:
    plain = NEITHER.encode()
    yield Animal(
        "gzip-bomb", "unpacks to 200 MB", built(lambda: gzip.compress(plain + bytes(200 << 20), 9), "text/html", "Content-Encoding: gzip"),
        OPEN, "cut off", browser=FAIL,
    )  # fmt: skip
    yield Animal(
        "deflate-bomb", "unpacks to 200 MB", built(lambda: zlib.compress(plain + bytes(200 << 20), 9), "text/html", "Content-Encoding: deflate"),
        OPEN, "cut off",
    )  # fmt: skip
    yield Animal(
        "gzip-in-gzip", "is packed twice and says so once",
        built(lambda: gzip.compress(gzip.compress(bytes(100 << 20), 9), 9), "text/html", "Content-Encoding: gzip"), OPEN, "a file",
    )  # fmt: skip
    yield Animal(
        "damaged-gzip", "is damaged in the middle, and unpacks nevertheless",
        odd(raw(http(_damaged(gzip.compress(BOTH.encode())), "text/html", "Content-Encoding: gzip"))),
        PASS, "damaged", browser=PASS,  # it unpacks to something, and that has both
    )  # fmt: skip
    half = gzip.compress((NEITHER + TEXT * 40 + LINK + CODE).encode())
    yield Animal(
        "half-a-gzip", "is packed, and the file ends in the middle",
        odd(raw(http(half[: len(half) // 2], "text/html", "Content-Encoding: gzip"))),
        OPEN, "broke off in the middle", browser=FAIL,
    )  # fmt: skip
    whole = gzip.compress(BOTH.encode())
    yield Animal(
        "gzip-by-byte", "is packed, and its first byte comes alone",
        odd(_in_two(http(whole, "text/html", "Content-Encoding: gzip"), len(whole) - 1)), PASS,
    )  # fmt: skip
    for name, bomb in (("br", BROTLI_BOMB), ("zstd", _zstd_bomb())):
        yield Animal(
            f"{name}-bomb", "unpacks to 200 MB, in a way that was not asked for",
            odd(raw(http(bomb, "text/html", f"Content-Encoding: {name}"))), OPEN, "not asked for",
        )  # fmt: skip


BROTLI_BOMB = base64.b64decode(
    "z///fwAkAOKxQHLv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//"
    "B0ACIA4LQPf+n////wBIAMRhAeje//P//x8ACYA4LADd+3/+//8DIAEQhwWge//P//9/ACQA"
    "4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8AEgBxWAC69//5//8HQAIgDgtA"
    "9/4P"
)
"""200 MB of zeros, by brotli 1.2.1 at quality 5 and with the widest window."""


def _zstd_bomb() -> bytes:
    """A frame of 1,600 blocks, each one byte 131,072 times (RFC 8878, 3.1.1.2)."""
    blocks = [
        (131072 << 3 | 1 << 1 | (n == 1599)).to_bytes(3, "little") + b"x" for n in range(1600)
    ]
    return b"\x28\xb5\x2f\xfd\x00\x70" + b"".join(blocks)


def _in_two(answer: bytes, rest: int) -> Handler:
    """An answer of which the last bytes come later."""

    async def handler(path: str, reader: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(answer[:-rest])
        await writer.drain()
        await asyncio.sleep(0.05)  # or else both would come together
        writer.write(answer[-rest:])

    return handler


def _damaged(packed: bytes) -> bytes:
    return packed[: len(packed) // 2] + b"\xff\xff\xff\xff" + packed[len(packed) // 2 :]


# --- redirects and addresses ---


def _redirects() -> Iterator[Animal]:
    def to(address: str) -> Callable[[Keeper], str]:
        answer = http(b"", status=f"302 Found\r\nLocation: {address}")
        return odd(raw(answer))

    def hops(count: int, end: str) -> Callable[[Keeper], str]:
        known = {"/": http(b"", status="302 Found\r\nLocation: /0")}
        for n in range(count):
            known[f"/{n}"] = http(
                b"", status=f"302 Found\r\nLocation: {end if n == count - 1 else f'/{n + 1}'}"
            )
        known["/home"] = http(BOTH.encode())
        known["/code.png"] = http(code_png(), "image/png")
        return lambda keeper: at(keeper.open(site(known)))

    yield Animal("redirect-loop", "redirects to itself", to("/"), OPEN, "redirects", browser=OPEN)
    yield Animal(
        "redirects-5", "gets there after five redirects", hops(5, "/home"), PASS, browser=PASS
    )
    yield Animal("redirects-30", "gets there after thirty", hops(30, "/home"), OPEN, "redirects")
    for name, address in {
        "ftp": "ftp://x.test/", "file": "file:///etc/passwd", "data": "data:text/html,<a>",
        "javascript": "javascript:alert(1)",
    }.items():  # fmt: skip
        yield Animal(
            f"redirect-to-{name}", f"redirects to {name}:", to(address), OPEN, "no web address"
        )
    inside = {
        "loopback": "http://127.0.0.1/", "private": "http://10.0.0.1/", "zero": "http://0.0.0.0/",
        "metadata": "http://169.254.169.254/latest/meta-data/", "cgnat": "http://100.64.0.1/",
        "decimal": "http://2130706433/", "octal": "http://0177.0.0.1/", "hex": "http://0x7f000001/",
        "short": "http://127.1/", "mapped": "http://[::ffff:127.0.0.1]/", "six": "http://[::1]/",
        "6to4": "http://[2002:7f00:1::]/", "nat64": "http://[64:ff9b::7f00:1]/",
        "link-local": "http://[fe80::1]/", "unique-local": "http://[fd00::1]/",
        "compatible": "http://[::127.0.0.1]/",
    }  # fmt: skip
    for name, address in inside.items():
        yield Animal(
            f"redirect-to-{name}",
            f"redirects to {address}",
            to(address),
            OPEN,
            "no public address",
            browser=OPEN,
        )
    yield Animal(
        "refresh-inside", "sends visitors on to a private address by meta refresh",
        served('<html><head><meta http-equiv="refresh" content="0;url=http://10.0.0.1/">'), OPEN,
        "no public address",
    )  # fmt: skip


def _names() -> Iterator[Animal]:
    """Hosts that the name server of the zoo knows (see `lookup`)."""
    for name, what, says in (
        ("nxdomain", "has a name that does not exist", "has no address"),
        ("empty", "has a name without addresses", "has no address"),
        ("dead", "has a name server that never answers", "no name server answered"),
        ("inside", "has a name that is 10.0.0.1", "no public address"),
        ("mixed-inside", "has a name that is 127.0.0.1 and ::2", "no public address"),
    ):
        url = f"http://{name}.zoo.test/"
        yield Animal(f"dns-{name}", what, lambda keeper, url=url: url, OPEN, says, browser=OPEN)
    yield Animal(
        "ipv6-only", "has an address of IPv6 only",
        lambda keeper: at(keeper.open(site(pages()), host="::1"), host="six.zoo.test"), PASS,
        also=("::1/128",),
    )  # fmt: skip
    yield Animal(
        "dns-rebinding", "has a name that is another address whenever it is asked for",
        lambda keeper: at(keeper.open(site(pages())), host="rebinding.zoo.test"), PASS, browser=PASS,
    )  # fmt: skip


# --- TLS ---


@cache
def authority() -> trustme.CA:
    """An authority that nobody trusts."""
    return trustme.CA()


def tls(kind: str) -> ssl.SSLContext:
    """A server's context with something wrong about it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    match kind:
        case "expired":
            certificate = authority().issue_cert(
                HOST, not_before=past, not_after=past + datetime.timedelta(1)
            )
        case "wrong-host":
            certificate = authority().issue_cert("other.test")
        case "missing-intermediate":
            certificate = authority().create_child_ca().issue_cert(HOST)
        case _:
            certificate = authority().issue_cert(HOST, key_type=trustme.KeyType.RSA)
    if kind == "self-signed":
        _self_signed(context)
        return context
    certificate.configure_cert(context)
    if kind == "missing-intermediate":
        with (
            certificate.private_key_pem.tempfile() as key,
            certificate.cert_chain_pems[0].tempfile() as leaf,
        ):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(leaf, key)
    if kind == "rsa-key-exchange":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    if kind == "dh-1024":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("DHE-RSA-AES128-SHA:@SECLEVEL=0")
        _dh_1024(context)
    if kind == "tls-1.0":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is deprecated, which is why it is here
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def _self_signed(context: ssl.SSLContext) -> None:
    """A certificate that vouches for itself, its key of 1024 bits, signed with SHA-1."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "cert.pem")
        subprocess.run(
            [
                "openssl", "req", "-x509", "-sha1", "-newkey", "rsa:1024", "-nodes", "-days", "2",
                "-subj", f"/CN={HOST}", "-keyout", str(key), "-out", str(certificate),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        context.load_cert_chain(certificate, key)


def _dh_1024(context: ssl.SSLContext) -> None:
    """Group 2 of RFC 2409, section 6.2: the prime of 1024 bits that old servers share."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as parameters:
        parameters.write(OAKLEY_2)
        parameters.flush()
        context.load_dh_params(parameters.name)


OAKLEY_2 = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""


NOT_IN_BROWSERS = {"dh-1024", "tls-1.0"}
"""Given up by Chromium, but not by OpenSSL."""


def _tls() -> Iterator[Animal]:
    for kind, what in {
        "untrusted": "has a certificate of an authority that nobody knows",
        "self-signed": "has a certificate that vouches for itself, of 1024 bits and SHA-1",
        "dh-1024": "exchanges keys in a group of 1024 bits",
        "legacy-renegotiation": "does not know RFC 5746",
        "expired": "has a certificate that has expired",
        "wrong-host": "has a certificate for another host",
        "missing-intermediate": "leaves a certificate of the chain out",
        "rsa-key-exchange": "knows no way of exchanging keys but RSA",
        "tls-1.0": "speaks TLS 1.0 only",
    }.items():
        if kind == "self-signed" and not shutil.which("openssl"):
            continue  # no library makes such certificates any more

        def start(keeper: Keeper, kind: str = kind) -> str:
            if kind == "legacy-renegotiation":
                return at(old_tls.port(keeper, pages()), scheme="https")
            return at(keeper.open(site(pages()), tls=tls(kind)), scheme="https")

        yield Animal(
            f"tls-{kind}",
            what,
            start,
            PASS,
            "without verifying TLS",
            browser=OPEN if kind in NOT_IN_BROWSERS else PASS,
        )
    yield Animal(
        "tls-none", "speaks no TLS where it should", lambda keeper: at(keeper.open(site(pages())), scheme="https"),
        OPEN, "in time",
    )  # fmt: skip


# --- pages ---


def _pages() -> Iterator[Animal]:
    socks_proxy = (
        "<html><title>安全验证</title><body>您的访问过于频繁，请完成滑动验证后继续访问本网站。"
    )
    yield Animal(
        "gateway-undeclared", "is a gateway's page in UTF-8 that does not say so",
        odd(raw(http(socks_proxy.encode(), "text/html"))), OPEN, "checks visitors", browser=OPEN,
    )  # fmt: skip
    for name, way in (("hover", "onmouseover"), ("click", "onclick")):
        yield Animal(
            f"code-on-{name}", f"makes its code only on {name}, by a script",
            served(
LINK_ONLY + '<p><span id="wx">关注我们</span></p>'
                f"<script>document.getElementById('wx').{way}=function(){{var i=new Image();"
                "i.src='/code.png';i.width=240;document.body.appendChild(i)}</script>"
            ), OPEN, "needs a browser", browser=PASS,
        )  # fmt: skip
    yield Animal(
        "code-hidden", "has its code where no visitor gets to see it, and no other image",
        served(LINK_ONLY + f'<div style="display:none">{CODE}</div>'), OPEN, "no visitor gets to see it",
        link=PASS, browser=OPEN,
    )  # fmt: skip
    gbk = BOTH.replace("utf-8", "gbk").encode("gbk")
    yield Animal("charset-lie", "says UTF-8 and is GBK", served(BOTH.encode("gbk")), PASS)
    yield Animal(
        "charset-lie-back", "says GBK and is UTF-8", served(BOTH.replace("utf-8", "gbk")), PASS
    )
    yield Animal(
        "charset-unknown",
        "names an encoding that there is not",
        served(gbk.replace(b"gbk", b"klingon")),
        PASS,
    )
    for kind in ("application/octet-stream", "image/png"):
        yield Animal(
            f"type-{kind.partition('/')[2]}", f"says that its page is {kind}",
            odd(raw(http(BOTH.encode(), kind))), OPEN, "not HTML",
        )  # fmt: skip
    yield Animal(
        "nulls",
        "is strewn with NUL bytes",
        served(BOTH.replace("<p>", "\0<p>\0")),
        PASS,
        browser=PASS,
    )
    yield Animal(
        "attribute-1MB",
        "has an attribute of a megabyte",
        served(BOTH + f'<i title="{"x" * 1_000_000}">'),
        PASS,
    )

    def many() -> str:
        return "<p>x</p>" * 6_500_000

    yield Animal(
        "html-50MB", "is 50 MB long, what was asked for first",
        built(lambda: gzip.compress((BOTH + many()).encode(), 1), "text/html", "Content-Encoding: gzip"), PASS,
    )  # fmt: skip
    yield Animal(
        "html-50MB-late", "is 50 MB long, what was asked for last",
        built(lambda: gzip.compress((NEITHER + many() + LINK + CODE).encode(), 1), "text/html", "Content-Encoding: gzip"), OPEN, "cut off", browser=OPEN,
    )  # fmt: skip
    yield Animal(
        "deep", "is 100,000 boxes deep, and hides nothing", served(BOTH + "<div>" * 100_000), PASS
    )
    yield Animal(
        "deep-inside",
        "has what was asked for 100,000 boxes deep",
        served(NEITHER + "<div>" * 100_000 + LINK + CODE),
        OPEN,
        "deep",
    )
    images = "".join(f'<img src="/{n}.png" width="200" height="200">' for n in range(10_000))
    cut = b".a{margin:0}" * 9000
    yield Animal(
        "sheet-cut", "has a style sheet that breaks off, where its code may be",
        served(LINK_ONLY + '<link rel="stylesheet" href="/a.css">', a__css=http(cut, "text/css")[:-99]),
        OPEN, "sheet http",
    )  # fmt: skip
    yield Animal(
        "images-10000",
        "shows 10,000 images that are lost",
        served(LINK_ONLY + images),
        OPEN,
        "holds too much",
        link=PASS,
        browser=OPEN,
    )
    yield Animal(
        "frames-of-itself",
        "frames itself",
        served(LINK_ONLY + '<iframe src="/"></iframe>'),
        FAIL,
        link=PASS,
        browser=FAIL,
    )


# --- images ---


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and has none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def _frames(count: int) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("L", (200, 200), n % 256) for n in range(count)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _flat(kind: str, side: int) -> bytes:
    out = io.BytesIO()
    Image.new("1" if kind == "TIFF" else "L", (side, side), 1).save(
        out, kind, **({"compression": "group4"} if kind == "TIFF" else {})
    )
    return out.getvalue()


def _images() -> Iterator[Animal]:
    yield Animal(
        "png-bomb",
        "claims 50,000 × 50,000 pixels",
        image(png_of(50_000, 50_000)),
        OPEN,
        "pixels",
        link=PASS,
        browser=OPEN,
    )
    yield Animal(
        "png-of-nothing",
        "claims 0 × 0 pixels",
        image(png_of(0, 0)),
        OPEN,
        "could not be",
        link=PASS,
    )
    yield Animal(
        "png-thread", "is one pixel wide and 60,000 high", image(png_of(1, 60_000)), FAIL, link=PASS
    )
    yield Animal(
        "png-cut",
        "is a code of which the lower half is missing",
        image(code_png()[: len(code_png()) // 2]),
        OPEN,
        "is cut off",
        link=PASS,
        browser=OPEN,
    )
    yield Animal(
        "gif-frames",
        "is an animation of 2,000 flat frames",
        image(lambda: _frames(2000), "image/gif"),
        OPEN,
        "animation",
        link=PASS,
        browser=OPEN,
    )
    yield Animal(
        "tiff-bomb",
        "is a TIFF of 30,000 × 30,000 pixels",
        image(lambda: _flat("TIFF", 30_000), "image/tiff"),
        OPEN,
        "pixels",
        link=PASS,
    )
    yield Animal(
        "webp-flat",
        "is a WebP of 6,000 × 6,000 flat pixels",
        image(lambda: _flat("WEBP", 6_000), "image/webp"),
        FAIL,
        link=PASS,
    )
    entities = "<!DOCTYPE svg [" + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(10)
    ) + ']><svg xmlns="http://www.w3.org/2000/svg"><text>&a9;</text></svg>'  # fmt: skip
    yield Animal(
        "svg-entities",
        "is a drawing that defines entities",
        image(entities.encode(), "image/svg+xml"),
        OPEN,
        "entities",
        link=PASS,
        browser=OPEN,
    )
    outside = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="99" '
        f'height="99"><image x:href="http://{HOST}/canary.png" width="99" height="99"/>'
        '<script>alert(1)</script></svg>'
    )  # fmt: skip
    yield Animal(
        "svg-outside",
        "is a drawing that refers to others and has a script",
        image(outside.encode(), "image/svg+xml"),
        FAIL,
        link=PASS,
        browser=FAIL,
    )
    yield Animal(
        "no-image",
        "is no image at all",
        image(b"<html>not an image", "image/png"),
        OPEN,
        "the bytes are no image",
        link=PASS,
    )


# --- scripts ---


def _scripts() -> Iterator[Animal]:
    def page(script: str, shows: str = BOTH) -> Callable[[Keeper], str]:
        return served(f"{shows}<script>{script}</script>")

    for name, what, script in (
        ("loop", "loops for ever", "for(;;);"),
        ("eater", "eats memory", "var a=[];for(;;)a.push(new Array(1e6).fill(1));"),
        ("regex", "sets a regular expression on itself", "/(a+)+$/.test('a'.repeat(40)+'b');"),
    ):
        yield Animal(
            f"script-{name}",
            f"{what}, beside all that was asked for",
            page(script),
            OPEN,
            "needs a browser",
        )
        yield Animal(
            f"script-{name}-first",
            f"{what}, and shows nothing",
            page(script, NEITHER),
            OPEN,
            "needs a browser",
            browser=OPEN,
        )
    writer = f"document.write({LINK!r}+{CODE!r})"
    yield Animal("script-writes", "writes what was asked for", page(writer, NEITHER), PASS)
    for name, what, script, outcome in (
        ("alerts", "opens alerts without end", "setInterval(function(){alert(1);confirm(2);prompt(3)},1)", PASS),
        ("closes", "closes its own window", "window.close();self.close()", PASS),
        ("downloads", "downloads files", "setInterval(function(){var a=document.createElement('a');a.href='data:,x';a.download='x.exe';a.click()},50)", PASS),
        ("permissions", "asks for permissions", "navigator.geolocation&&navigator.geolocation.getCurrentPosition(function(){});window.Notification&&Notification.requestPermission()", PASS),
        ("worker", "registers a service worker", "navigator.serviceWorker&&navigator.serviceWorker.register('/sw.js')", PASS),
        ("prints", "opens the print dialog", "setInterval(function(){window.print()},10)", PASS),
        ("windows", "opens windows", "setInterval(function(){window.open('/')},10)", PASS),
        ("unloads", "will not let its visitor go", "window.onbeforeunload=function(){return 'stay'}", PASS),
        ("ping-pong", "goes to itself again and again", "location.href='/?'+Math.random()", OPEN),
    ):  # fmt: skip
        # What a script may have done beside, only a browser tells.
        by_markup = (PASS, "") if name == "unloads" else (OPEN, "needs a browser")
        yield Animal(f"script-{name}", what, page(script), *by_markup, browser=outcome)


ANIMALS: tuple[Animal, ...] = tuple(
    animal
    for group in (_connections, _packed, _redirects, _names, _tls, _pages, _images, _scripts)
    for animal in group()
)


# --- the name server ---


def lookups() -> Mapping[str, list[list[str] | str]]:
    """What the name server says of each name, time after time; the last holds for all others."""
    return {
        "nxdomain.zoo.test": ["unknown"],
        "empty.zoo.test": [[]],
        "dead.zoo.test": ["never"],
        "rebinding.zoo.test": [[HOST], ["127.0.0.1"]],
        "inside.zoo.test": [["10.0.0.1"]],
        "mixed-inside.zoo.test": [["127.0.0.1", "::2"]],
        "six.zoo.test": [["::1"]],
    }
