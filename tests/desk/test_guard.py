"""Nobody but the person at this machine gets to the desk, and no page of theirs turns on them."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import which

import httpx
import pytest

from support.golden import golden_run
from support.runs import run_of
from support.windows import Window, opened_desk
from ycaudit.desk import app
from ycaudit.desk.app import PAGES
from ycaudit.desk.guard import HEADERS, Session
from ycaudit.desk.server import door_of, listening
from ycaudit.errors import AuditError
from ycaudit.net.peers import is_told
from ycaudit.runs.history import opened

RUN = golden_run().id
PNG = b"\x89PNG\r\n\x1a\n and what follows"
NAME = "ab" + "0" * 62


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "r.yaml").write_text(
        "name: 规定\nrequirements:\n"
        "  - {id: p, name: 门户, kind: link, accept: [{host: p.test}]}\n"
        "  - {id: q, name: 微信, kind: qr, accept: []}\n",
        encoding="utf-8",
    )
    (tmp_path / "targets.yaml").write_text(
        'units:\n  - {name: 甲局, url: "http://127.0.0.1:9/"}\n', encoding="utf-8"
    )
    (tmp_path / "proof" / "ab").mkdir(parents=True)
    (tmp_path / "proof" / "ab" / f"{NAME}.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    return tmp_path


@pytest.fixture
def window(folder: Path) -> Iterator[Window]:
    with opened_desk(folder, golden_run()) as opened_one:
        yield opened_one


@pytest.fixture
def stranger(window: Window) -> Iterator[httpx.Client]:
    """Another program of this machine, which knows the port."""
    with httpx.Client(base_url=window.origin, trust_env=False) as client:
        yield client


def filled(path: str) -> str:
    """The address of a page, its holes filled."""
    values = {
        "run": RUN, "place": "0", "format": "docx", "folder": "ab", "file": f"{NAME}.png",
        "upload": "0" * 32, "requirement": "q", "number": "1",
    }  # fmt: skip
    return path.format(**values)


def test_the_desk_listens_on_loopback_alone() -> None:
    with listening(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_the_body_of_an_answer_does_not_wait_until_its_head_has_arrived() -> None:
    with (
        listening(0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AuditError, match="cannot be used"):
            listening(taken.getsockname()[1])


def test_the_printed_address_holds_in_any_browser_for_as_long_as_the_desk_runs(
    window: Window,
) -> None:
    for _ in range(2):  # each has nothing that the one before it got
        with httpx.Client(trust_env=False) as browser:
            page = browser.get(window.address)
        assert "历次检查" in page.text
        assert "set-cookie" not in page.headers


def test_no_address_beside_the_printed_one_opens_the_desk(
    window: Window, stranger: httpx.Client
) -> None:
    root = window.desk.session.root
    for path in ("/", "/enter", "/enter?token=", f"/x{root}", f"{root}x/", root[:-1] + "/", root,
                 f"/{root}/", "/ü/", f"/?{root}", "/static/desk.css"):  # fmt: skip
        assert stranger.get(path).status_code == 403, path


def test_pages_lead_nowhere_but_to_pages_below_the_printed_address(window: Window) -> None:
    """An address outside of it is of no use to a browser that has no cookie."""
    root = window.desk.session.root
    with httpx.Client(base_url=window.origin, trust_env=False) as browser:
        for page in PAGES:
            answer = browser.get(f"{root}{filled(page.path)}")
            if answer.headers["content-type"].startswith("text/html"):
                led = re.findall(r'(?:href|src|action)="(/[^"]*)"', answer.text)
                assert [path for path in led if not path.startswith(f"{root}/")] == []
                assert f'"{root}/static/desk.css"' in answer.text
        form = {"form_token": window.desk.session.form_token, "back": "/rules"}
        sent = browser.post(f"{root}/language", data=form, headers={"Origin": window.origin})
        assert sent.headers["location"] == f"{root}/rules"
        slash = browser.get(f"{root}/rules/", follow_redirects=True)
        assert str(slash.url) == f"{window.root}/rules"


def test_no_two_sessions_share_a_secret() -> None:
    one, other = Session(1), Session(1)
    assert len({one.root, one.form_token, other.root, other.form_token}) == 4
    assert len(one.root) == 33  # 24 bytes


ASKING = """
import socket, sys
said = b""
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
        plain.sendall(sys.argv[2].encode())
        while part := plain.recv(65536):
            said += part
