"""The fragment of an address announces digests, `#sha512=...`: a file without them is refused when it is locked."""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex
    from local_index.release import ServedFile


ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
PLACES = ("requirement", "source", "file")


@pytest.fixture
def wheel(index: LocalIndex, project: ProjectWriter) -> ServedFile:
    """A wheel of `b` that the index serves and that lies beside the project's files."""
    (file,) = index.add("b", "1.0").files
    (project.directory / file.filename).write_bytes(file.content)
    return file


def announced(file: ServedFile, algorithm: str) -> str:
    return hashlib.new(algorithm, file.content, usedforsecurity=False).hexdigest()


def wrong(digest: str) -> str:
    return digest[:-1] + ("0" if digest[-1] != "0" else "1")


def ask(project: ProjectWriter, index: LocalIndex, file: ServedFile, place: str, fragment: str) -> None:
    """Require the wheel by its address, whose fragment announces something."""
    address = f"{index.root}/files/b/{file.filename}"
    if place == "file":
        address = (project.directory / file.filename).as_uri()
    address = f"{address}#{fragment}"
    if place == "source":
        project.pyproject("b", tool={"sources": {"b": {"url": address}}})
    else:
        project.pyproject(f"b @ {address}")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_file_has_the_digest_that_its_address_announces(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, wheel: ServedFile, algorithm: str, place: str
) -> None:
    digest = announced(wheel, algorithm)
    ask(project, index, wheel, place, f"{algorithm}={wrong(digest)}")
    message = run_locktool("lock").failed().err
    assert digest in message
    assert wrong(digest) in message
    ask(project, index, wheel, place, f"{algorithm}={digest.upper()}")
    run_locktool("lock").succeeded()
    (entry,) = tomllib.loads(project.read())["packages"]
    assert entry["archive"]["hashes"] == {"sha256": wheel.digests["sha256"]}
    run_locktool("check", "--frozen").succeeded()
    # What the cache has of the file answers for no other digest.
    ask(project, index, wheel, place, f"{algorithm}={wrong(digest)}")
    run_locktool("lock").failed()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("malformed", ["sha256=00", "md5=", "SHA1=0123", f"sha512={'g' * 128}"])
def test_what_is_no_digest_is_refused(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, wheel: ServedFile, malformed: str, place: str
) -> None:
    ask(project, index, wheel, place, malformed)
    message = run_locktool("lock").failed(1).err
    assert "hexadecimal digits" in message
    assert wheel.filename in message
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_cache_answers_for_a_digest_that_was_compared(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, wheel: ServedFile, algorithm: str
) -> None:
    ask(project, index, wheel, "requirement", f"{algorithm}={announced(wheel, algorithm)}")
    run_locktool("lock").succeeded()
    before = project.read()
    (project.directory / "pylock.toml").unlink()
    index.forget_requests()
    run_locktool("lock", "--offline").succeeded()
    run_locktool("lock").succeeded()
    assert not index.requests
    assert project.read() == before


def test_every_announced_digest_is_compared(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, wheel: ServedFile
) -> None:
    right, other = announced(wheel, "sha256"), wrong(announced(wheel, "sha512"))
    ask(project, index, wheel, "requirement", f"sha256={right}&egg=b&sha512={other}")
    assert other in run_locktool("lock").failed().err


def test_the_cache_answers_for_no_digest_that_was_not_compared(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, wheel: ServedFile
) -> None:
    ask(project, index, wheel, "requirement", "egg=b")
    run_locktool("lock").succeeded()
    ask(project, index, wheel, "requirement", f"sha512={wrong(announced(wheel, 'sha512'))}")
    run_locktool("lock", "--offline").failed(2)
    run_locktool("lock").failed()
