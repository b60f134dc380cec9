"""Two vantage points: two proxies on loopback, each before a server that shows another thing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.browsers import needs_browser
from support.cli import ycaudit
from support.proxies import OfficeProxy, office_proxy_beside
from support.town import PORTAL, Town, built

SECRET = "s3cret-of-the-proxy"
CLERK = f"clerk:{SECRET}"


class Networks:
    """Two networks, in each of which the unit's host is another server."""

    def __init__(self, folder: Path, here: Town, there: Town, proxies: list[OfficeProxy]) -> None:
        self.folder, self.here, self.there = folder, here, there
        self.first, self.second = proxies

    def scanned(self, *words: str, code: int, observer: str = "static") -> dict[str, Any]:
        """The report on the unit, first through one, then through the other."""
        asked = (
            *("scan", "--observer", observer, "--no-cache", "--no-history", "--format", "json"),
            *("--proxy", self.first.url(), "--also-via", self.second.url(CLERK)),
        )
        done = ycaudit(*asked, *words, cwd=self.folder)
        assert done.returncode == code, done.stderr
        assert SECRET not in done.stdout + done.stderr
        (report,) = json.loads(done.stdout)["reports"]
        return report  # type: ignore[no-any-return]

    @property
    def via(self) -> str:
        return f"127.0.0.1:{self.second.port}"


@contextmanager
def dead_port() -> Iterator[int]:
    """A port at which nobody answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def between(
    folder: Path, *, here_is_down: bool = False, there_is_down: bool = False
) -> Iterator[Networks]:
    with ExitStack() as stack:
        here, there = stack.enter_context(built()), stack.enter_context(built())
        dead = stack.enter_context(dead_port())
        ports = dead if here_is_down else here.port, dead if there_is_down else there.port
        proxies = [
            stack.enter_context(office_proxy_beside(to=ports[0])),
            stack.enter_context(office_proxy_beside(to=ports[1], wants=CLERK)),
        ]
        here.write_list(folder, a="甲局")
        targets = folder / "targets.yaml"
        text = targets.read_text("utf-8").replace(here.url("a"), "http://unit.city.test/a/")
        targets.write_text(text, encoding="utf-8")
        here.pages["a"] = there.pages["a"] = ""
        yield Networks(folder, here, there, proxies)


@pytest.mark.parametrize(
    "observer", ["static", pytest.param("browser", marks=[needs_browser, pytest.mark.browser])]
)
@pytest.mark.series(1)
def test_what_one_network_shows_is_no_fail_and_both_are_named(
    tmp_path: Path, observer: str
) -> None:
    with between(tmp_path) as networks:
        report = networks.scanned(code=1, observer=observer)
        assert report["outcome"] == "fail"
        assert [one["via"] for one in report["observations"]] == [None, networks.via]
        networks.there.pages["a"] = PORTAL
        report = networks.scanned(code=3, observer=observer)
    (verdict,) = report["verdicts"]
    assert (verdict["outcome"], verdict["reason_code"]) == ("undetermined", "networks_differ")
    assert verdict["reason"].startswith("two networks see it differently; from here: not among")
    assert f"; through {networks.via}: " in verdict["reason"]
    assert "p.test" in verdict["reason"]
    assert any(one.startswith("CONNECT unit.city.test:80") for one in networks.second.asked)


def test_a_site_that_only_the_other_network_reaches_is_not_down(tmp_path: Path) -> None:
    with between(tmp_path, here_is_down=True) as networks:
        report = networks.scanned(code=3)
        assert report["verdicts"][0]["reason_code"] == "networks_differ"
        assert "from here: not seen: " in report["verdicts"][0]["reason"]
        networks.there.pages["a"] = PORTAL
        report = networks.scanned(code=0)
    seen = report["observations"][-1]
    assert (seen["kind"], seen["via"]) == ("page", networks.via)
    (remark,) = seen["remarks"]
    assert remark["code"] == "only_beyond"


def test_a_site_that_neither_reaches_is_undetermined_for_both_reasons(tmp_path: Path) -> None:
    with between(tmp_path, here_is_down=True, there_is_down=True) as networks:
        report = networks.scanned(code=3)
    (verdict,) = report["verdicts"]
    assert verdict["reason_code"] == "not_seen"
    assert verdict["reason"].startswith("not seen: from here: ")
    assert f"; through {networks.via}: " in verdict["reason"]


def test_a_guarded_address_stays_guarded_from_the_other_network(tmp_path: Path) -> None:
    with between(tmp_path) as networks:
        targets = tmp_path / "targets.yaml"
        text = targets.read_text("utf-8").replace("unit.city.test", "127.0.0.1")
        targets.write_text(text, encoding="utf-8")
        report = networks.scanned(code=3)
        asked = [one for one in networks.second.asked if "proxy-check.invalid" not in one]
    assert report["observations"][0]["cause"] == "refused_address"
    assert asked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--also-via", "socks5://p:1"), "--also-via: write http://HOST:PORT"),
        (("--also-via", "http://127.0.0.1:9"), "ycaudit: the proxy 127.0.0.1:9 cannot be reached"),
        (("--also-via", "env"), "--also-via env: none of HTTPS_PROXY"),
    ],
)
def test_a_way_that_leads_nowhere_is_told_before_the_work(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    with built() as town:
        town.write_list(tmp_path, a="甲局")
        done = ycaudit("--lang", "en", "scan", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_one_proxy_is_not_two_networks(tmp_path: Path) -> None:
    with built() as town, office_proxy_beside() as proxy:
        town.write_list(tmp_path, a="甲局")
        words = ("--proxy", proxy.url(), "--also-via", proxy.url("me:too"))
        done = ycaudit("--lang", "en", "scan", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "--also-via names the same proxy as --proxy" in done.stderr


@pytest.mark.parametrize(
    "observer", ["static", pytest.param("browser", marks=[needs_browser, pytest.mark.browser])]
)
@pytest.mark.series(1)
def test_a_case_of_two_networks_comes_out_alike_when_both_are_gone(
    tmp_path: Path, observer: str
) -> None:
    with between(tmp_path) as networks:
        networks.there.pages["a"] = PORTAL
        case = ("--case", "june.wacz", "--history", "history.sqlite3")
        asked = ("--proxy", networks.first.url(), "--also-via", networks.second.url(CLERK))
        done = ycaudit("scan", "--observer", observer, *asked, *case, cwd=tmp_path)
        assert done.returncode == 3, done.stderr
    again = ycaudit("verify", "june.wacz", "--rejudge", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 unit looked at again from recordings: 0 came out otherwise" in again.stdout
