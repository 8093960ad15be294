"""What every server serves: small releases with what servers handle differently, as files and on a local index.

A local version (`+` is escaped in addresses), a name with a dot, releases that need a newer Python, a pre-release, a
marker, an extra, and a source distribution that says what it requires.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex
    from local_index.release import ServedFile

# What the project requires, and what a lock of it has.
DEPENDENCIES = ("app", "plus[more]", "forked")
LOCKED = {
    ("app", "1.2"),
    ("dotted-name", "1.1"),
    ("on-windows", "1.0"),
    ("plus", "1.0+cpu.1"),
    ("extra-part", "1.0"),
    ("source", "1.0"),
    ("forked", "1.0"),
    ("forked", "2.0"),
}


def publish(index: LocalIndex) -> LocalIndex:
    """Put the releases on an index."""
    index.add("app", "1.0", requires=["dotted.name"])
    index.add("app", "1.2", requires=["dotted.name>=1", "on-windows ; sys_platform == 'win32'", "source"])
    index.add("app", "2.0a1")
    index.add("dotted.name", "1.0")
    index.add("dotted.name", "1.1")
    index.add("extra-part", "1.0")
    index.add("forked", "1.0")
    index.add("forked", "2.0", requires_python=">=3.12")
    index.add("on-windows", "1.0", wheel_tags=["py3-none-win32", "py3-none-win_amd64"])
    index.add("plus", "1.0+cpu.1", extras={"more": ["extra-part"]})
    index.add("source", "1.0", wheel_tags=[], sdist=True)
    return index


def files(index: LocalIndex) -> list[ServedFile]:
    """Every file that is published."""
    return [file for release in index.releases() for file in release.files]


def digests(index: LocalIndex) -> dict[str, str]:
    """The SHA-256 of every file, by its name."""
    return {file.filename: hashlib.sha256(file.content).hexdigest() for file in files(index)}


def write_flat(index: LocalIndex, directory: Path) -> Path:
    """All files in one directory."""
    directory.mkdir(parents=True)
    for file in files(index):
        (directory / file.filename).write_bytes(file.content)
    return directory


def write_tree(index: LocalIndex, directory: Path) -> Path:
    """The layout of the simple API: a directory for each normalised name."""
    for file in files(index):
        path = directory / file.release.normalized_name / file.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    return directory
