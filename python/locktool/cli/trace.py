"""What `-v` tells of a run while it runs, and the files of `--trace`."""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded: every lock may be traced.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from pathlib import Path

    from locktool._native import Recorder
    from locktool.cli.console import Console


def add_trace_argument(parser: ArgumentParser) -> None:
    """`--trace`."""
    from pathlib import Path

    parser.add_argument(
        "--trace",
        metavar="FILE.json",
        type=Path,
        help="record what the resolver, its requests and builds do, and when, also of a run that fails: FILE.json for "
        "Perfetto, and beside it FILE.html, a timeline for a browser",
    )


def recorder_of(console: Console, *, timeline: bool = False) -> Recorder | None:
    """A recorder whose sentences the console writes as they come; None where nobody asks for any."""
    verbosity = max(console.verbosity, 0)
    if not verbosity and not timeline:
        return None
    from locktool._native import Recorder

    recorder = Recorder(verbosity, timeline=timeline)
    console.follow(recorder.take_lines)
    return recorder


class traced:  # noqa: N801 - used as `contextlib.contextmanager` makes them, which would have to be loaded
    """Gives the recorder of a run, and writes its trace to a path when the run ends, however it ends.

    Raises LocktoolError before the run where the path cannot be, and OSError after it where a file cannot be written.
    """

    def __init__(self, path: Path | None, console: Console) -> None:
        self._path = path
        self._console = console
        self._recorder = recorder_of(console, timeline=path is not None)
        self._files: tuple[Path, Path] | None = None

    def __enter__(self) -> Recorder | None:
        if self._path is not None:
            from locktool.operations.trace import trace_files

            self._files = trace_files(self._path)
        return self._recorder

    def __exit__(self, _: object, error: BaseException | None, _trace: object) -> None:
        if self._files is None or self._recorder is None:
            return
        from locktool.operations.trace import write_trace

        try:
            write_trace(self._files, self._recorder)
        except OSError as failure:
            if error is None:
                raise
            self._console.warn(f"the trace is not written: {failure.filename}: {failure.strerror}")
        else:
            _say_where(self._files, self._console)


def _say_where(files: tuple[Path, Path], console: Console) -> None:
    from locktool._native import display_path

    trace, page = (display_path(str(file)) for file in files)
    console.say(f"Wrote the trace of this run to {trace}; {page} shows it")
