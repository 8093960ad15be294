"""Builds the core metadata, or the wheel, of a source tree or a source distribution by its own build system (PEP 517).

In: a directory or an archive. Out: METADATA text, or a wheel. A tree that states everything in [project] is read
without a build; else its backend runs in an isolated environment: `prepare_metadata_for_build_wheel`, and where the
backend has no such hook, a whole wheel whose METADATA is read.
"""

from __future__ import annotations

from contextlib import closing, contextmanager

from locktool.building.backend import Backend, read_source
from locktool.building.unpack import unpack
from locktool.building.workspace import build_directory
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from locktool.building.environment import Environments

MAXIMUM_METADATA_BYTES = 64 * 1024**2


class BuiltMetadata(Record):
    """The METADATA text of a source, and what its build requires as it is written; None where nothing was built."""

    text: str
    build_requires: tuple[str, ...] | None


def metadata_of_source(path: Path, environments: Environments) -> BuiltMetadata:
    """The metadata of a source tree (a directory) or of a source distribution (a file).

    Raises BuildError with the last lines of the build log, and ProjectError when the tree's pyproject.toml is wrong.
    """
    with _unpacked(path, environments.cache) as (tree, work):
        source = read_source(tree, path.name)
        if source.metadata:
            return BuiltMetadata(text=source.metadata, build_requires=None)
        with closing(Backend(tree, source, path.name, environments, work)) as backend:
            output = work / "metadata"
            output.mkdir()
            file = backend.prepare_metadata(output) / "METADATA"
            if not file.is_file():
                raise backend.error("the backend made no METADATA file")
            if file.stat().st_size > MAXIMUM_METADATA_BYTES:
                raise backend.error("the METADATA file is larger than 64 MiB")
            text = file.read_text(encoding="utf-8", errors="replace")
            return BuiltMetadata(text=text, build_requires=backend.requires)


def wheel_of_source(path: Path, environments: Environments, output: Path) -> Path:
    """Build the wheel of a source tree or of a source distribution below `output`. Raises what the metadata raises."""
    with (
        _unpacked(path, environments.cache) as (tree, work),
        closing(Backend(tree, read_source(tree, path.name), path.name, environments, work)) as backend,
    ):
        return backend.build_wheel(output)


@contextmanager
def _unpacked(path: Path, cache: Path | None) -> Iterator[tuple[Path, Path]]:
    """The tree of a source, and a directory for its build; both are gone afterwards, unless the tree is the source."""
    with build_directory(cache) as work:
        if path.is_dir():
            yield path, work
            return
        (work / "source").mkdir()
        yield unpack(path, work / "source"), work
