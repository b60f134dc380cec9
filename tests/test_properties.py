"""What holds for all pages and rules, not for the ones that somebody thought of."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from support.looks import HAS, HAS_NOT, Eyes, scanned
from support.looks import unit as unit_of
from ycaudit.auditing.engine import Clock, look_once
from ycaudit.errors import ConfigError
from ycaudit.inputs import unit_list
from ycaudit.inputs.plan import load, load_rules
from ycaudit.model import (
    BlindSpot,
    Box,
    Cause,
    Evidence,
    EvidenceFile,
    Image,
    Link,
    Outcome,
    Page,
    Policy,
    QrCode,
    ScanRun,
    Sense,
    Target,
    Tool,
    UnitReport,
    Unseen,
    Verdict,
    Visibility,
    Where,
)
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static import markup, scripts
from ycaudit.observe.static.observer import StaticObserver
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.static.tree import Tree, shallow
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.reason_table import REASONS
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.url import parse_url, parse_web_url, resolve_href

SANDBOX = scripts.ScriptSandbox(timeout=60)
URL = "http://u.test/"
PAYLOAD = "http://weixin.qq.com/r/RIGHT"
LINK = LinkRequirement(id="l", name="门户", kind="link", accept=[{"host": "p.test"}])
CODE = QrRequirement(id="q", name="微信", kind="qr", accept=[{"payload": PAYLOAD}])
UNIT = Unit(target=Target(id="u", name="u", url=URL), requirements=(LINK, CODE))


def data_uri(payload: str) -> str:
    out = io.BytesIO()
    segno.make_qr(payload).save(out, kind="png", scale=6, border=4)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


A_LINK = '<p><a href="http://p.test/">门户网站</a></p>'
A_CODE = f'<p><img src="{data_uri(PAYLOAD)}" alt="微信" width="200" height="200"></p>'
OTHER_CODE = f'<p><img src="{data_uri("http://x.test/")}" alt="微信" width="200" height="200"></p>'
RIGHT = {"l": A_LINK, "q": A_CODE}
FILLER = "<p>本站内容，天天更新。</p>" * 20
PARTS = [
    '<a href="http://x.test/">别处</a>',
    '<a href="/own">本站</a>',
    "<div><table><tr><td>表格",
    "<ul><li>一<li>二</ul>",
    OTHER_CODE,
    "<!-- 注释 -->",
    '<div style="color:red">红</div>',
    "<style>.a{margin:0}</style>",
    "<p>云江市人民政府",
    "</div></table>",
]
HIDINGS = [
    '<div style="display:none">{}</div>',
    "<div hidden>{}</div>",
    "<!-- {} -->",
    '<div style="visibility:hidden">{}</div>',
    "<noscript>{}</noscript><script>1</script>",
    "<template>{}</template>",
]


class World:
    """One homepage, as a fetcher without a network brings it."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self._page = Fetched(URL, URL, 200, {"content-type": content_type}, body, hops=(URL,))

    @asynccontextmanager
    async def session(self, intranet: tuple[str, ...] = (), archive: object = None) -> Any:
        yield self

    async def page(self, url: str, **more: object) -> Fetched | FetchError:
        return self._page if url == URL else FetchError(url, Cause.DNS, "no such page")

    async def resource(self, url: str, **more: object) -> Fetched | FetchError:
        return FetchError(url, Cause.DNS, "no such thing")


CREW = Threads(1)
DECODER = Decoder(CREW)
CLOCK = Clock(now=lambda: datetime(2026, 6, 1, tzinfo=UTC), steady=time.monotonic)


def judged(html: str | bytes, content_type: str = "text/html", unit: Unit = UNIT) -> dict[str, str]:
    """What one look without a browser makes of the page: outcomes by requirement."""
    body = html if isinstance(html, bytes) else html.encode()

    async def look() -> tuple[Verdict, ...]:
        world: Any = World(body, content_type)
        observer = StaticObserver(Tools(world, Decoder(CREW), CREW, CLOCK.now))
        observer._tools = Tools(world, DECODER, CREW, CLOCK.now)
        observation, verdicts = await look_once(
            unit, observer, clock=CLOCK, seconds=600, redirects=None
        )
        assert not isinstance(observation, Unseen) or observation.cause is not Cause.OUR_BUG, (
            observation.why
        )
        return verdicts

    return {verdict.requirement: str(verdict.outcome) for verdict in asyncio.run(look())}


