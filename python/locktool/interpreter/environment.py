"""One environment: the fields that markers ask about, and the wheel tags that it installs.

The fields are those of the dependency-specifiers specification. A `MarkerEnvironment` is a mapping of them too, as
`Marker.evaluate` takes it, ours and that of `packaging`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING

from locktool.exceptions import ProjectError, refuse_one_text

if TYPE_CHECKING:
    from pathlib import Path

    from locktool.interpreter.facts import Interpreter


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkerEnvironment(Mapping[str, str]):
    """What markers can ask of one environment; each key of the specification is an attribute.

    >>> environment = MarkerEnvironment.current()
    >>> environment["os_name"] == environment.os_name
    True
    >>> "extra" in environment
    False
    """

    implementation_name: str
    """`sys.implementation.name`: `cpython`."""
    implementation_version: str
    """The version of the implementation: `3.12.4`."""
    os_name: str
    """`os.name`: `posix`, `nt`."""
    platform_machine: str
    """`platform.machine()`: `x86_64`, `arm64`."""
    platform_python_implementation: str
    """`platform.python_implementation()`: `CPython`."""
    platform_release: str
    """`platform.release()`: the release of the kernel."""
    platform_system: str
    """`platform.system()`: `Linux`, `Darwin`, `Windows`."""
    platform_version: str
    """`platform.version()`: the build of the kernel."""
    python_full_version: str
    """The whole version of Python: `3.12.4`."""
    python_version: str
    """The two leading numbers of the version of Python: `3.12`."""
    sys_platform: str
    """`sys.platform`: `linux`, `darwin`, `win32`."""
    tags: tuple[str, ...] = ()
    """The wheel tags that it installs, the preferred ones first; no key of the mapping. Empty: not known."""

    def __post_init__(self) -> None:
        """Refuse one text for the tags. Raises TypeError."""
        refuse_one_text("tags", self.tags)

    @classmethod
    def current(cls) -> MarkerEnvironment:
        """The environment of the running interpreter."""
        return _current()

    @classmethod
    def of(cls, interpreter: str | Path | Interpreter) -> MarkerEnvironment:
        """The environment of another interpreter, which is run once to ask it.

        It is named by a version (`3.12`, `3.13t`, `pypy3.10`), specifiers (`>=3.11,<3.13`), a program on PATH, a path,
        or the directory of an environment.
        Raises LocktoolError, with the code `no-interpreter` where there is none and `not-an-interpreter` where it does
        not answer.
        """
        from locktool.interpreter.facts import Interpreter

        if isinstance(interpreter, Interpreter):
            return environment_of(interpreter)
        from locktool.interpreter.find import find_interpreter

        return environment_of(find_interpreter(str(interpreter)))

    @classmethod
    def for_target(cls, python_version: str | None = None, platform: str | None = None) -> MarkerEnvironment:
        """The environment of a Python and a platform that need not be on this machine; what is not named is this one's.

        The Python is named by a version (`3.12`, `3.12.4`, `3.13t`, `pypy3.11`), the platform by a word, a triple or a
        platform tag (`linux`, `macos-14`, `x86_64-unknown-linux-musl`, `manylinux_2_28_x86_64`).
        Raises InvalidVersion, and ProjectError for a platform that is not known.

        >>> MarkerEnvironment.for_target("3.12", "windows").tags[0]
        'cp312-cp312-win_amd64'
        """
        from locktool.interpreter.probe import running_interpreter

        return environment_of(running_interpreter(), python_version, platform)

    def __getitem__(self, key: str) -> str:
        """The field of this name."""
        if key not in _FIELDS:
            raise KeyError(key)
        value: str = getattr(self, key)
        return value

    def __iter__(self) -> Iterator[str]:
        """The names of the fields."""
        return iter(_FIELDS)

    def __len__(self) -> int:
        """How many fields there are."""
        return len(_FIELDS)


_FIELDS = tuple(field.name for field in fields(MarkerEnvironment) if field.name != "tags")


def environment_of(
    interpreter: Interpreter, python_version: str | None = None, platform: str | None = None
) -> MarkerEnvironment:
    """The environment of an interpreter, were it of another version or on another platform where these are named.

    Raises what `MarkerEnvironment.for_target` raises.
    """
    from locktool._native import target_environment

    try:
        fields, tags = target_environment(interpreter.facts(), python_version, platform)
    except ProjectError as error:
        raise ProjectError(error.code, error.message, suggestion=_like(platform)) from None
    return MarkerEnvironment(**fields, tags=tuple(tags))


# Names to suggest: the usual ones of those that are known, and what other tools call them.
_USUAL = (
    *("linux", "macos", "windows"),
    *(f"{machine}-unknown-linux-{library}" for machine in ("x86_64", "aarch64") for library in ("gnu", "musl")),
    *(f"{machine}-{system}" for machine in ("x86_64", "aarch64") for system in ("apple-darwin", "pc-windows-msvc")),
)
_ELSEWHERE = {"darwin": "macos", "osx": "macos", "win": "windows", "win64": "windows"}


def _like(platform: str | None) -> str | None:
    """A question for whoever named a platform that is not known; None where no known name is like it."""
    from locktool._native import did_you_mean

    name = (platform or "").lower()
    same = _ELSEWHERE.get(name)
    return f"did you mean {same!r}?" if same else did_you_mean(name, list(_USUAL)).removeprefix("; ") or None


@cache
def _current() -> MarkerEnvironment:
    from locktool.interpreter.probe import running_interpreter

    return MarkerEnvironment.of(running_interpreter())
