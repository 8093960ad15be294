"""The recorded tree: `simple/<project>/index.{json,html}[.gz]`, `files/<project>/<filename>[.metadata]`, `origin/`.

A project that the index does not have is remembered as an empty file `<page>.missing`; a file that a page lists is
asked for again. Writes are atomic, so that several runs can record at once.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from replay.pages import RecordedFile, write_html, write_json
from replay.upstream import Missing

if TYPE_CHECKING:
    from collections.abc import Callable


class Recorded(Protocol):
    """What a store records: an index, or one that is made up. Each method raises Missing."""

    def page(self, name: str) -> list[RecordedFile]:
        """The files of a project."""
        ...

    def metadata(self, wheel: str) -> bytes:
        """The METADATA of the wheel at an address."""
        ...

    def file(self, url: str) -> bytes:
        """A whole file."""
        ...


def default_store() -> Path:
    """LOCKTOOL_REPLAY_STORE, or a folder in the user's cache."""
    chosen = os.environ.get("LOCKTOOL_REPLAY_STORE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "locktool-benchmarks"


class Store:
    """A recorded index. Without an upstream it serves only what it holds."""

    def __init__(self, directory: Path, upstream: Recorded | None) -> None:
        self.directory = directory
        self.upstream = upstream

    def page(self, project: str, form: str) -> Path | None:
        """The file that holds a page in a form, "json" or "html"; None where the index has no such project."""
        path = self.directory / "simple" / project / f"index.{form}"
        return path if path.exists() or self._recorded(path, lambda up: self._record_page(project, up)) else None

    def file(self, project: str, filename: str) -> Path | None:
        """A distribution, or its metadata; None where the index has no such file."""
        path = self.directory / "files" / project / filename
        return path if path.exists() or self._recorded(path, lambda up: self._record_file(project, path, up)) else None

    def _recorded(self, path: Path, record: Callable[[Recorded], None]) -> bool:
        note = path.with_name(f"{path.name}.missing")
        if note.exists() or self.upstream is None:
            return False
        try:
            record(self.upstream)
        except Missing:
            if path.suffix in {".json", ".html"}:
                _write(note, b"")
            return False
        return True

    def _record_page(self, project: str, upstream: Recorded) -> None:
        files = upstream.page(project)
        origin = {file.filename: file.origin for file in files}
        _write(self.directory / "origin" / f"{project}.json", json.dumps(origin).encode())
        folder = self.directory / "simple" / project
        for form, body in (("json", write_json(project, files)), ("html", write_html(project, files))):
            _write(folder / f"index.{form}.gz", gzip.compress(body, compresslevel=6, mtime=0))
            _write(folder / f"index.{form}", body)

    def _record_file(self, project: str, path: Path, upstream: Recorded) -> None:
        known = self.directory / "origin" / f"{project}.json"
        if not known.exists():
            self._record_page(project, upstream)
        origin = json.loads(known.read_bytes()).get(path.name.removesuffix(".metadata"))
        if origin is None:
            raise Missing(path.name)
        _write(path, upstream.metadata(origin) if path.name.endswith(".metadata") else upstream.file(origin))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)
