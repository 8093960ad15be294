"""Metadata that only a build system knows, for the resolver and for the members of a project.

Builds are imported only when one is needed, and find their own requirements on the indexes of the run.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.cancellation import current_cancellation, running_under
from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from locktool._native import Project
    from locktool.configuration.indexes import IndexSettings


def source_builder(settings: "IndexSettings", constraints: Sequence[str] = ()) -> Callable[[str, bool], str]:
    """For the resolver: `(path, is_directory)` to the text of the metadata. The result raises BuildError.

    `constraints` limit the versions of what builds require. The result is called from threads of the extension, whose
    context knows nothing of the run.
    """
    cancellation = current_cancellation()

    def build(path: str, is_directory: bool) -> str:  # noqa: FBT001 - the extension calls it
        from locktool.building.metadata import metadata_of_source

        with running_under(cancellation):
            return metadata_of_source(Path(path), is_directory, indexes=settings, constraints=constraints)

    return build


def with_built_metadata(project: "Project", settings: "IndexSettings", constraints: Sequence[str] = ()) -> "Project":
    """The project with the metadata of the members that leave some of it to their build system.

    Raises BuildError and ProjectError.
    """
    build = source_builder(settings, constraints)
    for directory in project.unbuilt:
        try:
            metadata = build(directory, True)
        except BuildError as error:
            # What people would have heard after a success may be what to do now.
            fields = error.fields | {"suggestion": "\n".join(project.warnings) or None}
            raise BuildError(error.code, error.message, **fields) from error
        project = project.with_metadata(directory, metadata)
    return project
