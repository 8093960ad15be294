"""The tools that are compared: how each is asked to lock and to check, and the index that all of them ask.

locktool and uv are measured in every phase. pip, pdm, poetry and nab lock with and without a cache, where they are
installed: their programs are looked for in LOCKTOOL_BENCHMARK_TOOLS (directories, as in PATH) and then in PATH.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import interpreter_for, locktool_program, uv_program, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from question import Question

PAIR = ("locktool", "uv")
OTHERS = ("pip", "pdm", "poetry", "nab")
PLATFORMS_OF_NAB = '["linux_x86_64", "windows_amd64", "macos_arm64"]'


@dataclass(frozen=True)
class Tool:
    """A tool: its commands, what its lock is called, and where it caches.

    `tables` are appended to pyproject.toml, for a tool that reads its index there. `files` are written beside it.
    """

    name: str
    lock: tuple[str | Path, ...]
    check: tuple[str | Path, ...]
    lock_name: str
    cache_variable: str
    environment: Mapping[str, str]
    tables: str = ""
    files: Mapping[str, str] | None = None

    def upgrade(self, package: str) -> tuple[str | Path, ...]:
        """The command that moves one package."""
        return (*self.lock, "--upgrade-package", package)

    @property
    def version(self) -> str:
        """What the program says its version is."""
        return version_of(Path(self.lock[0]))


def tools_for(question: Question, url: str) -> list[Tool]:
    """locktool, and uv with a real interpreter: both ask the same index."""
    locktool, uv = locktool_program(), uv_program()
    interpreter = str(interpreter_for(question.requires_python))
    return [
        Tool(
            "locktool",
            (locktool, "lock", "--quiet"),
            (locktool, "check", "--frozen", "--quiet"),
            "pylock.toml",
            "LOCKTOOL_CACHE_DIR",
            {"LOCKTOOL_INDEX_URL": url, "PIP_CONFIG_FILE": os.devnull},
        ),
        Tool(
            "uv",
            (uv, "lock", "--quiet"),
            (uv, "lock", "--check", "--offline", "--quiet"),
            "uv.lock",
            "UV_CACHE_DIR",
            {"UV_DEFAULT_INDEX": url, "UV_PYTHON": interpreter, "UV_PYTHON_DOWNLOADS": "never"}
            | ({} if question.for_both else {"UV_NO_CONFIG": "1"}),
        ),
    ]


def others_for(question: Question, url: str, names: Sequence[str]) -> list[Tool]:
    """The named ones of OTHERS that are installed; each is asked for all extras and groups."""
    return [_OTHERS[name](program, question, url) for name in names if (program := _program(name))]


def _program(name: str) -> Path | None:
    path = os.pathsep.join(filter(None, (os.environ.get("LOCKTOOL_BENCHMARK_TOOLS"), os.environ.get("PATH"))))
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def _pip(program: Path, question: Question, url: str) -> Tool:
    """`pip lock` locks for one interpreter, and would build the project: it is given its requirements in a file."""
    interpreter = interpreter_for(question.requires_python)
    options = ("--quiet", "--index-url", url, "-r", "requirements.txt", "-o", "pylock.toml")
    return Tool(
        "pip",
        (program, "--python", interpreter, "lock", *options),
        (),
        "pylock.toml",
        "PIP_CACHE_DIR",
        {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        files={"requirements.txt": "\n".join(question.requirements()) + "\n"},
    )


def _pdm(program: Path, question: Question, url: str) -> Tool:
    return Tool(
        "pdm",
        (program, "--quiet", "lock"),
        (),
        "pdm.lock",
        "PDM_CACHE_DIR",
        {"PDM_CHECK_UPDATE": "0", "PDM_CONFIG_FILE": os.devnull},
        tables=f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{url}"\nverify_ssl = false\n',
        files={".pdm-python": str(interpreter_for(question.requires_python))},
    )


def _poetry(program: Path, _question: Question, url: str) -> Tool:
    source = f'[[tool.poetry.source]]\nname = "replay"\nurl = "{url}"\npriority = "primary"\n'
    return Tool(
        "poetry",
        (program, "lock", "--quiet", "--no-interaction"),
        (),
        "poetry.lock",
        "POETRY_CACHE_DIR",
        {"POETRY_VIRTUALENVS_CREATE": "false", "POETRY_CONFIG_DIR": os.devnull},
        tables=f"[tool.poetry]\npackage-mode = false\n\n{source}",
    )


def _nab(program: Path, question: Question, url: str) -> Tool:
    """A universal lock of nab is for the platforms and Pythons that a table lists."""
    matrix = f'[tool.nab.matrix]\npython = "{_pythons(question.requires_python)}"\nplatforms = {PLATFORMS_OF_NAB}\n'
    return Tool(
        "nab",
        (program, "--quiet", "lock", "--all-extras", "--all-groups"),
        (),
        "pylock.toml",
        "XDG_CACHE_HOME",
        {},
        tables=f'[tool.nab]\nmode = "universal"\n\n{matrix}\n[[tool.nab.indexes]]\nname = "main"\nurl = "{url}"\n',
    )


def _pythons(requires_python: str) -> str:
    """The range with an end, which nab asks for."""
    return requires_python if "<" in requires_python else f"{requires_python},<3.15"


_OTHERS = {"pip": _pip, "pdm": _pdm, "poetry": _poetry, "nab": _nab}
