"""Serves a store over HTTP/1.1 with keep-alive, negotiation, gzip, ranges and revalidation, from one event loop."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from replay.pages import FILE_LIFETIME, HTML, JSON, PAGE_LIFETIME

if TYPE_CHECKING:
    from pathlib import Path

    from replay.store import Store


@dataclass
class Counters:
    """What was asked since the last reset."""

    requests: int = 0
    not_modified: int = 0
    bytes_sent: int = 0
    paths: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=20000)
def _content(path: Path, _modified: float) -> tuple[bytes, str]:
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class Replay:
    """A server in a thread of its own; `delay` seconds before each answer stand for a network."""

    def __init__(self, store: Store, *, port: int = 0, delay: float = 0.0) -> None:
        self.store = store
        self.delay = delay
        self.counters = Counters()
        self._port = port
        self._pool = ThreadPoolExecutor(32)
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def url(self) -> str:
        """The address to configure as an index."""
        return f"http://127.0.0.1:{self._port}/simple/"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connection, "127.0.0.1", self._port, backlog=512)
        )
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        open_connections = asyncio.all_tasks(self._loop)
        for connection in open_connections:
            connection.cancel()
        self._loop.run_until_complete(asyncio.gather(*open_connections, return_exceptions=True))
        self._loop.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, _, rest = head.partition("\r\n")
                method, target, _ = line.split(" ", 2)
                headers = dict(_header(row) for row in rest.split("\r\n") if ":" in row)
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(await self._answer(method, unquote(urlsplit(target).path), headers))
                await writer.drain()
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError, ValueError):
            # The client is gone, or the server is closing; either way there is nobody to answer.
            return
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        self.counters.requests += 1
        self.counters.paths[path] = self.counters.paths.get(path, 0) + 1
        parts = [part for part in path.split("/") if part]
        form = "json" if JSON in headers.get("accept", "") else "html"
        try:
            found = await self._find(parts, form)
        except OSError:
            return _response(502, {}, b"", head_only=method == "HEAD")
        if found is None:
            return _response(404, {}, b"", head_only=method == "HEAD")
        is_page = parts[0] == "simple"
        fields = {"Accept-Ranges": "bytes", "Cache-Control": FILE_LIFETIME}
        if is_page:
            media_type = JSON if form == "json" else HTML
            fields = {
                "Content-Type": media_type,
                "Cache-Control": PAGE_LIFETIME,
                "Vary": "Accept, Accept-Encoding",
            }
            if "gzip" in headers.get("accept-encoding", ""):
                found = found.with_name(f"{found.name}.gz")
                fields["Content-Encoding"] = "gzip"
        body, tag = _content(found, found.stat().st_mtime)
        fields["ETag"] = tag
        if tag in headers.get("if-none-match", ""):
            self.counters.not_modified += 1
            return _response(304, fields, b"", head_only=True)
        status, body = (200, body) if is_page else _cut(body, headers.get("range", ""), fields)
        self.counters.bytes_sent += len(body)
        return _response(status, fields, body, head_only=method == "HEAD")

    async def _find(self, parts: list[str], form: str) -> Path | None:
        match parts:
            case ["simple", project]:
                return await self._loop.run_in_executor(self._pool, self.store.page, project, form)
            case ["files", project, filename]:
                return await self._loop.run_in_executor(self._pool, self.store.file, project, filename)
            case _:
                return None


def _header(row: str) -> tuple[str, str]:
    name, _, value = row.partition(":")
    return name.strip().lower(), value.strip()


def _cut(body: bytes, wanted: str, fields: dict[str, str]) -> tuple[int, bytes]:
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if found is None or found.groups() == ("", ""):
        return 200, body
    first, last = found.groups()
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last), len(body) - 1) if first and last else len(body) - 1
    fields["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return 206, body[start : end + 1]


def _response(status: int, fields: dict[str, str], body: bytes, *, head_only: bool) -> bytes:
    rows = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    if status != HTTPStatus.NOT_MODIFIED:
        rows.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*rows, "", ""]).encode("latin-1") + (b"" if head_only else body)
