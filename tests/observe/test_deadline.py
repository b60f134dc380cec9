"""A look may take so many seconds; those in which its work waits for a processor do not count."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from support.clocks import passed
from support.clocks import turned as run
from ycaudit.observe.deadline import computing, deadline, of_a_processor
from ycaudit.observe.subprocess_pool import SubprocessPool, processor_time
from ycaudit.observe.tools import Threads


def test_time_that_passes_without_work_counts() -> None:
    async def look() -> None:
        with pytest.raises(TimeoutError):
            async with deadline(10):
                await passed(9)
                await passed(2)

    run(look())


def test_time_in_which_work_waits_does_not_count_and_what_it_computes_does() -> None:
    async def look() -> None:
        async with deadline(10):
            with computing() as spent:
                await passed(100)
                spent.append(4)
            await passed(5)
        with pytest.raises(TimeoutError):
            async with deadline(10):
                with computing() as spent:
                    await passed(100)
                    spent.append(4)
                await passed(7)

    run(look())


def test_what_is_computed_side_by_side_costs_no_more_than_the_time_that_passed() -> None:
    async def look() -> None:
        async def one() -> None:
            with computing() as spent:
                await passed(2)
                spent.append(6)

        async with deadline(10):
            await asyncio.gather(one(), one(), one())
            await passed(3)

    run(look())


def test_time_that_others_have_the_processor_for_does_not_count() -> None:
    async def look() -> None:
        async with deadline(10, lambda: 1 / 3):
            for _ in range(29):
                await passed(1)
        with pytest.raises(TimeoutError):
            async with deadline(10, lambda: 1 / 3):
                for _ in range(31):
                    await passed(1)

    run(look())


def test_whoever_is_alone_at_last_has_what_was_left_and_no_more() -> None:
    shares = iter([0.5] * 8)

    async def look() -> None:
        with pytest.raises(TimeoutError):
            async with deadline(10, lambda: next(shares, 1.0)):
                for _ in range(13):
                    await passed(1)  # four of these eight seconds were others'
                await passed(2)

    run(look())


def test_work_that_ends_after_its_look_does_no_harm() -> None:
    async def look() -> None:
        gate = asyncio.Event()

        async def late() -> None:
            with computing():
                await gate.wait()

        async with deadline(10):
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        gate.set()
        await task

    run(look())


def test_work_for_which_no_thread_is_free_is_seen_to_wait() -> None:
    async def work() -> None:
        threads, gate, begun = Threads(1), threading.Event(), threading.Event()

        def hold() -> None:
            begun.set()
            gate.wait()

        first = asyncio.create_task(threads.run(hold))
        await asyncio.to_thread(begun.wait)
        assert threads.behind == 0
        second = asyncio.create_task(threads.run(lambda: None))
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        assert threads.behind >= 0.001
        gate.set()
        await asyncio.gather(first, second)
        assert threads.behind == 0
        threads.close()

    asyncio.run(work())


COMPUTES = """
import time
from ycaudit.observe.subprocess_pool import serve

def answer(request):
    end = time.process_time() + float(request)
    while time.process_time() < end:
        pass
    return b"done"

serve(answer)
"""


def test_what_a_worker_computes_is_the_time_of_the_thread_that_asked(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(COMPUTES)
    pool = SubprocessPool(program, timeout=120)
    before = processor_time()
    assert pool.ask(b"0.2") == b"done"
    assert processor_time() - before >= 0.2
    pool.close()


@pytest.mark.parametrize(
    ("load", "share"),
    [
        ("0.20 0.18 0.12 1/80 11206\n", 1.0),
        ("9.00 9.00 9.00 8/80 11206\n", 0.25),
        ("90.0 90.0 90.0 900/980 11206\n", 0.1),
        ("", 1.0),
        (None, 1.0),
    ],
)
def test_each_gets_less_of_a_processor_the_more_could_run(
    tmp_path: Path, load: str | None, share: float
) -> None:
    file = tmp_path / "loadavg"
    if load is not None:
        file.write_text(load)
    assert of_a_processor(file, processors=2) == share
