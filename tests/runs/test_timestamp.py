"""Time stamps: an authority says when the manifest existed; openssl plays the authority."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.cli import ycaudit
from support.servers import at_work
from ycaudit.errors import AuditError
from ycaudit.runs import timestamp
from ycaudit.runs.evidence import EvidenceStore
from ycaudit.runs.timestamp import read, stamped, verified_at

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is the authority")
DATA = b'{"a": "manifest"}'
CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = test authority
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,digitalSignature
subjectKeyIdentifier = hash
[leaf]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/leaf.pem
signer_key = {folder}/leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority: a root, and a certificate for time stamps."""
    here = tmp_path_factory.mktemp("tsa")
    config = here / "openssl.cnf"
    config.write_text(CONFIG.format(folder=here))
    (here / "serial").write_text("01\n")
    key = ("-newkey", "rsa:2048", "-nodes", "-config", config)
    ca, leaf = here / "ca.pem", here / "leaf.pem"
    openssl("req", "-x509", *key, "-extensions", "ca", "-subj", "/CN=root", "-keyout",
            here / "ca.key", "-out", ca, "-days", 30)  # fmt: skip
    openssl("req", *key, "-subj", "/CN=tsa", "-keyout", here / "leaf.key", "-out", here / "csr")
    openssl("x509", "-req", "-in", here / "csr", "-CA", ca, "-CAkey", here / "ca.key",
            "-CAcreateserial", "-extfile", config, "-extensions", "leaf", "-out", leaf,
            "-days", 30)  # fmt: skip
    return here


@pytest.fixture(scope="module")
def authority(folder: Path) -> Iterator[str]:
    """Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/wrong":
                reply = b"no time stamp at all"
            else:
                out = folder / "reply.tsr"
                openssl("ts", "-reply", "-config", folder / "openssl.cnf", "-queryfile", query,
                        "-out", out)  # fmt: skip
                reply = out.read_bytes()
            self.send_response(500 if self.path == "/down" else 200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *words: object) -> None:
            pass

    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_stamp_says_when_and_by_whom(authority: str, folder: Path) -> None:
    reply = stamped(DATA, authority)
    assert not read(reply, DATA, None).trusted
    assert read(reply, DATA, folder / "ca.pem").trusted


def test_a_stamp_of_something_else_or_by_somebody_else_is_none(
    authority: str, folder: Path, tmp_path: Path
) -> None:
    reply = stamped(DATA, authority)
    with pytest.raises(AuditError, match="something else"):
        read(reply, DATA + b" ", None)
    with pytest.raises(AuditError, match="no time stamp"):
        read(b"junk", DATA, None)
    other = tmp_path / "other.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-keyout",
            tmp_path / "key", "-out", other, "-days", 30)  # fmt: skip
    with pytest.raises(AuditError, match="not by this authority"):
        read(reply, DATA, other)
    with pytest.raises(AuditError, match="no certificates"):
        read(reply, DATA, tmp_path / "none.pem")


def test_a_stamp_outlives_the_certificate_it_was_made_with(
    authority: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the certificate had ended since: the library, which checks as of now, refuses it."""
    reply = stamped(DATA, authority)

    def ended(*words: object) -> None:
        raise AuditError("the time stamp is not by this authority: certificate has expired")

    monkeypatch.setattr(timestamp, "_verify", ended)
    assert read(reply, DATA, folder / "ca.pem").trusted


def test_a_stamp_is_checked_as_of_the_time_that_it_names(
    authority: str, folder: Path, tmp_path: Path
) -> None:
    reply, ca = stamped(DATA, authority), folder / "ca.pem"
    now = read(reply, DATA, None).at
    assert verified_at(reply, DATA, ca, now)
    assert not verified_at(reply, DATA, ca, now + timedelta(days=60))
    assert not verified_at(reply, DATA, ca, now - timedelta(days=60))
    assert not verified_at(reply, DATA + b" ", ca, now)


def test_an_authority_that_gives_no_stamp_is_told(authority: str) -> None:
    for path in ("/wrong", "/down"):
        with pytest.raises(AuditError, match="no time stamp"):
            stamped(DATA, authority + path)
    with pytest.raises(AuditError, match="no time stamp"):
        stamped(DATA, "http://127.0.0.1:9/")


def test_without_the_extra_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timestamp, "find_spec", lambda name: None)
    with pytest.raises(AuditError, match=r'pip install "\.\[timestamp\]"'):
        timestamp.check()


def test_verify_tells_the_time_stamp(authority: str, folder: Path, tmp_path: Path) -> None:
    from support.history import run

    store = EvidenceStore.opened(tmp_path / "proof", 1 << 20, run="r")
    store.put("html", b"<html>", unit="u", url="http://u.test/")
    manifest = store.finish(run(0, a="+"))
    manifest.with_suffix(".tsr").write_bytes(stamped(manifest.read_bytes(), authority))
    told = ycaudit("verify", tmp_path / "proof", "--tsa-ca", folder / "ca.pem")
    assert told.returncode == 0
    assert "time stamp: the manifest existed at" in told.stdout
    assert "was not checked" in ycaudit("verify", tmp_path / "proof").stderr
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    assert "something else" in ycaudit("verify", tmp_path / "proof").stderr
