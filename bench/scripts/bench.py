"""Compares following scripts with searching them for literals: right, missed, false, cost."""

from __future__ import annotations

import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from corpus import CASES, PAGE, Case
from selectolax.lexbor import LexborHTMLParser

from ycaudit.observe.static.scripts import Script, ScriptSandbox

follow = ScriptSandbox().follow

_LITERAL = re.compile(
    r"""document\.write(?:ln)?\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*\)"""
)


def by_engine(case: Case) -> str:
    scripts = [Script(text, None) for text in case.scripts]
    followed = follow(scripts, page_url=PAGE, sources=case.sources)
    return "".join(effect.markup for effect in followed.effects)


def by_literals(case: Case) -> str:
    """What one would first write: every quoted argument of document.write."""
    found = (match for text in case.texts() for match in _LITERAL.finditer(text))
    return "".join(re.sub(r"\\(.)", r"\1", match[1] or match[2] or "") for match in found)


def judge(read: Callable[[Case], str], cases: Iterable[Case]) -> tuple[int, int, int]:
    """How many marks were found rightly, missed, and reported though never written."""
    right = missed = false = 0
    for case in cases:
        # What stands in a comment or as data is not shown.
        shown = re.sub(r"<!--.*?-->|<script.*?</script>|<textarea.*?</textarea>", "", read(case))
        for mark in case.marks:
            seen = mark in shown
            right += seen and mark[0] == "W"
            missed += not seen and mark[0] == "W"
            false += seen and mark[0] == "N"
            if seen != (mark[0] == "W"):
                print(f"  {read.__name__}: {mark} of '{case.name}'")
    return right, missed, false


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def pages(folder: Path) -> dict[str, list[Script]]:
    """The inline scripts of saved pages; external ones were not saved and count as lost."""
    found = {}
    for path in sorted(folder.glob("*/index.html")):
        tree = LexborHTMLParser(path.read_text(encoding="utf-8", errors="replace"))
        found[path.parent.name] = [
            Script(None, node.attributes["src"])
            if "src" in node.attributes
            else Script(node.text(), None)
            for node in tree.css("script")
        ]
    return found


def real_pages(folder: Path) -> None:
    times, followed, blind = [], 0, 0
    for scripts in pages(folder).values():
        times.append(milliseconds(lambda s=scripts: follow(s, page_url=PAGE, sources={})))
        effects = follow(scripts, page_url=PAGE, sources={}).effects
        inline = [e for e, s in zip(effects, scripts, strict=True) if s.source is not None]
        followed += sum(effect.opaque is None for effect in inline)
        blind += sum(effect.opaque is not None for effect in inline)
    print(
        f"{len(times)} saved pages: median {statistics.median(times):.1f} ms, worst "
        f"{max(times):.1f} ms; inline scripts followed {followed}, blind {blind}"
    )


def main() -> None:
    by_engine(CASES[0])  # start the child
    for read in (by_engine, by_literals):
        right, missed, false = judge(read, CASES)
        each = [milliseconds(lambda c=case, r=read: r(c)) for case in CASES for _ in range(5)]
        print(
            f"{read.__name__}: right {right}, missed {missed}, false {false}, "
            f"median {statistics.median(each):.2f} ms a page"
        )
    if len(sys.argv) > 1:
        real_pages(Path(sys.argv[1]))
    print(f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
