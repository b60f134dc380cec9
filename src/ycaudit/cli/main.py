"""Runs the command that was typed: the one place where everything ends."""

from __future__ import annotations

import os
import sys

from ycaudit import __version__

EXIT_USAGE, EXIT_BUG, EXIT_INTERRUPTED = 2, 70, 130


def main() -> None:
    """Run the command that was typed, and leave with the exit code of the contract."""
    if sys.argv[1:] in (["--version"], ["-V"]):  # asked often, by scripts: no imports for it
        print(f"ycaudit {__version__}")
        return
    # No plugin of pydantic's is used here, and to look for some reads every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from ycaudit.cli import console, settings
    from ycaudit.cli.app import COMMANDS, run
    from ycaudit.errors import AuditError

    try:
        line = settings.early(sys.argv[1:], os.environ)
        run(line, *([word for word in line[:1] if word in COMMANDS] or COMMANDS))
    except AuditError as error:
        for message in error.messages:
            console.error(message)
        sys.exit(EXIT_USAGE)
    except BrokenPipeError:  # the reader of a pipe had enough
        sys.stderr.close()
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        console.error("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except Exception:
        import traceback

        traceback.print_exc()
        console.error("this is a bug of ycaudit; please report it with the above")
        sys.exit(EXIT_BUG)
