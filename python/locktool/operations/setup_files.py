"""Projects whose requirements stand in a setup.py or setup.cfg and in no [project] table.

In: a directory. Out: the file that says what the project requires, and the pyproject.toml that leaves it to that file.
"""

import os
from pathlib import Path

PYPROJECT_OF_SETUP = '[build-system]\nrequires = ["setuptools"]\n'
"""Names the build system that asks the file. Without `build-backend` installers build as if there were no such table
(https://packaging.python.org/en/latest/specifications/pyproject-toml/), so that nothing else changes."""

_SECTIONS_OF_PACKAGES = ("metadata", "options")


def setup_file(directory: Path) -> str | None:
    """The name of the file, or None; a setup.cfg that only configures tools is none."""
    if os.path.isfile(directory / "setup.py"):  # noqa: PTH113 - pathlib raises PermissionError
        return "setup.py"
    if not os.path.isfile(directory / "setup.cfg"):  # noqa: PTH113 - as above
        return None
    from configparser import Error, RawConfigParser

    parser = RawConfigParser(strict=False)
    try:
        parser.read(directory / "setup.cfg", encoding="utf-8")
    except (Error, OSError, UnicodeDecodeError):
        # What cannot be read is no reason to take another project.
        return "setup.cfg"
    return "setup.cfg" if any(map(parser.has_section, _SECTIONS_OF_PACKAGES)) else None
