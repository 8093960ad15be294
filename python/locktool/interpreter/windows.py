"""Where Windows says that Pythons are installed: the registry (PEP 514), and the launcher `py`.

Both are asked on Windows alone; elsewhere there is nothing to find.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LAUNCHER_SECONDS = 10
_LAUNCHER_LINE = re.compile(r"\s+(?:-\S+)?(?:\s+\*)?\s{2,}(?P<path>\S.*?)\s*")


def windows_executables(environ: Mapping[str, str]) -> Iterator[Path]:
    """The interpreters of the registry, then those of the launcher."""
    if os.name != "nt":
        return
    import winreg

    yield from registry_executables(winreg)
    launcher = shutil.which("py", path=environ.get("PATH", ""))
    if launcher is None:
        return
    try:
        ended = subprocess.run(
            [launcher, "--list-paths"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LAUNCHER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    yield from launcher_executables(ended.stdout.decode("utf-8", "replace"))


def registry_executables(registry: Any) -> Iterator[Path]:  # noqa: ANN401 - the module winreg, which only Windows has
    r"""The executables below `Software\Python\COMPANY\TAG\InstallPath`, the user's first, the newest tags first."""
    for root in (registry.HKEY_CURRENT_USER, registry.HKEY_LOCAL_MACHINE):
        for view in (registry.KEY_WOW64_64KEY, registry.KEY_WOW64_32KEY):
            for company in _keys(registry, root, r"Software\Python", view):
                path = rf"Software\Python\{company}"
                # The launcher's own entry is no installation.
                tags = [] if company == "PyLauncher" else _keys(registry, root, path, view)
                for tag in sorted(tags, key=_numbers, reverse=True):
                    yield from _executable(registry, root, rf"{path}\{tag}\InstallPath", view)


def _keys(registry: Any, root: Any, path: str, view: int) -> list[str]:  # noqa: ANN401 - as above
    """The names of the keys below a key; none where it is missing."""
    names: list[str] = []
    try:
        with registry.OpenKeyEx(root, path, 0, registry.KEY_READ | view) as key:
            while True:
                names.append(registry.EnumKey(key, len(names)))
    except OSError:  # also the end of the keys
        return names


def _executable(registry: Any, root: Any, path: str, view: int) -> Iterator[Path]:  # noqa: ANN401 - as above
    """The executable that an installation names, or the one that its directory has."""
    try:
        with registry.OpenKeyEx(root, path, 0, registry.KEY_READ | view) as key:
            try:
                yield Path(registry.QueryValueEx(key, "ExecutablePath")[0])
            except OSError:
                yield Path(registry.QueryValueEx(key, "")[0], "python.exe")
    except OSError:
        return


def _numbers(tag: str) -> tuple[list[int], str]:
    return [int(number) for number in re.findall(r"\d+", tag)], tag


def launcher_executables(listing: str) -> Iterator[Path]:
    r"""The paths of `py --list-paths`: ` -V:3.12 *        C:\Python312\python.exe`."""
    for line in listing.splitlines():
        found = _LAUNCHER_LINE.fullmatch(line)
        if found is not None:
            yield Path(found["path"])
