"""What is known of one Python: the record of what the probe's script says, and what follows from it.

The names are those of the script's answer, which the core reads too.
"""

from __future__ import annotations

from locktool._native import interpreter_tags
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every build asks what it runs on.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self, TypedDict

    class Libc(TypedDict):
        """The C library that an interpreter on Linux is linked with: `glibc` or `musl`."""

        name: str
        version: tuple[int, int]

    class Elf(TypedDict):
        """The head of an ELF executable, as far as it tells the calling convention."""

        bits: int
        little_endian: bool
        machine: int
        flags: int

    class MacOs(TypedDict):
        """The macOS that an interpreter runs on, and the oldest that it was compiled for."""

        version: tuple[int, int]
        machine: str
        deployment_target: str | None

    class Ios(TypedDict):
        """The iOS that an interpreter runs on."""

        version: tuple[int, int]
        multiarch: str


class Interpreter(Record):
    """What one Python says of itself."""

    executable: str
    prefix: str
    base_prefix: str
    version: str
    """Its three numbers: `3.12.4`."""
    version_nodot: str | None
    implementation: str
    """`sys.implementation.name`: `cpython`."""
    implementation_version: str
    marker_environment: dict[str, str]
    pointer_size: int
    """The bits of a pointer."""
    free_threaded: bool
    debug: bool
    pymalloc: bool
    abi_flags: str
    soabi: str | None
    extension_suffix: str | None
    system: str
    """`platform.system()`: `Linux`."""
    platform: str
    """`sysconfig.get_platform()`: `linux-x86_64`."""
    architecture: str
    """The machine that it was compiled for, whatever the kernel says."""
    libc: Libc | None
    elf: Elf | None
    manylinux_refused: list[str]
    """What the `_manylinux` module of its environment refuses: `2_17_x86_64`."""
    macos: MacOs | None
    ios: Ios | None
    android_api_level: int | None
    pyemscripten_version: str | None
    scheme: str
    """The name of the installation scheme that it uses by default."""
    schemes: list[str]
    paths: dict[str, str]
    """The directories of that scheme: `purelib`, `scripts` and so on."""
    externally_managed: bool
    """Whether the system's package manager asks others not to install into it (PEP 668)."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """The interpreter that answers so; other keys are passed over. Raises ValueError for another kind of answer."""
        for name in cls._fields:
            if name not in answer:
                message = f"`{name}` is missing"
                raise ValueError(message)
            if not isinstance(answer[name], _KINDS[cls.__annotations__[name]]):
                message = f"`{name}` is {answer[name]!r}"
                raise ValueError(message)  # noqa: TRY004 - the value of an answer
        return cls(**{name: answer[name] for name in cls._fields})

    @property
    def is_virtual(self) -> bool:
        """Whether it belongs to a virtual environment."""
        return self.prefix != self.base_prefix

    @property
    def python_version(self) -> str:
        """The two leading numbers of its version, `3.12`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def name(self) -> str:
        """Its implementation, version and kind of build in words: `CPython 3.13.0 free-threaded`."""
        kinds = (("free-threaded", self.free_threaded), ("debug", self.debug), ("32-bit", self.pointer_size == _SMALL))
        words = [kind for kind, holds in kinds if holds]
        fields = self.marker_environment
        return " ".join([fields["platform_python_implementation"], fields["python_full_version"], *words])

    def tags(self) -> tuple[str, ...]:
        """The wheel tags that it installs, the preferred ones first, which the core builds once.

        Raises ValueError where they do not follow from what it says.
        """
        return self._once("tags", lambda: tuple(interpreter_tags(self.facts())))

    def facts(self) -> dict[str, Any]:
        """All that it says, by the names of the fields."""
        return {name: getattr(self, name) for name in self._fields}

    def as_json(self) -> dict[str, Any]:
        """All of it as a JSON document, tags included."""
        return self.facts() | {"tags": list(self.tags())}


_SMALL = 32
# What values of the fields are, by the annotations of these.
_KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "str | None": (str, type(None)),
    "int": int,
    "int | None": (int, type(None)),
    "bool": bool,
    "list[str]": list,
    "dict[str, str]": dict,
    **dict.fromkeys(("Libc | None", "Elf | None", "MacOs | None", "Ios | None"), (dict, type(None))),
}


def exact_marker(fields: Mapping[str, str]) -> str:
    """The marker that only environments with these fields satisfy, as far as they tell environments apart."""
    return " and ".join(f"{field} == '{fields[field]}'" for field in _DECISIVE_FIELDS)


# The release and the build of a kernel would only make a lock narrower.
_DECISIVE_FIELDS = (
    "python_full_version",
    "implementation_name",
    "platform_python_implementation",
    "os_name",
    "sys_platform",
    "platform_system",
    "platform_machine",
)
