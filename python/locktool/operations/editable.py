"""What a command edits: the files of a project, or a script, held as text until everything is resolved.

In: a directory and a member, or a script. Out: the texts as they are edited, the `Project` that they describe, and the
bytes to write. Nothing is written here, and a file that somebody else saves in the meantime is noticed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from locktool._native import Project, Requirement, did_you_mean, display_path, normalize_name
from locktool.exceptions import ProjectError
from locktool.lock.file_name import LOCK_NAME, lock_of_script
from locktool.scripts.block import ScriptBlock
from locktool.scripts.read import INDENT, decode, read_script, refuse_open_block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from locktool._native import LockFile, Member

PROJECT_FILE = "pyproject.toml"


class EditableFiles:
    """Files as they were read and as they are edited, by path."""

    def __init__(self) -> None:
        self._read: dict[Path, bytes] = {}
        self._edited: dict[Path, str] = {}

    def read(self, path: Path) -> str:
        """The text of a file, edits included. Raises ProjectError where it cannot be read or is not UTF-8."""
        if path not in self._edited:
            try:
                data = path.read_bytes()
            except OSError as error:
                message = f"{display_path(str(path))}: cannot be read: {error.strerror or error}"
                raise ProjectError("missing-file", message, path=str(path)) from error
            self._edited[path] = decode(path, data)
            self._read[path] = data
        return self._edited[path]

    def edit(self, path: Path, text: str) -> None:
        """Take another text for a file that was read."""
        self._edited[path] = text

    def before(self, path: Path) -> str:
        """The text of a file as it was read."""
        return self._read[path].decode()

    def texts(self) -> dict[Path, str]:
        """The texts that differ from what was read."""
        return {path: text for path, text in self._edited.items() if text.encode() != self._read[path]}

    def contents(self) -> dict[Path, bytes]:
        """The bytes to write. Raises ProjectError for a file that was saved by somebody else since it was read."""
        edited = {path: text.encode() for path, text in self.texts().items()}
        for path in edited:
            if not path.is_file() or path.read_bytes() != self._read[path]:
                message = (
                    f"{display_path(str(path))} was changed while its requirements were resolved; run the command again"
                )
                raise ProjectError("changed-meanwhile", message, path=str(path))
        return edited


class EditableProject:
    """A member of a workspace, whose pyproject.toml is edited, and the root's, whose sources hold for all.

    Raises ProjectError where the project cannot be read or has no member of the name `package`.
    """

    def __init__(self, directory: Path, package: str | None = None) -> None:
        self.directory = directory
        self.files = EditableFiles()
        project = Project.read(str(directory))
        self.root_file = Path(project.root, PROJECT_FILE)
        self.file = Path(member_of(project, package).directory, PROJECT_FILE)
        self.lock_path = Path(project.root, LOCK_NAME)
        self.writes_lock = True
        self.text = self.files.read(self.file)

    def edit(self, text: str) -> None:
        """Take another text for the member's file."""
        self.text = text
        self.files.edit(self.file, text)

    def root_text(self) -> str:
        """The text of the root's file."""
        return self.files.read(self.root_file)

    def edit_root(self, text: str) -> None:
        """Take another text for the root's file."""
        self.files.edit(self.root_file, text)
        if self.root_file == self.file:
            self.text = text

    def project(self, locked: LockFile | None = None) -> Project:
        """The project as edited. Raises ProjectError at the lines of the edited texts."""
        edited = {str(path): text for path, text in self.files.texts().items()}
        return Project.read(str(self.directory), locked=locked, edited=edited)

    def texts(self) -> dict[Path, tuple[str, str]]:
        """What each edited file was and is, as TOML."""
        return {path: (self.files.before(path), text) for path, text in self.files.texts().items()}


class EditableScript:
    """A script, whose metadata block is edited; one without a block gets an empty one.

    Its lock is written only where there is one: most scripts have none. Raises ProjectError for a block that is wrong.
    """

    def __init__(self, script: Path) -> None:
        self.files = EditableFiles()
        self.file = self.root_file = script.resolve()
        self.lock_path = lock_of_script(script)
        self.writes_lock = self.lock_path.exists()
        text = self.files.read(self.file)
        found = ScriptBlock.of(text)
        if found is None:
            refuse_open_block(self.file, text)
        else:
            read_script(script)
        self._before = found.toml if found else ""
        self._block = found or ScriptBlock.new(text, f">={sys.version_info.major}.{sys.version_info.minor}")
        self.text = self._block.toml

    def edit(self, text: str) -> None:
        """Take another text for the block."""
        self.text = text
        self.files.edit(self.file, self._block.edited(text))

    def root_text(self) -> str:
        """The text of the block, which holds the settings too."""
        return self.text

    def edit_root(self, text: str) -> None:
        """Take another text for the block."""
        self.edit(text)

    def project(self, locked: LockFile | None = None) -> Project:
        """The script as edited. Raises ProjectError; a script has nothing that a lock could add."""
        del locked
        lines_above = "".join(self._block.before).count("\n")
        return Project.read_script(str(self.file), "\n" * lines_above + self.text, indent=INDENT)

    def texts(self) -> dict[Path, tuple[str, str]]:
        """What the block was and is, as TOML."""
        return {self.file: (self._before, self.text)} if self.files.texts() else {}


Editable = EditableProject | EditableScript


def member_of(project: Project, package: str | None) -> Member:
    """The member of a name, or that of the directory. Raises ProjectError where no member has the name."""
    if package is None:
        return project.current
    name = normalize_name(package)
    for member in project.members:
        if member.name == name:
            return member
    names = sorted(member.name for member in project.members if member.name)
    message = f"the workspace has no member {name}{did_you_mean(name, names)}; it has {', '.join(names)}"
    raise ProjectError("unknown-member", message, path=str(Path(project.root, PROJECT_FILE)))


def required_names(members: Iterable[Member]) -> set[str]:
    """The packages that members require, for whatever list."""
    lists = (
        texts for member in members for texts in (member.dependencies, *member.extras.values(), *member.groups.values())
    )
    return {Requirement(text).name for texts in lists for text in texts}
