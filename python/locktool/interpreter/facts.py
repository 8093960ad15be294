"""What is known of one Python: the record that the probe's script fills, and what follows from it.

The names are those of the script's answer, which the core reads too.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Libc(msgspec.Struct, frozen=True):
    """The C library that an interpreter on Linux is linked with."""

    name: Literal["glibc", "musl"]
    version: tuple[int, int]


class Elf(msgspec.Struct, frozen=True):
    """The head of an ELF executable, as far as it tells the calling convention."""

    bits: int
    little_endian: bool
    machine: int
    flags: int


class MacOs(msgspec.Struct, frozen=True):
    """The macOS that an interpreter runs on, and the oldest that it was compiled for."""

    version: tuple[int, int]
    machine: str
    deployment_target: str | None


class Ios(msgspec.Struct, frozen=True):
    """The iOS that an interpreter runs on."""

    version: tuple[int, int]
    multiarch: str


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
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
    manylinux_refused: tuple[str, ...]
    """What the `_manylinux` module of its environment refuses: `2_17_x86_64`."""
    macos: MacOs | None
    ios: Ios | None
    android_api_level: int | None
    pyemscripten_version: str | None
    scheme: str
    """The name of the installation scheme that it uses by default."""
    schemes: tuple[str, ...]
    paths: dict[str, str]
    """The directories of that scheme: `purelib`, `scripts` and so on."""
    externally_managed: bool
    """Whether the system's package manager asks others not to install into it (PEP 668)."""

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
        """The wheel tags that it installs, the preferred ones first; the core builds them at each call."""
        from locktool._native import interpreter_tags

        return tuple(interpreter_tags(msgspec.msgpack.encode(self)))

    def as_json(self) -> dict[str, Any]:
        """All of it as a JSON document, tags included."""
        facts: dict[str, Any] = msgspec.to_builtins(self)
        return facts | {"tags": list(self.tags())}


_SMALL = 32
