"""Names what is added as a path or an address alone: `../mylib`, `git+https://host/repository@v1`, an archive.

In: the text. Out: the requirement by the name that the metadata of the source says, and the source. What does not say
its name in a file is built for it, as it is when it is locked.
"""

from pathlib import Path

from locktool._native import requirement_text, split_credentials
from locktool.building.repository import PREFIX, parse_address
from locktool.configuration.indexes import CommandLineAddresses
from locktool.edit.sources import Source
from locktool.exceptions import ProjectError
from locktool.operations.input_metadata import InputMetadata
from locktool.operations.options import RunOptions
from locktool.requirements_files.line import LogicalLine
from locktool.requirements_files.local import DirectRequirement, read_direct
from locktool.requirements_files.read import RequirementLine

_COMMAND_LINE = Path("-")


def named_source(text: str, options: RunOptions) -> tuple[str, Source] | None:
    """The requirement and its source; None where the text has a password, is neither, or leads to what has no name.

    Raises BuildError for a repository that cannot be checked out, and the errors of the network.
    """
    if split_credentials(text.removeprefix(PREFIX))[2] is not None:
        return None
    try:
        direct = read_direct(LogicalLine(_COMMAND_LINE, 1, text, ()), text, Path(), editable=False)
        if direct is None:
            return None
        line = RequirementLine(text=text, direct=direct, path=str(_COMMAND_LINE), line=1)
        name = direct.name or InputMetadata(options=options).name_of(line, CommandLineAddresses())
    except ProjectError:
        # It has no place in a file that could be named: whoever asks says what to write.
        return None
    return requirement_text(direct._replace(address=None).text(name)), _source(direct)


def _source(direct: DirectRequirement) -> Source:
    if direct.path is not None:
        return {"path": direct.path}
    address = direct.address or ""
    if not address.startswith(PREFIX):
        return {"url": address}
    repository = parse_address(address)
    keys = {"git": repository.url, "rev": repository.revision, "subdirectory": repository.subdirectory}
    return {key: value for key, value in keys.items() if value is not None}
