"""Unpacks a source distribution from somebody else: no path leaves the target, no size goes beyond a limit.

In: an archive (.tar.gz, .tgz, .tar.bz2, .tar.xz or .zip). Out: the one directory that it holds. The data filter of
PEP 706 decides what a tar member may be.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from lzma import LZMAError
from typing import TYPE_CHECKING

from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from pathlib import Path

# The largest source distributions on the public index in 2026 unpack to about 1 GB in 60,000 files.
MAXIMUM_BYTES = 4 * 1024**3
MAXIMUM_MEMBERS = 500_000
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, RuntimeError, ValueError)


class Allowance:
    """What is left of the limits while an archive is unpacked."""

    def __init__(self, archive: Path) -> None:
        """Begin with the full limits."""
        self.archive = archive
        self.bytes_left = MAXIMUM_BYTES
        self.members_left = MAXIMUM_MEMBERS

    def take(self, size: int) -> None:
        """Count one member; raises BuildError when the archive is larger than any honest one."""
        self.bytes_left -= size
        self.members_left -= 1
        if self.bytes_left < 0 or self.members_left < 0:
            limit = f"{MAXIMUM_BYTES // 1024**3} GiB or {MAXIMUM_MEMBERS} files"
            raise unpack_error(self.archive, f"it unpacks to more than {limit}")


def unpack_error(archive: Path, reason: str) -> BuildError:
    """Build the error for an archive that cannot be used."""
    return BuildError("invalid-archive", f"{archive.name} cannot be unpacked: {reason}", path=str(archive))


def unpack(archive: Path, target: Path) -> Path:
    """Unpack an archive below `target` and return the directory that it holds.

    Raises BuildError for a damaged, oversized or hostile archive.
    """
    try:
        if zipfile.is_zipfile(archive):
            unpack_zip(archive, target)
        else:
            unpack_tar(archive, target)
    except BuildError:
        raise
    except DAMAGE as error:
        raise unpack_error(archive, str(error) or type(error).__name__) from error
    return only_directory(archive, target)


def unpack_tar(archive: Path, target: Path) -> None:
    """Unpack a tar, member by member as it is read, so that a bomb is noticed while it goes off."""
    if not hasattr(tarfile, "data_filter"):
        raise unpack_error(archive, "this Python lacks the data filter of PEP 706; use 3.11.4 or newer")
    allowance = Allowance(archive)
    with tarfile.open(archive, "r:*") as tar:
        for member in tar:
            allowance.take(member.size)
            tar.extract(member, target, filter="data")


def unpack_zip(archive: Path, target: Path) -> None:
    """Unpack a zip; absolute paths, `..` and links are refused rather than repaired."""
    allowance = Allowance(archive)
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            allowance.take(member.file_size)
            parts = member.filename.replace("\\", "/").split("/")
            if member.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
                raise unpack_error(archive, f"the member {member.filename!r} leads outside")
            if stat.S_ISLNK(member.external_attr >> 16):
                raise unpack_error(archive, f"the member {member.filename!r} is a link")
            opened.extract(member, target)


def only_directory(archive: Path, target: Path) -> Path:
    """The top directory of a source distribution, which holds nothing else at its top."""
    entries = [entry for entry in target.iterdir() if entry.name not in {"pax_global_header", "__MACOSX"}]
    if len(entries) == 1 and entries[0].is_dir():
        return entries[0]
    raise unpack_error(
        archive, f"a source distribution holds one directory at its top, this one {len(entries)} entries"
    )
