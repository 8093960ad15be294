"""Describes the interpreter that runs it: one JSON object between two marks on standard output.

Other Pythons than ours run it by its path, CPython from 3.7 on, PyPy and GraalPy: it imports the standard library alone
and keeps to the syntax of 3.6, so that older ones can say that they are too old. Its argument is the word that the
marks are made of. Marker variables follow the dependency-specifiers specification.
"""

import os
import struct
import subprocess
import sys
import sysconfig

OLDEST = (3, 7)
_LOADER_SECONDS = 5
_LAST_GLIBC_MINOR = 50
_PROGRAM_INTERPRETER = 3  # PT_INTERP of a program header


def describe() -> "dict[str, object]":
    """The facts of this interpreter, as the core and `Interpreter` name them."""
    variable = sysconfig.get_config_var
    pymalloc = variable("WITH_PYMALLOC")
    # An interpreter that another program embeds may have no path.
    executable = sys.executable or ""
    elf, loader = read_elf(executable)
    libc = libc_version(loader) if system_names()[0] == "Linux" else None
    facts = {
        "executable": executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "version": ".".join(str(part) for part in sys.version_info[:3]),
        "version_nodot": text_or_none(variable("py_version_nodot")),
        "implementation": sys.implementation.name,
        "implementation_version": full_version(sys.implementation.version),
        "marker_environment": marker_environment(),
        "pointer_size": struct.calcsize("P") * 8,
        "free_threaded": bool(variable("Py_GIL_DISABLED")),
        "debug": is_debug_build(),
        "pymalloc": pymalloc is None or bool(pymalloc),
        "abi_flags": getattr(sys, "abiflags", ""),
        "soabi": text_or_none(variable("SOABI")),
        "extension_suffix": text_or_none(variable("EXT_SUFFIX")),
        "system": system_names()[0],
        "platform": sysconfig.get_platform(),
        "architecture": compiled_architecture(),
        "libc": libc,
        "elf": elf,
        "manylinux_refused": manylinux_refused(libc),
        "macos": macos(),
        "ios": ios(),
        "android_api_level": android_api_level(),
        "pyemscripten_version": text_or_none(variable("PYEMSCRIPTEN_PLATFORM_VERSION")),
    }
    facts.update(installation())
    return facts


def text_or_none(value: object) -> "str | None":
    """The text of a configuration variable that may be unset, or a number."""
    return None if value is None else str(value)


def full_version(version: object) -> str:
    """`3.13.0rc2`: the three numbers, and what a release that is not final has beside them."""
    major, minor, micro, level, serial = version[:5]  # type: ignore[index] # sys.version_info and its like
    text = "{}.{}.{}".format(major, minor, micro)  # noqa: UP032 - one format for all fields
    return text if level == "final" else text + level[0] + str(serial)


def system_names() -> "tuple[str, str, str, str]":
    """The system, its release and its version, and the machine, as `platform` says them; it takes long to load."""
    if sys.platform == "linux":
        names = os.uname()
        return names.sysname, names.release, names.version, names.machine
    import platform  # type: ignore[unreachable, unused-ignore] # elsewhere

    return platform.system(), platform.release(), platform.version(), platform.machine()


def python_names() -> "tuple[str, str]":
    """The name of the implementation and the whole version of Python, as `platform` says them."""
    if sys.implementation.name == "cpython":
        return "CPython", sys.version.split()[0]
    import platform

    return platform.python_implementation(), platform.python_version()


def marker_environment() -> "dict[str, str]":
    """The variables that markers ask about."""
    system, release, system_version, machine = system_names()
    implementation, version = python_names()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": full_version(sys.implementation.version),
        "os_name": os.name,
        "platform_machine": machine,
        "platform_python_implementation": implementation,
        "platform_release": release,
        "platform_system": system,
        "platform_version": system_version,
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
        "sys_platform": sys.platform,
    }


def is_debug_build() -> bool:
    """Whether extensions have the debug ABI; Windows does not set the variable, and has a suffix for them."""
    from importlib.machinery import EXTENSION_SUFFIXES

    flag = sysconfig.get_config_var("Py_DEBUG")
    return bool(flag) or (flag is None and (hasattr(sys, "gettotalrefcount") or "_d.pyd" in EXTENSION_SUFFIXES))


