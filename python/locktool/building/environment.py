"""The isolated environment that a build runs in: an empty virtual environment with the build's own requirements.

In: requirement strings. Out: a Python to run hooks with. pip installs into it from outside, with its own configuration
or with the indexes of the run, whose credentials travel in environment variables and never on a command line.
"""

from __future__ import annotations

import os
import sys
import venv
from typing import TYPE_CHECKING

from locktool.building.log import last_lines
from locktool.building.process import run
from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from locktool.configuration.indexes import IndexSettings

# Variables that would let the calling environment into the isolated one, or hand it secrets it has no use for.
DROPPED = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
)
SECRET_PREFIX = "LOCKTOOL_INDEX_"  # noqa: S105 - the name of variables, not a secret


class BuildEnvironment:
    """A virtual environment for one build, in a directory that the caller removes."""

    def __init__(self, directory: Path, indexes: IndexSettings | None = None, constraints: Sequence[str] = ()) -> None:
        """Create the environment, still empty: it has no pip, since pip works on it from outside.

        `constraints` limit the versions of what is installed into it.
        """
        venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(directory)
        self.scripts = directory / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        self.environ = isolated_environ(self.scripts) | environ_outside_of_trees(directory)
        self.indexes = indexes
        self.constraints = directory / "constraints.txt" if constraints else None
        if self.constraints:
            self.constraints.write_text("".join(f"{text}\n" for text in constraints), encoding="utf-8")

    def install(self, requirements: Sequence[str], subject: str) -> None:
        """Install build requirements; raises BuildError with pip's last lines when pip cannot."""
        if not requirements:
            return
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "--quiet", "--no-input"]
        command += ["--disable-pip-version-check", "--no-warn-script-location"]
        command += ["--constraint", str(self.constraints)] if self.constraints else []
        command += ["--", *requirements]
        outcome = run(command, environ=isolated_environ(self.scripts) | index_environ(self.indexes))
        if outcome.code:
            listed = ", ".join(requirements)
            raise BuildError(
                "build-requirements",
                f"{subject}: its build requirements ({listed}) cannot be installed:\n{last_lines(outcome.output)}",
                path=subject,
                output=last_lines(outcome.output),
            )


def isolated_environ(scripts: Path) -> dict[str, str]:
    """The variables of the caller, less those that reach into Python's module search or hold credentials."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in DROPPED and not (name.startswith(SECRET_PREFIX) and name.endswith(("_USERNAME", "_PASSWORD")))
    }
    environ["PATH"] = os.pathsep.join([str(scripts), environ.get("PATH", os.defpath)])
    environ["PYTHONNOUSERSITE"] = "1"
    environ["PYTHONIOENCODING"] = "utf-8"
    return environ


def environ_outside_of_trees(directory: Path) -> dict[str, str]:
    """What keeps the files that metadata leaves behind out of the source tree, in a directory that goes with the build.

    setuptools writes NAME.egg-info while it is asked for build requirements, and Python caches what it imports of a
    tree. A configuration that the caller gives setuptools stays in the place of ours.
    """
    base = directory / "egg-info"
    base.mkdir()
    config = base / "distutils.cfg"
    config.write_text(f"[egg_info]\negg_base = {base}\n", encoding="utf-8")
    own = {} if "DIST_EXTRA_CONFIG" in os.environ else {"DIST_EXTRA_CONFIG": str(config)}
    return own | {"PYTHONDONTWRITEBYTECODE": "1"}


def index_environ(indexes: IndexSettings | None) -> dict[str, str]:
    """The indexes of the run in pip's own variables; without them pip's configuration decides."""
    if indexes is None:
        return {}
    asked = [location for location in indexes.indexes if not location.explicit]
    urls = [with_credentials(location.url, location.username, location.password) for location in asked]
    environ = {"PIP_EXTRA_INDEX_URL": " ".join(urls[:-1])}
    if urls:
        environ["PIP_INDEX_URL"] = urls[-1]
    if indexes.certificate_bundle:
        environ["PIP_CERT"] = indexes.certificate_bundle
    if indexes.find_links:
        environ["PIP_FIND_LINKS"] = " ".join(indexes.find_links)
    return environ


def with_credentials(url: str, username: str | None, password: str | None) -> str:
    """Put credentials back into a URL (RFC 3986, section 3.2.1), for a program that takes them nowhere else."""
    if username is None and password is None:
        return url
    from urllib.parse import quote, urlsplit, urlunsplit

    parts = urlsplit(url)
    userinfo = quote(username or "", safe="") + ("" if password is None else ":" + quote(password, safe=""))
    return urlunsplit(parts._replace(netloc=f"{userinfo}@{parts.netloc}"))
