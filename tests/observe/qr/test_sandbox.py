"""Images are read in processes of their own: what kills one costs one image."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
import segno
from PIL import Image

from support.codes import picture, saved
from ycaudit.observe.qr import sandbox
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble, crop_png
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.qr.sandbox import DecodeSandbox
from ycaudit.observe.subprocess_pool import SubprocessPool
from ycaudit.observe.tools import Decoder, Threads

ECHO = """
import os, sys, time, resource
from ycaudit.observe.subprocess_pool import serve

def answer(request):
    if request == b"die":
        os._exit(3)
    if request == b"loop":
        while True: pass
    if request == b"print":
        print("a library talks")
    if request == b"eat":
        try:
            return str(len(bytearray(1 << 30))).encode()
        except MemoryError:
            return b"no memory"
    if request == b"write":
        try:
            with open(sys.argv[0] + ".out", "wb", buffering=0) as file:
                return str(file.write(b"x" * 10)).encode()
        except OSError as error:
            return type(error).__name__.encode()
    return str(os.getpid()).encode() + request
serve(answer)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(ECHO)
    return path


def test_a_worker_is_kept_and_used_again(program: Path) -> None:
    pool = SubprocessPool(program, timeout=120)
    first, second = pool.ask(b"!"), pool.ask(b"!")
    assert first == second
    assert first is not None and first.endswith(b"!")
    pool.close()


def test_a_worker_that_dies_costs_one_answer(program: Path) -> None:
    pool = SubprocessPool(program, timeout=120)
    before = pool.ask(b"")
    assert pool.ask(b"die") is None
    after = pool.ask(b"")
    assert after is not None
    assert after != before
    pool.close()


def test_a_worker_that_takes_too_long_is_ended(program: Path) -> None:
    pool = SubprocessPool(program, timeout=0.3)
    with pytest.raises(TimeoutError):
        pool.ask(b"loop")
    pool.close()


def test_who_waits_for_a_worker_is_let_go_when_all_are_closed(program: Path) -> None:
    pool = SubprocessPool(program, timeout=600)
    pool.ask(b"")
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(TimeoutError):
            pool.ask(b"loop")
        ended.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not pool.busy:
        pass
    pool.close()
    waiting.join(120)
    assert ended.is_set()


def test_what_a_library_prints_is_no_answer(program: Path) -> None:
    pool = SubprocessPool(program, timeout=120)
    answer = pool.ask(b"print")
    assert answer is not None
    assert answer.endswith(b"print")
    assert b"talks" not in answer
    pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux knows them")
def test_a_worker_has_no_more_memory_than_it_is_given_and_writes_no_file(program: Path) -> None:
    pool = SubprocessPool(program, timeout=120, memory=512 << 20)
    assert pool.ask(b"eat") == b"no memory"
    assert pool.ask(b"write") == b"OSError"
    pool.close()


def test_a_forked_process_does_not_talk_to_its_parents_pool(program: Path) -> None:
    pool = SubprocessPool(program, timeout=120)
    mine = pool.ask(b"")
    (inherited,) = pool._workers.idle
    pool._workers.owner = os.getpid() + 1  # as it is after a fork
    assert pool.ask(b"") != mine
    pool.close()
    inherited.close()


def test_workers_end_with_their_pool(program: Path) -> None:
    pool = SubprocessPool(program, timeout=120)
    pool.ask(b"")
    (worker,) = pool._workers.idle
    del pool
    assert worker._process.returncode is not None


def test_an_image_read_apart_reads_as_it_does_here() -> None:
    data = saved(picture("一二三"))
    box = DecodeSandbox(timeout=600)
    for effort in Effort:
        assert box.read(data, effort=effort) == read_codes(data, effort=effort)


def test_trouble_with_an_image_comes_back_as_it_is() -> None:
    with pytest.raises(ImageTrouble) as here:
        read_codes(b"GIF89a nothing")
    with pytest.raises(ImageTrouble) as apart:
        DecodeSandbox().read(b"GIF89a nothing")
    assert apart.value.written == here.value.written


