"""The settings of a machine: a file of its user, and variables, which come before the file.

They say how this machine reaches indexes and where it keeps things, so none of them is in a lock. What can change an
answer is a matter of the project, and refused in the file.
"""

from __future__ import annotations

import os
import sys

from locktool._native import did_you_mean, display_path, setting_keys
from locktool.exceptions import ProjectError
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every lock reads these settings.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

CONFIG_FILE_VARIABLE = "LOCKTOOL_CONFIG_FILE"
FILE_NAME = "locktool.toml"

NO_PROXY = "which is not the address of a proxy: it starts with http:// or https://"

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


class MachineKey(Record):
    """One setting; its name in the file, `kind` (a key of the types in `machine_schema`), what it says."""

    name: str
    kind: str
    description: str
    example: str

    @property
    def variable(self) -> str:
        """The variable that comes before the file: `LOCKTOOL_CACHE_DIR`."""
        return f"LOCKTOOL_{self.name.upper().replace('-', '_')}"


KEYS = (
    MachineKey(name="cache-dir", kind="path", description="The directory of the cache.", example='"~/caches/locktool"'),
    MachineKey(
        name="offline",
        kind="boolean",
        description="Whether only the cache is asked, as with --offline.",
        example="true",
    ),
    MachineKey(
        name="index-url",
        kind="address",
        description="The default index of projects that name none; it comes before the indexes of pip's configuration.",
        example='"https://mirror.example/simple/"',
    ),
    MachineKey(
        name="index-mirror-of",
        kind="address",
        description="The address of the index that index-url mirrors, which locks record in its place.",
        example='"https://packages.example/simple/"',
    ),
    MachineKey(
        name="proxy",
        kind="proxy",
        description="The proxy of every request, in place of pip's.",
        example='"http://proxy.example:3128"',
    ),
    MachineKey(
        name="certificate-bundle",
        kind="path",
        description="The file of certificate authorities that are trusted, in place of pip's and the system's.",
        example='"/etc/ssl/company.pem"',
    ),
    MachineKey(
        name="timeout",
        kind="seconds",
        description="How long a server may stay silent, in seconds, in place of pip's.",
        example="60",
    ),
    MachineKey(
        name="keyring-provider",
        kind="word",
        description="Whether the program keyring is asked for passwords, "
        '"subprocess" or "disabled", in place of pip\'s.',
        example='"disabled"',
    ),
)


class Found(Record):
    """The value of a setting, and the file or variable that it comes from."""

    value: Any
    origin: str


def read_machine_settings(environ: Mapping[str, str] | None = None) -> dict[str, Found]:
    """The settings that the file and the variables make, by their names; an empty variable says nothing.

    Raises ProjectError for a file that cannot be read or says what it cannot, and for a value that is none.
    """
    environ = os.environ if environ is None else environ
    path = user_file(environ)
    is_named = bool(environ.get(CONFIG_FILE_VARIABLE))
    found = _read_file(path, is_named=is_named) if path is not None else {}
    for key in KEYS:
        text = environ.get(key.variable, "").strip()
        if text:
            found[key.name] = Found(value=_of_variable(key, text), origin=key.variable)
    return found


def user_file(environ: Mapping[str, str] | None = None) -> str | None:
    """The file of the user, whether it exists or not; None where there is no home directory.

    It is what LOCKTOOL_CONFIG_FILE names, else `locktool/locktool.toml` in the platform's directory for configuration.
    """
    environ = os.environ if environ is None else environ
    named = environ.get(CONFIG_FILE_VARIABLE)
    if named:
        return os.path.join(os.getcwd(), os.path.expanduser(named))
    if os.name == "nt":
        roaming = environ.get("APPDATA")
        return os.path.join(roaming, "locktool", FILE_NAME) if roaming else None
    home = environ.get("HOME")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "locktool", FILE_NAME) if home else None
    # The XDG specification has relative paths ignored.
    configured = environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(configured):
        return os.path.join(configured, "locktool", FILE_NAME)
    return os.path.join(home, ".config", "locktool", FILE_NAME) if home else None