except ConnectionError:
    pass  # hung up on before it had asked
print(said.decode())
"""


def asked_by(user: int, window: Window) -> str:
    """What another user of this machine gets who knows the whole address."""
    head = f"GET {window.desk.session.root}/ HTTP/1.1\r\nHost: {window.origin[7:]}\r\n"
    ids = ("--reuid", str(user), "--regid", str(user), "--clear-groups")
    python = [sys.executable, "-c", ASKING, str(window.desk.session.port)]
    words = ["setpriv", *ids, *python, f"{head}Connection: close\r\n\r\n"]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not which("setpriv") or not is_told(),
    reason="only root can be another user, and only Linux tells who that is",
)
def test_another_user_of_this_machine_is_refused_even_with_the_address(window: Window) -> None:
    """All users may read the command line of the browser that was opened with it."""
    assert "历次检查" in asked_by(0, window)
    refused = asked_by(65534, window)
    assert "历次检查" not in refused
    assert refused == "\n" or refused.endswith("The desk is for the user who runs it.\n\n")


def test_where_users_are_not_told_apart_the_browser_is_called_without_the_address(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ycaudit.desk.server.is_told", lambda: False)
    with opened_desk(folder) as window:
        door = door_of(window.desk)
        assert window.desk.session.root not in door
        file = Path(door.removeprefix("file://"))
        assert f"url={window.address}" in file.read_text(encoding="utf-8")
        assert file.parent.stat().st_mode & 0o077 == 0
        # A browser says that it comes from elsewhere, and that a person goes there.
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
        assert window.get("/", headers=headers).status_code == 200
    assert not file.exists()


def half_asked(window: Window) -> socket.socket:
    """A connection on which half a request has come."""
    plain = socket.create_connection(("127.0.0.1", window.desk.session.port))
    plain.settimeout(60)  # against hanging
    plain.sendall(f"GET / HTTP/1.1\r\nHost: {window.origin[7:]}\r\nX:".encode())
    return plain


def test_half_a_request_is_not_waited_for_without_end(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ycaudit.desk.server.REQUEST_SECONDS", 0.1)
    with half_asked(window) as plain, suppress(ConnectionResetError):
        assert plain.recv(1) == b""
    head = f"POST / HTTP/1.1\r\nHost: {window.origin[7:]}\r\nContent-Length: 9\r\n\r\n"
    with half_asked(window) as plain, suppress(ConnectionResetError):
        plain.sendall(f" x\r\n\r\n{head}half".encode())  # the first whole, then half of another
        while plain.recv(65536):
            pass
    assert window.get("/").status_code == 200


def test_connections_that_are_only_held_give_way_to_those_that_ask(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they use up all files of the process, and it takes no others."""
    monkeypatch.setattr("ycaudit.desk.server.MAX_CONNECTIONS", 3)
    monkeypatch.setattr("ycaudit.desk.server.REQUEST_SECONDS", 600)
    with ExitStack() as held:
        first, *_ = [held.enter_context(half_asked(window)) for _ in range(6)]
        with httpx.Client(trust_env=False) as browser:
            assert browser.get(window.address).status_code == 200
        with suppress(ConnectionResetError):
            assert first.recv(1) == b""


