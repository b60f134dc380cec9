"""Runs the command that was typed: the one place where everything ends."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from types import FrameType

from ycaudit import __version__

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE)
"""No fault of the program: of a disk, or of the reader of a pipe."""
EXIT_USAGE, EXIT_BUG, EXIT_INTERRUPTED = 2, 70, 130
EXIT_UNREAD = 141
"""What a shell says of a program that SIGPIPE has ended: nobody reads what it prints."""


def main() -> None:
    """Run the command that was typed, and leave with the exit code of the contract."""
    _end_like_ctrl_c()
    try:
        try:
            _run()
        finally:
            if sys.stdout is not None:  # closed by the caller
                sys.stdout.flush()  # Python's own, at the exit, would only be a traceback
    except BrokenPipeError:  # the reader of a pipe had enough
        _forget_stdout()
        sys.exit(EXIT_UNREAD)
    except OSError as error:
        from ycaudit.cli import console
        from ycaudit.errors import UnwritableError, why_of

        console.error(UnwritableError(why_of(error)).message)
        _forget_stdout()
        sys.exit(EXIT_USAGE)


def _end_like_ctrl_c() -> None:
    """A service manager and a terminal that closes end a run as a person does: outputs written."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a background job of a shell
        # It is for no Ctrl-C at the terminal, but asyncio heeds only what has this handler.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, _as_ctrl_c)


def _as_ctrl_c(_number: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does now, also where none gets here."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)


def _forget_stdout() -> None:
    """What is left to be written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):  # asked often, by scripts: no imports for it
        print(f"ycaudit {__version__}")
        return
    gc.disable()  # no module is ever garbage: to look for some is a tenth of the start
    # No plugin of pydantic's is used here, and to look for some reads every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from ycaudit.cli import console, settings
    from ycaudit.cli.app import run
    from ycaudit.errors import AuditError
    from ycaudit.terminal import harmless

    console.prepare(os.environ)
    try:
        run(settings.early(sys.argv[1:], os.environ))
    except AuditError as error:
        for message in error.messages:
            console.error(message)
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        console.error("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise
        import traceback

        print(harmless(traceback.format_exc()), file=sys.stderr)
        console.error("this is a bug of ycaudit; please report it with the above")
        sys.exit(EXIT_BUG)