def machine_schema() -> dict[str, Any]:
    """The JSON Schema of the user's file."""
    types = {"boolean": "boolean", "seconds": "number", **dict.fromkeys(("address", "path", "proxy", "word"), "string")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FILE_NAME} of a user",
        "type": "object",
        "properties": {key.name: {"type": types[key.kind], "description": key.description} for key in KEYS},
        "additionalProperties": False,
    }


def _read_file(path: str, *, is_named: bool) -> dict[str, Found]:
    """What the file says; one that is named has to be there, and nobody may miss what one says that cannot be read."""
    if not is_named and not os.path.lexists(path):
        return {}
    import tomllib

    try:
        with open(path, encoding="utf-8") as file:
            document = tomllib.loads(file.read())
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _wrong(path, "is not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, f"is not TOML: {error}") from None
    keys = {key.name: key for key in KEYS}
    unknown = next((name for name in document if name not in keys), None)
    if unknown is not None:
        raise _wrong(path, _why_unknown(unknown))
    return {name: Found(value=_of_file(keys[name], value, path), origin=path) for name, value in document.items()}


def _why_unknown(name: str) -> str:
    of_project = {spelling for key in setting_keys() if not key.table for spelling in (key.name, *key.other_spellings)}
    if name in of_project:
        return f"has {name}, which is a matter of a project: write it in [tool.locktool] of its pyproject.toml"
    return f"has {name}, which is not a setting of a machine{did_you_mean(name, [key.name for key in KEYS])}"


def _of_file(key: MachineKey, value: object, path: str) -> Any:  # noqa: ANN401 - as the key has it
    """A value of the file; a relative path starts at the file."""
    if key.kind == "boolean" and isinstance(value, bool):
        return value
    if key.kind == "seconds" and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    if key.kind == "proxy" and isinstance(value, str) and not _is_proxy(value):
        raise _wrong(path, f"has {key.name} = {_shown(value)}, {NO_PROXY}")
    if key.kind in {"path", "address", "proxy", "word"} and isinstance(value, str) and value:
        return os.path.join(os.path.dirname(path), os.path.expanduser(value)) if key.kind == "path" else value
    wanted = {"boolean": "true or false", "seconds": "a number of seconds"}.get(key.kind, "a text")
    raise _wrong(path, f"has {key.name} that is not {wanted}")


def _of_variable(key: MachineKey, text: str) -> Any:  # noqa: ANN401 - as the key has it
    """A value of a variable; a relative path starts at the working directory."""
    readers: dict[str, Callable[[str], Any]] = {
        "boolean": _boolean,
        "seconds": float,
        "path": lambda path: os.path.join(os.getcwd(), os.path.expanduser(path)),
        "address": str,
        "proxy": str,
        "word": str,
    }
    if key.kind == "proxy" and not _is_proxy(text):
        raise ProjectError("invalid-setting", f"{key.variable} is {_shown(text)}, {NO_PROXY}")
    try:
        value = readers[key.kind](text)
    except ValueError:
        value = None
    if value is None or (key.kind == "seconds" and not value > 0):
        wanted = "true or false" if key.kind == "boolean" else "a number of seconds"
        raise ProjectError("invalid-setting", f"{key.variable} is {text!r}, which is not {wanted}")
    return value


def _is_proxy(text: str) -> bool:
    """Whether a text is the address of a proxy, in pip's spelling, in which the scheme may be missing."""
    from urllib.parse import urlsplit

    try:
        address = urlsplit(text if "://" in text else f"http://{text}")
        # Asked for, the port is read.
        has_host = bool(address.hostname) and address.port != 0
    except ValueError:
        return False
    return has_host and address.scheme in {"http", "https"} and not any(character.isspace() for character in text)


def _shown(text: str) -> str:
    """An address without what may be a password, however wrong it is."""
    _, at, rest = text.rpartition("@")
    return repr(f"...@{rest}" if at else text)


def _boolean(text: str) -> bool | None:
    return True if text.lower() in _TRUE else False if text.lower() in _FALSE else None


def _wrong(path: str, what: str) -> ProjectError:
    message = f"{display_path(path)}, the settings of this user, {what}"
    suggestion = f"correct the file, or set {CONFIG_FILE_VARIABLE}={os.devnull} to leave it out"
    return ProjectError("invalid-setting", message, path=path, suggestion=suggestion)
