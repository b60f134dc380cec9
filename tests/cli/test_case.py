"""A case file: written by a scan, whole or not at all, and whatever is changed in it is found."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from support.cli import reach, ycaudit
from ycaudit.auditing import demo_city
from ycaudit.cli import verify
from ycaudit.errors import AuditError
from ycaudit.runs.history import opened

UNITS = ("complies", "nothing", "server-error")


@pytest.fixture(scope="module")
def case(
    tmp_path_factory: pytest.TempPathFactory, running_city: demo_city.City
) -> tuple[Path, Path]:
    """A case file of three units and the history of its run; the city is not asked again."""
    folder = tmp_path_factory.mktemp("case")
    lines = ["units:"]
    for unit in UNITS:
        url = f"http://{unit}.city.test:{running_city.port}/"
        contact = "contact: {person: 张三, phone: 0717-1234567}"
        lines.append(f'  - {{id: {unit}, name: {unit}, url: "{url}", {contact}}}')
    targets = folder / "targets.yaml"
    targets.write_text("\n".join(lines), encoding="utf-8")
    history = folder / "history" / "h.sqlite3"
    history.parent.mkdir()
    rules = demo_city.folder() / "rules.yaml"
    done = ycaudit(
        *("scan", targets, "--rules", rules, "--case", folder / "city.wacz", "--quiet"),
        *("--history", history, *reach(running_city)),
    )
    assert done.returncode == 1, done.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["city.wacz", "history", "targets.yaml"]
    return folder / "city.wacz", history


def verified(file: Path, history: Path, *, again: bool = False) -> tuple[int, str]:
    """The exit code of `verify`, and what it prints, without a process of its own."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            verify.command(file, history=history, rejudge=again)
        except typer.Exit as done:
            return done.exit_code, said.getvalue()
        except AuditError as error:
            return 2, str(error)
    raise AssertionError("it ends by an exit code")


def test_every_verdict_comes_out_again_from_the_case_file_alone(case: tuple[Path, Path]) -> None:
    code, said = verified(*case, again=True)
    assert code == 0, said
    assert "18 verdicts judged again, 3 units looked at again from recordings: 0 came" in said
    assert "the history names the same sum" in said


def test_contacts_are_in_it_only_where_that_is_asked_for(case: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(case[0]) as container:
        everything = b"".join(container.read(name) for name in container.namelist())
    assert "张三".encode() not in everything
    assert b"0717-1234567" not in everything


def test_another_hand_finds_the_parts_that_the_format_asks_for(case: tuple[Path, Path]) -> None:
    """By specs.webrecorder.net/wacz/1.1.1 and specs.webrecorder.net/cdxj/0.1.0."""
    with zipfile.ZipFile(case[0]) as container:
        assert container.testzip() is None
        package = json.loads(container.read("datapackage.json"))
        assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
        for resource in package["resources"]:
            data = container.read(resource["path"])
            assert resource["bytes"] == len(data)
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        lines = container.read("indexes/index.cdx").decode().splitlines()
        assert lines == sorted(lines)
        entry = json.loads(next(x for x in lines if "complies.city.test" in x).split(" ", 2)[2])
        archive = container.read(f"archive/{entry['filename']}")
        begin = int(entry["offset"])
        member = gzip.decompress(archive[begin : begin + int(entry["length"])])
        assert b"WARC-Type: response" in member
        assert f"WARC-Target-URI: {entry['url']}".encode() in member
        pages = [json.loads(x) for x in container.read("pages/pages.jsonl").splitlines()]
        assert {"url", "ts", "title"} <= pages[1].keys()


# --- whatever is changed is found ---

Tamper = Callable[[dict[str, bytes]], None]


def rewritten(file: Path, change: Tamper, **more: object) -> None:
    """Write the container anew, as any zip program would, after a change of its parts."""
    with zipfile.ZipFile(file) as container:
        infos = container.infolist()
        parts = {info.filename: container.read(info) for info in infos}
        dates = {info.filename: info.date_time for info in infos}
    change(parts)
    usual = infos[0].date_time
    with zipfile.ZipFile(file, "w", **more) as container:  # type: ignore[call-overload]
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, dates.get(name, usual))
            info.external_attr, info.create_system = infos[0].external_attr, 3
            info.compress_type = container.compression
            container.writestr(info, data)


def sealed_anew(change: Tamper) -> Tamper:
    """The change, and all sums made to fit it: as somebody does who knows the format."""

    def made(parts: dict[str, bytes]) -> None:
        change(parts)
        package = json.loads(parts["datapackage.json"])
        seals = ("datapackage.json", "datapackage-digest.json")
        known = {r["path"]: r for r in package["resources"]}
        package["resources"] = [
            {
                **known.get(name, {"name": name, "path": name}),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "bytes": len(data),
            }
            for name, data in parts.items()
            if name not in seals
        ]
        text = json.dumps(package, ensure_ascii=False, indent=1).encode() + b"\n"
        own = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
        parts["datapackage.json"] = text
        parts["datapackage-digest.json"] = json.dumps(own, indent=1).encode() + b"\n"

    return made


