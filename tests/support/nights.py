"""The places of `deploy/`, played on this machine: a night there runs the steps of its template.

What the place itself does (unpack a checkout, keep a cache, start a unit after another) is done in
folders; what it would install is only looked for; every command of a step is run by its shell.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
FINDS_ITS_FILES = """\
#!/bin/sh
for word; do
  case $word in vendor/*) test -f "$word" || { echo "$word: no such file" >&2; exit 1; };; esac
done
"""
"""Stands for pip: what it is to install from the repository is there."""


@dataclass(frozen=True, slots=True)
class Night:
    """What came of a night."""

    bother: str
    """What a person gets from the place, unasked: cron's mail, or that of a failed job or unit."""
    log: str
    """What was printed."""


class Place(ABC):
    """A machine or CI server with the user's list and rules, and what it keeps over the nights."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.mail = {k: v for k, v in environment.items() if k.startswith("YCAUDIT_")}
        self.repository = folder / "repository"
        (self.repository / "vendor").mkdir(parents=True)
        for name in ("requirements.lock", "ycaudit-1-py3-none-any.whl"):
            (self.repository / "vendor" / name).touch()
        self.programs = folder / "programs"
        self.add_program("ycaudit", f'#!/bin/sh\nexec {sys.executable} -m ycaudit "$@"\n')
        self.add_program("pip", FINDS_ITS_FILES)
        for name in ("apt-get", "python3"):
            self.add_program(name, "#!/bin/sh\n")
        self.add_program("sudo", '#!/bin/sh\nexec "$@"\n')
        self.environment = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "PYTHONPATH": ":".join(sys.path),
            "YCAUDIT_OBSERVER": "static",
            "YCAUDIT_ALLOW_PRIVATE": "true",
        }

    def add_program(self, name: str, text: str) -> None:
        self.programs.mkdir(exist_ok=True)
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def text(self, name: str) -> str:
        """A template, its absolute places moved below the folder."""
        text = (DEPLOY / name).read_text(encoding="utf-8")
        text = text.replace("/srv/ycaudit/.venv/bin/", f"{self.programs}/")
        text = text.replace(".venv/bin/", f"{self.programs}/")
        text = text.replace("/srv/ycaudit", str(self.repository))
        text = text.replace("/opt/ycaudit/bin/", f"{self.programs}/")
        return text.replace("/etc/ycaudit.env", str(self.settings_file()))

    def settings_file(self) -> Path:
        file = self.folder / "ycaudit.env"
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in self.mail.items())
        file.write_text("".join(lines))
        return file

    def run(
        self, words: Iterable[str], more: Mapping[str, str], at: Path | None = None
    ) -> tuple[int, str]:
        """The exit code of a command, and all that it printed."""
        done = subprocess.run(
            list(words), cwd=at or self.repository, env={**self.environment, **more},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            text=True, check=False, timeout=600,
        )  # fmt: skip
        return done.returncode, done.stdout

    @property
    @abstractmethod
    def history(self) -> Path:
        """The history after the last night."""

    @abstractmethod
    def night(self) -> Night:
        """One night after the other."""


class Cron(Place):
    """Mails whatever the command prints."""

    @property
    def history(self) -> Path:
        return self.repository / "history.sqlite3"

    def night(self) -> Night:
        settings: dict[str, str] = {}
        printed = ""
        for line in self.text("crontab").splitlines():
            if not line or line.startswith("#"):
                continue
            if named := re.fullmatch(r"(\w+)\s*=\s*(.*)", line):
                settings[named[1]] = named[2]
                continue
            *when, command = line.split(None, 5)
            assert all(re.fullmatch(r"[\d*,/-]+", field) for field in when)
            assert "%" not in command, "cron takes it for the end of the line"
            # From the home of the user, as cron does.
            (self.folder / "home").mkdir(exist_ok=True)
            printed += self.run(["/bin/sh", "-c", command], settings, self.folder / "home")[1]
        return Night(bother=printed if settings.get("MAILTO") else "", log=printed)


class Systemd(Place):
    """Starts a unit, and another one where it fails."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self.add_program("journalctl", "#!/bin/sh\necho the journal\n")
        self.add_program("mail", f'#!/bin/sh\n(echo "$@"; cat) >> {folder}/told\n')

    @property
    def history(self) -> Path:
        return self.repository / "history.sqlite3"

    def night(self) -> Night:
        told = self.folder / "told"
        told.unlink(missing_ok=True)
        log = self.start("ycaudit.service")
        return Night(bother=told.read_text() if told.exists() else "", log=log)

    def start(self, name: str) -> str:
        unit = settings_of(self.text(name))
        environment = dict(one.split("=", 1) for one in unit.get("Environment", []))
        for file in unit.get("EnvironmentFile", []):
            environment |= dict(one.split("=", 1) for one in shlex.split(Path(file).read_text()))
        (command,) = unit["ExecStart"]
        words = shlex.split(command.replace("%H", "host"))
        code, log = self.run(words, environment)
        if code:
            log += "".join(self.start(other) for other in unit.get("OnFailure", []))
        return log


def settings_of(unit: str) -> dict[str, list[str]]:
    """The settings of a unit file, whatever section they are in."""
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        if line and line[0] not in "#;[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


class Server(Place):
    """A CI server: a fresh machine every night, and a store of caches."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self.nights = 0
        self.caches: list[str] = []
        """Their keys, the newest last."""
        self.here = folder

    @property
    def history(self) -> Path:
        return self.here / "history.sqlite3"

    def checked_out(self) -> None:
        self.nights += 1
        self.here = self.folder / f"machine {self.nights}"
        shutil.copytree(self.repository, self.here)

    def save(self, key: str, name: str) -> None:
        """A key is written once, as both servers have it."""
        if (self.here / name).exists():
            store = self.folder / "caches" / key / name
            store.parent.mkdir(parents=True)
            shutil.copy2(self.here / name, store)
            self.caches.append(key)

    def restore(self, keys: Iterable[str], name: str) -> str:
        """The newest cache with the first key that begins one; its key, or nothing."""
        for begin in keys:
            for key in reversed(self.caches):
                if key.startswith(begin):
                    shutil.copy2(self.folder / "caches" / key / name, self.here / name)
                    return key
        return ""


class GitHub(Server):
    """Runs the steps of the job; writes where it fails."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self.run_id = 0
        self.attempt = 1
        self.artifacts: dict[str, list[str]] = {}
        """The names in each that was uploaded last."""

    def night(self) -> Night:
        self.run_id, self.attempt = self.run_id + 1, 1
        return self.done()

    def again(self) -> Night:
        """The same run once more, as by its button."""
        self.attempt += 1
        return self.done()

    def done(self) -> Night:
        self.here = self.folder
        self.known = {
            "github.run_id": str(self.run_id),
            "github.run_attempt": str(self.attempt),
            **{f"secrets.{k.removeprefix('YCAUDIT_')}": v for k, v in self.mail.items()},
        }
        (job,) = yaml.safe_load(self.text("github-actions.yml"))["jobs"].values()
        failed, log = False, ""
        for step in job["steps"]:
            if self.is_due(step.get("if"), failed):
                code, printed = self.step(step)
                failed, log = failed or code != 0, log + printed
        return Night(bother=log if failed else "", log=log)

    def is_due(self, condition: str | None, failed: bool) -> bool:
        if condition == "always()":
            return True
        if condition is None:
            return not failed
        name, _, value = condition.partition(" == ")
        return not failed and self.known[name] == value.strip("'")

    def step(self, step: Mapping[str, Any]) -> tuple[int, str]:
        given = {k: self.filled(v) for k, v in step.get("with", {}).items() if isinstance(v, str)}
        if "run" in step:
            environment = {k: self.filled(v) for k, v in step.get("env", {}).items()}
            summary = {"GITHUB_STEP_SUMMARY": str(self.here / "step-summary")}
            words = ["bash", "-e", "-c", self.filled(step["run"])]
            return self.run(words, environment | summary, self.here)
        match step["uses"].partition("@")[0]:
            case "actions/checkout":
                self.checked_out()
            case "actions/setup-python":
                pass
            case "actions/cache/restore":
                keys = [given["key"], *given["restore-keys"].split()]
                found = self.restore(keys, given["path"])
                self.known[f"steps.{step['id']}.outputs.cache-matched-key"] = found
            case "actions/cache/save":
                self.save(given["key"], given["path"])
            case "actions/upload-artifact":
                names = [n for n in given["path"].split() if (self.here / n).exists()]
                self.artifacts[given["name"]] = names
            case other:
                raise NotImplementedError(other)
        return 0, ""

    def filled(self, text: str) -> str:
        """The text with its expressions; a secret that nobody has set is empty."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            return self.known.get(name, "") if name.startswith("secrets.") else self.known[name]

        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


class GitLab(Server):
    """Runs the script of the job; writes where it fails."""

    def night(self) -> Night:
        self.checked_out()
        job = yaml.safe_load(self.text("gitlab-ci.yml"))["nightly-audit"]
        (name,) = job["cache"]["paths"]
        key = job["cache"]["key"]
        self.restore([f"{key} "], name)
        script = "\n".join([*job["before_script"], *job["script"]])
        environment = {**job["variables"], **self.mail}
        code, log = self.run(["sh", "-e", "-c", script], environment, self.here)
        if code == 0 or job["cache"]["when"] == "always":
            self.save(f"{key} {self.nights}", name)
        return Night(bother=log if code else "", log=log)


PLACES: dict[str, type[Place]] = {
    "crontab": Cron,
    "ycaudit.service": Systemd,
    "github-actions.yml": GitHub,
    "gitlab-ci.yml": GitLab,
}
