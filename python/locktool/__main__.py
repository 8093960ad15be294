"""The program: what `locktool` and `python -m locktool` run.

While its modules are loaded, an interrupt ends the process at once: nothing is written yet, and there is nothing to
report. `_signal` is the part of `signal` that every interpreter has loaded; the rest of it is not needed.
"""

import gc
import os
import sys
from _signal import SIG_DFL, SIGINT, SIGTERM, default_int_handler, getsignal, signal  # type: ignore[import-not-found]

# What type checkers set; `typing` itself takes longer to load than a check takes.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_SIGHUP = 1
_OF_SIGNALS = 128
"""What shells add to the number of the signal that ended a program."""


def _leave(*_: object) -> None:
    os._exit(_OF_SIGNALS + SIGINT)


def _end(number: int, _: object) -> None:
    raise SystemExit(_OF_SIGNALS + number)


def _end_in_order() -> None:
    """End what a run started when the program is to end, since the processes of builds have sessions of their own."""
    for number in (SIGTERM, _SIGHUP) if os.name == "posix" else (SIGTERM,):
        if getsignal(number) is SIG_DFL:
            signal(number, _end)


def _run_registered() -> None:
    """Do what was registered for the end, such as to remove the directories of builds."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()  # noqa: SLF001 - what the interpreter calls, as multiprocessing does
    if "atexit" in sys.modules:
        sys.modules["atexit"]._run_exitfuncs()  # noqa: SLF001 - the same


# Where the parent ignores interrupts, as `nohup` does, so does the program.
if getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, _leave)

from locktool.cli import main as run_command  # noqa: E402 - interrupts are handled first
from locktool.cli.commands import general_text  # noqa: E402 - the same


def main() -> int:
    """Run the command line and return its exit code."""
    words = sys.argv[1:]
    if general_text(words) is not None:
        return run_command(words)
    from locktool.cli.plain import holds

    try:
        if getsignal(SIGINT) is _leave:
            signal(SIGINT, default_int_handler)
        if holds(words):
            return 0
        _end_in_order()
        # What is imported and made is needed to the end; to look for circles in it takes 7 ms of a run that builds.
        gc.disable()
        return run_command(words)
    except KeyboardInterrupt:
        return _OF_SIGNALS + int(SIGINT)


def run() -> "NoReturn":
    """Run the command line and end the process.

    Memory is left to the system: to take the interpreter apart is a fourteenth of a check (instructions, callgrind,
    a lock of 1 MB, 2026-11-26) and 7 ms of a run that builds (CPython 3.11, 2026-11-27). What was printed is written
    already.
    """
    code = main()
    _run_registered()
    os._exit(code)


if __name__ == "__main__":
    run()
