"""Reads and crops images in worker processes, so that one that crashes its decoder costs itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble, crop_png, is_large
from ycaudit.observe.qr.reading import Effort, Located, Reading, StepCost, Symbol
from ycaudit.observe.subprocess_pool import SubprocessPool, serve

IMAGE_TIMEOUT = 30.0
"""Processor seconds for one image: the largest photo, at full effort, takes a third of it."""
MEMORY = 2 << 30
"""Bytes of address space; a picture of 40 million pixels needs half of it."""
_LARGE = b"large"
"""The reply to a large picture that has not waited for its turn."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class DecodeSandbox:
    """Decodes images in processes that are kept and used again. Safe between threads.

    Large pictures are taken one at a time, so that memory does not grow with the processors.
    """

    def __init__(self, program: Path = Path(__file__), *, timeout: float = IMAGE_TIMEOUT) -> None:
        """`timeout`: processor seconds for an image. Processes start when they are needed."""
        self._pool = SubprocessPool(
            program, timeout=timeout, memory=MEMORY, environment=_ONE_THREAD
        )
        self._large = threading.Lock()

    def read(self, data: bytes, *, effort: Effort = Effort.NORMAL, timed: bool = False) -> Reading:
        """Every code in the image, as `read_codes` reads it.

        Raises ImageTrouble, also where the image kills or outlasts the process that reads it; only
        then it is of the kind "image_given_up", and another try may succeed.
        """
        try:
            # A second try: the worker may have died of what an image before this one did to it.
            reply = self._ask({"effort": int(effort), "timed": timed}, data, tries=2)
        except TimeoutError:
            reply = None
        if reply is None:
            raise ImageTrouble("image_given_up")
        found = json.loads(reply)
        if "trouble" in found:
            raise ImageTrouble.read(found["trouble"])
        return _reading(found)

    def crop(self, data: bytes, corners: Sequence[tuple[int, int]]) -> bytes | None:
        """The code cut out of its image with its corners marked, as PNG; None for drawings."""
        try:
            return self._ask({"corners": list(corners)}, data, tries=1) or None
        except TimeoutError:
            return None

    def _ask(self, task: Mapping[str, object], data: bytes, *, tries: int) -> bytes | None:
        """The reply of a worker; None where so many have died of it. Raises TimeoutError."""

        def asked(*, large: bool) -> bytes | None:
            message = _message({**task, "large": large}, data)
            replies = (self._pool.ask(message) for _ in range(tries))
            return next((reply for reply in replies if reply is not None), None)

        reply = asked(large=False)
        if reply == _LARGE:
            with self._large:
                reply = asked(large=True)
        return reply

    def close(self) -> None:
        """End the processes; who waits for a reply gets none."""
        self._pool.close()


def _message(task: Mapping[str, object], data: bytes) -> bytes:
    return json.dumps(task).encode() + b"\n" + data


def _reading(found: dict[str, Any]) -> Reading:
    symbols = (
        Symbol(s["payload"], _corners(s["corners"]), s["step"], s["guessed"])
        for s in found["symbols"]
    )
    return Reading(
        symbols=tuple(symbols),
        located=tuple(
            Located(_corners(p["corners"]), p["why"], p["is_texture"]) for p in found["located"]
        ),
        width=found["width"],
        height=found["height"],
        truncated=found["truncated"],
        steps=tuple(StepCost(**cost) for cost in found["steps"]),
        varies=found["varies"],
    )


def _corners(points: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((x, y) for x, y in points)


# --- the worker's side ---------------------------------------------------------------------------


def reply(request: bytes) -> bytes:
    """The PNG of a crop, or a reading or the trouble with the image as JSON."""
    head, _, data = request.partition(b"\n")
    task = json.loads(head)
    if not task["large"] and is_large(data, in_colour="corners" in task):
        return _LARGE
    if "corners" in task:
        return crop_png(data, _corners(task["corners"])) or b""
    try:
        reading = read_codes(data, effort=Effort(task["effort"]), timed=task["timed"])
    except ImageTrouble as trouble:
        return json.dumps({"trouble": trouble.written}).encode()
    return json.dumps(asdict(reading)).encode()


if __name__ == "__main__":
    serve(reply)
