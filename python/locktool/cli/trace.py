"""What `-v` tells of a run while it runs, and the files of `--trace`."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.cli.console import Console

if TYPE_CHECKING:
    from locktool._native import Recorder


def add_trace_argument(parser: ArgumentParser) -> None:
    """`--trace`."""
    parser.add_argument(
        "--trace",
        metavar="FILE.json",
        type=Path,
        help="record what the resolver, its requests and builds do, and when, also of a run that fails: FILE.json for "
        "Perfetto, and beside it FILE.html, a timeline for a browser",
    )


def recorder_of(console: Console, *, timeline: bool = False) -> "Recorder | None":
    """A recorder whose sentences the console writes as they come; None where nobody asks for any."""
    verbosity = max(console.verbosity, 0)
    if not verbosity and not timeline:
        return None
    from locktool._native import Recorder

    recorder = Recorder(verbosity, timeline=timeline)
    console.follow(recorder.take_lines)
    return recorder


@contextmanager
def traced(path: Path | None, console: Console) -> Iterator["Recorder | None"]:
    """Give the recorder of a run, and write its trace to a path when the run ends, however it ends.

    Raises LocktoolError before the run where the path cannot be, and OSError after it where a file cannot be written.
    """
    recorder = recorder_of(console, timeline=path is not None)
    if path is None or recorder is None:
        yield recorder
        return
    from locktool.operations.trace import trace_files, write_trace

    files = trace_files(path)
    try:
        yield recorder
    except BaseException:
        try:
            write_trace(files, recorder)
        except OSError as error:
            console.warn(f"the trace is not written: {error.filename}: {error.strerror}")
        else:
            _say_where(files, console)
        raise
    write_trace(files, recorder)
    _say_where(files, console)


def _say_where(files: tuple[Path, Path], console: Console) -> None:
    from locktool._native import display_path

    trace, page = (display_path(str(file)) for file in files)
    console.say(f"Wrote the trace of this run to {trace}; {page} shows it")
