"""The wheel tags that `packaging` gives for an interpreter of which only the facts are there.

`packaging.tags` asks the interpreter that runs it; what it asks is answered from the facts here, the rest of it runs as
it is.
"""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from packaging import _manylinux, _musllinux, tags
from packaging._elffile import EIClass, EIData

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SMALL = 32


def tags_of_packaging(facts: Mapping[str, Any]) -> list[str]:
    """The tags, the preferred ones first."""
    with pytest.MonkeyPatch.context() as patch:
        _stand_in(facts, patch)
        return [str(tag) for tag in tags.sys_tags()]


def _stand_in(facts: Mapping[str, Any], patch: pytest.MonkeyPatch) -> None:
    version = tuple(int(number) for number in facts["version"].split("."))
    small = facts["pointer_size"] == _SMALL
    multiarch = facts["ios"] and facts["ios"]["multiarch"]
    implementation = SimpleNamespace(name=facts["implementation"], _multiarch=multiarch)
    variables = {
        "Py_DEBUG": facts["debug"],
        "Py_GIL_DISABLED": facts["free_threaded"],
        "WITH_PYMALLOC": facts["pymalloc"],
        "EXT_SUFFIX": facts["extension_suffix"],
        "py_version_nodot": facts["version_nodot"],
    }
    patch.setattr(tags, "sys", SimpleNamespace(version_info=version, implementation=implementation))
    patch.setattr(_manylinux, "sys", SimpleNamespace(executable=""))
    patch.setattr(_musllinux, "sys", SimpleNamespace(executable=""))
    patch.setattr(tags, "_get_config_var", lambda name, warn=False: variables[name])  # noqa: ARG005 - as there
    named = {"PYEMSCRIPTEN_PLATFORM_VERSION": facts["pyemscripten_version"]}
    patch.setattr(
        tags, "sysconfig", SimpleNamespace(get_platform=lambda: facts["platform"], get_config_var=named.__getitem__)
    )
    mac = facts["macos"] and (".".join(map(str, facts["macos"]["version"])), "", facts["macos"]["machine"])
    ios = facts["ios"] and ("iOS", ".".join(map(str, facts["ios"]["version"])), "", False)
    patch.setattr(
        tags,
        "platform",
        SimpleNamespace(
            system=lambda: facts["system"],
            mac_ver=lambda: mac,
            ios_ver=lambda: ios,
            android_ver=lambda: SimpleNamespace(api_level=facts["android_api_level"]),
        ),
    )
    patch.setattr(tags._mac_arch, "__defaults__", (small,))
    patch.setattr(tags._linux_platforms, "__defaults__", (small,))
    libc = facts["libc"] or {"name": "", "version": None}
    glibc = libc["version"] if libc["name"] == "glibc" else (-1, -1)
    patch.setattr(_manylinux, "_get_glibc_version", lambda: _manylinux._GLibCVersion(*glibc))
    musl = _musllinux._MuslVersion(*libc["version"]) if libc["name"] == "musl" else None
    patch.setattr(_musllinux, "_get_musl_version", lambda _: musl)
    patch.setattr(_manylinux, "_parse_elf", lambda _: _elf(facts["elf"]))
    refused = set(facts["manylinux_refused"])
    module = SimpleNamespace(manylinux_compatible=lambda *tag: "_".join(map(str, tag)) not in refused)
    patch.setattr(_manylinux, "_get_manylinux_module", lambda: module)


@contextlib.contextmanager
def _elf(head: Mapping[str, Any] | None) -> Iterator[SimpleNamespace | None]:
    if head is None:
        yield None
        return
    yield SimpleNamespace(
        capacity=EIClass.C32 if head["bits"] == _SMALL else EIClass.C64,
        encoding=EIData.Lsb if head["little_endian"] else EIData.Msb,
        machine=head["machine"],
        flags=head["flags"],
    )
