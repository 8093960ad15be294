"""The isolated environments that builds run in: virtual environments that hold what builds require, and nothing else.

In: an interpreter and wheels. Out: a Python to run hooks with. An environment is made once for each set of wheels and
kept; one whose files are not what they were when it was made is made again.
"""

from __future__ import annotations

import os
import shutil
import time
import zlib
from contextlib import suppress
from pathlib import Path

from locktool.building.process import run
from locktool.building.workspace import new_directory
from locktool.exceptions import BuildError
from locktool.interpreter.probe import is_running
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    from locktool.interpreter.facts import Interpreter

    class Environments(Protocol):
        """Who makes the environments of one build; it works below `cache`, or among temporary files without one."""

        @property
        def cache(self) -> Path | None:
            """The cache directory."""

        def having(self, requirements: Sequence[str], built: Built, further: Sequence[str] = ()) -> BuildEnvironment:
            """The environment of one build, with what its tree requires and its backend asks for.

            Raises BuildError.
            """

        def nearest(self, package: str, version: str) -> Stated | None:
            """What the nearest release requires that says so without a build, if any can be read."""


# Variables that would let the calling environment into the isolated one, or keep it from compiling what it imports.
DROPPED = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
    "__PYVENV_LAUNCHER__",
)
SECRET_PREFIXES = ("LOCKTOOL_INDEX_", "UV_INDEX_")
MOST_ENVIRONMENTS = 32
"""How many environments are kept; one with setuptools takes 10 MB."""
_UNUSED_SECONDS = 24 * 3600
_RECORD = "locktool-environment"
_BYTECODE = "bytecode"
_PARTIAL = "partial-"


class Wheel(Record):
    """A wheel on disk and its SHA-256."""

    path: Path
    sha256: str


class Stated(Record):
    """A version of a package, and what it states that it requires."""

    version: str
    requirements: list[str]


class Built(Record):
    """What is built: in words for messages, and its package where that is known."""

    subject: str
    package: str | None


class BuildEnvironment(Record):
    """A virtual environment of builds, or where `interpreter` is given, the one that it belongs to.

    `reads_our_bytecode` says that its Python is the one that runs this code.
    """

    directory: Path
    interpreter: Path | None = None
    reads_our_bytecode: bool = False

    @property
    def scripts(self) -> Path:
        """Its programs."""
        if self.interpreter is not None:
            return self.interpreter.parent
        return self.directory / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.interpreter or self.scripts / ("python.exe" if os.name == "nt" else "python")

    def environ(self, *, leaves_bytecode: bool) -> dict[str, str]:
        """The variables of the caller, less those that reach into Python's module search or hold credentials.

        `leaves_bytecode` says that what is compiled may be left beside its source.
        """
        environ = {name: value for name, value in os.environ.items() if not _is_withheld(name)}
        environ["PATH"] = os.pathsep.join([str(self.scripts), environ.get("PATH", os.defpath)])
        environ["PYTHONIOENCODING"] = "utf-8"
        if self.interpreter is not None:
            return environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        environ["VIRTUAL_ENV"] = str(self.directory)
        environ["PYTHONNOUSERSITE"] = "1"
        if not leaves_bytecode:
            environ["PYTHONPYCACHEPREFIX"] = str(self.directory / _BYTECODE)
        return environ

    def forget(self, tree: Path) -> None:
        """Remove the compiled modules of a tree that goes with its build."""
        compiled = self.directory / _BYTECODE / tree.resolve().relative_to(tree.anchor)
        shutil.rmtree(compiled, ignore_errors=True)


class EnvironmentStore(Record):
    """Environments below a directory, each by its interpreter and wheels: complete or not there."""

    directory: Path

    def get(self, interpreter: Interpreter, wheels: Iterable[Wheel]) -> BuildEnvironment:
        """The environment of an interpreter with these wheels installed. Raises BuildError."""
        wanted = sorted(set(wheels), key=lambda wheel: wheel.path.name)
        made_of = _described(interpreter, wanted)
        # The record says it whole: should two have one name, the later takes the place of the other.
        final = self.directory / f"{zlib.crc32(made_of.encode()):08x}"
        if not _is_intact(final, made_of):
            self._make_environment(interpreter, wanted, final, made_of)
            self.remove_unused(MOST_ENVIRONMENTS)
        with suppress(OSError):
            os.utime(final)
        return BuildEnvironment(directory=final, reads_our_bytecode=is_running(Path(interpreter.executable)))

    def remove_unused(self, most: int) -> None:
        """Remove what interrupted runs left, and environments beyond a number, where a day has not seen them used."""
        too_old = time.time() - _UNUSED_SECONDS
        unused = []
        for path in self.directory.iterdir():
            with suppress(OSError):
                used = path.stat().st_mtime
                if path.name.startswith(_PARTIAL) and used < too_old:
                    shutil.rmtree(path, ignore_errors=True)
                elif (path / _RECORD).is_file():
                    unused.append((used, path))
        for used, path in sorted(unused, reverse=True)[most:]:
            if used < too_old:
                shutil.rmtree(path, ignore_errors=True)

    def _make_environment(self, interpreter: Interpreter, wheels: Sequence[Wheel], final: Path, made_of: str) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        partial = new_directory(self.directory, _PARTIAL)
        try:
            _create(interpreter, partial)
            for wheel in wheels:
                _install(wheel.path, partial, BuildEnvironment(directory=final))
            (partial / _RECORD).write_bytes(_record(partial, made_of))
            # Another build may have been quicker: then its environment is as good, and perhaps in use. It is looked at
            # once it is in the way, since one that came after a look would be taken for what was damaged.
            if not _renamed(partial, final) and not _is_intact(final, made_of):
                damaged = partial.with_name(f"{partial.name}-damaged")
                _renamed(final, damaged)
                _renamed(partial, final)
                shutil.rmtree(damaged, ignore_errors=True)
            if not (final / _RECORD).is_file():
                raise BuildError("no-environment", f"{final} cannot be made", path=str(final))
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _renamed(directory: Path, name: Path) -> bool:
    """Give a directory another name; whether nothing was in the way."""
    try:
        directory.rename(name)
    except OSError:
        return False
    return True