def test_a_browser_that_leaves_in_the_middle_is_no_bug(window: Window) -> None:
    head = (
        f"POST {window.desk.session.root}/list HTTP/1.1\r\nHost: {window.origin[7:]}\r\n"
        f"Origin: {window.origin}\r\nContent-Length: 1000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    with socket.create_connection(("127.0.0.1", window.desk.session.port)) as plain:
        plain.sendall(head.encode())
    assert window.get("/").status_code == 200
    # `opened_desk` fails where a bug was told.


def test_a_form_that_is_none_is_told_so(window: Window) -> None:
    headers = {"Origin": window.origin, "Content-Type": "multipart/form-data"}  # no boundary
    answer = window.client.post("/list", content=b"x", headers=headers)
    assert answer.status_code == 400
    assert "表单有误" in answer.text


def test_a_stranger_gets_no_page(stranger: httpx.Client) -> None:
    for path in (filled(page.path) for page in PAGES):
        for answer in (stranger.get(path), stranger.post(path)):
            assert answer.status_code == 403, path
            assert RUN not in answer.text
            assert "甲局" not in answer.text


def test_another_name_for_this_machine_is_another_host(window: Window) -> None:
    """A page on the internet whose name is bound to 127.0.0.1 (DNS rebinding)."""
    for host in ("evil.test", f"evil.test:{window.desk.session.port}", "127.0.0.1:1", ""):
        assert window.get("/", headers={"Host": host}).status_code == 421
    assert window.get("/").status_code == 200


CHANGES = [page for page in (*PAGES, app.Page("/language", do=PAGES[0].show)) if page.do]


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "https://127.0.0.1", None])
def test_a_form_of_another_page_changes_nothing(window: Window, origin: str | None) -> None:
    form = {"form_token": window.desk.session.form_token}
    headers = {} if origin is None else {"Origin": origin}
    for page in CHANGES:
        answer = window.client.post(filled(page.path), data=form, headers=headers)
        assert answer.status_code == 403, page.path
        assert answer.text.splitlines()[1:] == ["This comes from another page."]
        assert answer.text.startswith("请求来自其他页面")


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_a_form_without_its_token_changes_nothing(window: Window, token: str) -> None:
    for page in CHANGES:
        assert window.post(filled(page.path), form_token=token).status_code == 403, page.path


def test_a_forged_answer_is_not_kept(window: Window, folder: Path) -> None:
    path = f"/run/{RUN}/review"
    card = window.form(window.text(f"{path}?what=fail"), path)
    forged = {**card, "what": "fail", "all": "pass", "by": "evil"}
    for form, origin in (
        ({**forged, "form_token": "0"}, window.origin),
        (forged, "http://evil.test"),
    ):
        answer = window.client.post(path, data=form, headers={"Origin": origin})
        assert answer.status_code == 403
    with opened(folder / "history.sqlite3") as kept:
        assert kept.decisions() == {}
    assert window.post(path, **forged).status_code == 303  # the same form, sent by the desk
    with opened(folder / "history.sqlite3") as kept:
        assert kept.decisions() != {}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_pages_embed_nothing_of_the_desk(window: Window, site: str) -> None:
    for path in ("/", f"/picture/ab/{NAME}.png", "/static/desk.js"):
        assert window.get(path, headers={"Sec-Fetch-Site": site}).status_code == 403


def test_every_answer_carries_the_headers_that_keep_it_harmless(
    window: Window, stranger: httpx.Client
) -> None:
    answers = [
        window.get("/"),
        window.get("/static/desk.css"),
        window.get("/nothing"),
        window.get("/run/nothing"),
        window.post("/language", language="en"),
        window.post(f"/run/{RUN}/papers/xlsx"),
        stranger.get("/"),
        stranger.get("/", headers={"Host": "evil.test"}),
    ]
    assert [a.status_code for a in answers] == [200, 200, 404, 400, 303, 200, 403, 421]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    assert "server" not in answers[0].headers


def test_the_policy_lets_no_script_and_no_style_stand_in_a_page(window: Window) -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    for path in ("/", f"/run/{RUN}", f"/run/{RUN}/unit/7", f"/run/{RUN}/review", "/rules"):
        page = window.text(path)
        assert re.findall(r"<script[^>]*>[^<]", page) == []
        assert re.findall(r"<[^>]+\s(?:on\w+|style)=", page) == []
        assert "<style" not in page