def document(*parts: str) -> str:
    return f"<!DOCTYPE html><html><head><title>t</title></head><body>{FILLER}{''.join(parts)}"


pages = st.lists(st.sampled_from(PARTS), max_size=6)
which = st.sampled_from(["l", "q"])
few = settings(max_examples=40, deadline=None)


@few
@given(pages, which, st.integers(0, 6))
def test_adding_what_is_required_passes_wherever_it_stands(
    parts: list[str], what: str, place: int
) -> None:
    # A table that is left open takes paragraphs out of itself: they are shown all the same.
    assert judged(document(*parts[:place], RIGHT[what], *parts[place:]))[what] == "pass"


@few
@given(pages, which)
def test_without_it_nothing_passes(parts: list[str], what: str) -> None:
    other = RIGHT["q" if what == "l" else "l"]
    assert judged(document(*parts, other))[what] != "pass"


@few
@given(pages, which, st.sampled_from(HIDINGS))
def test_hiding_it_never_lets_it_pass(parts: list[str], what: str, hiding: str) -> None:
    closed = [part for part in parts if "注释" not in part and "<table>" not in part]
    assert judged(document(*closed, hiding.format(RIGHT[what])))[what] != "pass"


@few
@given(
    pages,
    st.sampled_from(["utf-8", "gbk", "gb18030", "utf-8-sig", "utf-16"]),
    st.sampled_from(["header", "meta", "nothing"]),
)
def test_the_encoding_changes_nothing(parts: list[str], encoding: str, declared: str) -> None:
    label = {"utf-8-sig": "utf-8", "utf-16": "utf-16"}.get(encoding, encoding)
    plain = document(*parts, A_LINK, OTHER_CODE)
    meta = f'<meta charset="{label}">' if declared == "meta" else ""
    told = f"text/html; charset={label}" if declared == "header" else "text/html"
    html = plain.replace("<head>", f"<head>{meta}")
    assert judged(html.encode(encoding), told) == judged(plain)


@few
@given(pages, st.randoms(use_true_random=False))
def test_case_order_and_white_space_of_markup_change_nothing(parts: list[str], chance: Any) -> None:
    attributes = ['href="HTTP://P.Test:80/"', 'class="a"', 'title="门户"']
    chance.shuffle(attributes)
    blank = chance.choice([" ", "\n", "\t  ", "\r\n"])
    tag = chance.choice(["a", "A"])
    joined = blank.join(attributes)
    name = chance.choice([str.upper, str.lower, str.title])
    for attribute in ("href", "class", "title"):
        joined = joined.replace(f"{attribute}=", f"{name(attribute)}=")
    written = f"<{tag}{blank}{joined}{blank}>门户网站</{tag}{blank}>"
    assert judged(document(*parts, written)) == judged(document(*parts, A_LINK))


@given(st.permutations(["a", "b", "c", "d"]))
@settings(max_examples=12, deadline=None)
def test_the_order_of_units_changes_no_verdict(order: list[str]) -> None:
    class Fixed(Eyes):
        async def look(self, unit: Unit, doubts: Any, **_: Any) -> Any:
            yield HAS if unit.target.id in "ac" else HAS_NOT

    reports = scanned([Fixed("static", HAS)], *map(unit_of, order), jobs=2)
    told = {report.target.id: str(report.outcome) for report in reports.values()}
    assert told == {"a": "pass", "b": "fail", "c": "pass", "d": "fail"}


hosts = st.sampled_from(["p.test", "x.test", "p.test.evil.test"])
entries = st.lists(
    st.fixed_dictionaries(
        {"host": hosts},
        optional={
            "path": st.sampled_from(["root", "/a", "/a/*"]),
            "query": st.just({"q": "1"}),
            "scheme": st.sampled_from(["http", "https"]),
            "port": st.sampled_from([80, 443, 8080]),
        },
    ),
    min_size=1,
    max_size=4,
)
hrefs = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    hosts,
    st.sampled_from(["", "/", "/a", "/a/b", "/index.html"]),
    st.sampled_from(["", "?q=1", "?q=2&q=1"]),
)


