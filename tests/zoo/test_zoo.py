"""The zoo: each hostile site ends in time, in bounded memory, as what it is, and harms no other."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image
from zoo_cases import ANIMALS, WORD, Animal, at, code_png, pages
from zoo_keeper import keeping, site
from zoo_run import (
    HANGING,
    HEALTHY,
    SECONDS,
    Seen,
    browsed,
    names_known,
    replayed,
    reports_of,
    scanned,
    unit_of,
)

from support.browsers import needs_browser
from support.series import asked_for
from ycaudit.model import Cause, UnitReport, Unseen
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.sandbox import DecodeSandbox

NAMES = [animal.name for animal in ANIMALS]
BY_NAME = {animal.name: animal for animal in ANIMALS}
ALWAYS = ("dns-rebinding", "png-bomb", "webp-flat")
MAX_BYTES = 1500 << 20
"""Of the program and its children together, with 64 units at once, bombs among them."""


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zoo") / "proof"


@pytest.fixture(scope="module")
def zoo(proof: Path, request: pytest.FixtureRequest) -> Seen:
    """One scan of all animals that are asked for, and of healthy units beside them."""
    names = asked_for(request, "name") or NAMES
    with keeping() as keeper, names_known() as asked:
        seen = scanned(keeper, [a for a in ANIMALS if a.name in {*names, *ALWAYS}], proof)
        seen.lookups.extend(asked)
        return seen


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.series(8)
def test_it_ends_as_it_must(zoo: Seen, name: str) -> None:
    animal, report = BY_NAME[name], zoo.reports[name]
    told = " | ".join(zoo.told(name))
    assert report.outcome == animal.outcome, told
    assert animal.says in told
    link, code = (verdict.outcome for verdict in report.verdicts)
    assert link == (animal.link or animal.outcome), told
    assert code == (animal.code or animal.outcome), told
    for observation in report.observations:
        assert not isinstance(observation, Unseen) or observation.cause is not Cause.OUR_BUG, (
            observation.why.detail
        )
        assert len(told) < 4000
    assert report.seconds < 2 * SECONDS + 5  # against hanging: it takes a moment


def test_the_healthy_beside_it_are_unharmed(zoo: Seen) -> None:
    outcomes = {zoo.reports[f"healthy-{n}"].outcome for n in range(HEALTHY)}
    assert outcomes == {"pass"}


def test_memory_is_bounded(zoo: Seen) -> None:
    assert zoo.peak_bytes - zoo.before_bytes < MAX_BYTES


def test_nobody_was_led_inside(zoo: Seen) -> None:
    assert zoo.inside == []
    assert zoo.lookups.count("rebinding.zoo.test") == 1


@pytest.mark.series
def test_each_comes_out_alike_by_what_was_recorded_when_it_is_gone(zoo: Seen, proof: Path) -> None:
    again = replayed(zoo, proof)
    assert again.keys() == zoo.reports.keys()
    otherwise = {
        name: (told(report), told(again[name]))
        for name, report in zoo.reports.items()
        if told(report) != told(again[name])
    }
    assert otherwise == {}


def told(report: UnitReport) -> list[tuple[str, str]]:
    return [(verdict.outcome, verdict.why.code) for verdict in report.verdicts]


def families(animals: Iterable[Animal]) -> dict[str, list[Animal]]:
    """Animals by the first word of their names."""
    found: dict[str, list[Animal]] = {}
    for animal in animals:
        found.setdefault(animal.name.partition("-")[0], []).append(animal)
    return found


BY_FAMILY = families(a for a in ANIMALS if a.browser)
FIRST = [family[0] for family in BY_FAMILY.values()]


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize(
    "animals",
    [
        FIRST[::6],
        *(pytest.param(FIRST[n::6], marks=pytest.mark.series) for n in range(1, 6)),
        pytest.param(
            [one for family in BY_FAMILY.values() for one in family[1:]], marks=pytest.mark.series
        ),
    ],
    ids=["one of a family", "second", "third", "fourth", "fifth", "sixth", "all others"],
)
def test_a_browser_is_no_way_around_and_no_page_ends_it(animals: list[Animal]) -> None:
    with keeping() as keeper, names_known():
        seen = browsed(keeper, animals)
    for animal in animals:
        told = seen.told(animal.name)
        assert seen.reports[animal.name].outcome == animal.browser, (animal.name, told)
    assert seen.reports["healthy-0"].outcome == "pass"
    assert seen.inside == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.series(1)
def test_a_code_cut_at_any_point_is_read_or_doubtful_and_never_absent(kind: str) -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(code_png())).convert("RGB").save(out, kind)
    whole = out.getvalue()
    sandbox = DecodeSandbox(timeout=600)
    for percent in range(100):
        part = whole[: len(whole) * percent // 100]
        try:
            reading = sandbox.read(part)
        except ImageTrouble as trouble:
            assert trouble.code != "image_too_small", percent
            continue
        assert reading.truncated or [s.payload for s in reading.symbols] == [WORD], percent


def test_a_unit_that_is_not_of_the_intranet_sees_none_of_this() -> None:
    with keeping() as keeper:
        port = keeper.open(site(pages()))
        closed = unit_of("closed", at(port), intranet=())
        report = reports_of(keeper, [closed])["closed"]
    (observation, *_) = report.observations
    assert isinstance(observation, Unseen)
    assert observation.cause is Cause.REFUSED_ADDRESS


def test_what_is_open_says_why() -> None:
    assert [a.name for a in ANIMALS if a.outcome == "undetermined" and not a.says] == []


def test_every_animal_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(NAMES) > 80
    assert set().union(*HANGING.values()) <= set(NAMES)