def test_a_picture_is_served_as_a_picture_and_nothing_else(window: Window) -> None:
    answer = window.get(f"/picture/ab/{NAME}.png")
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_what_is_no_picture_is_not_served(window: Window, folder: Path) -> None:
    """The evidence folder holds pages of others, too."""
    for name, data in (
        (f"{NAME}.html.txt", b"<script>alert(1)</script>"),
        (f"{NAME}.json", b"{}"),
        (f"cd{'0' * 62}.png", b"<script>alert(1)</script>"),
    ):
        (folder / "proof" / "ab" / name).write_bytes(data)
        assert window.get(f"/picture/ab/{name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/picture/../secret.png",
        "/picture/..%2fsecret.png",
        "/picture/..%2f..%2fsecret.png",
        "/picture/%2e%2e/secret.png",
        "/picture/..%5c/secret.png",
        "/picture/ab/..%2f..%2fsecret.png",
        f"/picture/ab/{NAME}.png%00.html",
        f"/picture/ab%2f..%2f/{NAME}.png",
        f"/picture/AB/{NAME}.png",
        "/static/..%2fapp.py",
        "/static/../guard.py",
        "/list/..%2f..%2fsecret.png",
        f"/run/{RUN}/papers/..%2f..%2fsecret",
        "/run/..%2f..%2ftargets.yaml",
    ],
)
def test_no_path_leads_out_of_its_folder(window: Window, path: str) -> None:
    with socket.create_connection(("127.0.0.1", window.desk.session.port)) as plain:
        path = f"{window.desk.session.root}{path}"
        host = f"127.0.0.1:{window.desk.session.port}"
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        plain.sendall(f"{head}\r\n".encode())
        answer = b"".join(iter(lambda: plain.recv(65536), b""))
    status = int(answer.split()[1])
    assert status in (400, 404)
    assert PNG not in answer


def test_an_upload_that_is_too_large_is_refused_whatever_its_head_says(window: Window) -> None:
    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="list"; filename="a.csv"\r\n\r\n'
        for _ in range(40):
            yield b"a" * (1 << 20)

    headers = {"Origin": window.origin, "Content-Type": "multipart/form-data; boundary=x"}
    answer = window.client.post("/list", content=body(), headers=headers)  # chunked: no length
    assert answer.status_code == 413
    headers["Content-Length"] = str(1 << 40)
    with socket.create_connection(("127.0.0.1", window.desk.session.port)) as plain:
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        host = f"127.0.0.1:{window.desk.session.port}"
        root = window.desk.session.root
        head = f"POST {root}/list HTTP/1.1\r\nHost: {host}\r\n{said}\r\n"
        plain.sendall(head.encode())
        assert plain.recv(65536).split()[1] == b"413"
    assert window.get("/").status_code == 200


