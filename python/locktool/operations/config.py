"""Says which settings hold in a project and on this machine, and where each comes from.

In: a directory. Out: the settings as the project's files write them; those of the machine from variables, the file of
its user, pip's configuration, or the default. Credentials in addresses are left out.
"""

from __future__ import annotations

import os
from json import loads
from typing import TYPE_CHECKING, Any, NamedTuple

from locktool._native import Project, display_path, hide_credentials
from locktool.configuration.indexes import gather_settings
from locktool.configuration.machine import KEYS, read_machine_settings, user_file
from locktool.configuration.pip import default_index, read_pip_configuration
from locktool.exceptions import ProjectError
from locktool.operations.cache import cache_directory
from locktool.operations.options import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULT = "default"

_OF_PIP = {
    "index-url": ("index_url", ("index-url", "pypi-url")),
    "proxy": ("proxy", ("proxy",)),
    "certificate-bundle": ("certificate_bundle", ("cert",)),
    "timeout": ("timeout_seconds", ("timeout", "default-timeout")),
    "keyring-provider": ("keyring_provider", ("keyring-provider",)),
}
_USUAL_VARIABLES = {
    "proxy": ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
    "certificate-bundle": ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
}


class ShownSetting(NamedTuple):
    """A setting that holds: its value, without credentials, and where it comes from."""

    key: str
    value: Any
    origin: str


class Configuration(NamedTuple):
    """What holds: the settings of the project and of the machine, and the indexes in the order in which they are asked.

    `user_file` is where the settings of the user are, or would be; None where there is no home directory. Without a
    project in the directory there are no settings of it.
    """

    project: tuple[ShownSetting, ...]
    machine: tuple[ShownSetting, ...]
    indexes: tuple[str, ...]
    user_file: str | None

    def as_json(self) -> dict[str, Any]:
        """The settings as a JSON document."""
        return {
            "project": [setting._asdict() for setting in self.project],
            "machine": [setting._asdict() for setting in self.machine],
            "indexes": list(self.indexes),
            "user_file": self.user_file,
        }


def configuration(directory: Path) -> Configuration:
    """The settings that hold for a project. Raises ProjectError for files that are wrong."""
    project = _project(directory)
    file = user_file()
    return Configuration(
        project=tuple(_of_project(project)) if project else (),
        machine=tuple(_of_machine(os.environ)),
        indexes=_indexes(project),
        user_file=file,
    )


def _indexes(project: Project | None) -> tuple[str, ...]:
    """The addresses of the indexes; none where pip's configuration switches every index off."""
    try:
        return tuple(hide_credentials(location.url) for location in gather_settings(project).indexes)
    except ProjectError as error:
        if error.code != "no-index":
            raise
        return ()


def _project(directory: Path) -> Project | None:
    try:
        return Project.read(str(directory))
    except ProjectError as error:
        if error.code != "missing-project":
            raise
        return None


def _of_project(project: Project) -> list[ShownSetting]:
    shown = []
    for written in project.written_settings():
        head = f" [{written.table}]" if written.table else ""
        shown.append(
            ShownSetting(
                written.key,
                _without_credentials(loads(written.value)),
                f"{display_path(written.path, written.line)}{head}",
            )
        )
    return shown


def _without_credentials(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return hide_credentials(value)
    if isinstance(value, list):
        return [_without_credentials(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_credentials(item) for key, item in value.items()}
    return value


def _of_machine(environ: Mapping[str, str]) -> list[ShownSetting]:
    found = read_machine_settings(environ)
    shown = []
    for key in KEYS:
        known = found.get(key.name)
        value, origin = (known.value, known.origin) if known else _elsewhere(key.name, environ)
        text = value if isinstance(value, bool | float | None) else hide_credentials(str(value))
        shown.append(ShownSetting(key.name, text, origin))
    return shown


def _elsewhere(name: str, environ: Mapping[str, str]) -> tuple[Any, str]:
    """The value of what neither the user's file nor a variable of ours sets, and where it comes from."""
    pip = read_pip_configuration(environ)
    field, names = _OF_PIP.get(name, ("", ()))
    value = getattr(pip, field, None)
    if value is not None:
        return value, next(pip.origin_of(each) for each in names if each in pip.origins)
    variable = next((each for each in _USUAL_VARIABLES.get(name, ()) if environ.get(each)), None)
    if variable is not None:
        return environ[variable], variable
    defaults = {"offline": False, "timeout": TIMEOUT_SECONDS}
    if name == "cache-dir":
        return cache_directory(), DEFAULT
    if name == "index-url" and not pip.no_index:
        return default_index(), "pip's default"
    return defaults.get(name), DEFAULT
