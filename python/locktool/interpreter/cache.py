"""Remembers what interpreters said of themselves, so that each is run once and not at every command.

A record is named for the path. It holds as long as the file behind the path (size, times of modification and of status
change) and the machine's answers (kernel, machine, the platform that sysconfig is told) stay. A program that starts an
interpreter elsewhere is asked each time: its file does not decide which. A damaged or older record is a miss, and a
directory that cannot be written is no cache.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from locktool.interpreter.facts import Interpreter
from locktool.interpreter.probe import is_running, probe_interpreter

SCHEMA = 3
_SUFFIX = ".msgpack"
_TEMPORARY = ".probe-"


class FileState(msgspec.Struct, frozen=True):
    """What an answer depends on: the file, the settings of its virtual environment, and the machine."""

    size: int
    modified: int
    changed: int
    settings: int
    machine: str


class ProbeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One answer and the state of the file that gave it."""

    schema: int
    path: str
    state: FileState
    answer: dict[str, Any]
    """The facts of an `Interpreter`."""

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter that answered so."""
        return Interpreter.of(self.answer)


class ProbeCache:
    """The records below `directory`; None means that nothing is remembered."""

    def __init__(self, directory: Path | None) -> None:
        """Use a directory, which is made when the first record is written."""
        self.directory = directory

    def probe(self, executable: Path) -> Interpreter:
        """What the interpreter is, from the record or by asking it; raises what `probe_interpreter` raises."""
        state = None if self.directory is None or is_running(executable) else state_of(executable)
        if self.directory is None or state is None:
            return probe_interpreter(executable)
        absolute = str(executable.absolute())
        path = self.directory / f"{hashlib.sha256(os.fsencode(absolute)).hexdigest()[:32]}{_SUFFIX}"
        known = read_record(path)
        if known is not None and (known.path, known.state) == (absolute, state):
            return known.interpreter
        interpreter = probe_interpreter(executable)
        if os.path.realpath(interpreter.executable) == os.path.realpath(executable):
            write_record(path, ProbeRecord(schema=SCHEMA, path=absolute, state=state, answer=interpreter.facts()))
        return interpreter

    def remove(self, *, gone: bool) -> list[int]:
        """Remove every record, or with `gone` those of interpreters that are gone; the sizes of what was removed.

        What interrupted runs left goes in both cases. Raises OSError.
        """
        sizes = []
        files = list(self.directory.iterdir()) if self.directory is not None and self.directory.is_dir() else []
        for path in files:
            if path.suffix != _SUFFIX and not path.name.startswith(_TEMPORARY):
                continue
            record = read_record(path) if gone and path.suffix == _SUFFIX else None
            if record is None or not Path(record.path).exists():
                sizes.append(path.stat().st_size)
                path.unlink()
        return sizes


def state_of(executable: Path) -> FileState | None:
    """The state that an answer depends on; None where there is no file."""
    try:
        found = executable.stat()
    except OSError:
        return None
    try:
        settings = (executable.parent.parent / "pyvenv.cfg").stat().st_mtime_ns
    except OSError:
        settings = 0
    machine = (platform.release(), platform.version(), platform.machine(), os.environ.get("_PYTHON_HOST_PLATFORM", ""))
    return FileState(found.st_size, found.st_mtime_ns, found.st_ctime_ns, settings, "\n".join(machine))


def read_record(path: Path) -> ProbeRecord | None:
    """Read a record; whatever is wrong with it makes it a miss."""
    try:
        record = msgspec.msgpack.decode(path.read_bytes(), type=ProbeRecord)
        Interpreter.of(record.answer)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    return record if record.schema == SCHEMA else None


def write_record(path: Path, record: ProbeRecord) -> None:
    """Write a record to a file beside its own and rename that, so that no reader sees half of one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_TEMPORARY, delete=False) as file:
            file.write(msgspec.msgpack.encode(record))
        Path(file.name).replace(path)
    except OSError:
        return
