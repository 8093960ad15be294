"""What a lock records of members whose requirements only their build system knows.

A check builds nothing. It takes such requirements as the lock has them, on trust, and says so; everything else of the
member, and the soundness of the whole lock, is proved as always.
"""

from pathlib import Path

from msgspec import Struct, ValidationError, msgpack

from locktool.exceptions import ProjectError
from locktool.project.canonical import under_condition
from locktool.project.manifest import Member


class _Inputs(Struct, frozen=True):
    members: tuple[Member, ...] = ()


class _Tool(Struct, frozen=True):
    locktool: _Inputs = _Inputs()


class _Document(Struct, frozen=True):
    tool: _Tool = _Tool()


class RecordedMembers:
    """The members of a lock, by their directories; `trusted` collects those that were asked for."""

    def __init__(self, messagepack: bytes, root: Path) -> None:
        try:
            members = msgpack.decode(messagepack, type=_Document).tool.locktool.members
        except ValidationError:
            # The proof will say what is wrong with such a lock.
            members = ()
        self._members = {(root / member.path).resolve(): member for member in members}
        self.trusted: list[str] = []

    def metadata(self, directory: Path) -> str:
        """The core metadata that the lock implies for a member. Raises ProjectError for one it does not know."""
        member = self._members.get(directory.resolve())
        if member is None:
            message = f"the requirements of {directory} are known to its build system only, and the lock has none"
            raise ProjectError("dynamic-dependencies", message, path=str(directory), suggestion="run `locktool lock`")
        self.trusted.append(member.name or member.path)
        lines = ["Metadata-Version: 2.4", f"Name: {member.name or 'unnamed'}"]
        lines += [f"Requires-Python: {member.requires_python}"] if member.requires_python else []
        lines += [f"Requires-Dist: {requirement}" for requirement in member.dependencies]
        for extra, requirements in member.extras.items():
            lines.append(f"Provides-Extra: {extra}")
            condition = f"extra == '{extra}'"
            lines += [f"Requires-Dist: {under_condition(requirement, condition)}" for requirement in requirements]
        return "\n".join(lines) + "\n"
