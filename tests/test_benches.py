"""The benches that nobody runs every day still fit the code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

FUZZ = Path(__file__).parents[1] / "bench/fuzz"


def fuzz(into: Path) -> ModuleType:
    """The fuzzer's module; what it writes goes elsewhere."""
    spec = importlib.util.spec_from_file_location("fuzz_run", FUZZ / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.HERE = into  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("target", ["markup", "styles", "scripts", "images", "config", "address"])
def test_what_is_fuzzed_takes_its_seeds(target: str, tmp_path: Path) -> None:
    run = fuzz(tmp_path).TARGETS[target]
    seeds = sorted((FUZZ / "corpus" / target).iterdir())
    assert seeds
    for seed in seeds:
        run(seed.read_bytes())
