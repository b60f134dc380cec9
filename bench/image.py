"""Builds the image of the Dockerfile without an engine, and says how large it is.

sudo python bench/image.py FOLDER [--arg EXTRAS=vision] [-- COMMAND…]

Each step is done in a Debian of debootstrap below FOLDER (an instruction that this script does not
know ends it); then the command is run in the image as its user. Needs root, debootstrap and the
network.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SLIM = """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/info/*
"""
"""What the slim images leave out (debuerreotype, which makes them: scripts/.slimify-excludes)."""
ROOTED = """
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
pivot_root . mnt
umount -l /mnt
exec "$@"
"""
"""Makes the image the root of all: within a chroot Chromium's sandbox cannot start."""
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
CLEAN = """\
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
"""
"""What they leave of what apt fetches."""
SOURCES = """\
deb http://deb.debian.org/debian trixie main
deb http://deb.debian.org/debian trixie-updates main
deb http://deb.debian.org/debian-security trixie-security main
"""


def main() -> None:
    """Build it, print its size, and run the command in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arg", action="append", default=[], help="NAME=VALUE of an ARG")
    parser.add_argument("command", nargs="*", help="after --")
    asked = parser.parse_args()
    image = Image(asked.folder.resolve(), dict(one.split("=", 1) for one in asked.arg))
    for name, rest in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        print(name, rest[:100], flush=True)
        getattr(image, f"do_{name.lower()}")(rest)
    for folder in ("usr", "opt", "usr/lib/chromium", "usr/share/fonts", "opt/ycaudit"):
        print(f"{size_of(image.root / folder) / 1e6:7.0f} MB  /{folder}")
    print(f"{size_of(image.root) / 1e6:7.0f} MB  the image")
    if asked.command:
        image.run(asked.command, user=image.user)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile, their lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, rest = line.partition(" ")
        yield name, rest


def size_of(folder: Path) -> int:
    """Bytes of its files, each counted once however many names it has."""
    files = {
        (status.st_dev, status.st_ino): status.st_size
        for path in folder.rglob("*")
        if not path.is_symlink() and path.is_file() and "proc" not in path.parts[:3]
        for status in [path.stat()]
    }
    return sum(files.values())


class Image:
    """The file system of the stage that is being built, and those before it by name."""

    def __init__(self, folder: Path, arguments: dict[str, str]) -> None:
        self.folder = folder
        self.arguments = arguments
        self.stages: dict[str, Path] = {}
        self.root = folder
        self.environment: dict[str, str] = {}
        self.user = "0"
        self.at = "/"

    def do_from(self, rest: str) -> None:
        base, _, name = rest.partition(" AS ")
        assert base == "debian:trixie-slim", base
        self.root = self.folder / (name or "image")
        self.stages[name] = self.root
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"}
        self.at = "/"
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cp", "--archive", self.base(), self.root], check=True)  # devices, too

    def base(self) -> Path:
        """Debian as the slim image has it; made once."""
        base = self.folder / "base"
        if not base.exists():
            fresh = self.folder / "fresh"
            words = ["debootstrap", "--variant=minbase", "trixie", fresh]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            (fresh / "etc/dpkg/dpkg.cfg.d/docker").write_text(SLIM)
            (fresh / "etc/apt/apt.conf.d/docker-clean").write_text(CLEAN)
            (fresh / "etc/apt/sources.list").write_text(SOURCES)
            for part in ("usr/share/man", "usr/share/locale", "var/lib/apt/lists", "var/cache/apt"):
                shutil.rmtree(fresh / part)
            for path in (fresh / "usr/share/doc").rglob("*"):
                if not path.is_dir() and path.name != "copyright":
                    path.unlink()
            fresh.rename(base)
        return base

    def do_arg(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.environment[name] = self.arguments.get(name, value.strip('"'))

    def do_env(self, rest: str) -> None:
        for word in rest.split():
            name, _, value = word.partition("=")
            self.environment[name] = value.replace("$PATH", self.environment["PATH"])

    def do_workdir(self, rest: str) -> None:
        self.at = rest
        self.inside(rest).mkdir(parents=True, exist_ok=True)

    def do_user(self, rest: str) -> None:
        self.user = rest

    def do_entrypoint(self, rest: str) -> None:
        """Said by whoever runs it."""

    do_cmd = do_entrypoint

    def do_copy(self, rest: str) -> None:
        *names, target = rest.split()
        source = ROOT
        if names[0].startswith("--from="):
            source = self.stages[names.pop(0).removeprefix("--from=")]
        for name in names:
            into = self.inside(str(Path(self.at) / target))
            path = source / name.lstrip("/")
            if path.is_dir():
                shutil.copytree(path, into, symlinks=True, dirs_exist_ok=True)
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, into)

    def do_run(self, rest: str) -> None:
        self.run(["sh", "-c", rest], user="0")

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def run(self, words: list[str], *, user: str) -> None:
        """A command in the image, with the network and the authorities of this machine."""
        shutil.copy2("/etc/resolv.conf", self.inside("/etc/resolv.conf"))
        shutil.copy2(AUTHORITIES, self.inside("/tmp/authorities"))
        wanted = [f"{name}={value}" for name, value in self.environment.items()]
        network = [f"{n}={v}" for n, v in os.environ.items() if n.lower().endswith("_proxy")]
        trusted = [f"{name}=/tmp/authorities" for name in ("PIP_CERT", "SSL_CERT_FILE")]
        subprocess.run(
            [
                *("unshare", "--mount", "sh", "-ec", ROOTED, self.root),
                *("chroot", f"--userspec={user}:{user}", "/", "env", "-i", "HOME=/tmp"),
                *(*network, *trusted, *wanted, "sh", "-c", 'cd "$0" && exec "$@"', self.at, *words),
            ],
            check=True,
        )
        self.inside("/tmp/authorities").unlink()


if __name__ == "__main__":
    main()
