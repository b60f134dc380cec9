"""How many units go at once: as many as the machine and the network keep up with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from ycaudit.auditing.throttle import EASY, LATE, MIN_LIMIT, START, WINDOW, Throttle


def throttle(most: int = 100, steady: Callable[[], float] = lambda: 0.0) -> Throttle:
    return Throttle(most, steady=steady, behind=lambda: 0.0)


async def held(limited: Throttle, many: int) -> tuple[list[int], asyncio.Event, list[object]]:
    """So many who want a place and keep it until told; who has one is on the list."""
    inside: list[int] = []
    leave = asyncio.Event()

    async def one(number: int) -> None:
        async with limited.place():
            inside.append(number)
            await leave.wait()

    tasks = [asyncio.create_task(one(number)) for number in range(many)]
    await asyncio.sleep(0)
    return inside, leave, list(tasks)


def test_no_more_than_the_limit_go_at_once_and_the_first_to_wait_is_the_first_to_go() -> None:
    async def live() -> None:
        limited = throttle()
        inside, leave, tasks = await held(limited, START + 3)
        assert inside == list(range(START))
        leave.set()
        await asyncio.gather(*tasks)  # type: ignore[call-overload]
        assert inside == list(range(START + 3))

    asyncio.run(live())


def test_the_limit_grows_while_somebody_waits_and_the_loop_keeps_up() -> None:
    async def live() -> None:
        limited = throttle()
        limited.keep_up(0)
        assert limited.limit == START  # nobody waits: no need for more
        inside, leave, tasks = await held(limited, 60)
        for _ in range(20):
            limited.keep_up(EASY / 2)
        await asyncio.sleep(0)
        assert len(inside) == limited.limit == 60 or limited.limit > START
        limited.keep_up((EASY + LATE) / 2)
        before = limited.limit
        limited.keep_up(LATE * 2)
        assert limited.limit < before
        leave.set()
        await asyncio.gather(*tasks)  # type: ignore[call-overload]

    asyncio.run(live())


def test_a_surge_of_unreachable_units_halves_the_limit_but_a_dead_list_does_not() -> None:
    limited = throttle()
    for _ in range(2 * WINDOW):
        limited.note(unreachable=False)
    for _ in range(WINDOW // 3):
        limited.note(unreachable=True)
    assert limited.limit == START // 2
    dead = throttle()
    for _ in range(10 * WINDOW):
        dead.note(unreachable=True)
    assert dead.limit == START


def test_who_gives_up_waiting_takes_no_place_with_him() -> None:
    async def live() -> None:
        limited = throttle(most=1)
        inside, leave, tasks = await held(limited, 3)
        second, third = tasks[1], tasks[2]
        second.cancel()  # type: ignore[attr-defined]
        leave.set()
        await asyncio.wait_for(third, 60)  # type: ignore[call-overload]
        assert inside == [0, 2]

    asyncio.run(live())


@given(st.lists(st.one_of(st.booleans(), st.floats(0, 10))), st.integers(1, 500))
def test_the_limit_stays_between_its_bounds(said: list[bool | float], most: int) -> None:
    limited = throttle(most)
    for word in said:
        if isinstance(word, bool):
            limited.note(unreachable=word)
        else:
            limited.keep_up(word)
        assert min(MIN_LIMIT, most) <= limited.limit <= most


def test_the_event_loop_is_watched() -> None:
    async def live() -> int:
        looked = 0
        noticed = asyncio.Event()

        def steady() -> float:
            """A clock by which the loop comes back ten seconds late from its first sleep."""
            nonlocal looked
            looked += 1
            if looked == 3:
                noticed.set()
            return 0.0 if looked == 1 else 10.0

        limited = throttle(steady=steady)
        async with limited.watching():
            await noticed.wait()
        return limited.limit

    assert asyncio.run(live()) < START
