"""The server: what is asked for is found, negotiated, validated, cut to ranges, spoilt where a fault is set, and sent.

Paths: `/simple/` and `/simple/<project>/` (pages), `/files/<project>/<filename>[.metadata]`, `/flat/` (one page with
every file). Requests are counted by kind: "names", "page", "not-modified", "sidecar", "file", "range", "flat",
"missing", "unauthorized".
"""

from __future__ import annotations

import base64
import fnmatch
import gzip
import hashlib
import re
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

from packaging.utils import canonicalize_name

from local_index import pages
from local_index.connection import Server, bound_to
from local_index.faults import Answer, Fault
from local_index.release import Description, Release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it arrived, and what it was answered."""

    method: str
    path: str
    headers: Mapping[str, str]
    kind: str
    status: int


@dataclass
class _SetFault:
    pattern: str
    fault: Fault
    remaining: int | None


@dataclass
class LocalIndex:
    """An index that is running from the moment it is made until `close` (or the end of its `with`).

    `formats` limits what it speaks, `max_age` is the Cache-Control of pages, `compressed` allows gzip,
    `validators` gives pages an ETag, `ranges` are sent,
    ignored or refused with a status. With `is_proxy` it stands for every host: a client that has it as its proxy gets
    from it what it asks of others, and the credentials are those of the proxy. With a `token` every address must have
    the query `token=...`; the links of its pages have it if its style says so.
    """

    formats: Sequence[pages.Format] = ("json", "html")
    max_age: int = 600
    compressed: bool = True
    validators: bool = True
    ranges: bool | int = True
    style: pages.PageStyle = field(default_factory=pages.PageStyle)
    credentials: tuple[str, str] | None = None
    token: str | None = None
    is_proxy: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    requests: list[RecordedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Bind a free port and serve from a thread."""
        self._lock = threading.Lock()
        self._projects: dict[str, list[Release]] = {}
        self._styles: dict[str, pages.PageStyle] = {}
        self._faults: list[_SetFault] = []
        self._server = Server(("127.0.0.1", 0), bound_to(self.answer))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; the port is free afterwards."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def most_in_flight(self) -> int:
        """How many requests waited for their answer at once, at the most."""
        return self._server.most_in_flight

    @property
    def rounds(self) -> int:
        """The most answers that came one after the other, each to a request after the one before."""
        return self._server.rounds

    @property
    def root(self) -> str:
        """The server's address without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The address to configure as an index."""
        return f"{self.root}/simple/"

    @property
    def url_with_credentials(self) -> str:
        """The same address with user and password in it."""
        user, password = self.credentials or ("", "")
        return self.url.replace("//", f"//{user}:{password}@", 1)

    @property
    def flat_url(self) -> str:
        """The address for `--find-links`."""
        return f"{self.root}/flat/"

    def add(self, name: str, version: str, **description: Unpack[Description]) -> Release:
        """Publish a release; the keywords are those of `Description`."""
        release = Release(name, version, **cast("dict[str, object]", description))  # type: ignore[arg-type] # one spelling each
        with self._lock:
            self._projects.setdefault(release.normalized_name, []).append(release)
        return release

    def change(self, name: str, version: str, **description: Unpack[Description]) -> Release:
        """Publish a release again with some of its description changed, as a yank does."""
        with self._lock:
            releases = self._projects[canonicalize_name(name)]
            place = next(i for i, release in enumerate(releases) if release.version == version)
            releases[place] = replace(releases[place], **cast("dict[str, object]", description))  # type: ignore[arg-type]
            return releases[place]

    def remove(self, name: str, version: str | None = None) -> None:
        """Take one version away, or the whole project."""
        with self._lock:
            project = canonicalize_name(name)
            kept = [] if version is None else [r for r in self._projects[project] if r.version != version]
            if version is None:
                del self._projects[project]
            else:
                self._projects[project] = kept

    def declare(self, name: str, style: pages.PageStyle) -> None:
        """Give one project's page its own style: another API version, a status such as "quarantined"."""
        with self._lock:
            self._projects.setdefault(canonicalize_name(name), [])
            self._styles[canonicalize_name(name)] = style

    def fail(self, pattern: str, fault: Fault, *, times: int | None = None) -> None:
        """Let paths that match (`/simple/a/`, `/files/*.metadata`) misbehave, always or the next `times` times."""
        with self._lock:
            self._faults.append(_SetFault(pattern, fault, times))

    def heal(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def forget_requests(self) -> None:
        """Count from zero, once what was asked is answered."""
        self._server.wait_for_answers()
        with self._lock:
            self.counts.clear()
            self.requests.clear()
        self._server.forget()

    def releases(self, name: str | None = None) -> list[Release]:
        """What is published, of one project or of all."""
        with self._lock:
            if name is not None:
                return list(self._projects.get(canonicalize_name(name), []))
            return [release for project in self._projects.values() for release in project]

    def answer(self, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a request, fault included; it is recorded and counted."""
        path, query = unquote(urlsplit(target).path), parse_qs(urlsplit(target).query)
        fault = self._take_fault(path)
        if self._authorized(headers) and (self.token is None or query.get("token") == [self.token]):
            kind, answer = self._right_answer(path, headers)
        else:
            kind, answer = "unauthorized", self._unauthorized()
        if fault is not None and fault.is_content:
            answer = fault.apply(answer)
        if answer.status == 200 and (fault is None or fault.honours_range) and kind in {"file", "sidecar"}:
            kind, answer = self._cut(kind, answer, headers.get("range", ""))
        if fault is not None and not fault.is_content:
            answer = fault.apply(answer)
        with self._lock:
            self.counts[kind] += 1
            self.requests.append(RecordedRequest(method, path, dict(headers), kind, answer.status))
        return answer

    def _take_fault(self, path: str) -> Fault | None:
        with self._lock:
            for entry in self._faults:
                if entry.remaining != 0 and fnmatch.fnmatchcase(path, entry.pattern):
                    if entry.remaining is not None:
                        entry.remaining -= 1
                    return entry.fault
        return None

    def _authorized(self, headers: Mapping[str, str]) -> bool:
        if self.credentials is None:
            return True
        expected = base64.b64encode(":".join(self.credentials).encode()).decode()
        name = "proxy-authorization" if self.is_proxy else "authorization"
        return headers.get(name, "") == f"Basic {expected}"

    def _unauthorized(self) -> Answer:
        if self.is_proxy:
            return Answer(407, {"Proxy-Authenticate": 'Basic realm="proxy"'})
        return Answer(401, {"WWW-Authenticate": 'Basic realm="index"'})

    def _right_answer(self, path: str, headers: Mapping[str, str]) -> tuple[str, Answer]:
        parts = [part for part in path.split("/") if part]
        if parts == ["flat"]:
            body = pages.render_flat(self.releases(), self.style.query)
            kind, answer = self._validated(body, pages.PLAIN_HTML, headers)
            return "flat" if kind == "page" else kind, answer
        if parts[:1] == ["simple"] and len(parts) <= 2:
            return self._page(parts[1:], path, headers)
        if parts[:1] == ["files"] and len(parts) == 3:
            return self._file(parts[1], parts[2])
        return "missing", Answer(404, {"Content-Type": "text/plain"}, b"Not Found")

    def _page(self, project: list[str], path: str, headers: Mapping[str, str]) -> tuple[str, Answer]:
        media_type = pages.negotiate(headers.get("accept", "*/*"), self.formats)
        if media_type is None:
            return "page", Answer(406, {"Content-Type": "text/plain"}, b"Not Acceptable")
        with self._lock:
            names = sorted(self._projects)
        if not project:
            body = pages.render_names(media_type, names, self.style)
            return "names", self._validated(body, media_type, headers)[1]
        name = canonicalize_name(project[0])
        if name not in names:
            return "missing", Answer(404, {"Content-Type": "text/plain"}, b"Not Found")
        if not path.endswith("/") or project[0] != name:
            return "page", Answer(301, {"Location": f"/simple/{name}/"})
        style = self._styles.get(name, self.style)
        return self._validated(
            pages.render(media_type, name, self.releases(name), self.root, style), media_type, headers
        )

    def _validated(self, body: bytes, media_type: str, request: Mapping[str, str]) -> tuple[str, Answer]:
        headers = {
            "Content-Type": media_type + ("; charset=UTF-8" if media_type == pages.PLAIN_HTML else ""),
            "Cache-Control": f"max-age={self.max_age}, public",
            "Vary": "Accept, Accept-Encoding",
        }
        if self.compressed and "gzip" in request.get("accept-encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        if self.validators:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            if headers["ETag"] in [tag.strip() for tag in request.get("if-none-match", "").split(",")]:
                kept = {name: headers[name] for name in ("Cache-Control", "Vary", "ETag")}
                return "not-modified", Answer(304, kept)
        return "page", Answer(200, headers, body)

    def _file(self, project: str, filename: str) -> tuple[str, Answer]:
        wanted = filename.removesuffix(".metadata")
        for release in self.releases(project):
            for file in release.files:
                if file.filename != wanted:
                    continue
                if filename == wanted:
                    headers = {
                        "Content-Type": "application/octet-stream",
                        "Cache-Control": "max-age=365000000, immutable",
                    }
                    if self.ranges:
                        headers["Accept-Ranges"] = "bytes"
                    headers["ETag"] = f'"{hashlib.sha256(file.content).hexdigest()[:32]}"'
                    return "file", Answer(200, headers, file.content)
                if file.sidecar is not None:
                    return "sidecar", Answer(200, {"Content-Type": "binary/octet-stream"}, file.sidecar)
        return "missing", Answer(404, {"Content-Type": "text/plain"}, b"Not Found")

    def _cut(self, kind: str, answer: Answer, wanted: str) -> tuple[str, Answer]:
        found = _RANGE.fullmatch(wanted.replace(" ", ""))
        if not self.ranges or kind != "file" or found is None or found.groups() == ("", ""):
            return kind, answer
        if self.ranges is not True:
            return "range", Answer(self.ranges, {"Content-Type": "text/plain"}, b"No ranges")
        size = len(answer.body)
        first, last = found.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if start > end:
            return "range", Answer(416, {"Content-Range": f"bytes */{size}"})
        headers = {**answer.headers, "Content-Range": f"bytes {start}-{end}/{size}"}
        return "range", replace(answer, status=206, headers=headers, body=answer.body[start : end + 1])
