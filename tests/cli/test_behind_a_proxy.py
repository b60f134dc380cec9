"""An audit behind an office's proxy: both witnesses use it, and its password stays inside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.browsers import needs_browser
from support.cli import ycaudit
from support.proxies import office_proxy_beside
from ycaudit.auditing import demo_city

SECRET = "s3cret-of-the-proxy"


def check_through(
    lists: Path, there: demo_city.City, *, observer: str, tunnels: bool
) -> tuple[str, list[str]]:
    """What a unit's run says, and what the proxy was asked; no way leads past the proxy."""
    url = f"http://complies.city.test:{there.port}/"
    words = ("check", url, "--format", "json", "--evidence", "proof", "--observer", observer)
    with office_proxy_beside(wants=f"clerk:{SECRET}", tunnels=tunnels) as proxy:
        asked = ycaudit(*words, "--proxy", proxy.url(f"clerk:{SECRET}"), cwd=lists)
    assert asked.returncode == 0, asked.stderr
    assert f"127.0.0.1:{proxy.port} resolves names itself" in asked.stderr
    assert SECRET not in asked.stdout + asked.stderr
    kept = [file for file in lists.rglob("*") if file.is_file()]
    assert any("proof" in file.parts for file in kept)
    assert not [file for file in kept if SECRET.encode() in file.read_bytes()]
    return asked.stdout, proxy.asked


@pytest.mark.parametrize("tunnels", [True, False])
def test_without_a_browser_everything_is_asked_of_the_proxy(
    lists: Path, running_city: demo_city.City, *, tunnels: bool
) -> None:
    out, asked = check_through(lists, running_city, observer="static", tunnels=tunnels)
    assert json.loads(out)["reports"][0]["outcome"] == "pass"
    assert f"CONNECT complies.city.test:{running_city.port}" in asked
    forwarded = [one for one in asked if one.startswith("GET http://complies.city.test:")]
    assert bool(forwarded) is not tunnels


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize("tunnels", [True, False])
@pytest.mark.series(1)
def test_the_browser_goes_through_it_too(
    lists: Path, running_city: demo_city.City, *, tunnels: bool
) -> None:
    out, asked = check_through(lists, running_city, observer="browser", tunnels=tunnels)
    assert json.loads(out)["reports"][0]["outcome"] == "pass"
    assert f"CONNECT complies.city.test:{running_city.port}" in asked
    forwarded = [one for one in asked if one.startswith("GET http://complies.city.test:")]
    assert bool(forwarded) is not tunnels


def test_nothing_is_looked_at_where_the_proxy_does_not_let_us_in(
    lists: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office_proxy_beside(wants=f"clerk:{SECRET}") as proxy:
        monkeypatch.setenv("YCAUDIT_PROXY", proxy.url(f"clerk:{SECRET[:-1]}"))
        done = ycaudit("--lang", "en", "scan", cwd=lists)
        doctor = ycaudit("--lang", "en", "doctor", "--json", cwd=lists)
    assert done.returncode == 2
    assert f"the proxy 127.0.0.1:{proxy.port} asks for a name and password" in done.stderr
    found = {finding["what"]: finding for finding in json.loads(doctor.stdout)}
    assert found["proxy"]["state"] == "broken"
    assert SECRET[:-1] not in done.stderr + done.stdout + doctor.stdout


def test_the_settings_file_names_a_proxy_and_the_doctor_tries_it(lists: Path) -> None:
    with office_proxy_beside() as proxy:
        (lists / "ycaudit.toml").write_text(f'proxy = "{proxy.url()}"\n', "utf-8")
        doctor = ycaudit("--lang", "en", "doctor", "--json", cwd=lists)
    found = {finding["what"]: finding for finding in json.loads(doctor.stdout)}
    assert found["proxy"]["result"] == f"127.0.0.1:{proxy.port} lets us in"


def test_the_environment_is_asked_only_where_the_option_says_so(
    lists: Path, running_city: demo_city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://complies.city.test:{running_city.port}/"
    with office_proxy_beside() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url())
        alone = ycaudit("check", url, "--observer", "static", "--allow-private",
                        "--resolve", f"*:{running_city.port}:127.0.0.1", cwd=lists)  # fmt: skip
        assert (alone.returncode, proxy.asked) == (0, [])
        asked = ycaudit("check", url, "--observer", "static", "--proxy", "env", cwd=lists)
        assert asked.returncode == 0, asked.stderr
        assert proxy.asked