def compiled_architecture() -> str:
    """The machine that the interpreter was compiled for, whatever the kernel says."""
    for name in ("HOST_GNU_TYPE", "MULTIARCH"):
        value = sysconfig.get_config_var(name)
        if value and "-" in str(value):
            return str(value).partition("-")[0]
    return sysconfig.get_platform().rpartition("-")[2] if os.name == "nt" else system_names()[3]


def installation() -> "dict[str, object]":
    """Where it installs, and whether the system's package manager says that nobody else may (PEP 668)."""
    if hasattr(sysconfig, "get_default_scheme"):
        scheme = sysconfig.get_default_scheme()
    else:
        scheme = sysconfig._get_default_scheme()  # type: ignore[attr-defined] # noqa: SLF001 - its name before 3.10
    paths = sysconfig.get_paths(scheme)
    mark = os.path.join(paths["stdlib"], "EXTERNALLY-MANAGED")  # noqa: PTH118 - texts throughout
    return {
        "scheme": scheme,
        "schemes": list(sysconfig.get_scheme_names()),
        "paths": paths,
        "externally_managed": sys.prefix == sys.base_prefix and os.path.isfile(mark),  # noqa: PTH113 - as above
    }


def read_elf(path: str) -> "tuple[dict[str, object] | None, str | None]":
    """The head of an executable, and the path of the loader that it names; neither where it is no ELF file."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - texts throughout
            head = file.read(64)
            if head[:4] != b"\x7fELF" or head[4] not in (1, 2) or head[5] not in (1, 2):
                return None, None
            bits, little = 32 * head[4], head[5] == 1
            order = "<" if little else ">"
            # e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags, e_ehsize, e_phentsize, e_phnum
            small = head[4] == 1
            layout = order + ("HIIIIIHHH" if small else "HIQQQIHHH")
            fields = struct.unpack_from(layout, head, 18)
            elf = {"bits": bits, "little_endian": little, "machine": fields[0], "flags": fields[5]}
            # Of a program header: p_type, p_offset, p_filesz.
            names, places = ("IIIII", (0, 1, 4)) if small else ("IIQQQQ", (0, 2, 5))
            for number in range(fields[8]):
                file.seek(fields[3] + fields[7] * number)
                values = struct.unpack(order + names, file.read(struct.calcsize(order + names)))
                kind, offset, size = (values[place] for place in places)
                if kind == _PROGRAM_INTERPRETER:
                    file.seek(offset)
                    loader = file.read(min(size, 4096))
                    return elf, os.fsdecode(loader[:-1]) if loader.endswith(b"\0") else None
            return elf, None
    except (OSError, ValueError, IndexError, struct.error):
        return None, None


def libc_version(loader: "str | None") -> "dict[str, object] | None":
    """The C library: musl says its version when its loader is run, glibc by confstr, or else by a function."""
    if loader is not None and "musl" in loader:
        try:
            ended = subprocess.run(
                [loader], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                timeout=_LOADER_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return None
        lines = ended.stderr.decode("ascii", "replace").splitlines()
        version = next((line[8:] for line in lines if line.startswith("Version ")), None)
        return named_version("musl", version)
    try:
        version = (os.confstr("CS_GNU_LIBC_VERSION") or "").rpartition(" ")[2]
    except (AttributeError, OSError, ValueError):
        version = ""
    return named_version("glibc", version or glibc_version_by_function())


def glibc_version_by_function() -> "str | None":
    """What glibc's own function says, where confstr says nothing."""
    try:
        import ctypes

        function = ctypes.CDLL(None).gnu_get_libc_version
        function.restype = ctypes.c_char_p
        return str(function().decode("ascii"))
    except (ImportError, OSError, AttributeError):
        return None


def named_version(name: str, version: "str | None") -> "dict[str, object] | None":
    """A library with the two leading numbers of its version, whatever follows them (`2.20-2014.11`)."""
    import re

    found = re.match(r"(\d+)\.(\d+)", version or "")
    return None if found is None else {"name": name, "version": [int(found.group(1)), int(found.group(2))]}


