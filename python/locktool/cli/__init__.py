"""The `locktool` command: arguments in, an exit code out. What a run prints beside its result goes to stderr.

0  done, or yes
1  no: the lock is not up to date, or no resolution exists
2  neither: bad usage, unreadable files, no network
128 + n  ended by signal n: 130 interrupted, 143 terminated
"""

from __future__ import annotations

import os
import sys

# What type checkers set; `typing` itself is not loaded, since `check` has no other use for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from locktool.cli.console import Console
    from locktool.cli.parser import UsageError
    from locktool.cli.plain_arguments import PlainArguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised, whatever goes wrong."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return 130


def _run(words: Sequence[str]) -> int:
    from locktool.cli.commands import general_text

    text = general_text(words)
    if text is not None:
        from locktool.cli.streams import Stream

        Stream(sys.stdout).write(text)
        return 0
    from locktool.cli.console import Console
    from locktool.cli.plain_arguments import plain_arguments

    plain = plain_arguments(words)
    if plain is None:
        return _run_parsed(words)
    from locktool.cli.lock import run

    console = Console(verbosity=-plain.quiet)
    return _reported(plain, console, lambda: run(plain, console))


def _run_parsed(words: Sequence[str]) -> int:
    from locktool.cli.console import Console
    from locktool.cli.parser import UsageError, parse_arguments
    from locktool.cli.project_directory import use_project_above

    try:
        arguments = parse_arguments(words)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 2
    except UsageError as error:
        return _report_usage(error, Console(json="--json" in words))
    console = Console(verbosity=arguments.verbose - arguments.quiet, json=arguments.json)

    def run() -> int:
        use_project_above(arguments, console)
        code: int = arguments.run(arguments, console)
        return code

    return _reported(arguments, console, run)


def _reported(arguments: Namespace | PlainArguments, console: Console, run: Callable[[], int]) -> int:
    """The exit code of a run, with what is to be said of its end."""
    try:
        code = run()
    except BaseException as error:  # noqa: BLE001 - the one function that turns every failure into an exit code
        console.clear_progress()
        if os.environ.get("LOCKTOOL_TRACEBACK"):
            sys.excepthook(type(error), error, error.__traceback__)
        return _report(error, console, arguments)
    if console.results.lost and code == 0 and not console.results.reader_left:
        console.note(f"error: the result could not be written: {console.results.lost}")
        return 2
    return code


def _report_usage(error: UsageError, console: Console) -> int:
    from locktool.exceptions import LocktoolError

    suggestion = f"`{error.prog} --help` says what it takes"
    console.report(LocktoolError("usage", str(error), suggestion=suggestion))
    return 2


def _report(error: BaseException, console: Console, arguments: Namespace | PlainArguments) -> int:
    from locktool.exceptions import Interrupted, LocktoolError

    if isinstance(error, SystemExit) and isinstance(error.code, int):
        console.note("terminated: nothing was written")
        return error.code
    if isinstance(error, KeyboardInterrupt | Interrupted):
        console.note("interrupted: nothing was written")
        return 130
    if isinstance(error, LocktoolError):
        from locktool.cli.exit_code import exit_code_of
        from locktool.cli.project_directory import advise

        advise(error, arguments)
        console.report(error)
        return exit_code_of(error)
    system_says = _of_the_system(error)
    if system_says is not None:
        console.report(LocktoolError("os-error", system_says))
        return 2
    if isinstance(error, UnicodeEncodeError) and isinstance(error.object, str):
        # Where Python reads names of files, bytes that are not UTF-8 become surrogates (PEP 383).
        path = error.object.encode(errors="surrogateescape").decode(errors="backslashreplace")
        console.report(LocktoolError("path-not-utf-8", f"{path}: a path that is not UTF-8 is not supported"))
        return 2
    message = f"locktool has a bug: {type(error).__name__}: {error}"
    is_shown = os.environ.get("LOCKTOOL_TRACEBACK")
    suggestion = "report what is shown" if is_shown else "run again with LOCKTOOL_TRACEBACK=1 and report what it shows"
    console.report(LocktoolError("bug", message, suggestion=suggestion))
    return 2


def _of_the_system(error: BaseException) -> str | None:
    """What the system says of a file, in words; None for another error."""
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    # What pathlib raises of a link that leads to itself, before Python 3.13.
    return str(error) if isinstance(error, RuntimeError) and "Symlink loop" in str(error) else None
