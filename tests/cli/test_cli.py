"""The command line as a person types it: results, sentences and exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import segno
import typer
import zxingcpp
from PIL import Image

from support.cli import reach, started, ycaudit
from support.servers import gated
from ycaudit import __version__
from ycaudit.auditing import demo_city
from ycaudit.cli import pin
from ycaudit.cli.commands import COMMANDS, module_of
from ycaudit.inputs.plan import load_rules

CITY = demo_city.folder()
SHARED = CITY / "_shared" / "site" / "img"


def test_the_version_is_told() -> None:
    assert ycaudit("--version").stdout == f"ycaudit {__version__}\n"


def test_a_scan_prints_the_table_writes_the_files_and_exits_by_the_gravest(
    lists: Path, running_city: demo_city.City
) -> None:
    done = ycaudit(
        "scan", *reach(running_city), "--output", "run.json", "--output", "v.csv", cwd=lists
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr == (
        f"ycaudit: no run was kept in {lists / 'history.sqlite3'} before: a history begins there, "
        "and all that fails is new\n"
    )
    first_unit = next(line for line in done.stdout.splitlines() if "│" in line)
    assert running_city.cases["nothing"].name in first_unit  # the worst stands first
    assert "3 units" in done.stdout
    run = json.loads((lists / "run.json").read_text(encoding="utf-8"))
    assert [r["target"]["id"] for r in run["reports"]] == ["complies", "nothing", "server-error"]
    assert [r["outcome"] for r in run["reports"]] == ["pass", "fail", "undetermined"]
    assert (lists / "v.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not list(lists.glob(".*"))  # nothing half-written stays


def test_a_quiet_night_tells_once_that_the_deadline_of_the_office_has_passed(
    lists: Path, running_city: demo_city.City
) -> None:
    (lists / "ycaudit.toml").write_text("[letter]\ndeadline = 2020-01-31\n", encoding="utf-8")
    words = ("--unit", "complies", "--quiet", "--output", "c.docx", "--history", "h.sqlite3")
    told = [ycaudit("scan", *reach(running_city), *words, cwd=lists).stderr for _ in range(2)]
    assert ["it is left blank in the papers" in said for said in told] == [True, False]


def test_a_paper_that_must_not_name_yet_is_said_not_to_be_written_beside_files_that_are(
    lists: Path, running_city: demo_city.City
) -> None:
    words = ("scan", *reach(running_city), "--quiet")
    written = ("--output", "run.json", "--output", "v.csv")
    why = "no person has confirmed that 1 unit fails ("
    papers = {
        ("--output", "c.docx", *written): f"c.docx was not written, but all else was: {why}",
        ("--output", "c.docx"): f"c.docx was not written: {why}",
        ("--output", "c.docx", "--output", "n.zip"): f"c.docx, n.zip were not written: {why}",
        ("--format", "notice"): why,
    }
    for asked, told in papers.items():
        done = ycaudit(*words, *asked, cwd=lists)
        assert done.returncode == 2
        assert f"ycaudit: {told}" in done.stderr
        assert "confirm with `ycaudit review --fails`" in done.stderr
    assert {path.name for path in lists.iterdir()} >= {"run.json", "v.csv"}
    assert not [path for path in lists.iterdir() if path.suffix in (".docx", ".zip")]


@pytest.mark.parametrize(
    ("unit", "fail_on", "code"),
    [
        ("complies", None, 0),
        ("nothing", None, 1),
        ("server-error", None, 3),
        ("server-error", "fail", 0),
        ("server-error", "undetermined", 3),
        ("nothing", "never", 0),
    ],
)
def test_exit_codes_follow_the_contract(
    lists: Path, running_city: demo_city.City, unit: str, fail_on: str | None, code: int
) -> None:
    more = ("--fail-on", fail_on) if fail_on else ()
    done = ycaudit("scan", *reach(running_city), "--unit", unit, *more, cwd=lists)
    assert done.returncode == code, done.stderr


def test_a_stored_run_is_shown_and_judged_again_offline(
    lists: Path, running_city: demo_city.City
) -> None:
    ycaudit("scan", *reach(running_city), "--output", "run.json", cwd=lists)
    shown = ycaudit("show", "run.json", "--format", "jsonl", cwd=lists)
    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) == 3
    rules = lists / "rules" / "city.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(
        text.replace("name: 云江网\n", "name: 云江网\n    expect: absent\n", 1), "utf-8"
    )
    judged = ycaudit("judge", "run.json", "--format", "json", cwd=lists)
    verdicts = json.loads(judged.stdout)["reports"][0]["verdicts"]
    # It must not be there, and the markup has it: only a painted page accuses.
    assert (verdicts[0]["outcome"], verdicts[0]["reason_code"]) == ("undetermined", "only_sent")


def test_without_a_browser_a_scan_says_once_what_it_could_not_settle(
    lists: Path, running_city: demo_city.City
) -> None:
    url = f"http://dom-links.city.test:{running_city.port}/"
    (lists / "targets.yaml").write_text(f"units:\n  - {url}\n", encoding="utf-8")
    network = reach(running_city)[:3]
    done = ycaudit("scan", *network, cwd=lists, path="/nonexistent")
    assert done.returncode == 3
    assert done.stderr.count("1 unit could not be settled without a browser") == 1
    assert "sudo apt install chromium" in done.stderr
    forced = ycaudit("scan", *network, "--observer", "browser", cwd=lists, path="/nonexistent")
    assert forced.returncode == 2
    assert "no browser is installed" in forced.stderr


def test_one_homepage_is_checked_with_every_detail(
    lists: Path, running_city: demo_city.City
) -> None:
    url = f"http://complies.city.test:{running_city.port}/"
    done = ycaudit("check", url, *reach(running_city), cwd=lists)
    assert done.returncode == 0, done.stderr
    assert "links" in done.stdout
    assert "http://weixin.qq.com/r/DEMO-yunjiang-fabu" in done.stdout
    assert "not seen" not in done.stdout  # nobody asks what else a page shows that passes


def test_every_detail_is_told_in_the_language_of_the_reader(
    lists: Path, running_city: demo_city.City
) -> None:
    url = f"http://complies.city.test:{running_city.port}/"
    done = ycaudit("--lang", "zh", "check", url, *reach(running_city), cwd=lists)
    assert "返回 200：链接" in done.stdout
    assert "[网页源码中]" in done.stdout
    assert "answered" not in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("scan", "none.yaml"), "none.yaml: no such file"),
        (("scan", "."), "folder"),
        (("scan", "--rules", "none"), "none: no such file"),
        (("scan", "--format", "tabel"), "--format 'tabel'"),
        (("scan", "--output", "run.docs"), "the suffix says no format"),
        (("scan", "--output", "none/run.json"), "no file can be written there"),
        (("scan", "--output", "/proc/run.json"), "cannot write /proc/run.json: "),
        (("scan", "--template", "none.docx"), "none.docx: cannot be read: there is no such file"),
        (("scan", "--template", "targets.yaml"), "targets.yaml: not a Word document"),
        (("desk", "--no-open", "--template", "none.docx"), "none.docx: cannot be read"),
        (("scan", "--observer", "eyes"), "--observer 'eyes'"),
        (("scan", "--fail-on", "maybe"), "--fail-on 'maybe'"),
        (("scan", "--output", "bogus:x.y"), "--output bogus:x.y: bogus is no format"),
        (("scan", "--output", "tabel:x"), "did you mean 'table'?"),
        (("scan", "--evidence-keep", "3"), "--evidence-keep is for the folder of the evidence"),
        (("scan", "--evidence-total", "3"), "--evidence-total is for the folder of the evidence"),
        (("scan", "--resolve", "x"), "--resolve 'x'"),
        (("scan", "--unit", "nobody"), "of 3 units of the list none fits"),
        (("check", "ftp://x.test/"), "not an http"),
        (
            ("check", "http://x.test/", "--output", "run.docx"),
            "is written of a scan or of a stored run",
        ),
        (("show", "targets.yaml"), "not a run document"),
        (("show", "none.json"), "none.json: no such file"),
        (("judge", "rules"), "cannot be read"),
        (("decode", "--format", "xml", "x.png"), "--format 'xml'"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_two(
    lists: Path, words: tuple[str, ...], expected: str
) -> None:
    done = ycaudit(*words, cwd=lists)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_unknown_commands_and_options_are_usage_errors() -> None:
    for words in (("scna",), ("scan", "--tagret")):
        assert ycaudit(*words).returncode == 2


def test_validate_tells_what_is_in_order_and_what_is_unpinned() -> None:
    root = Path(__file__).parents[2]
    done = ycaudit("validate", cwd=root)
    assert done.returncode == 0
    assert "in order: 82 units, 6 requirements" in done.stdout
    assert "app-yunshang" in done.stderr
    assert "pinned" in done.stderr


def test_decode_reads_files_as_text_and_json(tmp_path: Path) -> None:
    image = SHARED / "qr_wechat.png"
    done = ycaudit("decode", image)
    assert done.returncode == 0
    assert done.stdout == f"{image}: http://weixin.qq.com/r/DEMO-yunjiang-fabu\n"
    (told,) = json.loads(ycaudit("decode", image, "--format", "json").stdout)
    assert told["file"] == str(image)
    assert told["symbols"][0]["payload"] == "http://weixin.qq.com/r/DEMO-yunjiang-fabu"
    assert len(told["symbols"][0]["corners"]) == 4
    broken = tmp_path / "x.png"
    broken.write_bytes(b"nothing")
    assert ycaudit("decode", broken, tmp_path / "none.png").returncode == 2


def test_decode_ends_alike_where_there_is_no_code_and_where_none_could_be_read_and_says_so(
    tmp_path: Path,
) -> None:
    Image.new("L", (200, 200), 255).save(tmp_path / "white.png")
    destroyed = CITY / "destroyed-code" / "site" / "images" / "wx.png"
    for image, told in (("white.png", "no QR code"), (destroyed, "a code that could not be read")):
        done = ycaudit("decode", image, cwd=tmp_path)
        assert (done.returncode, told in done.stderr) == (1, True)
        assert "round codes of mini-programs are no QR codes" in done.stderr
    stated = " ".join(ycaudit("decode", "--help").stdout.split())
    assert "Exit 1: an image holds none, or none that could be read; 2: " in stated


def test_decode_says_where_the_charset_of_a_payload_is_a_guess(tmp_path: Path) -> None:
    for encoding, guess in (("gb18030", "GB 18030"), ("utf-8", None)):
        image = tmp_path / f"{encoding}.png"
        segno.make_qr("宜昌发布".encode(encoding)).save(str(image), scale=5)
        done = ycaudit("decode", image)
        assert done.stdout == f"{image}: 宜昌发布\n"
        assert ("read as GB 18030" in done.stderr) is (guess is not None)
        (told,) = json.loads(ycaudit("decode", image, "--format", "json").stdout)
        (symbol,) = told["symbols"]
        assert symbol.get("guessed_charset") == guess
        assert set(symbol) - {"guessed_charset"} == {"payload", "corners"}


def test_decode_says_of_a_format_that_few_show_what_it_is(tmp_path: Path) -> None:
    image = tmp_path / "photo.heic"
    image.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    done = ycaudit("decode", tmp_path)  # a folder does not leave it out in silence
    assert done.returncode == 2
    assert "HEIC is a format that Chromium does not show" in done.stderr


@pytest.mark.parametrize(
    ("how", "in_background"),
    [
        (signal.SIGINT, False),
        (signal.SIGTERM, False),
        (signal.SIGHUP, False),
        (signal.SIGTERM, True),
    ],
)
def test_an_interrupted_scan_shows_what_is_finished_and_exits_130(
    lists: Path, running_city: demo_city.City, how: signal.Signals, in_background: bool
) -> None:
    with gated(b"") as gate:
        stalled = f'  - {{id: stall, name: 停, url: "{gate.url("/")}"}}\n'
        with (lists / "targets.yaml").open("a", encoding="utf-8") as file:
            file.write("\n" + stalled)
        gate.shut("/")
        words = ("--output", "run.json", "--evidence", "proof", "--jobs", "1")
        line = ("scan", *reach(running_city), *words)
        with started(*line, cwd=lists, in_background=in_background) as process:
            # One unit at a time: the others have been looked at, and this one is not answered.
            gate.wait_for_visitor()
            if in_background:
                process.send_signal(signal.SIGINT)  # which is not for it
            process.send_signal(how)
            out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted" in out
    run = json.loads((lists / "run.json").read_text(encoding="utf-8"))
    assert run["complete"] is False
    # "nothing" seems to fail, and waits for a second look.
    assert [r["target"]["id"] for r in run["reports"]] == ["complies", "server-error"]
    # Both pages that could be seen have left their markup.
    assert len(list((lists / "proof").glob("*/*.html.txt"))) == 2


def test_a_run_is_pinned_from_an_official_image_and_judged_again(
    lists: Path, running_city: demo_city.City
) -> None:
    rules = lists / "rules" / "city.yaml"
    text = rules.read_text(encoding="utf-8")
    payload = '      - payload: "http://weixin.qq.com/r/DEMO-yunjiang-fabu"\n'
    start = text.index(payload)
    rules.write_text(text[:start].rstrip().removesuffix("accept:") + "accept: []\n", "utf-8")
    scan = ycaudit("scan", *reach(running_city), "--output", "run.json", cwd=lists)
    assert scan.returncode == 1  # a unit fails by what is pinned
    # A page without any code lacks this one too; whose codes are shown nobody can tell.
    assert wechat(lists / "run.json") == {"undetermined", "fail"}
    done = ycaudit("pin", "wechat", SHARED / "qr_wechat.png", cwd=lists)
    assert done.returncode == 0, done.stderr
    assert "source: image qr_wechat.png" in rules.read_text(encoding="utf-8")
    (official,) = (rules.parent / "codes").glob("wechat-*.png")  # for notices to show
    assert read_codes(official) == ["http://weixin.qq.com/r/DEMO-yunjiang-fabu"]
    ycaudit("judge", "run.json", "--output", "again.json", cwd=lists)
    assert wechat(lists / "again.json") == {"pass", "fail", "undetermined"}


def read_codes(file: Path) -> list[str]:
    """What another reader than ours finds in a picture."""
    with Image.open(file) as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture)]


def wechat(path: Path) -> set[str]:
    run = json.loads(path.read_text(encoding="utf-8"))
    verdicts = (v for r in run["reports"] for v in r["verdicts"])
    return {v["outcome"] for v in verdicts if v["requirement"] == "wechat"}


def test_candidates_of_a_run_are_shown_and_one_key_pins_one(
    lists: Path,
    running_city: demo_city.City,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rules = lists / "unpinned.yaml"
    rules.write_bytes((CITY / "rules-unpinned.yaml").read_bytes())
    words = ("scan", *reach(running_city), "--rules", rules, "--output", "run.json")
    scan = ycaudit(*words, "--evidence", "proof", cwd=lists)
    assert scan.returncode == 1  # a page shows no code at all
    assert scan.stderr.count("pin --suggest last") == 1
    shown = ycaudit(
        "pin", "--suggest", "run.json", "--evidence", "proof", "--rules", rules, cwd=lists
    )
    assert "1  http://weixin.qq.com/r/DEMO-yunjiang-fabu" in shown.stdout
    assert "shown by 1 of 3 units, 1 under the right caption" in shown.stdout
    picture = next(line for line in shown.stdout.splitlines() if "picture: " in line)
    assert (lists / picture.partition("picture: ")[2]).is_file()
    assert "accept: []" in rules.read_text(encoding="utf-8")  # nobody was there to confirm
    assert "to judge the run by it" not in shown.stdout

    keys = iter("x1x1\rs")  # the second one is confirmed
    monkeypatch.setattr(typer, "getchar", lambda: next(keys))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.chdir(lists)
    pin.command(suggest=Path("run.json"), rules=[rules], by="王敏")
    assert "to judge the run by it" in capsys.readouterr().out
    (app, chat), _ = load_rules([rules])
    assert app.accept[0].payload == "https://app.yunjiang.test/pass/download?from=qr"
    assert "confirmed by 王敏" in (app.accept[0].source or "")
    assert chat.accept == ()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("wechat",), "say which requirement and which code"),
        (("wechat", "http://weixin.qq.com/r/x"), "--source"),
        (("wechat", "none.png"), "none.png: no such file"),
        (("wechat", "blank.png"), "no code can be read in it"),
        (("wechat", "blank.png"), "round codes of mini-programs"),
        (("wechat", "four.png"), "holds 2 codes; say which with --code"),
        (("wechat", "text.png"), "known format"),
        (("portal-gov", "x", "--source", "s"), "asks for a link"),
    ],
)
def test_what_cannot_be_pinned_is_told_with_what_to_do(
    tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    with Image.open(SHARED / "qr_wechat.png") as one, Image.open(SHARED / "qr_weibo.png") as two:
        sheet = Image.new("L", (one.width + two.width, max(one.height, two.height)), 255)
        sheet.paste(one, (0, 0))
        sheet.paste(two, (one.width, 0))
        sheet.save(tmp_path / "four.png")
    (tmp_path / "text.png").write_text("nothing")
    done = ycaudit("pin", *words, "--rules", CITY / "rules.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert why in done.stderr


def test_decode_takes_folders_stdin_and_addresses_and_explains(
    tmp_path: Path, running_city: demo_city.City
) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.png", "deep/b.png"):
        (tmp_path / "in" / name).write_bytes((SHARED / "qr_wechat.png").read_bytes())
    (tmp_path / "in" / "notes.txt").write_text("no image")
    done = ycaudit("decode", "in", "--annotate", "out", "--explain", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.count("http://weixin.qq.com/r/DEMO-yunjiang-fabu") == 2
    assert "read by: native" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "in_a.png.png",
        "in_deep_b.png.png",
    ]
    with Image.open(tmp_path / "out" / "in_a.png.png") as drawn:
        assert (0, 150, 60) in {colour for _, colour in drawn.getcolors(1 << 20)}

    piped = subprocess.run(
        [sys.executable, "-m", "ycaudit", "decode", "-", "--format", "json", "--effort", "look"],
        input=(SHARED / "qr_wechat.png").read_bytes(), capture_output=True, check=True,
    )  # fmt: skip
    (told,) = json.loads(piped.stdout)
    assert told["file"] == "-"
    assert told["error"] is None

    url = f"http://127.0.0.1:{running_city.port}/x.png"
    assert "no public address" in ycaudit("decode", url).stderr
    assert "404" in ycaudit("decode", url, "--allow-private").stderr


def test_runs_are_kept_compared_and_looked_at_again_in_part(
    lists: Path, running_city: demo_city.City
) -> None:
    first = ycaudit("scan", *reach(running_city), cwd=lists)
    assert first.returncode == 1
    listed = ycaudit("history", cwd=lists).stdout
    assert "3 sites: 不合格 1，待核实 1，合格 1" in listed
    assert ycaudit("show", "last", "--format", "table", cwd=lists).stdout in first.stdout
    asked = ycaudit("diff", cwd=lists).stdout
    assert asked.startswith("新增 ")

    again = ycaudit(
        "scan", *reach(running_city), "--only", "failed", "--output", "again.json", cwd=lists
    )
    assert again.returncode == 1
    run = json.loads((lists / "again.json").read_text(encoding="utf-8"))
    assert [r["target"]["id"] for r in run["reports"]] == ["complies", "nothing", "server-error"]
    taken = {r["target"]["id"]: r["observations"][0]["taken_at"] for r in run["reports"]}
    assert taken["complies"] < run["started_at"] < taken["nothing"]
    assert "仍未整改" in ycaudit("diff", cwd=lists).stdout
    same = ycaudit("diff", "again.json", "last", cwd=lists)
    assert same.returncode == 2
    assert "again.json and last are the same run: name another one" in same.stderr

    ycaudit("scan", *reach(running_city), "--no-history", cwd=lists)
    assert len(ycaudit("history", cwd=lists).stdout.splitlines()) == 2
    assert "choose one of" in ycaudit("scan", "--only", "all", cwd=lists).stderr
    assert "no run 'nope'" in ycaudit("show", "nope", cwd=lists).stderr
    assert "no such file" in ycaudit("show", "nope.json", cwd=lists).stderr


def test_the_list_of_commands_says_of_each_what_its_own_help_says_first() -> None:
    for name, does in COMMANDS.items():
        said = import_module(module_of(name)).command.__doc__
        assert said is not None
        assert said.partition("\n\n")[0] == does


def test_the_list_of_commands_loads_none_of_them() -> None:
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ycaudit", "--help"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "scan" in listed.stdout
    loaded = {line.rpartition("|")[2].strip() for line in listed.stderr.splitlines()}
    assert not loaded & {"pydantic", "httpx", "rich", "ycaudit.cli.options", "ycaudit.model"}
