"""Decides where the members of an archive may stand in the directory that it is unpacked into.

In: names and link targets as an archive of somebody else says them. Out: paths as parts, or `Refused` with the reason.
Nothing here asks the file system: links are followed in the archive's own table, part by part, whatever their length.
"""

from __future__ import annotations

import unicodedata

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    Parts: TypeAlias = tuple[str, ...]
    Kind: TypeAlias = Literal["file", "directory", "link"]

# As many as Linux follows in one path (MAXSYMLINKS).
_LONGEST_CHAIN = 40


class Refused(ValueError):
    """A member that no honest archive has; the message says which and why."""


class MemberPaths:
    """The members that were seen: no two of different kinds at one place, and none below a file or a link.

    Names that differ in case or in their Unicode form alone are one place, as some file systems have it.
    """

    def __init__(self) -> None:
        self._kinds: dict[Parts, Kind] = {}
        self._files: set[Parts] = set()
        self._links: dict[Parts, str] = {}

    def add(self, name: str, kind: Kind, target: str = "") -> Parts:
        """The path of a member, nothing for the directory itself; `target` is what a link says. Raises Refused."""
        parts = parts_of(name)
        place = _place(parts)
        for length in range(1, len(place)):
            if self._kinds.setdefault(place[:length], "directory") != "directory":
                raise Refused(f"the member {name!r} stands below a file or a link")
        if parts and self._kinds.setdefault(place, kind) != kind:
            raise Refused(f"the member {name!r} is there twice, as different kinds of file")
        if kind == "file":
            self._files.add(parts)
        elif kind == "link" and self._links.setdefault(parts, target) != target:
            raise Refused(f"the member {name!r} is there twice, as different links")
        return parts

    def file_of(self, name: str, target: str) -> Parts:
        """The file that a hard link names, which stands before it in an archive. Raises Refused where there is none."""
        parts = parts_of(target)
        if parts not in self._files:
            raise Refused(f"the member {name!r} is a hard link to {target!r}, which is no file of the archive")
        return parts

    def links(self) -> dict[Parts, tuple[str, Parts]]:
        """The links once all members are known: by their paths what each says, and where it leads.

        Raises Refused for one that leads out of its top directory on any part of its way.
        """
        by_place = {_place(parts): target for parts, target in self._links.items()}
        return {parts: (target, _resolved(parts, by_place)) for parts, target in self._links.items()}


def parts_of(name: str) -> Parts:
    """The parts of a relative path. Raises Refused for an absolute one, a drive, and `..`."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise Refused(f"the member {name!r} leads outside")
    return tuple(part for part in parts if part not in {"", "."})


def _place(parts: Parts) -> Parts:
    return tuple(unicodedata.normalize("NFC", part.casefold()) for part in parts)


def _resolved(link: Parts, links: dict[Parts, str]) -> Parts:
    """Where a link leads, as the kernel walks: each part of a path is followed before the next."""
    name = "/".join(link)
    top = _place(link[:1])
    path: Parts = link[:-1]
    waiting = _target_parts(name, links[_place(link)])
    followed = 1
    while waiting:
        part = waiting.pop(0)
        if part == "..":
            path = path[:-1]
        else:
            path = (*path, part)
            further = links.get(_place(path))
            if further is not None:
                followed += 1
                if followed > _LONGEST_CHAIN:
                    raise Refused(f"the member {name!r} is a link in a chain of more than {_LONGEST_CHAIN} links")
                path = path[:-1]
                waiting = [*_target_parts(name, further), *waiting]
        if _place(path[:1]) != top:
            raise Refused(f"the member {name!r} is a link that leads outside")
    return path


def _target_parts(name: str, target: str) -> list[str]:
    parts = target.replace("\\", "/").split("/")
    if not target or target.startswith(("/", "\\")) or ":" in parts[0]:
        raise Refused(f"the member {name!r} is a link to {target!r}, which leads outside")
    return [part for part in parts if part not in {"", "."}]
