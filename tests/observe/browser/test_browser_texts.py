"""Text that rules ask for: what Chromium's screen shows of it passes, and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from support.browsers import browser_observer, needs_browser
from support.city import PATIENT
from support.series import asked_for
from support.servers import answer, server
from support.texts import HIDDEN, ICP, OPENED, SHOWN, homepage
from ycaudit.model import Observation, Page, Target, Verdict, Visibility
from ycaudit.net.client import Options
from ycaudit.observe.browser.observer import BrowserObserver
from ycaudit.rules.judge import InDoubt, Unit

pytestmark = [pytest.mark.browser, needs_browser]
Looks = dict[str, Observation]


async def looked(unit: Unit, observer: BrowserObserver) -> Observation:
    clearest: Observation | None = None

    def doubts() -> InDoubt:
        if clearest is None:
            return unit.unseen
        return unit.in_doubt(clearest, unit.judge(clearest))

    async with aclosing(observer.look(unit, doubts)) as sights:
        async for sight in sights:
            clearest = sight
    assert clearest is not None
    return clearest


async def all_looked(snippets: dict[str, str]) -> Looks:
    names = list(snippets)

    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        number = head.split(b" ")[1].decode().strip("/")
        body = homepage(snippets[names[int(number)]]) if number.isdigit() else b""
        status = "200 OK" if body else "404 Not Found"
        writer.write(answer(body, "Content-Type: text/html; charset=utf-8", status=status))

    found: Looks = {}
    options = Options(allow_private=True, limits=PATIENT)
    async with server(serve) as (port, _), browser_observer(options) as observer:

        async def look(number: int, name: str) -> None:
            target = Target(id=f"u{number}", name="u", url=f"http://127.0.0.1:{port}/{number}")
            async with observer.place():  # a few at once: for half of its time a look waits
                found[name] = await looked(Unit(target=target, requirements=(ICP,)), observer)

        async with asyncio.TaskGroup() as group:
            for number, name in enumerate(names):
                group.create_task(look(number, name))
    return found


@pytest.fixture(scope="module")
def looks(request: pytest.FixtureRequest) -> Looks:
    wanted = asked_for(request, "name")
    pages = {**SHOWN, **OPENED, **HIDDEN}.items()
    return asyncio.run(all_looked({name: html for name, html in pages if name in wanted}))


def verdict(looks: Looks, name: str) -> Verdict:
    assert isinstance(looks[name], Page), looks[name]
    return ICP.judge(looks[name])


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.series(2)
def test_text_on_the_screen_passes(name: str, looks: Looks) -> None:
    found = verdict(looks, name)
    assert found.outcome == "pass", found.reason
    assert found.evidence[0].value.lower().startswith("鄂icp备05012345号")
    assert found.evidence[0].where.box


@pytest.mark.parametrize("name", OPENED)
@pytest.mark.series(2)
def test_text_that_a_visitor_can_open_passes_and_says_how(name: str, looks: Looks) -> None:
    found = verdict(looks, name)
    assert found.outcome == "pass", found.reason
    assert found.evidence[0].visible is Visibility.ON_HOVER


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.series(2)
def test_text_that_no_visitor_sees_never_passes(name: str, looks: Looks) -> None:
    assert verdict(looks, name).outcome in ("fail", "undetermined")


@pytest.mark.parametrize(
    "name",
    [
        *("in two lines of one block", "its value in the next block"),
        *("its value in the next paragraph", "its value in the next point"),
        "its value below a block within",
    ],
)
@pytest.mark.series(2)
def test_text_that_goes_on_in_the_next_line_is_in_doubt(name: str, looks: Looks) -> None:
    found = verdict(looks, name)
    assert found.outcome == "undetermined"
    assert found.evidence[0].value == "鄂ICP备05012345号-1"


@pytest.mark.parametrize(
    "name",
    [
        *("in a comment", "another number", "in two blocks", "taken away by a script"),
        *("in two links far apart", "in two links with much room"),
        *("in two links below each other", "in two paragraphs of one block"),
        "at the head of a long block",
    ],
)
@pytest.mark.series(3)
def test_text_that_is_nowhere_on_the_page_is_missing(name: str, looks: Looks) -> None:
    found = verdict(looks, name)
    assert found.outcome == "fail"
    assert "of text of the homepage" in found.reason