def manylinux_refused(libc: "dict[str, object] | None") -> "list[str]":
    """The versions and machines, `2_17_x86_64`, that the `_manylinux` module of the environment refuses (PEP 600)."""
    if libc is None or libc["name"] != "glibc":
        return []
    try:
        import _manylinux  # type: ignore[import-not-found] # an optional module of distributors
    except ImportError:
        return []
    machine = sysconfig.get_platform().partition("-")[2].replace("-", "_").replace(".", "_")
    if struct.calcsize("P") < struct.calcsize("q"):
        machine = {"x86_64": "i686", "aarch64": "armv8l"}.get(machine, machine)
    machines = [machine, "armv7l"] if machine == "armv8l" else [machine]
    legacy = {(2, 5): "manylinux1_compatible", (2, 12): "manylinux2010_compatible", (2, 17): "manylinux2014_compatible"}
    newest: tuple[int, int] = tuple(libc["version"])  # type: ignore[arg-type, assignment] # two numbers
    refused = []
    for major in range(2, newest[0] + 1):
        for minor in range(newest[1] + 1 if major == newest[0] else _LAST_GLIBC_MINOR + 1):
            for each in machines:
                if hasattr(_manylinux, "manylinux_compatible"):
                    allowed = _manylinux.manylinux_compatible(major, minor, each)
                else:
                    allowed = getattr(_manylinux, legacy.get((major, minor), ""), None)
                if allowed is not None and not allowed:
                    refused.append("{}_{}_{}".format(major, minor, each))  # noqa: UP032 - as above
    return refused


def macos() -> "dict[str, object] | None":
    """The version of macOS, the machine, and the oldest macOS that the interpreter was compiled for."""
    if system_names()[0] != "Darwin":
        return None
    import platform

    version, _, machine = platform.mac_ver()
    numbers = leading_numbers(version)
    if numbers == [10, 16]:
        # What an interpreter compiled with an old SDK is told, unless it asks for the real version.
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-c", "import platform; print(platform.mac_ver()[0])"],
            env={"SYSTEM_VERSION_COMPAT": "0"}, stdout=subprocess.PIPE, timeout=_LOADER_SECONDS, check=True,
        )  # fmt: skip
        numbers = leading_numbers(ended.stdout.decode("ascii").strip())
    target = text_or_none(sysconfig.get_config_var("MACOSX_DEPLOYMENT_TARGET"))
    return {"version": numbers, "machine": machine, "deployment_target": target}


def ios() -> "dict[str, object] | None":
    """The version of iOS, and the machine with its kind of device."""
    if system_names()[0] != "iOS":
        return None
    import platform

    release = platform.ios_ver().release  # type: ignore[attr-defined, unused-ignore] # from 3.13 on
    return {"version": leading_numbers(release), "multiarch": sys.implementation._multiarch}  # noqa: SLF001 - PEP 730


def leading_numbers(version: str) -> "list[int]":
    """The two leading numbers of a version."""
    numbers = [int(part) for part in version.split(".")[:2]]
    return numbers + [0] * (2 - len(numbers))


def android_api_level() -> "int | None":
    """The API level of the device."""
    if system_names()[0] != "Android":
        return None
    import platform

    return int(platform.android_ver().api_level)  # type: ignore[attr-defined, unused-ignore] # from 3.13 on


def outcome() -> "dict[str, object]":
    """The facts, or why there are none."""
    if sys.version_info[:2] < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        return error("unsupported-python", "it is Python " + found + ", and 3.7 is the oldest that can be used")
    if not sys.executable:
        return error("no-executable", "it does not know its own path")
    try:
        facts = describe()
    except Exception as failure:  # noqa: BLE001 - whatever a foreign interpreter raises is its answer
        return error("failed", type(failure).__name__ + ": " + str(failure))
    facts["result"] = "success"
    return facts


def error(kind: str, message: str) -> "dict[str, object]":
    """The object of a failure."""
    return {"result": "error", "kind": kind, "message": message}


def main(word: str) -> None:
    """Write the object past whatever stands in for the standard output, which may have text of others in it."""
    import json  # the locktool that describes itself has no use for it

    text = "\n<" + word + ">" + json.dumps(outcome()) + "</" + word + ">\n"
    rest = text.encode("ascii")
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    main(sys.argv[1])
