"""Fuzzes what reads hostile bytes, by coverage, for as long as asked.

    pip install atheris
    python bench/fuzz/run.py [--seconds 60] [--target markup styles scripts images config address]

Atheris (libFuzzer for Python) follows which branches of ycaudit an input reaches. Seeds are in
`corpus/TARGET`; what is found on the way is kept in `grown/TARGET`, and inputs that broke it in
`found/`, both outside version control: a finding becomes a test case, and then its mend. Decoders
in C are reached too, but not followed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
URL = "http://u.test/"


def markup(data: bytes) -> None:
    from ycaudit.net import charset
    from ycaudit.observe.challenges import no_homepage
    from ycaudit.observe.static import markup
    from ycaudit.observe.static.tree import Tree, shallow
    from ycaudit.url import host_of

    text = charset.decode(data, "")
    html, _ = shallow(text)
    tree = Tree(html, URL)
    found = markup.read(tree)
    no_homepage(
        found.things, tree.text_size, html, html,
        own="u.test", linked=[host_of(link.href) for link in found.links],
        title=tree.title, truncated=None,
    )  # fmt: skip
    tree.with_written(["x"] * 5)


def styles(data: bytes) -> None:
    from ycaudit.observe.static import markup
    from ycaudit.observe.static.sheets import Sheet
    from ycaudit.observe.static.tree import Tree

    sheet = Sheet(data.decode("utf-8", "replace"), URL)
    markup.read(Tree("<div class=a><p id=b><a href=x>x</a></p></div>", URL), sheets=[sheet])


def scripts(data: bytes) -> None:
    import json

    from ycaudit.observe.static.script_worker import reply

    script = {"source": data.decode("utf-8", "replace"), "url": None, "deferred": False}
    request = {
        "scripts": [script, {**script, "source": "document.write(1)"}], "sources": {}, "base": URL,
        "location": {"href": URL}, "framed": False, "user_agent": "x/1", "now": 0,
    }  # fmt: skip
    reply(json.dumps(request).encode())


def images(data: bytes) -> None:
    from ycaudit.observe.qr.cascade import read_codes
    from ycaudit.observe.qr.raster import ImageTrouble, crop_png
    from ycaudit.observe.qr.reading import Effort

    try:
        read_codes(data, effort=Effort.NORMAL)
    except ImageTrouble:
        return
    crop_png(data, ((0, 0), (9, 0), (9, 9), (0, 9)))


def config(data: bytes) -> None:
    from datetime import date

    from ycaudit.errors import ConfigError
    from ycaudit.inputs.plan import load

    file = HERE / "grown" / f"config-{data[:1].hex()}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    try:
        load(file, [file], today=date(2026, 6, 1))
    except ConfigError:
        return


def address(data: bytes) -> None:
    from ycaudit.url import parse_web_url, resolve_href

    text = data.decode("utf-8", "replace")
    found = parse_web_url(text, URL)
    joined = resolve_href(text, URL)
    assert joined is None or found is None or parse_web_url(joined) is not None
    if found is not None:
        assert parse_web_url(found.href) == found, "what is normalised stays so"


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (markup, styles, scripts, images, config, address)
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60, help="of each target")
    parser.add_argument("--target", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--alone", choices=TARGETS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        fuzz(asked.alone, asked.seconds)
        return
    (HERE / "found").mkdir(exist_ok=True)
    broken = 0
    for name in asked.target:
        done = subprocess.run(
            [sys.executable, __file__, "--alone", name, "--seconds", str(asked.seconds)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = [line for line in done.stderr.splitlines() if line.startswith(("#", "Done"))]
        print(f"{name}: {lines[-1] if lines else done.stderr[-300:]}", flush=True)
        if done.returncode:
            broken += 1
            print(done.stderr[-3000:], flush=True)
    sys.exit(bool(broken))


def fuzz(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["ycaudit"]):
        import ycaudit.inputs.plan
        import ycaudit.observe.qr.cascade
        import ycaudit.observe.static.markup
        import ycaudit.observe.static.scripts  # noqa: F401

    grown = HERE / "grown" / name
    grown.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=4096",
        f"-artifact_prefix={HERE / 'found'}/{name}-", str(grown), str(HERE / "corpus" / name),
    ]  # fmt: skip
    atheris.Setup([__file__, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
