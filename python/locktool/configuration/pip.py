"""Reads pip's own configuration: its files and its environment variables, in pip's order.

Later wins: files global < user < site (the environment) < PIP_CONFIG_FILE, within them [global] < [install] < [lock],
and above all files the PIP_* variables. Read with configparser rather than through pip, whose start takes ten times as
long.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from locktool._native import display_path
from locktool.exceptions import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECTIONS = ("global", "install", "lock")
FILE_NAME = "pip.ini" if os.name == "nt" else "pip.conf"
FALSE_WORDS = {"", "0", "n", "no", "f", "false", "off"}


class PipConfiguration(NamedTuple):
    """What pip would use of the settings that matter here; `origins` says which file or variable each comes from."""

    index_url: str | None
    extra_index_urls: tuple[str, ...]
    find_links: tuple[str, ...]
    no_index: bool
    timeout_seconds: float | None
    proxy: str | None
    certificate_bundle: str | None
    keyring_provider: str | None
    origins: Mapping[str, str]

    def __repr__(self) -> str:
        """Leave the addresses out, since they may hold credentials."""
        return f"PipConfiguration(origins={self.origins!r})"

    def origin_of(self, key: str) -> str:
        """Name the file or variable that sets a key."""
        return self.origins.get(key, "pip's configuration")


def read_pip_configuration(environ: Mapping[str, str] | None = None) -> PipConfiguration:
    """Read the files and variables that pip would read in this environment.

    Raises ProjectError for a file that cannot be read: it may name the index, whose place no other one must take.
    """
    environ = os.environ if environ is None else environ
    by_section: dict[tuple[str, str], tuple[str, str]] = {}
    for path in configuration_files(environ):
        by_section.update(read_file(path))
    values: dict[str, tuple[str, str]] = {}
    for section in SECTIONS:
        values.update({key: found for (name, key), found in by_section.items() if name == section})
    for variable, value in environ.items():
        if variable.startswith("PIP_") and variable not in {"PIP_CONFIG_FILE", "PIP_VERSION", "PIP_HELP"}:
            values[variable[len("PIP_") :].lower().replace("_", "-")] = (value, variable)
    texts = {key: text.strip() for key, (text, _) in values.items() if text.strip()}
    return PipConfiguration(
        index_url=texts.get("index-url") or texts.get("pypi-url"),
        extra_index_urls=tuple(texts.get("extra-index-url", "").split()),
        find_links=tuple(texts.get("find-links", "").split()),
        no_index=texts.get("no-index", "").lower() not in FALSE_WORDS,
        timeout_seconds=number(texts.get("timeout") or texts.get("default-timeout")),
        proxy=texts.get("proxy"),
        certificate_bundle=texts.get("cert"),
        keyring_provider=texts.get("keyring-provider"),
        origins={key: origin for key, (_, origin) in values.items()},
    )


def number(text: str | None) -> float | None:
    """Read a number of seconds; a text that is none counts as absent."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def configuration_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """The files that pip reads, the weakest first; none where PIP_CONFIG_FILE is the null device."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    yield from (directory / FILE_NAME for directory in global_directories(environ))
    if not (named and Path(named).exists()):
        yield from (directory / FILE_NAME for directory in user_directories(environ))
    yield Path(sys.prefix, FILE_NAME)
    activated = environ.get("VIRTUAL_ENV")
    if activated and Path(activated) != Path(sys.prefix):
        yield Path(activated, FILE_NAME)
    if named:
        yield Path(named)


def global_directories(environ: Mapping[str, str]) -> list[Path]:
    """The directories of the whole machine, in pip's order."""
    if os.name == "nt":
        return [Path(environ.get("PROGRAMDATA", "C:\\ProgramData"), "pip")]
    if sys.platform == "darwin":
        return [Path("/Library/Application Support/pip")]
    shared = environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg"
    return [*(Path(directory, "pip") for directory in shared.split(os.pathsep)), Path("/etc")]


def user_directories(environ: Mapping[str, str]) -> list[Path]:
    """The directories of the person: the older one first, which the newer one overrides."""
    home_variable = environ.get("USERPROFILE" if os.name == "nt" else "HOME")
    home = Path(home_variable) if home_variable else Path.home()
    if os.name == "nt":
        roaming = environ.get("APPDATA")
        return [home / "pip", (Path(roaming) if roaming else home / "AppData" / "Roaming") / "pip"]
    configuration = environ.get("XDG_CONFIG_HOME", "").strip()
    current = (Path(configuration) if configuration else home / ".config") / "pip"
    if sys.platform == "darwin":
        support = home / "Library" / "Application Support" / "pip"
        current = support if support.is_dir() else home / ".config" / "pip"
    return [home / ".pip", current]


def read_file(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Read one file as (section, key) -> (value, origin); nothing where there is none, or its directory is closed."""
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where the directory is closed
        return {}
    import configparser

    parser = configparser.RawConfigParser()
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
    except OSError as error:
        raise unreadable(path, error.strerror or "it cannot be opened") from None
    except UnicodeDecodeError:
        raise unreadable(path, "it is not UTF-8") from None
    except configparser.Error as error:
        # The error shows lines of the file, which may hold credentials.
        line = getattr(error, "lineno", None) or next((line for line, _ in getattr(error, "errors", ())), None)
        raise unreadable(path, "it is not an INI file", line) from None
    return {
        (section, key.lower().replace("_", "-").removeprefix("--")): (value, str(path))
        for section in parser.sections()
        for key, value in parser.items(section)
    }


def unreadable(path: Path, reason: str, line: int | None = None) -> ProjectError:
    """The error for a file of pip's configuration that cannot be read."""
    where = display_path(str(path)) + (f":{line}" if line else "")
    message = f"{where}, a file of pip's configuration, cannot be read: {reason}"
    return ProjectError(
        "pip-configuration-unreadable",
        message,
        suggestion=f"correct the file, or set PIP_CONFIG_FILE={os.devnull} to leave pip's configuration out",
        path=str(path),
        line=line,
        column=None,
    )
