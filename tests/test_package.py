"""What is shipped: the wheel and the source distribution work where nothing of the checkout is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from ycaudit import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HADOLINT = Path(sys.executable).parent / "hadolint"
# MIT, BSD, ISC, Apache, PSF and their like; LGPL and MPL parts are used as they are.
PERMISSIVE = re.compile(
    r"MIT|BSD|ISC|Apache|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General|Zlib|CC0"
    r"|Unlicense|0BSD|HPND|Public Domain",
    re.IGNORECASE,
)


SAID_ELSEWHERE = {"quickjs-ng": "MIT by its LICENSE", "resvg-py": "MIT by its LICENSE"}
"""Packages whose metadata name no licence."""
ONLY_ASKED_FOR = {"pillow-jxl-plugin": "GPL-3.0-or-later: an extra of its own, in nothing shipped"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built of it alone."""
    folder = tmp_path_factory.mktemp("dist")
    run("-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    (source,) = folder.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=folder / source.name[:-7])
    return folder


@pytest.fixture(scope="module")
def program(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, installed from the wheel into an environment of its own.

    Its dependencies are those of this environment: nothing is fetched.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    home = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(home)
    (home / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin" / "python"


def run(*words: object, cwd: Path, python: object = sys.executable) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE"))}
    done = subprocess.run(
        [str(python), *map(str, words)],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_both_hold_all_that_the_program_reads(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for part in (
        "ycaudit/py.typed",
        "ycaudit/locale/zh/LC_MESSAGES/ycaudit.mo",
        "ycaudit/locale/en/LC_MESSAGES/ycaudit.mo",
        "ycaudit/starting/zh/targets.yaml",
        "ycaudit/report/templates/report.html.j2",
        "ycaudit/_city/rules.yaml",
        "ycaudit/observe/qr/models/NOTICE",
        "ycaudit/observe/qr/models/detect.caffemodel",
        f"ycaudit-{__version__}.data/data/share/man/man1/ycaudit.1",
    ):
        assert part in names, part
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        kept = {name.partition("/")[2] for name in archive.getnames()}
    assert {"dev", "tests/conftest.py", "schemas/run.schema.json", "requirements.lock"} <= kept


@pytest.mark.series
def test_the_demo_runs_from_the_wheel(program: Path, tmp_path: Path) -> None:
    where = "import ycaudit; print(ycaudit.__file__)"
    assert str(program.parents[1]) in run("-c", where, cwd=tmp_path, python=program)
    assert run("-m", "ycaudit", "--version", cwd=tmp_path, python=program) == (
        f"ycaudit {__version__}\n"
    )
    run("-m", "ycaudit", "init", cwd=tmp_path, python=program)
    words = ("-m", "ycaudit", "demo", "--observer", "static")
    told = run(*words, cwd=tmp_path, python=program)
    cases = re.search(r"(\d+) of (\d+) cases", told)
    assert cases is not None
    assert cases[1] == cases[2]
    assert (tmp_path / "ycaudit-demo" / "report.html").stat().st_size > 100_000


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert distribution("ycaudit").version == __version__
    for file in ("Dockerfile", "mkdocs.yml", "pyproject.toml"):
        assert f'"{__version__}"' not in (ROOT / file).read_text(encoding="utf-8")


def locked() -> dict[str, str]:
    """The versions of the lock, by the name of the package."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {_normal(m[1]): m[2] for m in re.finditer(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def wanted() -> Iterator[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    for line in [*PROJECT["project"]["dependencies"], *(w for extra in extras for w in extra)]:
        found = re.match(r"[\w.-]+", line)
        assert found is not None
        if found[0] != PROJECT["project"]["name"]:  # the extra `all` names the others
            yield _normal(found[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_has_every_dependency_with_its_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert {name for name in wanted() if name not in locked()} == set()
    assert "://" not in text
    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in package for package in packages)


@pytest.mark.parametrize("name", sorted(set(wanted()) - ONLY_ASKED_FOR.keys()))
def test_a_dependency_may_be_used_by_anybody(name: str) -> None:
    meta = distribution(name).metadata
    classifiers = [c for c in meta.get_all("Classifier") or [] if c.startswith("License")]
    licence = " ".join(
        [meta.get("License-Expression") or "", *classifiers, meta.get("License") or ""]
    )
    assert PERMISSIVE.search(licence[:500]) or name in SAID_ELSEWHERE, licence[:200]


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed")
def test_the_dockerfile_is_in_order_and_its_program_is_nobody_in_particular() -> None:
    done = subprocess.run(
        [HADOLINT, "--failure-threshold", "warning", ROOT / "Dockerfile"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for copied in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        for part in copied.split():
            assert f"!{part}" in ignored, part
            assert (ROOT / part).exists(), part
