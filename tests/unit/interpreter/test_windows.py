"""What the Windows registry and the launcher name, read from recorded ones."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from locktool.interpreter.windows import launcher_executables, registry_executables, windows_executables

if TYPE_CHECKING:
    from collections.abc import Iterator


class Registry:
    """The part of `winreg` that is asked, over a mapping of key paths to values."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE = "user", "machine"
    KEY_READ, KEY_WOW64_64KEY, KEY_WOW64_32KEY = 1, 256, 512

    def __init__(self, keys: dict[tuple[str, int, str], dict[str, str]]) -> None:
        self.keys = keys

    @contextlib.contextmanager
    def OpenKeyEx(self, root: str, path: str, _: int, access: int) -> Iterator[tuple[str, int, str]]:  # noqa: N802 - its name
        view = access & ~self.KEY_READ
        if not any((r, v) == (root, view) and f"{p}\\".startswith(f"{path}\\") for r, v, p in self.keys):
            raise FileNotFoundError(path)
        yield root, view, path

    def EnumKey(self, key: tuple[str, int, str], number: int) -> str:  # noqa: N802 - its name
        root, view, path = key
        inside = [p for r, v, p in self.keys if (r, v) == (root, view) and p.startswith(f"{path}\\")]
        names = list(dict.fromkeys(p.removeprefix(f"{path}\\").partition("\\")[0] for p in inside))
        if number >= len(names):
            raise OSError(259, "no more data")
        return names[number]

    def QueryValueEx(self, key: tuple[str, int, str], name: str) -> tuple[str, int]:  # noqa: N802 - its name
        try:
            return self.keys[key][name], 1
        except KeyError:
            raise FileNotFoundError(name) from None


def test_the_registry_names_executables_and_directories() -> None:
    software = "Software\\Python"
    core = f"{software}\\PythonCore"
    registry: Any = Registry(
        {
            ("user", 256, f"{core}\\3.9\\InstallPath"): {"ExecutablePath": "C:\\P39\\python.exe"},
            ("user", 256, f"{core}\\3.13t\\InstallPath"): {"ExecutablePath": "C:\\P313\\python3.13t.exe"},
            ("user", 256, f"{core}\\3.12\\InstallPath"): {"": "C:\\P312"},
            ("user", 256, f"{core}\\3.8\\Help"): {"": "no installation"},
            ("user", 256, f"{software}\\PyLauncher\\x\\InstallPath"): {"": "C:\\Windows"},
            ("machine", 512, f"{software}\\Graal\\24-32\\InstallPath"): {"ExecutablePath": "C:\\G\\graalpy.exe"},
        }
    )
    assert list(registry_executables(registry)) == [
        Path("C:\\P313\\python3.13t.exe"),
        Path("C:\\P312", "python.exe"),
        Path("C:\\P39\\python.exe"),
        Path("C:\\G\\graalpy.exe"),
    ]


def test_the_launcher_names_paths() -> None:
    listing = """\
 -V:3.13t         C:\\Users\\a b\\python3.13t.exe
 -V:3.12 *        C:\\Python312\\python.exe
 -V:Graal/24      C:\\G\\graalpy.exe
 -3.7-32          C:\\Python37-32\\python.exe
  *               C:\\env\\Scripts\\python.exe

No installed Pythons found!
"""
    assert [str(path) for path in launcher_executables(listing.replace("\n", "\r\n"))] == [
        "C:\\Users\\a b\\python3.13t.exe",
        "C:\\Python312\\python.exe",
        "C:\\G\\graalpy.exe",
        "C:\\Python37-32\\python.exe",
        "C:\\env\\Scripts\\python.exe",
    ]


@pytest.mark.skipif(os.name == "nt", reason="the machine's own interpreters are found there")
def test_elsewhere_there_is_nothing_to_find() -> None:
    assert list(windows_executables({"PATH": os.environ["PATH"]})) == []
