"""Reads pip's own configuration, and the index that it uses without one.

Files and environment variables are read in pip's order. Later wins: files global < user < site (the environment) <
PIP_CONFIG_FILE, within them [global] < [install] < [lock], and above all files the PIP_* variables. Read without pip,
whose start takes ten times as long as configparser.
"""

from __future__ import annotations

import os
import sys

from locktool._native import display_path
from locktool.configuration.one_line_ini import read_one_line_values
from locktool.exceptions import ProjectError
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every lock reads these settings.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECTIONS = ("global", "install", "lock")
FILE_NAME = "pip.ini" if os.name == "nt" else "pip.conf"
FALSE_WORDS = {"", "0", "n", "no", "f", "false", "off"}


class PipConfiguration(Record):
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


def default_index() -> str:
    """The index that pip uses when nothing is configured; pip is the one source of its address.

    Raises ProjectError where pip is not installed.
    """
    stated = _stated_default()
    if stated is not None:
        return stated
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        message = "no index is configured, and pip, whose default would be used, is not installed; pass --index-url"
        raise ProjectError("no-index", message) from None
    return str(PyPI.simple_url)


def _stated_default() -> str | None:
    """The default as pip's source has it, since the import takes 14 ms (CPython 3.11, 2026-11-27); else None."""
    specs = (finder.find_spec("pip", None) for finder in sys.meta_path)
    found = next((spec for spec in specs if spec is not None), None)
    for directory in (found.submodule_search_locations or ()) if found else ():
        try:
            with open(os.path.join(directory, "_internal", "models", "index.py"), encoding="utf-8") as file:
                statement = file.read().partition('\nPyPI = PackageIndex("')[2]
        except (OSError, UnicodeDecodeError):
            return None
        address, quote, _ = statement.partition('"')
        return f"{address}simple" if quote and address.endswith("/") else None
    return None


def number(text: str | None) -> float | None:
    """Read a number of seconds; a text that is none counts as absent."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def configuration_files(environ: Mapping[str, str]) -> Iterator[str]:
    """The files that pip reads, the weakest first; none where PIP_CONFIG_FILE is the null device."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    yield from (os.path.join(directory, FILE_NAME) for directory in global_directories(environ))
    if not (named and os.path.exists(named)):
        yield from (os.path.join(directory, FILE_NAME) for directory in user_directories(environ))
    yield os.path.join(sys.prefix, FILE_NAME)
    activated = environ.get("VIRTUAL_ENV")
    if activated and os.path.normpath(activated) != os.path.normpath(sys.prefix):
        yield os.path.join(activated, FILE_NAME)
    if named:
        yield named


def global_directories(environ: Mapping[str, str]) -> list[str]:
    """The directories of the whole machine, in pip's order."""
    if os.name == "nt":
        return [os.path.join(environ.get("PROGRAMDATA", "C:\\ProgramData"), "pip")]
    if sys.platform == "darwin":
        return ["/Library/Application Support/pip"]
    shared = environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg"
    return [*(os.path.join(directory, "pip") for directory in shared.split(os.pathsep)), "/etc"]


def user_directories(environ: Mapping[str, str]) -> list[str]:
    """The directories of the person: the older one first, which the newer one overrides."""
    home = environ.get("USERPROFILE" if os.name == "nt" else "HOME") or os.path.expanduser("~")
    if os.name == "nt":
        roaming = environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
        return [os.path.join(home, "pip"), os.path.join(roaming, "pip")]
    configuration = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.join(home, ".config")
    current = os.path.join(configuration, "pip")
    if sys.platform == "darwin":
        support = os.path.join(home, "Library", "Application Support", "pip")
        current = support if os.path.isdir(support) else os.path.join(home, ".config", "pip")
    return [os.path.join(home, ".pip"), current]


def read_file(path: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Read one file as (section, key) -> (value, origin); nothing where there is none, or its directory is closed."""
    if not os.path.isfile(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise unreadable(path, error.strerror or "it cannot be opened") from None
    except UnicodeDecodeError:
        raise unreadable(path, "it is not UTF-8") from None
    values = read_one_line_values(text)
    if values is None:
        values = _read_values(text, path)
    return {
        (section, key.replace("_", "-").removeprefix("--")): (value, path) for (section, key), value in values.items()
    }


def _read_values(text: str, path: str) -> dict[tuple[str, str], str]:
    """The values of any INI file by section and key. Raises ProjectError where the text is none."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # The error shows lines of the file, which may hold credentials.
        line = getattr(error, "lineno", None) or next((line for line, _ in getattr(error, "errors", ())), None)
        raise unreadable(path, "it is not an INI file", line) from None
    return {(section, key): value for section in parser.sections() for key, value in parser.items(section)}


def unreadable(path: str, reason: str, line: int | None = None) -> ProjectError:
    """The error for a file of pip's configuration that cannot be read."""
    where = display_path(path) + (f":{line}" if line else "")
    message = f"{where}, a file of pip's configuration, cannot be read: {reason}"
    return ProjectError(
        "pip-configuration-unreadable",
        message,
        suggestion=f"correct the file, or set PIP_CONFIG_FILE={os.devnull} to leave pip's configuration out",
        path=path,
        line=line,
        column=None,
    )
