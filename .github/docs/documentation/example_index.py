"""The index that the examples of these pages run against: a few releases with the names and needs of published ones.

A line is `name version date: requirement | requirement`, with `; python >=3.11` behind the date where the release says
which Pythons it is for. Nothing is fetched: `tests/local_index` makes the files and serves them on loopback.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_index import LocalIndex

_RELEASES = """
anyio 4.9.0 2025-03-17: idna>=2.8 | sniffio>=1.1 | typing_extensions>=4.5; python_version < '3.13'
anyio 4.11.0 2025-09-23: idna>=2.8 | sniffio>=1.1 | typing_extensions>=4.5; python_version < '3.13'
certifi 2025.1.31 2025-01-31:
certifi 2025.11.12 2025-11-12:
colorama 0.4.6 2022-10-25:
django 4.2.26 2025-11-05: asgiref>=3.6.0,<4 | sqlparse>=0.3.1
django 5.0.14 2025-04-02: asgiref>=3.7.0,<4 | sqlparse>=0.3.1
django 5.2.8 2025-11-05: asgiref>=3.8.1 | sqlparse>=0.3.1
asgiref 3.11.0 2025-11-19:
h11 0.14.0 2022-09-25:
h11 0.16.0 2025-04-24:
httpcore 1.0.7 2024-11-15: certifi | h11>=0.13,<0.15
httpcore 1.0.9 2025-04-24: certifi | h11>=0.16
httpx 0.27.2 2024-08-27: anyio | certifi | httpcore==1.* | idna | sniffio
httpx 0.28.1 2024-12-06: anyio | certifi | httpcore==1.* | idna
idna 3.10 2024-09-15:
idna 3.11 2025-10-12:
iniconfig 2.3.0 2025-10-18:
markdown-it-py 3.0.0 2023-06-03: mdurl~=0.1
markdown-it-py 4.0.0 2025-08-11: mdurl~=0.1
mdurl 0.1.2 2022-08-14:
numpy 2.2.6 2025-05-17; python >=3.10:
numpy 2.3.5 2025-11-16; python >=3.11:
packaging 25.0 2025-04-19:
pluggy 1.6.0 2025-05-15:
pygments 2.19.2 2025-06-21:
pytest 8.4.2 2025-09-04: colorama>=0.4; sys_platform == 'win32' | iniconfig>=1 | packaging>=20 | pluggy<2,>=1.5 | pygments>=2.7.2
pytest 9.0.1 2025-11-12: colorama>=0.4; sys_platform == 'win32' | iniconfig>=1.0.1 | packaging>=22 | pluggy<2,>=1.5 | pygments>=2.7.2
rich 13.9.4 2024-11-01: markdown-it-py>=2.2.0 | pygments<3.0.0,>=2.13.0
rich 14.2.0 2025-10-09: markdown-it-py>=2.2.0 | pygments<3.0.0,>=2.13.0
sniffio 1.3.1 2024-02-25:
sqlparse 0.5.3 2024-12-10:
typing_extensions 4.15.0 2025-08-25:
wagtail 5.2.8 2025-03-04: django>=3.2,<5.1
wagtail 7.2 2025-11-05: django>=4.2
"""

_LINE = re.compile(r"(\S+) (\S+) (\d{4}-\d\d-\d\d)(?:; python (\S+))?:(.*)")


def add_releases(index: LocalIndex) -> LocalIndex:
    """Give an index the releases."""
    for line in _RELEASES.strip().splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            message = f"not a release: {line}"
            raise ValueError(message)
        name, version, date, python, requires = match.groups()
        index.add(
            name,
            version,
            requires=[text.strip() for text in requires.split(" | ") if text.strip()],
            requires_python=python,
            upload_time=f"{date}T12:00:00Z",
        )
    return index


def add_builds_of_torch(index: LocalIndex, local_version: str) -> LocalIndex:
    """Give an index the build of torch that has this local version."""
    index.add("torch", f"2.9.1+{local_version}", wheel_tags=["cp312-cp312-manylinux_2_28_x86_64"])
    return index
