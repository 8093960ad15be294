"""Remembers what interpreters said of themselves, so that each is run once and not at every command.

A record is named for the path, and holds as long as the size and the modification time of the file behind it do. A
damaged or older record is a miss, and a directory that cannot be written is no cache.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from locktool.interpreter.probe import Interpreter, is_running, probe_interpreter

SCHEMA = 1


class ProbeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One answer and the state of the file that gave it."""

    schema: int
    size: int
    modified: int
    interpreter: Interpreter


class ProbeCache:
    """The records below `directory`; None means that nothing is remembered."""

    def __init__(self, directory: Path | None) -> None:
        """Use a directory, which is made when the first record is written."""
        self.directory = directory

    def probe(self, executable: Path) -> Interpreter:
        """What the interpreter is, from the record or by asking it; raises what `probe_interpreter` raises."""
        if self.directory is None or is_running(executable):
            return probe_interpreter(executable)
        try:
            state = executable.stat()
        except OSError:
            return probe_interpreter(executable)
        path = self.directory / f"{hashlib.sha256(os.fsencode(executable.absolute())).hexdigest()[:32]}.msgpack"
        known = read_record(path)
        if known is not None and (known.size, known.modified) == (state.st_size, state.st_mtime_ns):
            return known.interpreter
        interpreter = probe_interpreter(executable)
        record = ProbeRecord(schema=SCHEMA, size=state.st_size, modified=state.st_mtime_ns, interpreter=interpreter)
        write_record(path, record)
        return interpreter


def read_record(path: Path) -> ProbeRecord | None:
    """Read a record; whatever is wrong with it makes it a miss."""
    try:
        record = msgspec.msgpack.decode(path.read_bytes(), type=ProbeRecord)
    except (OSError, msgspec.MsgspecError):
        return None
    return record if record.schema == SCHEMA else None


def write_record(path: Path, record: ProbeRecord) -> None:
    """Write a record to a file beside its own and rename that, so that no reader sees half of one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".probe-", delete=False) as file:
            file.write(msgspec.msgpack.encode(record))
        Path(file.name).replace(path)
    except OSError:
        return
