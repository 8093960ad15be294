"""Writes what a recorder has of a run: a trace for Perfetto, and beside it a page that shows the same.

In: the path of the trace, FILE.json. Out: FILE.json and FILE.html, both or neither. Another file is not replaced.
"""

from pathlib import Path

from locktool._native import Recorder, display_path
from locktool.exceptions import LocktoolError
from locktool.export.timeline import timeline_page
from locktool.lock.replace import replace_files

SUFFIX = ".json"
# How the files begin.
_MARKS = {SUFFIX: b'{"otherData":{"made_by":"locktool"}', ".html": b"<!DOCTYPE html>\n<!-- Made by locktool"}


def trace_files(path: Path) -> tuple[Path, Path]:
    """The trace and its page. Raises LocktoolError where they cannot be, which is best asked before a long run."""
    if path.suffix != SUFFIX or path.name == SUFFIX:
        message = f"{display_path(str(path))}: a trace is called NAME.json; its timeline is NAME.html beside it"
        raise LocktoolError("trace-name", message)
    if not path.parent.is_dir():
        message = f"{display_path(str(path))} cannot be written: there is no directory {display_path(str(path.parent))}"
        raise LocktoolError("trace-directory", message)
    files = (path, path.with_suffix(".html"))
    for file in files:
        if file.is_dir() or (file.exists() and not _is_ours(file)):
            message = f"{display_path(str(file))} is no trace of locktool; it is left as it is"
            raise LocktoolError("trace-exists", message, suggestion="give the trace another name, or remove the file")
    return files


def write_trace(files: tuple[Path, Path], recorder: Recorder) -> None:
    """Write what was recorded so far to the files of a trace. Raises OSError."""
    trace_file, page = files
    trace = recorder.chrome_trace()
    replace_files({str(trace_file): trace.encode(), str(page): timeline_page(trace).encode()})


def _is_ours(file: Path) -> bool:
    mark = _MARKS[file.suffix]
    with file.open("rb") as content:
        return content.read(len(mark)) == mark
