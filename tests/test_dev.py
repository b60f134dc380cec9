"""`./dev`: says what it can do, and nothing of Pythons that are not there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEV = ROOT / "dev"
SHIM = """\
#!/bin/sh
echo "pyenv: $(basename "$0"): command not found" >&2
echo "The command exists in these Python versions: 3.10.13"
exit 127
"""


def test_each_job_is_told_where_none_is_named() -> None:
    jobs = re.findall(r"^  (\w+)\)", DEV.read_text(encoding="utf-8"), re.MULTILINE)
    done = subprocess.run([DEV], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert sorted(re.findall(r"\./dev (\w+)", done.stderr)) == sorted(jobs)


def test_a_shim_for_a_python_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    for name in ("python3.13", "python3.12"):
        (tmp_path / name).write_text(SHIM)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "python3.11").symlink_to(sys.executable)
    before_the_packages, _, _ = DEV.read_text(encoding="utf-8").partition("find_newer() {")
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"{before_the_packages}\nfind_python"],
        capture_output=True, text=True, check=True, env={"PATH": path},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("python3.11", "")


def test_every_dependency_has_a_lower_bound_that_can_be_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    beside = [name for name in extras if name not in ("all", "jxl")]  # GPL: only who asks for it
    assert extras.pop("all") == [f"ycaudit[{','.join(beside)}]"]
    for line in [*project["dependencies"], *(one for extra in extras.values() for one in extra)]:
        assert ">=" in line, line


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_the_script_is_in_order() -> None:
    done = subprocess.run(["shellcheck", DEV], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