@given(entries, st.lists(hrefs, max_size=5), st.data())
def test_narrower_rules_never_pass_more(
    accept: list[dict[str, Any]], links: list[str], data: st.DataObject
) -> None:
    where = Where(origin="markup", url=URL)
    page = HAS.model_copy(
        update={"links": tuple(Link(href=h, text="", how="a", where=where) for h in links)}
    )
    narrower = [dict(entry) for entry in accept]
    victim = data.draw(st.integers(0, len(narrower) - 1))
    if len(narrower) > 1 and data.draw(st.booleans()):
        del narrower[victim]
    else:
        added = {"path": "/a", "query": {"q": "1"}, "scheme": "https", "port": 443}
        missing = [key for key in added if key not in narrower[victim]]
        if missing:
            key = data.draw(st.sampled_from(missing))
            narrower[victim][key] = added[key]

    def passes(entries: list[dict[str, Any]]) -> bool:
        rule = LinkRequirement(id="l", name="n", kind="link", accept=entries)
        return rule.judge(page).outcome is Outcome.PASS

    assert not (passes(narrower) and not passes(accept))


# --- nothing raises ---

soup = st.one_of(
    st.binary(max_size=400),
    st.lists(
        st.sampled_from(
            [
                b"<",
                b">",
                b"</a",
                b"<a href=",
                b'"',
                b"'",
                b"&#x",
                b"<!--",
                b"-->",
                b"<script>",
                b"<style>",
                b"{",
                b"}",
                b"\0",
                b"\xff",
                b"\xc4\xe3",
                b"<base href=//",
                b"<svg",
                b"url(",
            ]
        ),
        max_size=60,
    ).map(b"".join),
)


@settings(max_examples=150, deadline=None)
@given(soup, st.sampled_from(["", "text/html; charset=gbk", "text/html; charset=nonsense"]))
def test_no_bytes_break_the_reading_of_a_page(body: bytes, content_type: str) -> None:
    text = charset.decode(body, content_type)
    html, _ = shallow(text)
    found = markup.read(Tree(html, URL), sheets=[Sheet(text, URL)])
    assert all(parse_web_url(link.href) or ":" in link.href for link in found.links)
    parse_url(text[:200], URL)
    assert resolve_href(text[:200], URL) is None or parse_web_url(resolve_href(text, URL) or URL)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(
            st.sampled_from(
                [
                    b"\x89PNG\r\n\x1a\n",
                    b"GIF89a",
                    b"\xff\xd8\xff",
                    b"BM",
                    b"RIFF",
                    b"<svg",
                    b"II*\0",
                    b"\0\0\1\0",
                ]
            ),
            st.binary(max_size=300),
        ).map(b"".join),
    )
)
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    try:
        reading = read_codes(data, effort=Effort.NORMAL)
    except ImageTrouble as trouble:
        assert str(trouble)
    else:
        assert reading.width > 0


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_no_script_breaks_what_follows_it(source: str) -> None:
    script = scripts.Script(source, None)
    after = scripts.Script("document.write('after')", None)
    found = SANDBOX.follow([script, after], page_url=URL, sources={}, now=1.0)
    assert len(found.effects) == 2


yaml_soup = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "units:",
                "\n",
                "  ",
                "- ",
                "{",
                "}",
                "[",
                "]",
                "url: ",
                "http://a.test/",
                "name: ",
                "requirements:",
                "kind: link",
                "accept:",
                "&a",
                "*a",
                "!!python/object:os.system",
                "~",
                ": ",
                "#",
                '"',
                "id: x",
                "host: a.test",
                "until: 2026-13-45",
                "\t",
            ]
        ),
        max_size=30,
    ).map(lambda parts: "".join(parts).encode()),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:
        yield Path(made)


@settings(max_examples=150, deadline=None)
@given(body=yaml_soup)
def test_no_text_breaks_the_reading_of_lists_and_rules(folder: Path, body: bytes) -> None:
    targets, rules = folder / "targets.yaml", folder / "rules.yaml"
    targets.write_bytes(body)
    rules.write_bytes(body)
    for read in (
        lambda: load_rules([rules]),
        lambda: load(targets, [rules], today=datetime(2026, 6, 1, tzinfo=UTC).date()),
    ):
        try:
            read()
        except ConfigError as error:
            assert error.problems


