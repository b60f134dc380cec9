"""nginx over the city: a port for each latency, as cheap as it can be, the same for all."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from city import COMMON, COMMON_PORT
from measure import cpu_seconds

PORT, TLS_PORT = 21500, 22500
"""Of the server without latency; a latency of L ms is L ports above."""
STATUS = f"http://{COMMON}:{COMMON_PORT}/nginx-status"
ECHO = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
LACKS = (
    "nginx with its echo module is not installed: apt install nginx-light libnginx-mod-http-echo"
)

TYPES = (
    "text/html html; text/css css; application/javascript js; "
    "image/png png; image/jpeg jpg; image/gif gif;"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running one."""

    pid: int

    def requests(self) -> int:
        """Answered so far; asking counts as one."""
        text = urllib.request.urlopen(STATUS, timeout=5).read().decode()
        return int(text.splitlines()[2].split()[2])

    def cpu(self) -> float:
        return cpu_seconds(self.pid)


def port(latency: int) -> int:
    return PORT + latency


@contextmanager
def running(
    folder: Path,
    sites: Path,
    latencies: Sequence[int],
    *,
    tls: bool = False,
    record: Path | None = None,
) -> Iterator[Server]:
    """One process; with `record`, it writes down `address port path` of every request."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if nginx is None or not ECHO.is_file():
        raise SystemExit(LACKS)
    folder.mkdir(parents=True, exist_ok=True)
    if tls:
        _certify(folder)
    config = folder / "nginx.conf"
    config.write_text(_config(folder, sites, latencies, tls=tls, record=record))
    log, mark = folder / "nginx.log", folder / "nginx.pid"
    mark.unlink(missing_ok=True)
    with log.open("wb") as err:
        process = subprocess.Popen(
            [nginx, "-p", folder, "-c", config, "-e", folder / "error.log"], stdout=err, stderr=err
        )
        try:
            server = Server(process.pid)
            _wait_for(server, process, log, mark)
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path, mark: Path) -> None:
    """Until it has its ports, which its pid file says: another's may answer at them, too."""
    for _ in range(100):
        if process.poll() is not None:
            raise SystemExit(f"nginx did not start: {log.read_text().strip()[-200:]}")
        if mark.is_file() and mark.read_text().strip() == str(server.pid):
            server.requests()
            return
        time.sleep(0.05)
    raise SystemExit(f"nginx did not get its ports: {log.read_text().strip()[-200:]}")


def _certify(folder: Path) -> None:
    import trustme

    leaf = trustme.CA().issue_cert("bench.test", "127.1.0.1")
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    for part in leaf.cert_chain_pems:
        part.write_to_path(folder / "cert.pem")


def _config(
    folder: Path, sites: Path, latencies: Sequence[int], *, tls: bool, record: Path | None
) -> str:
    def server(at: int, latency: int, *, secure: bool = False, more: str = "") -> str:
        listen = f"listen {at}{' ssl' if secure else ''} backlog=4096;"
        keys = f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;"
        files = "try_files $uri $uri/index.html =404;"
        place = f"location / {{ {files} }}"
        if latency:
            place = (
                f"location / {{ echo_sleep {latency / 1000}; echo_exec @files; }}\n"
                f"    location @files {{ {files} }}"
            )
        return (
            f"  server {{\n    {listen} {keys if secure else ''}\n"
            f"    root {sites}/$server_addr;\n    {place}\n    {more}\n  }}\n"
        )

    status = "location = /nginx-status { stub_status; access_log off; }"
    servers = [server(COMMON_PORT, 0, more=status)]
    for latency in latencies:
        servers.append(server(PORT + latency, latency))
        if tls:
            servers.append(server(TLS_PORT + latency, latency, secure=True))
    temporary = "\n".join(
        f"  {kind}_temp_path {folder}/tmp-{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    log = "access_log off;"
    if record is not None:
        log = (
            f"log_format asked '$server_addr $server_port $request_uri'; access_log {record} asked;"
        )
    return f"""load_module {ECHO};
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  allow 127.0.0.0/8; deny all;
  types {{ {TYPES} }}
  default_type application/octet-stream;
  {log}
{temporary}
  sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 60s; keepalive_requests 100000;
  gzip_static on;
  open_file_cache max=50000 inactive=600s; open_file_cache_valid 600s; open_file_cache_min_uses 1;
{"".join(servers)}}}
"""
