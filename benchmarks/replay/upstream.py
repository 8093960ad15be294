"""Asks the configured index: pages, sidecars - read out of the wheel by ranges where there is none - and files."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from replay.pages import JSON, RecordedFile, read_page

_TIMEOUT = 120.0
_PAUSES = (0.5, 1.0, 2.0, 4.0)


def configured_index() -> str:
    """The address that a run of locktool would ask: LOCKTOOL_INDEX_URL, pip's configuration, pip's default."""
    from pip._internal.models.index import PyPI

    address = os.environ.get("LOCKTOOL_INDEX_URL")
    if not address:
        asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        found = subprocess.run(asked, capture_output=True, text=True, check=False)
        address = os.environ.get("PIP_INDEX_URL") or found.stdout.strip() or PyPI.simple_url
    return str(address).rstrip("/") + "/"


class Missing(Exception):
    """The index says that it does not have this."""


@dataclass(frozen=True)
class Upstream:
    """The index that is recorded."""

    url: str

    def page(self, name: str) -> list[RecordedFile]:
        """The files of a project. Raises Missing."""
        accepted = f"{JSON}, text/html;q=0.5"
        with _open(f"{self.url}{name}/", {"Accept": accepted}) as answer:
            body = answer.read()
            return read_page(body, answer.headers.get("Content-Type", ""), answer.url)

    def metadata(self, wheel: str) -> bytes:
        """The METADATA of the wheel at an address. Raises Missing."""
        try:
            return self.file(f"{wheel}.metadata")
        except Missing:
            return _metadata_inside(wheel)

    def file(self, url: str) -> bytes:
        """A whole file. Raises Missing."""
        with _open(url, {}) as answer:
            content: bytes = answer.read()
            return content


def _open(url: str, headers: dict[str, str]):  # type: ignore[no-untyped-def] # noqa: ANN202 - urllib's answer has no public type
    if not url.startswith(("https://", "http://")):
        raise Missing(url)
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is checked
    for pause in _PAUSES:
        try:
            return urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310 - the scheme is checked
        except urllib.error.HTTPError as error:
            if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                raise Missing(url) from None
        except OSError:
            # A connection that breaks is tried again, as any answer that is no answer.
            pass
        time.sleep(pause)
    message = f"{url} gave no answer in {len(_PAUSES)} attempts"
    raise ConnectionError(message)


class _RemoteFile(io.RawIOBase):
    """A file that is read by ranges; zipfile asks for its end, the directory and one entry."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.place = 0
        with _open(url, {"Range": "bytes=0-0"}) as answer:
            total = answer.headers.get("Content-Range", "").rpartition("/")[2]
        if not total.isdigit():
            raise Missing(url)
        self.size = int(total)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = start + offset
        return self.place

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the buffer protocol has no name before Python 3.12
        view = memoryview(buffer)
        end = min(self.place + len(view), self.size)
        if self.place >= end:
            return 0
        with _open(self.url, {"Range": f"bytes={self.place}-{end - 1}"}) as answer:
            content = answer.read()
        view[: len(content)] = content
        self.place += len(content)
        return len(content)


def _metadata_inside(wheel: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BufferedReader(_RemoteFile(wheel), 1 << 16)) as archive:
            path = next(p for p in archive.namelist() if p.count("/") == 1 and p.endswith(".dist-info/METADATA"))
            return archive.read(path)
    except (zipfile.BadZipFile, StopIteration, KeyError) as error:
        raise Missing(wheel) from error