def test_an_image_that_kills_its_decoder_costs_that_image(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = DecodeSandbox(program, timeout=120)
    monkeypatch.setattr(sandbox, "_message", lambda task, data: data)
    with pytest.raises(ImageTrouble, match="image_given_up") as trouble:
        deadly.read(b"die")
    assert trouble.value.code == "image_given_up"
    assert deadly.crop(b"die", ()) is None
    deadly.close()


class Counting(SubprocessPool):
    """How many large pictures are decoded at once, and how many others beside them."""

    def __init__(self, program: Path, **settings: Any) -> None:
        super().__init__(program, **settings)
        self.large: set[int] = set()
        self.most_large = 0
        self.others_may_go_on = threading.Event()

    def ask(self, request: bytes) -> bytes | None:
        head = json.loads(request.partition(b"\n")[0])
        if not head["large"]:
            return super().ask(request)
        self.large.add(threading.get_ident())
        self.most_large = max(self.most_large, len(self.large))
        assert self.others_may_go_on.wait(120)
        reply = super().ask(request)
        self.large.discard(threading.get_ident())
        return reply


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_large_pictures_are_decoded_one_at_a_time_and_hold_up_no_others(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "SubprocessPool", Counting)
    box = DecodeSandbox(timeout=600)
    pool = cast(Counting, box._pool)
    large = saved(Image.new("RGB", (4000, 3000), "white"), kind)
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(box.read, large) for _ in range(2)]
        waiting.append(threads.submit(box.crop, large, ((0, 0), (9, 0), (9, 9), (0, 9))))
        assert [s.payload for s in box.read(saved(picture("一"))).symbols] == ["一"]
        assert [s.payload for s in box.read(photo("二")).symbols] == ["二"]
        pool.others_may_go_on.set()
        assert [one.result() is not None for one in waiting] == [True] * 3
    assert pool.most_large == 1
    box.close()


def photo(payload: str) -> bytes:
    """A code in a photograph of 12 million pixels, which is opened in grey and at half its size."""
    whole = Image.new("RGB", (4000, 3000), "white")
    whole.paste(picture(payload, scale=20), (400, 400))
    return saved(whole, "JPEG")


def test_what_was_given_up_is_tried_again_on_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []

    class Memory:
        def get_reading(self, sha256: str, effort: Effort) -> None:
            return None

        def put_reading(self, sha256: str, effort: Effort, reading: object) -> None:
            kept.append(str(reading))

    def given_up(box: DecodeSandbox, data: bytes, *, effort: Effort) -> None:
        raise ImageTrouble("image_given_up" if data == b"bomb" else "image_damaged")

    monkeypatch.setattr(DecodeSandbox, "read", given_up)
    threads = Threads(1)
    decoder = Decoder(threads, Memory())
    asyncio.run(decoder.read(b"bomb", Effort.NORMAL))
    assert kept == []
    asyncio.run(decoder.read(b"other", Effort.NORMAL))
    assert kept == ["image_damaged"]
    threads.close()


def test_a_crop_is_a_picture_of_the_code() -> None:
    data = saved(picture("hello", scale=10))
    box = DecodeSandbox(timeout=600)
    (symbol,) = box.read(data).symbols
    cut = box.crop(data, symbol.corners)
    assert cut is not None
    with Image.open(BytesIO(cut)) as shown:
        assert shown.format == "PNG"
        assert 100 < shown.width <= 480
    assert box.crop(b"<svg xmlns='http://www.w3.org/2000/svg'>", symbol.corners) is None


def crop_of(data: bytes) -> Image.Image:
    """The picture of the first code that is read in these bytes."""
    (symbol, *_) = read_codes(data, effort=Effort.FAST).symbols
    cut = crop_png(data, symbol.corners)
    assert cut is not None
    return Image.open(BytesIO(cut)).convert("L")


def test_a_white_drawing_is_cut_out_on_black() -> None:
    out = BytesIO()
    segno.make_qr("hello").save(out, kind="svg", scale=3, dark="#fff", light=None)
    assert crop_of(out.getvalue()).getextrema() == (0, 255)


def test_of_an_animation_each_frame_is_shown_at_the_place() -> None:
    one = saved(picture("hello"))
    frames = [picture("hello"), picture("world"), picture("hello")]
    many = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=500)
    assert crop_of(many).width == 2 * crop_of(one).width