@settings(max_examples=100, deadline=None)
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_no_bytes_break_the_reading_of_tables(folder: Path, name: str, body: bytes) -> None:
    path = folder / name
    path.write_bytes(body)
    try:
        unit_list.read_list(path)
    except ConfigError as error:
        assert error.problems


# --- the document ---

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
box: st.SearchStrategy[Box] = st.tuples(*[st.integers(-9, 9999)] * 4)
pixels = st.tuples(st.integers(0, 9999), st.integers(0, 9999))
reasons = st.builds(
    Reason,
    code=st.sampled_from(sorted(REASONS)) | words,
    params=st.dictionaries(words, words | st.integers() | st.builds(Reason, code=words)),
    because=st.none() | st.builds(Reason, code=words, detail=words),
    detail=words,
)
wheres = st.builds(
    Where,
    origin=st.sampled_from(["markup", "script", "frame", "style", "browser", "comment"]),
    url=words,
    box=st.none() | box,
)
seen = st.sampled_from(Visibility)
links = st.builds(Link, href=words, text=words, how=st.just("a"), visible=seen, where=wheres)
codes = st.builds(
    QrCode,
    payload=words,
    label=words,
    src=words,
    sha256=words,
    corners=st.just(()) | st.tuples(pixels),
    visible=seen,
    where=wheres,
)
spots = st.builds(
    BlindSpot,
    hides=st.frozensets(st.sampled_from(Sense)),
    why=reasons,
    where=wheres,
    corners=st.just(()) | st.tuples(pixels),
    sha256=st.none() | words,
    file=st.none() | words,
)
observations = st.one_of(
    st.builds(
        Page,
        kind=st.just("page"),
        url=words,
        final_url=words,
        status=st.integers(100, 599),
        observer=words,
        taken_at=st.datetimes(timezones=st.just(UTC)),
        sha256=words,
        title=words,
        links=st.tuples(links),
        images=st.tuples(st.builds(Image, src=words, where=wheres)),
        qr_codes=st.tuples(codes),
        blind_spots=st.tuples(spots),
        remarks=st.tuples(reasons),
        evidence_files=st.tuples(
            st.builds(EvidenceFile, kind=st.just("html"), file=words, of=st.none() | words)
        ),
    ),
    st.builds(
        Unseen,
        kind=st.just("unseen"),
        url=words,
        observer=words,
        taken_at=st.datetimes(timezones=st.just(UTC)),
        cause=st.sampled_from(Cause),
        why=reasons,
    ),
)
evidences = st.builds(
    Evidence,
    sense=st.sampled_from(Sense),
    value=words,
    label=words,
    note=st.none() | reasons,
    where=wheres,
)
verdicts = st.builds(
    Verdict,
    requirement=words,
    name=words,
    outcome=st.sampled_from(Outcome),
    why=reasons,
    evidence=st.tuples(evidences),
    near=st.tuples(evidences),
    observer=words,
    sense=st.none() | st.sampled_from(Sense),
    decision=st.none(),
)
reports = st.builds(
    UnitReport,
    target=st.builds(
        Target,
        id=words,
        name=words,
        url=st.just("http://u.test/"),
        tags=st.tuples(words),
        contact=st.none(),
        listed=st.none(),
        figures=st.just(()),
        intranet=st.just(("10.0.0.0/8",)),
    ),
    waivers=st.just(()),
    observations=st.tuples(observations),
    verdicts=st.tuples(verdicts, verdicts),
    seconds=st.floats(0, 999),
)
runs = st.builds(
    ScanRun,
    id=words,
    tool=st.builds(Tool, version=words),
    rules=st.builds(Policy, name=words, sha256=words),
    started_at=st.datetimes(timezones=st.just(UTC)),
    finished_at=st.datetimes(timezones=st.just(UTC)),
    complete=st.booleans(),
    suspicions=st.just(()) | st.tuples(reasons),
    reports=st.tuples(reports) | st.just(()),
)


@settings(max_examples=60, deadline=None)
@given(runs)
def test_a_run_comes_back_from_json_as_it_was(run: ScanRun) -> None:
    written = run.model_dump_json()
    again = ScanRun.model_validate_json(written)
    assert again == run
    assert again.model_dump_json() == written
