"""Metadata that only a build system knows: the callbacks that the resolver and the project reader are given.

Builds are imported only when one is needed, and find their own requirements on the indexes of the run.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.operations.options import RunOptions, index_settings
from locktool.project.settings import ProjectSettings

if TYPE_CHECKING:
    from locktool.project.settings import IndexSettings


def source_builder(settings: "IndexSettings") -> Callable[[str, bool], str]:
    """For the resolver: `(path, is_directory)` to the text of the metadata. The result raises BuildError."""

    def build(path: str, is_directory: bool) -> str:  # noqa: FBT001 - the extension calls it
        from locktool.building.metadata import metadata_of_source

        return metadata_of_source(Path(path), is_directory, indexes=settings)

    return build


def tree_builder(options: RunOptions) -> Callable[[Path], str]:
    """For the project reader, which asks before the project's own indexes are known. The result raises BuildError."""

    def build(directory: Path) -> str:
        return source_builder(index_settings(options, ProjectSettings()))(str(directory), True)

    return build