def part(like: str, parts: dict[str, bytes]) -> str:
    return next(name for name in parts if like in name)


def exchange(like: str, old: bytes, new: bytes) -> Tamper:
    def change(parts: dict[str, bytes]) -> None:
        name = part(like, parts)
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return change


def add(name: str, data: bytes = b"x") -> Tamper:
    return lambda parts: parts.__setitem__(name, data)


def remove(like: str) -> Tamper:
    def change(parts: dict[str, bytes]) -> None:
        del parts[part(like, parts)]

    return change


def rename(like: str, name: str) -> Tamper:
    def change(parts: dict[str, bytes]) -> None:
        old = part(like, parts)
        renamed = {(name if key == old else key): value for key, value in parts.items()}
        parts.clear()
        parts.update(renamed)

    return change


def cut(like: str) -> Tamper:
    def change(parts: dict[str, bytes]) -> None:
        name = part(like, parts)
        parts[name] = parts[name][:-1]

    return change


def swap(parts: dict[str, bytes]) -> None:
    one, two = [name for name in parts if name.endswith(".warc.gz")][:2]
    parts[one], parts[two] = parts[two], parts[one]


def turn_round(parts: dict[str, bytes]) -> None:
    items = list(parts.items())[::-1]
    parts.clear()
    parts.update(items)


