"""Unpacks a source distribution from somebody else: no path leaves the target, no size goes beyond a limit.

In: an archive (.tar.gz, .tgz, .tar.bz2, .tar.xz or .zip). Out: the one directory that it holds. Only files, directories
and links inside that directory are made, as PEP 721 asks. The standard library's filter is not relied on: a chain of
long links wrote outside on 3.11.7.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import zlib

from locktool.building.member_paths import MemberPaths
from locktool.exceptions import BuildError

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

# The largest source distributions on the public index in 2026 unpack to about 1 GB in 60,000 files.
MAXIMUM_BYTES = 4 * 1024**3
MAXIMUM_MEMBERS = 500_000
_BLOCK = 1 << 20
_LONGEST_MAGIC = 6
DAMAGE = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)


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
        if _is_zip(archive):
            unpack_zip(archive, target)
        else:
            unpack_tar(archive, target)
    except BuildError:
        raise
    except DAMAGE as error:
        raise unpack_error(archive, str(error) or type(error).__name__) from error
    return only_directory(archive, target)


def unpack_tar(archive: Path, target: Path) -> None:
    """Unpack a tar, member by member as it is read, so that a bomb is noticed while it goes off.

    Links are made last, when all are known, so that nothing is ever written through one.
    """
    tree = _Tree(target, Allowance(archive))
    with archive.open("rb") as file, tarfile.open(fileobj=_limited(_decompressed(file)), mode="r:") as tar:
        for member in tar:
            tree.allowance.take(member.size)
            if member.isdir():
                tree.make_directory(member.name)
            elif member.issym():
                tree.paths.add(member.name, "link", member.linkname)
            elif member.islnk():
                tree.copy(member.name, member.linkname)
            elif member.isreg():
                content = tar.extractfile(member)
                if content is None:
                    raise unpack_error(archive, f"the member {member.name!r} has no content")
                with content:
                    tree.write(member.name, content, is_executable=bool(member.mode & stat.S_IXUSR))
            else:
                raise unpack_error(archive, f"the member {member.name!r} is a device, a pipe or of an unknown kind")
    tree.make_links()


def unpack_zip(archive: Path, target: Path) -> None:
    """Unpack a zip; links are refused."""
    # Few source distributions are one.
    import zipfile

    tree = _Tree(target, Allowance(archive))
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                tree.allowance.take(member.file_size)
                mode = member.external_attr >> 16
                if stat.S_ISLNK(mode):
                    raise unpack_error(archive, f"the member {member.filename!r} is a link")
                if member.is_dir():
                    tree.make_directory(member.filename)
                else:
                    with opened.open(member) as content:
                        tree.write(member.filename, content, is_executable=bool(mode & stat.S_IXUSR))
    except zipfile.BadZipFile as error:
        raise unpack_error(archive, str(error)) from error


class _Tree:
    """The directory that an archive is unpacked into. Each method raises Refused and OSError."""

    def __init__(self, target: Path, allowance: Allowance) -> None:
        self.paths = MemberPaths()
        self.allowance = allowance
        self._target = target

    def make_directory(self, name: str) -> None:
        """Make the directory of a member."""
        self._target.joinpath(*self.paths.add(name, "directory")).mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: IO[bytes], *, is_executable: bool) -> None:
        """Write the file of a member; of several at one place the last stays."""
        path = self._target.joinpath(*self.paths.add(name, "file"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            shutil.copyfileobj(content, file, _BLOCK)
        if is_executable:
            path.chmod(0o755)

    def copy(self, name: str, target: str) -> None:
        """Write what a hard link names a second time: a build that changes one of the two changes only that one."""
        source = self._target.joinpath(*self.paths.file_of(name, target))
        status = source.stat()
        self.allowance.take(status.st_size)
        if self.paths.add(name, "file") != self.paths.file_of(name, target):
            with source.open("rb") as content:
                self.write(name, content, is_executable=bool(status.st_mode & stat.S_IXUSR))

    def make_links(self) -> None:
        """Make the symbolic links; where the system has none for us, copies of the files they lead to."""
        for parts, (target, destination) in self.paths.links().items():
            path = self._target.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.symlink_to(target)
            except OSError:
                file = self._target.joinpath(*destination)
                if os.name != "nt" or not file.is_file():
                    raise
                self.allowance.take(file.stat().st_size)
                shutil.copyfile(file, path)


class _Limited:
    """A file for tarfile, which reads a header that carries metadata at once, however large it says to be."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Read as a file does. Raises ReadError for more than any honest header has."""
        if not 0 <= size <= _BLOCK:
            raise tarfile.ReadError("a header is larger than 1 MiB")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move as a file does."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read begins."""
        return self._file.tell()


def _is_zip(archive: Path) -> bool:
    """Whether an archive begins as a zip does, an empty one too."""
    with archive.open("rb") as file:
        return file.read(_LONGEST_MAGIC).startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _limited(file: IO[bytes]) -> IO[bytes]:
    return _Limited(file)  # type: ignore[return-value] # what tarfile asks of a file


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    """The tar in a file, which its first bytes tell apart."""
    magic = file.read(_LONGEST_MAGIC)
    file.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(file)  # type: ignore[return-value] # a file, by another name
    if magic.startswith(b"BZh"):
        return bz2.open(file)
    if magic.startswith(b"\xfd7zXZ\0"):
        return lzma.open(file)
    return file


def only_directory(archive: Path, target: Path) -> Path:
    """The top directory of a source distribution, which holds nothing else at its top."""
    entries = [entry for entry in target.iterdir() if entry.name not in {"pax_global_header", "__MACOSX"}]
    if len(entries) == 1 and entries[0].is_dir():
        return entries[0]
    raise unpack_error(
        archive, f"a source distribution holds one directory at its top, this one {len(entries)} entries"
    )
