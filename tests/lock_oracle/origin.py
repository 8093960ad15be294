"""Whether an entry is from the address that a requirement or source gives."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

Table = dict[str, Any]

_FULL_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_from(entry: Table, address: str) -> bool:
    """Whether its repository, directory or archive is the one of the address; a `#sha256=` of it is a hash to have."""
    if "vcs" in entry:
        return _is_at(entry["vcs"], address)
    if "directory" in entry:
        return bool(entry["directory"]["path"] == address)
    if "archive" not in entry:
        return False
    archive = entry["archive"]
    place, _, fragment = address.partition("#")
    wanted = dict(part.partition("=")[::2] for part in fragment.split("&") if part)
    hashes = {key: value for key, value in wanted.items() if key in archive["hashes"]}
    recorded = _without_credentials(archive.get("url", archive.get("path")))
    return recorded == _without_credentials(place) and all(archive["hashes"][key] == hashes[key] for key in hashes)


def _is_at(vcs: Table, address: str) -> bool:
    """Compare with `git+URL@revision#subdirectory=folder`; a full commit that is asked for is the locked one."""
    place, _, fragment = address.partition("#")
    before, separator, path = place.removeprefix("git+").partition("://")
    host, slash, path = path.partition("/")
    path, _, revision = path.rpartition("@") if "@" in path else (path, "", "")
    revision = unquote(revision)
    folders = [part.removeprefix("subdirectory=") for part in fragment.split("&") if part.startswith("subdirectory=")]
    asked = {"type": "git", "url": f"{before}{separator}{host}{slash}{path}"}
    asked |= {"requested-revision": revision} if revision else {}
    asked |= {"subdirectory": unquote(folders[0])} if folders else {}
    commit = vcs["commit-id"]
    if not _FULL_COMMIT.fullmatch(commit) or (_FULL_COMMIT.fullmatch(revision) and commit != revision):
        return False
    return {key: value for key, value in vcs.items() if key != "commit-id"} == asked


def _without_credentials(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