CHANGES: dict[str, Tamper] = {
    "a fail becomes a pass": exchange("reports", b'"outcome":"fail"', b'"outcome":"pass"'),
    "a pass becomes a fail": exchange("reports", b'"outcome":"pass"', b'"outcome":"fail"'),
    "another name": exchange("reports", b'"name":"nothing"', b'"name":"neither"'),
    "another address": exchange("reports", b"nothing.city.test", b"anybody.city.test"),
    "another day of the look": exchange("reports", b'"taken_at":"20', b'"taken_at":"19'),
    "another reason": exchange("reports", b'"code":"not_among"', b'"code":"no_link"'),
    "a report is gone": lambda parts: parts.__setitem__(
        part("reports", parts), parts[part("reports", parts)].split(b"\n", 1)[1]
    ),
    "a report twice": lambda parts: parts.__setitem__(
        part("reports", parts), parts[part("reports", parts)] * 2
    ),
    "another beginning": exchange("run.json", b'"started_at": "20', b'"started_at": "19'),
    "another version": exchange("run.json", b'"version": "0', b'"version": "9'),
    "other rules are named": exchange("run.json", b'"sha256": "', b'"sha256": "0'),
    "a milder rule": exchange("rules/", b"yunjiang", b"yunjian"),
    "rules with one more line": exchange("rules/", b"\n", b"\n\n"),
    "another decoder": exchange("tools.json", b'"zbar": "', b'"zbar": "9'),
    "the index": exchange("index.cdx", b'"offset": "', b'"offset": "1'),
    "the pages": exchange("pages.jsonl", b'"ts": "20', b'"ts": "19'),
    "a recording is shorter": cut(".warc.gz"),
    "two recordings change places": swap,
    "a recording is gone": remove(".warc.gz"),
    "a picture is gone": remove(".png"),
    "a page is gone": remove(".html.txt"),
    "the rules are gone": remove("rules/"),
    "the index is gone": remove("index.cdx"),
    "the pages are gone": remove("pages.jsonl"),
    "the programs are gone": remove("tools.json"),
    "a recording is renamed": rename(".warc.gz", "archive/other.warc.gz"),
    "a picture is renamed": rename(".png", "evidence/other.png"),
    "a file is added": add("evidence/added.png"),
    "a hidden file is added": add(".hidden"),
    "a recording is added": add("archive/added.warc.gz"),
    "a second set of rules is added": add("ycaudit/rules/02-more.yaml", b"name: x\n"),
    "the order": turn_round,
}
"""Changes of parts: each is found, with the sums left as they were and with sums that fit."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found(case: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    file = Path(shutil.copy(case[0], tmp_path))
    rewritten(file, CHANGES[name])
    code, said = verified(file, tmp_path / "none.sqlite3")
    assert code in (1, 2), said


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_with_sums_that_fit_is_found_by_the_history(
    case: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    file = Path(shutil.copy(case[0], tmp_path))
    rewritten(file, sealed_anew(CHANGES[name]))
    code, said = verified(file, case[1])
    assert code in (1, 2), said


def test_the_writer_of_these_tests_changes_nothing_by_itself(
    case: tuple[Path, Path], tmp_path: Path
) -> None:
    """Else the tests above would show nothing."""
    file = Path(shutil.copy(case[0], tmp_path))
    rewritten(file, lambda parts: None)
    assert verified(file, case[1])[0] == 0


def flipped(file: Path, place: int) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


def dated_anew(file: Path) -> None:
    with zipfile.ZipFile(file) as container:
        parts = {info.filename: container.read(info) for info in container.infolist()}
    with zipfile.ZipFile(file, "w") as container:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.external_attr, info.create_system = 0o100644 << 16, 3
            container.writestr(info, data)


def commented(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as container:
        container.comment = b"seen"


def packed(file: Path) -> None:
    rewritten(file, lambda parts: None, compression=zipfile.ZIP_DEFLATED)


def preceded(file: Path) -> None:
    file.write_bytes(b"#!/bin/sh\n" + file.read_bytes())


def followed(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")


def head_changed(file: Path) -> None:
    """The name in the head before a part, which most programs never read."""
    data = file.read_bytes()
    size = struct.unpack_from("<H", data, 26)[0]
    file.write_bytes(data[:30] + b"z" * size + data[30 + size :])


def twice(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as container, pytest.warns(UserWarning):
        container.writestr("ycaudit/run.json", b"{}")


def gap(file: Path) -> None:
    """Bytes that belong to no part."""
    data = file.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    size, start = struct.unpack_from("<2L", data, end + 12)
    moved = bytearray(data[:start] + b"hidden" + data[start:])
    struct.pack_into("<L", moved, end + 6 + 16, start + 6)
    assert size
    file.write_bytes(bytes(moved))


@pytest.mark.parametrize(
    "change",
    [
        dated_anew, commented, packed, preceded, followed, head_changed, twice, gap,
        lambda file: flipped(file, 4000), lambda file: flipped(file, 60),
        lambda file: file.write_bytes(file.read_bytes()[:-30]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"PK\x03\x04" + bytes(400)),
    ],
    ids=[
        "dated", "commented", "packed", "preceded", "followed", "head", "twice", "gap",
        "bit", "bit-in-the-first-part", "cut", "empty", "no-zip",
    ],
)  # fmt: skip
def test_a_container_that_another_program_wrote_is_found(
    case: tuple[Path, Path], tmp_path: Path, change: Callable[[Path], None]
) -> None:
    file = Path(shutil.copy(case[0], tmp_path))
    change(file)
    code, said = verified(file, tmp_path / "none.sqlite3")
    assert code in (1, 2), said


def test_a_verdict_that_does_not_follow_from_what_was_seen_is_found_without_any_sum(
    case: tuple[Path, Path], tmp_path: Path
) -> None:
    file = Path(shutil.copy(case[0], tmp_path))
    rewritten(file, sealed_anew(CHANGES["a pass becomes a fail"]))
    code, said = verified(file, tmp_path / "none.sqlite3", again=True)
    assert code == 1
    assert "came out otherwise" in said
    assert "is pass now" in said


# --- writing ---


def test_show_writes_a_case_with_the_decisions_as_they_stand_now(
    lists: Path, tmp_path: Path, running_city: demo_city.City
) -> None:
    proof, history = tmp_path / "proof", tmp_path / "h.sqlite3"
    there = ("--evidence", proof, "--history", history)
    rules = lists / "rules"
    ycaudit("scan", lists / "targets.yaml", "--rules", rules, *there, *reach(running_city))
    case = tmp_path / "later.wacz"
    done = ycaudit("show", "last", *there, "--rules", rules, "--case", case)
    assert done.returncode == 0, done.stderr
    code, said = verified(case, history, again=True)
    assert code == 0, said
    assert "3 units judged by what was seen alone: its looks were not recorded" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--case", "x.zip"), "the name of a case file ends in .wacz"),
        (("--case", "none/x.wacz"), "there is no folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_scan(
    lists: Path, words: tuple[str, str], said: str
) -> None:
    rules = lists / "rules"
    done = ycaudit("scan", lists / "targets.yaml", "--rules", rules, *words, cwd=lists)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_folder_is_not_judged_again(tmp_path: Path) -> None:
    done = ycaudit("verify", tmp_path, "--rejudge")
    assert done.returncode == 2
    assert "--rejudge is for a case file (.wacz)" in done.stderr


def test_the_history_keeps_every_sum(tmp_path: Path) -> None:
    with opened(tmp_path / "h.sqlite3") as kept:
        kept.papers.note_seal("r", "case", "aa", datetime(2026, 6, 1, tzinfo=UTC))
        kept.papers.note_seal("r", "case", "bb", datetime(2026, 6, 1, tzinfo=UTC) + timedelta(1))
        kept.papers.note_seal("r", "manifest", "cc", datetime(2026, 6, 1, tzinfo=UTC))
        assert kept.papers.seals("r", "case") == {"aa", "bb"}
        assert kept.papers.seals("s", "case") == frozenset()


def test_what_was_open_for_lack_of_time_may_come_out_and_is_told_apart() -> None:
    from ycaudit.auditing.case import Difference
    from ycaudit.model import Outcome, Verdict
    from ycaudit.reasons import Reason

    def verdict(outcome: Outcome, why: Reason) -> Verdict:
        return Verdict(requirement="p", name="p", outcome=outcome, why=why, observer="browser")

    late = Reason.of("not_all_seen", because=Reason.of("not_explored_yet"))
    after = verdict(Outcome.FAIL, Reason.of("no_qr_code"))
    assert Difference("u", verdict(Outcome.UNDETERMINED, late), after).had_no_time
    lost = Reason.of("not_all_seen", because=Reason.of("request_pending", url="http://x.test/"))
    assert not Difference("u", verdict(Outcome.UNDETERMINED, lost), after).had_no_time
