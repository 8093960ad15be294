"""The tools that are compared: how each is asked to lock and to check, and the index that all of them ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from measure import interpreter_for, locktool_program, uv_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from projects import Question


@dataclass(frozen=True)
class Tool:
    """A tool: its commands, what its lock is called, and where it caches."""

    name: str
    lock: tuple[str | Path, ...]
    check: tuple[str | Path, ...]
    lock_name: str
    cache_variable: str
    environment: Mapping[str, str]

    def upgrade(self, package: str) -> tuple[str | Path, ...]:
        """The command that moves one package."""
        return (*self.lock, "--upgrade-package", package)


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
            {"LOCKTOOL_INDEX_URL": url},
        ),
        Tool(
            "uv",
            (uv, "lock", "--quiet"),
            (uv, "lock", "--check", "--offline", "--quiet"),
            "uv.lock",
            "UV_CACHE_DIR",
            {"UV_DEFAULT_INDEX": url, "UV_PYTHON": interpreter, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"},
        ),
    ]
