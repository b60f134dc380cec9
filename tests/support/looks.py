"""Observers that see what they are told, and a scan with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from support.pages import blind, link, page, unseen
from ycaudit.auditing.engine import Clock, Pace, scan
from ycaudit.auditing.second_look import Beyond
from ycaudit.model import Observation, Sense, Target, UnitReport
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe import Doubts
from ycaudit.observe.redirects import RedirectFollower
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement

PORTAL = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])


OTHER = LinkRequirement(id="o", name="另一个", kind="link", accept=[{"host": "o.test"}])


HAS = page(link("http://p.test/"))


HAS_NOT = page(link("http://x.test/"))


BLIND = page(link("http://x.test/"), blind(Sense.LINK))


DOWN = unseen("timeout")


DIED = unseen("crash", code="browser_gave_up")
"""The browser, not the homepage."""


PROXY = "p:8080"
"""The way to another network."""


class Eyes:
    """An observer that sees what it is told, look after look; the last holds for all others."""

    def __init__(self, name: str, *observations: Observation, log: list[str] | None = None) -> None:
        self.name = name
        self._sights = list(observations)
        self.log = log if log is not None else []

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        yield

    async def look(
        self, unit: Unit, doubts: Doubts, *, again: bool = False
    ) -> AsyncGenerator[Observation, None]:
        self.log.append(f"{self.name} {unit.target.id}")
        observation = self._sights.pop(0) if len(self._sights) > 1 else self._sights[0]
        yield observation.model_copy(update={"observer": self.name})

    async def aclose(self) -> None:
        pass


def unit(name: str = "u", *requirements: LinkRequirement, url: str = "http://u.test/") -> Unit:
    target = Target(id=name, name=name, url=url)
    return Unit(target=target, requirements=requirements or (PORTAL,))


async def _through(unit: Unit) -> str | None:
    """The way to the other network; what is within leads there without it."""
    return None if unit.target.url.startswith("http://10.") else PROXY


_NOBODY = RedirectFollower(Fetcher(Options()))


def scanned(
    observers: Sequence[Eyes],
    *units: Unit,
    done: Callable[[int, UnitReport], None] | None = None,
    jobs: int = 1,
    beyond: Eyes | None = None,
) -> dict[int, UnitReport]:
    reports: dict[int, UnitReport] = {}
    clock = Clock(now=lambda: datetime.now(UTC), steady=time.monotonic)
    asyncio.run(
        scan(
            units or (unit(),),
            observers=observers,
            clock=clock,
            done=done or reports.__setitem__,
            pace=Pace(units=jobs, seconds=600),
            beyond=None if beyond is None else Beyond(beyond, _NOBODY, _through),
        )
    )
    return reports
