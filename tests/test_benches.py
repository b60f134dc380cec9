"""The benches that nobody runs every day still fit the code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
FUZZ = ROOT / "bench/fuzz"


def module_of(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fuzz(into: Path) -> ModuleType:
    """The fuzzer's module; what it writes goes elsewhere."""
    module = module_of(FUZZ / "run.py")
    module.HERE = into  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("target", ["markup", "styles", "scripts", "images", "config", "address"])
def test_what_is_fuzzed_takes_its_seeds(target: str, tmp_path: Path) -> None:
    run = fuzz(tmp_path).TARGETS[target]
    seeds = sorted((FUZZ / "corpus" / target).iterdir())
    assert seeds
    for seed in seeds:
        run(seed.read_bytes())


def test_the_builder_of_the_image_knows_every_instruction_of_the_dockerfile() -> None:
    image = module_of(ROOT / "bench/image.py")
    found = list(image.instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")))
    assert [name for name, _ in found].count("FROM") == 2
    for name, rest in found:
        assert hasattr(image.Image, f"do_{name.lower()}"), name
        assert "\\" not in rest.replace("\\n", "")