def bomb(megabytes: int) -> bytes:
    """A workbook that unfolds to so many megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(megabytes):
                sheet.write(b" " * (1 << 20))
    return out.getvalue()


LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
).encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.xlsx", lambda: bomb(400)),
        ("laughs.yaml", LAUGHS),
        ("none.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4096),
        ("page.csv", b"<html><script>alert(1)</script>"),
        ("empty.csv", b"\n"),
        ("deep.yaml", b"[" * 100_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_list_that_is_a_bomb_is_told_and_takes_nothing_down(
    window: Window, folder: Path, name: str, data: bytes | Callable[[], bytes]
) -> None:
    before = (folder / "targets.yaml").read_bytes()
    sent = data if isinstance(data, bytes) else data()
    answer = window.post("/list", files={"list": (name, sent)})
    assert answer.status_code == 303
    shown = window.get(answer.headers["location"])
    assert shown.status_code in (200, 400)
    assert '<div class="warning" role="alert">' in shown.text
    assert "<script>alert" not in shown.text
    assert window.post(answer.headers["location"], mark="x").status_code == 400
    assert (folder / "targets.yaml").read_bytes() == before


def test_an_image_that_is_a_bomb_is_told(window: Window, folder: Path) -> None:
    before = (folder / "rules" / "r.yaml").read_bytes()
    huge = PNG[:8] + b"\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06\x00\x00\x00"
    for data in (huge + b"\x00" * 64, b"GIF89a", b"<svg/>", b"x" * 100):
        answer = window.post("/rules/q/picture", files={"picture": ("a.png", data)})
        assert answer.status_code == 400
        assert '<div class="warning" role="alert">' in answer.text
    assert (folder / "rules" / "r.yaml").read_bytes() == before


def test_a_form_of_a_million_fields_is_refused(window: Window) -> None:
    headers = {"Origin": window.origin, "Content-Type": "application/x-www-form-urlencoded"}
    answer = window.client.post("/language", content="a=1&" * 100_000, headers=headers)
    assert answer.status_code == 400


def test_a_name_that_a_file_brings_along_is_only_shown(window: Window, tmp_path: Path) -> None:
    name = "../../<img src=x onerror=alert(1)>.csv"
    answer = window.post("/list", files={"list": (name, "单位,网址\n甲,http://a.test/\n")})
    page = window.text(answer.headers["location"])
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.csv" in page
    assert list(tmp_path.rglob("*onerror*")) == []


def test_what_pages_and_lists_say_is_never_markup(folder: Path) -> None:
    evil = '</title><script>alert(1)</script><img src=x onerror="alert(1)">'
    with opened_desk(folder, run_of(evil, "{{ 7 * 7 }}")) as window:
        for path in ("/", "/run/r", "/run/r/unit/0", "/run/r/review?what=fail", "/run/r/changes",
                     "/run/r/papers", "/run/r/papers/docx", "/run/r/papers/xlsx",
                     "/run/r/papers/json", f"/run/r?text={evil}"):  # fmt: skip
            page = window.text(path)
            assert "<script>alert" not in page, path
            assert "<img src=x" not in page, path
            assert ">49<" not in page, path


def test_a_language_is_chosen_for_pages_of_the_desk_alone(window: Window) -> None:
    for back in ("//evil.test/", "http://evil.test/", "/\\evil.test", ""):
        answer = window.post("/language", language="en", back=back)
        assert answer.headers["location"] == "/"
    assert window.post("/language", back="/rules").headers["location"] == "/rules"


def test_ten_windows_at_once_are_all_answered(window: Window) -> None:
    paths = ["/", f"/run/{RUN}", f"/run/{RUN}/unit/1", f"/run/{RUN}/review", "/rules"] * 10
    with ThreadPoolExecutor(10) as tabs:
        answers = list(tabs.map(window.get, paths))
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    assert len({answer.text for answer in answers}) == 5


def test_a_desk_that_only_shows_has_no_way_to_change_anything(folder: Path) -> None:
    with opened_desk(folder, golden_run(), read_only=True) as window:
        for page in PAGES:
            if page.do is not None or page.works:
                assert window.post(filled(page.path)).status_code in (400, 404, 405), page.path
            if page.works:
                assert window.get(filled(page.path)).status_code == 404, page.path
        for path in ("/", f"/run/{RUN}", f"/run/{RUN}/unit/1", f"/run/{RUN}/changes", "/rules"):
            forms = re.findall(r'<form[^>]*method="post" action="([^"]*)"', window.text(path))
            assert forms == ["/language"], path


def test_a_desk_of_one_run_shows_this_one_and_nothing_else(folder: Path) -> None:
    other = run_of("乙校")
    with opened_desk(folder, golden_run(), other, read_only=True, run=RUN) as window:
        assert window.get("/").headers["location"] == f"/run/{RUN}"
        page = window.text(f"/run/{RUN}")
        assert 'href="/"' in page  # the desk's own name
        assert 'href="/rules"' not in page
        assert "历次检查" not in page
        assert "只读" in page
        for path in ("", "/unit/1", "/changes", "/papers", "/cases"):
            window.text(f"/run/{RUN}{path}")
        for path in ("/run/r", "/run/last", "/run/r/unit/0", "/run/r/papers/xlsx",
                     "/rules", "/offices", "/list", f"/run/{RUN}/review"):  # fmt: skip
            assert window.get(path).status_code == 404, path


def test_a_bug_is_told_where_the_desk_runs_and_to_the_person_without_its_inside(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("ycaudit.desk.shelf.Shelf.shown", broken)
    answer = window.get(f"/run/{RUN}")
    assert answer.status_code == 500
    assert "程序出错" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    (trace,) = window.bugs
    assert "ZeroDivisionError: secret" in trace
    window.bugs.clear()


def test_a_check_that_ends_by_a_bug_says_so(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ycaudit.auditing.service.run", broken)
    assert window.post("/check", how="whole").status_code == 303
    audit = window.desk.audits.scan
    assert audit is not None
    audit.join()
    assert "the check ended by a bug" in window.text("/check")
    (trace,) = window.bugs
    assert "ZeroDivisionError" in trace
    window.bugs.clear()