def environ_outside_of_trees(work: Path) -> dict[str, str]:
    """What keeps setuptools' NAME.egg-info out of the source tree, in a directory that goes with the build.

    It is written when build requirements are asked for. A configuration that the caller gives setuptools stays.
    """
    if "DIST_EXTRA_CONFIG" in os.environ:
        return {}
    base = work / "egg-info"
    base.mkdir(exist_ok=True)
    config = base / "distutils.cfg"
    config.write_text(f"[egg_info]\negg_base = {base}\n", encoding="utf-8")
    return {"DIST_EXTRA_CONFIG": str(config)}


def _is_withheld(name: str) -> bool:
    is_secret = name.startswith(SECRET_PREFIXES) and name.endswith(("_USERNAME", "_PASSWORD"))
    return name in DROPPED or is_secret


def _described(interpreter: Interpreter, wheels: Sequence[Wheel]) -> str:
    """What an environment is made of."""
    python = [os.path.realpath(interpreter.executable), interpreter.version, interpreter.soabi, interpreter.base_prefix]
    return repr([*python, *((wheel.path.name, wheel.sha256) for wheel in wheels)])


def _create(interpreter: Interpreter, directory: Path) -> None:
    """Make an empty virtual environment; only a Python itself knows what it needs of its installation."""
    if is_running(Path(interpreter.executable)):
        import venv

        venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(directory)
    else:
        options = ["--without-pip", *(["--symlinks"] if os.name != "nt" else [])]
        environ = {name: value for name, value in os.environ.items() if name not in DROPPED}
        outcome = run([interpreter.executable, "-I", "-m", "venv", *options, str(directory)], environ=environ)
        if outcome.code:
            message = f"{interpreter.executable} cannot make a virtual environment: {outcome.output.strip()}"
            raise BuildError("no-environment", message, path=interpreter.executable, output=outcome.output)
    # They name the directory as it is called until it is complete, and nobody activates this environment.
    for script in BuildEnvironment(directory=directory).scripts.glob("[Aa]ctivate*"):
        script.unlink()


def _install(wheel: Path, directory: Path, final: BuildEnvironment) -> None:
    """Install a wheel into an environment that will be moved to its final place. Raises BuildError."""
    from zipfile import BadZipFile

    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.exceptions import InstallerError
    from installer.sources import WheelFile
    from installer.utils import get_launcher_kind

    packages = str(next(iter([*directory.glob("lib/*/site-packages"), directory / "Lib" / "site-packages"])))
    name = wheel.name.partition("-")[0]
    destination = SchemeDictionaryDestination(
        {
            "purelib": packages,
            "platlib": packages,
            "scripts": str(BuildEnvironment(directory=directory).scripts),
            "data": str(directory),
            "headers": str(directory / "include" / name),
        },
        interpreter=str(final.python),
        script_kind=get_launcher_kind(),
        overwrite_existing=True,
    )
    try:
        with WheelFile.open(wheel) as source:
            install(source, destination, {"INSTALLER": b"locktool"})
    except (InstallerError, BadZipFile, OSError, ValueError, KeyError, AssertionError) as error:
        message = f"{wheel.name} cannot be installed for a build: {str(error) or type(error).__name__}"
        raise BuildError("build-requirements", message, path=wheel.name) from error


def _is_intact(directory: Path, made_of: str) -> bool:
    """Whether an environment is there, made of this, and holds what it held when it was made."""
    try:
        return (directory / _RECORD).read_bytes() == _record(directory, made_of)
    except OSError:
        return False


def _record(directory: Path, made_of: str) -> bytes:
    """What an environment is made of, and its files by name, size and time; compiled modules aside.

    It is read for each build and names hundreds of files. Raises OSError.
    """
    lines = []
    directories = [""]
    while directories:
        inner = directories.pop()
        with os.scandir(f"{directory}{os.sep}{inner}") as entries:
            for entry in entries:
                path = f"{inner}{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    stat = entry.stat(follow_symlinks=False)
                    lines.append(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n")
                elif path != _BYTECODE and entry.name != "__pycache__":
                    directories.append(f"{path}{os.sep}")
    found = "".join(sorted(line for line in lines if not line.startswith(f"{_RECORD}\0")))
    return f"{made_of}\n{found}".encode("utf-8", "surrogateescape")
