"""Source distributions that no honest author makes: each tries to write or to read outside of its own directory."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Member = tuple[str, dict[str, object], bytes]
TOP = "demo-1.0"


def member(name: str, data: bytes = b"", **fields: object) -> Member:
    return name, fields, data


def link(name: str, target: str) -> Member:
    return member(name, type=tarfile.SYMTYPE, linkname=target)


def hard_link(name: str, target: str) -> Member:
    return member(name, type=tarfile.LNKTYPE, linkname=target)


def long_chain() -> list[Member]:
    """Links whose expanded path is longer than the system takes, so that a filter that asks the system sees no end.

    The last of them then leads out of the directory, and a file is written through it.
    """
    long = "d" * 247
    steps = "abcdefghijklmnop"
    members, path = [], TOP
    for step in steps:
        members += [member(f"{path}/{long}", type=tarfile.DIRTYPE), link(f"{path}/{step}", long)]
        path += f"/{long}"
    short = f"{TOP}/{'/'.join(steps)}"
    members.append(link(f"{short}/{'l' * 254}", "../" * len(steps)))
    members.append(link(f"{TOP}/escape", f"{'/'.join(steps)}/{'l' * 254}/../../outside"))
    members.append(member(f"{TOP}/escape/file", b"escaped"))
    return members


HOSTILE: dict[str, list[Member]] = {
    "an absolute name": [member("/outside/file", b"escaped")],
    "a drive": [member("C:/outside/file", b"escaped")],
    "a name with ..": [member("../outside/file", b"escaped")],
    "a name with .. in the middle": [member(f"{TOP}/../../outside/file", b"escaped")],
    "a name with .. behind backslashes": [member(f"{TOP}\\..\\..\\outside\\file", b"escaped")],
    "a link to an absolute path": [link(f"{TOP}/link", "/etc/passwd")],
    "a link that leads outside": [link(f"{TOP}/link", "../../outside")],
    "a link to the directory above": [link(f"{TOP}/link", "..")],
    "a link that leads out and in again": [link(f"{TOP}/link", f"../{TOP}/../{TOP}/setup.py")],
    "a file below a link": [link(f"{TOP}/link", "."), member(f"{TOP}/link/file", b"escaped")],
    "a file below a link of another case": [link(f"{TOP}/Link", "sub"), member(f"{TOP}/link/file", b"escaped")],
    "a link that takes the place of a directory": [
        member(f"{TOP}/sub/file", b"inside"),
        link(f"{TOP}/sub", "../../outside"),
    ],
    "a file at the place of a link": [link(f"{TOP}/a", "b"), member(f"{TOP}/a", b"escaped")],
    "two links at one place": [link(f"{TOP}/a", "b"), link(f"{TOP}/a", "c")],
    "two links of one name in two cases": [link(f"{TOP}/a", "b"), link(f"{TOP}/A", "../../outside")],
    "links that lead outside together": [
        member(f"{TOP}/sub/deep", type=tarfile.DIRTYPE),
        link(f"{TOP}/a", "sub/deep"),
        link(f"{TOP}/b", "a/../../.."),
    ],
    "links of another spelling that lead outside": [
        link(f"{TOP}/sub/\u00e9", ".."),
        link(f"{TOP}/b", "sub/e\u0301/.."),
    ],
    "links in a circle": [link(f"{TOP}/a", "b"), link(f"{TOP}/b", "a")],
    "a chain of long links": long_chain(),
    "a hard link to an absolute path": [hard_link(f"{TOP}/link", "/etc/passwd")],
    "a hard link that leads outside": [hard_link(f"{TOP}/link", "../outside/file")],
    "a hard link to a link": [link(f"{TOP}/a", "setup.py"), hard_link(f"{TOP}/b", f"{TOP}/a")],
    "a hard link to nothing": [hard_link(f"{TOP}/link", f"{TOP}/absent")],
    "a character device": [member(f"{TOP}/device", type=tarfile.CHRTYPE)],
    "a block device": [member(f"{TOP}/device", type=tarfile.BLKTYPE)],
    "a pipe": [member(f"{TOP}/pipe", type=tarfile.FIFOTYPE)],
    "a kind that nobody knows": [member(f"{TOP}/unknown", type=b"Z")],
    "a header of many megabytes": [member(f"{TOP}/file", pax_headers={"comment": "x" * (4 << 20)})],
}


def write_tar(path: Path, members: list[Member]) -> Path:
    """Write members as they are into a .tar.gz, after an honest setup.py."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, fields, data in [member(f"{TOP}/setup.py", b"raise SystemExit(3)\n"), *members]:
            information = tarfile.TarInfo(name)
            information.size = len(data)
            for field, value in fields.items():
                setattr(information, field, value)
            tar.addfile(information, io.BytesIO(data))
    return path
