"""Recognises requirements that name a path or an address rather than a package, and finds the package's name.

In: the text of one requirement. Out: what it names, with the package where that is stated: before an `@`, in `#egg=`,
in the file's name or in the metadata of a directory. What only a build or the network can tell stays without a name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from locktool._native import SourceTree, Version, normalize_name, split_credentials
from locktool.exceptions import InvalidVersion

if TYPE_CHECKING:
    from locktool.requirements_files.line import LogicalLine

ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://|file:", re.IGNORECASE)
NAMED_ADDRESS = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?P<extras>\[[^\]]*\])?\s*@\s*(?P<address>.+)")
EXTRAS = re.compile(r"(?P<location>.*?)\s*(?P<extras>\[[^\]]*\])?")
ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


class LocalSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where on this machine a package comes from; the path is relative to the working directory."""

    name: str
    path: str
    editable: bool | None = None


class DirectRequirement(NamedTuple):
    """A path or an address with what is said beside it; `name` is None where only its content tells the package.

    `path` is relative to the working directory; `address` is on the network.
    """

    name: str | None
    extras: str
    marker: str
    path: str | None = None
    address: str | None = None
    editable: bool = False

    @property
    def is_tree(self) -> bool:
        """Whether it is a directory or a repository, and no file."""
        if self.path is None:
            return (self.address or "").startswith("git+")
        return Path(self.path).is_dir()

    def text(self, name: str) -> str:
        """The requirement on the package `name`."""
        at = f" @ {self.address}" if self.address else ""
        return f"{name}{self.extras}{at}{self.marker}"

    def source(self, name: str) -> LocalSource | None:
        """Where the package is on this machine; None for an address."""
        if self.path is None:
            return None
        return LocalSource(name=name, path=self.path, editable=True if self.editable else None)


def read_direct(line: LogicalLine, text: str, directory: Path, *, editable: bool) -> DirectRequirement | None:
    """Read a path or an address; None means that the text is a plain requirement.

    A relative path starts at `directory`, that of the file.
    """
    target, marker = split_marker(text)
    named = NAMED_ADDRESS.fullmatch(target)
    name, extras, where = (named["name"], named["extras"] or "", named["address"]) if named else (None, "", target)
    if named is None:
        split = EXTRAS.fullmatch(target)
        if split is not None and split["extras"]:
            where, extras = split["location"], split["extras"]
    if ADDRESS.match(where) and not where.lower().startswith("file:"):
        return read_address(line, where, (name, extras, marker))
    if where.lower().startswith("file:"):
        # It would load HTTP, TLS and mail for every file of requirements.
        from urllib.request import url2pathname

        path = existing(Path(url2pathname(path_of(line, where))), directory)
    elif named or editable or looks_like_path(where, directory):
        path = existing(Path(where.partition("#")[0]).expanduser(), directory)
    else:
        return None
    if not path.exists():
        raise line.error(f"{where!r} is neither a requirement nor an existing path")
    found = name or egg_name(where) or (name_of_archive(path.name) if path.is_file() else name_of_tree(path))
    if found is None and path.is_dir() and not is_buildable(path):
        raise line.error(f"cannot tell the name of the package in {path.name}; write 'name @ ./path'")
    return DirectRequirement(
        found and normalize_name(found), extras, marker, path=relative_path(path), editable=editable
    )


def existing(written: Path, directory: Path) -> Path:
    """Where a path starts: at its file, or where only that is a source, at the working directory, as pip has it."""
    beside = directory / written
    return written if is_source(written) and not is_source(beside) else beside


def is_source(path: Path) -> bool:
    """Whether a package can come from a path: an archive, or a directory with something to build."""
    return path.is_file() or any((path / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg"))


def split_marker(text: str) -> tuple[str, str]:
    """Cut off a marker; behind an address the semicolon must follow a space, since addresses may hold one."""
    separator = re.search(r"\s;" if ADDRESS.search(text) else r"\s*;", text)
    if separator is None:
        return text.strip(), ""
    return text[: separator.start()].strip(), f" ; {text[separator.end() :].strip()}"


def looks_like_path(text: str, directory: Path) -> bool:
    """Whether a text without a scheme means a path: it has a separator, begins with a dot, or is an archive."""
    if text.startswith((".", "/", "~")) or "/" in text or (os.sep in text and os.sep != "/"):
        return True
    return text.lower().endswith(ARCHIVES) and (directory / text).exists()


def is_buildable(tree: Path) -> bool:
    """Whether a source tree has a build system, which then knows the package's name."""
    return (tree / "setup.py").is_file() or SourceTree.read(str(tree)).has_build_system


def read_address(line: LogicalLine, address: str, parts: tuple[str | None, str, str]) -> DirectRequirement:
    """Name an address on the network by what it says of itself."""
    name, extras, marker = parts
    last = unquote(path_of(line, address).rpartition("/")[2])
    found = name or egg_name(address) or name_of_archive(last)
    is_known = address.lower().startswith("git+") or last.lower().endswith(ARCHIVES)
    if found is None and not is_known:
        shown = split_credentials(address)[0]
        raise line.error(f"the package at {shown} has no name here; write 'name @ address'")
    return DirectRequirement(found and normalize_name(found), extras, marker, address=address)


def path_of(line: LogicalLine, address: str) -> str:
    """The path of an address. Raises ProjectError for one that is none, as with half an IPv6 address in it."""
    try:
        return urlsplit(address).path
    except ValueError as error:
        raise line.error(f"{address} is not an address: {error}") from None


def egg_name(address: str) -> str | None:
    """The name in `#egg=name`."""
    match = re.search(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)", address)
    return match[1] if match else None


def name_of_archive(filename: str) -> str | None:
    """The package's name in the name of a wheel or an sdist; `main.zip` and `v1.0.tar.gz` have none."""
    lower = filename.lower()
    if lower.endswith(".whl"):
        return filename.partition("-")[0] or None
    suffix = next((suffix for suffix in ARCHIVES if lower.endswith(suffix)), None)
    if suffix is None:
        return None
    name, _, version = filename[: -len(suffix)].rpartition("-")
    try:
        Version(version)
    except InvalidVersion:
        return None
    return name or None


def name_of_tree(path: Path) -> str | None:
    """The static name of a source tree, from pyproject.toml or else from setup.cfg."""
    found = SourceTree.read(str(path)).name
    if found is not None:
        return found
    if (path / "setup.cfg").is_file():
        import configparser

        parser = configparser.RawConfigParser()
        try:
            parser.read(path / "setup.cfg", encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            return None
        return parser.get("metadata", "name", fallback=None)
    return None


def relative_path(path: Path, start: Path = Path()) -> str:
    """The path from `start` with forward slashes, or whole where there is none (another drive)."""
    try:
        relative = os.path.relpath(path, start)
    except ValueError:
        relative = str(path.absolute())
    return relative.replace(os.sep, "/")
