"""Project pages of the simple API: JSON (PEP 691, 700, 792) and HTML (PEP 503, 592, 629, 714), by negotiation."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local_index.release import Release, ServedFile

Format = Literal["json", "html"]

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
PLAIN_HTML = "text/html"

_OFFERS: dict[Format, tuple[str, ...]] = {"json": (JSON,), "html": (HTML, PLAIN_HTML)}


@dataclass(frozen=True)
class PageStyle:
    """How pages are written: the API version they claim, a project status (PEP 792), what links look like and ask.

    With `backwards` the last file stands first.
    """

    api_version: str = "1.1"
    status: str | None = None
    status_reason: str | None = None
    links: Literal["absolute", "relative"] = "absolute"
    query: str = ""
    backwards: bool = False


def negotiate(accept: str, formats: Sequence[Format]) -> str | None:
    """The media type to answer with, or None where nothing that is asked for is offered (406)."""
    offers = [media_type for form in formats for media_type in _OFFERS[form]]
    best: tuple[float, int, str] | None = None
    for entry in accept.split(","):
        media_range, *parameters = [part.strip() for part in entry.split(";")]
        quality = next((float(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        for rank, offer in enumerate(offers):
            exact = media_range == offer
            # A client that has no preference gets plain HTML, as the public index gives it.
            broad = media_range in {"*/*", "text/*", ""} and offer == (PLAIN_HTML if "html" in formats else JSON)
            if quality > 0 and (exact or broad) and (best is None or (quality, -rank) > best[:2]):
                best = (quality, -rank, offer)
    return best[2] if best else None


def render(media_type: str, name: str, releases: Sequence[Release], root: str, style: PageStyle) -> bytes:
    """The page of one project; `root` is the server's address without a slash at the end."""
    ordered = sorted(releases, key=lambda release: Version(release.version))
    prefix = root if style.links == "absolute" else "../.."
    if media_type == JSON:
        return _render_json(name, ordered, prefix, style)
    return _render_html(name, ordered, prefix, style)


def render_names(media_type: str, names: Iterable[str], style: PageStyle) -> bytes:
    """The list of all projects."""
    if media_type == JSON:
        return _json_bytes({"meta": {"api-version": style.api_version}, "projects": [{"name": name} for name in names]})
    anchors = "".join(f'<a href="{name}/">{name}</a><br/>\n' for name in names)
    return _html_document("Simple index", anchors, style)


def render_flat(releases: Iterable[Release], query: str = "") -> bytes:
    """All files of all projects on one page, as `--find-links` reads it."""
    anchors = "".join(_anchor(file, "..", query) for release in releases for file in release.files)
    return f"<!DOCTYPE html><html><body>{anchors}</body></html>".encode()


def file_path(file: ServedFile) -> str:
    """Where a file is served, from the server's root."""
    return f"/files/{file.release.normalized_name}/{file.filename}"


def _files(releases: Iterable[Release], style: PageStyle) -> list[ServedFile]:
    files = [file for release in releases for file in release.files]
    return files[::-1] if style.backwards else files


def _json_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def _render_json(name: str, releases: Sequence[Release], prefix: str, style: PageStyle) -> bytes:
    document: dict[str, Any] = {
        "meta": {"api-version": style.api_version},
        "name": name,
        "versions": [release.version for release in releases],
        "files": [_file_entry(file, prefix, style.query) for file in _files(releases, style)],
    }
    if style.status:
        document["project-status"] = {"status": style.status}
        if style.status_reason:
            document["project-status"]["reason"] = style.status_reason
    return _json_bytes(document)


def _file_entry(file: ServedFile, prefix: str, query: str) -> dict[str, Any]:
    release = file.release
    metadata = {"sha256": file.metadata_digest} if file.sidecar is not None else file.announced
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": f"{prefix}{file_path(file)}{query}",
        "hashes": file.digests,
        "size": len(file.content),
        "yanked": release.yanked,
        "core-metadata": metadata,
        "data-dist-info-metadata": metadata,
    }
    of_wheels = release.wheel_upload_time if file.filename.endswith(".whl") else None
    if (upload_time := of_wheels or release.upload_time) is not None:
        entry["upload-time"] = upload_time
    if release.requires_python is not None:
        entry["requires-python"] = release.requires_python
    if release.provenance is not None:
        entry["provenance"] = release.provenance
    return entry


def _render_html(name: str, releases: Sequence[Release], prefix: str, style: PageStyle) -> bytes:
    anchors = "".join(_anchor(file, prefix, style.query) for file in _files(releases, style))
    return _html_document(f"Links for {name}", anchors, style)


def _html_document(title: str, body: str, style: PageStyle) -> bytes:
    status = f'<meta name="pypi:project-status" content="{style.status}">' if style.status else ""
    return (
        f'<!DOCTYPE html>\n<html>\n<head><meta name="pypi:repository-version" content="{style.api_version}">{status}'
        f"<title>{html.escape(title)}</title></head>\n<body>\n<h1>{html.escape(title)}</h1>\n{body}</body>\n</html>\n"
    ).encode()


def _anchor(file: ServedFile, prefix: str, query: str = "") -> str:
    release = file.release
    # A fragment holds one hash; the first algorithm of the description is the one that pages have named longest.
    fragment = next((f"#{name}={digest}" for name, digest in file.digests.items()), "")
    attributes = [f'href="{prefix}{file_path(file)}{html.escape(query)}{fragment}"']
    if release.requires_python is not None:
        attributes.append(f'data-requires-python="{html.escape(release.requires_python)}"')
    if release.yanked is not False:
        reason = release.yanked if isinstance(release.yanked, str) else ""
        attributes.append(f'data-yanked="{html.escape(reason)}"')
    if file.announced:
        value = f"sha256={file.metadata_digest}" if file.sidecar is not None else "true"
        attributes += [f'data-dist-info-metadata="{value}"', f'data-core-metadata="{value}"']
    if release.provenance is not None:
        attributes.append(f'data-provenance="{html.escape(release.provenance)}"')
    return f"<a {' '.join(attributes)}>{file.filename}</a><br/>\n"
