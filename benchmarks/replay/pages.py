"""A project page of any index, read into plain records and written as JSON (PEP 691) and HTML (PEP 503).

Links become relative, so that a recorded page holds whatever port it is served from.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
# How long the public index lets a client keep a page, and a file or its metadata, without asking again.
PAGE_LIFETIME = "max-age=600, public"
FILE_LIFETIME = "max-age=365000000, immutable, public"


@dataclass(frozen=True)
class RecordedFile:
    """One file of a page, with the address it came from."""

    filename: str
    origin: str
    hashes: dict[str, str]
    requires_python: str | None = None
    yanked: str | bool = False
    upload_time: str | None = None
    size: int | None = None


def read_page(body: bytes, content_type: str, url: str) -> list[RecordedFile]:
    """The files of a page; `url` is the address it came from, redirects followed."""
    if "json" in content_type:
        return [
            RecordedFile(
                filename=file["filename"],
                origin=urljoin(url, file["url"]),
                hashes=file.get("hashes", {}),
                requires_python=file.get("requires-python"),
                yanked=file.get("yanked", False),
                upload_time=file.get("upload-time"),
                size=file.get("size"),
            )
            for file in json.loads(body)["files"]
        ]
    reader = _Anchors(url)
    reader.feed(body.decode("utf-8", "replace"))
    return reader.files


class _Anchors(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.files: list[RecordedFile] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "base":
            self.url = urljoin(self.url, values.get("href") or "")
        if tag != "a" or not values.get("href"):
            return
        origin, fragment = urldefrag(urljoin(self.url, values["href"] or ""))
        algorithm, separator, digest = fragment.partition("=")
        self.files.append(
            RecordedFile(
                filename=unquote(urlsplit(origin).path.rsplit("/", 1)[-1]),
                origin=origin,
                hashes={algorithm: digest} if separator else {},
                requires_python=values.get("data-requires-python"),
                yanked=(values["data-yanked"] or True) if "data-yanked" in values else False,
                upload_time=values.get("data-upload-time"),
            )
        )


def write_json(name: str, files: list[RecordedFile]) -> bytes:
    """The page in JSON. The version of the interface is the one that does not promise sizes."""
    entries = []
    for file in files:
        entry: dict[str, object] = {
            "filename": file.filename,
            "url": f"../../files/{name}/{file.filename}",
            "hashes": file.hashes,
            "yanked": file.yanked,
        }
        optional = {"requires-python": file.requires_python, "upload-time": file.upload_time, "size": file.size}
        entry |= {key: value for key, value in optional.items() if value is not None}
        if file.filename.endswith(".whl"):
            entry |= {"core-metadata": True, "data-dist-info-metadata": True}
        entries.append(entry)
    return json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": entries}, separators=(",", ":")).encode()


def write_html(name: str, files: list[RecordedFile]) -> bytes:
    """The page in HTML."""
    rows = [f"<!DOCTYPE html>\n<html><head><title>Links for {name}</title></head><body>\n"]
    for file in files:
        fragment = next((f"#{algorithm}={digest}" for algorithm, digest in file.hashes.items()), "")
        attributes = [f'href="../../files/{name}/{html.escape(file.filename)}{fragment}"']
        if file.requires_python is not None:
            attributes.append(f'data-requires-python="{html.escape(file.requires_python)}"')
        if file.yanked is not False:
            attributes.append(f'data-yanked="{html.escape(file.yanked) if isinstance(file.yanked, str) else ""}"')
        if file.upload_time is not None:
            attributes.append(f'data-upload-time="{file.upload_time}"')
        if file.filename.endswith(".whl"):
            attributes += ['data-dist-info-metadata="true"', 'data-core-metadata="true"']
        rows.append(f"<a {' '.join(attributes)}>{html.escape(file.filename)}</a><br/>\n")
    return "".join([*rows, "</body></html>\n"]).encode()
