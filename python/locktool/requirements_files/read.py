"""Reads requirements files as `locktool compile` takes them: requirements, constraints, and the options of the files.

In: paths. Out: one `RequirementsInput`. Follows pip's documented format; a reference to a file over the network is
refused, since files are read here and sockets belong to the core.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from locktool._native import display_path, normalize_name, requirement_text
from locktool.exceptions import InvalidText, ProjectError
from locktool.requirements_files.line import LogicalLine, line_error, logical_lines
from locktool.requirements_files.local import DirectRequirement, LocalSource, read_direct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

STRONG_HASHES = {"sha256": 64, "sha384": 96, "sha512": 128}
HEXADECIMAL = frozenset("0123456789abcdef")
EVERY_PACKAGE = ":all:"
NO_PACKAGE = ":none:"
PYTHON_SUFFIXES = (".py", ".pyw")


class RequirementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement and the line it stands on.

    `text` is canonical. Where it is a path it has its `source`, whose path is relative to the working directory.
    `direct` is set for a path or an address; while nobody has named its package, `text` is what stands there.
    """

    text: str
    source: LocalSource | None = None
    direct: DirectRequirement | None = None
    hashes: tuple[tuple[str, str], ...] = ()
    path: str
    line: int

    @property
    def is_named(self) -> bool:
        """Whether it is known which package is required."""
        return self.direct is None or self.direct.name is not None

    def named(self, name: str) -> RequirementLine:
        """The path or address as a requirement on the package `name`. Raises ProjectError."""
        if self.direct is None:
            return self
        name = normalize_name(name)
        try:
            text = requirement_text(self.direct.text(name))
        except InvalidText as error:
            raise line_error(Path(self.path), self.line, error.message, error.code) from error
        direct = self.direct._replace(name=name)
        return msgspec.structs.replace(self, text=text, source=self.direct.source(name), direct=direct)


class RequirementsInput(msgspec.Struct, frozen=True, kw_only=True):
    """All that a set of requirements files says, in the order of the files.

    `no_binary` and `only_binary` are names of packages, or `:all:` among them. `read` are the files that were read.
    """

    requirements: tuple[RequirementLine, ...] = ()
    constraints: tuple[RequirementLine, ...] = ()
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    prereleases: bool = False
    require_hashes: bool = False
    no_binary: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    read: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()

    def named(self, name_of: Callable[[RequirementLine], str]) -> RequirementsInput:
        """The same with a name for each path and address that has none; `name_of` finds it."""
        lines = (line if line.is_named else line.named(name_of(line)) for line in self.requirements)
        return msgspec.structs.replace(self, requirements=tuple(lines))

    def __repr__(self) -> str:
        """Leave the addresses out, since they may hold credentials."""
        return f"RequirementsInput(requirements={self.requirements!r}, constraints={self.constraints!r})"


def read_requirements_files(
    paths: Iterable[Path],
    constraints: Iterable[Path] = (),
    *,
    environ: Mapping[str, str] | None = None,
    standard_input: bytes = b"",
) -> RequirementsInput:
    """Read requirements files and constraints files; the path `-` is the standard input.

    Raises ProjectError with file and line.
    """
    reader = Reader(os.environ if environ is None else environ, standard_input)
    for path in paths:
        reader.read_file(path, constraint=False)
    for path in constraints:
        reader.read_file(path, constraint=True)
    return reader.result()


class Reader:
    """Follows files into the files they name, collecting what all of them say."""

    def __init__(self, environ: Mapping[str, str], standard_input: bytes) -> None:
        """Start with nothing collected."""
        self.environ = environ
        self.standard_input = standard_input
        self.open: list[tuple[object, Path]] = []
        self.read: list[Path] = []
        self.requirements: list[RequirementLine] = []
        self.constraints: list[RequirementLine] = []
        self.values: dict[str, list[str]] = {}
        self.warnings: list[str] = []

    def result(self) -> RequirementsInput:
        """What was collected."""
        index_urls = self.values.get("index-url", [])
        return RequirementsInput(
            requirements=tuple(self.requirements),
            constraints=tuple(self.constraints),
            index_url=index_urls[-1] if index_urls else None,
            extra_index_urls=tuple(self.values.get("extra-index-url", ())),
            find_links=tuple(self.values.get("find-links", ())),
            no_index="no-index" in self.values,
            prereleases="pre" in self.values,
            require_hashes="require-hashes" in self.values,
            no_binary=format_control(self.values.get("no-binary", ())),
            only_binary=format_control(self.values.get("only-binary", ())),
            read=tuple(self.read),
            warnings=tuple(self.warnings),
        )

    def read_file(self, path: Path, *, constraint: bool, named_by: LogicalLine | None = None) -> None:
        """Read one file and those it names."""
        identity = identity_of(path)
        known = [opened for opened, _ in self.open]
        if identity in known:
            circle = [*(each for _, each in self.open[known.index(identity) :]), path]
            chain = " -> ".join(display_path(os.path.normpath(each)) for each in circle)
            message = f"requirements files include each other in a circle: {chain}"
            raise named_by.error(message) if named_by else ProjectError("include-cycle", message, path=str(path))
        data = self.data_of(path, named_by)
        refuse_other_kinds(path, data, named_by)
        self.open.append((identity, path))
        self.read.append(path)
        for line in logical_lines(path, data, self.environ):
            self.take_line(line, constraint=constraint)
        self.open.pop()

    def data_of(self, path: Path, named_by: LogicalLine | None) -> bytes:
        """Read the bytes of a file; the error for a missing one says which line names it."""
        if str(path) == "-":
            return self.standard_input
        try:
            return path.read_bytes()
        except OSError as error:
            reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
            location = display_path(str(path))
            if named_by is not None:
                raise named_by.error(f"cannot read {location}: {reason}", "missing-file") from error
            raise ProjectError("missing-file", f"{location}: {reason}", path=str(path)) from error

    def take_line(self, line: LogicalLine, *, constraint: bool) -> None:
        """Take one line: a requirement with its own options, or options of the file."""
        editables = [value for name, value in line.options if name == "editable"]
        if len(editables) + bool(line.requirement) > 1:
            raise line.error("one line can hold one requirement; write each on its own line")
        if editables or line.requirement:
            target = self.constraints if constraint else self.requirements
            target.append(self.read_requirement(line, editable=bool(editables), constraint=constraint))
            return
        for name, value in line.options:
            if name in {"requirement", "constraint"}:
                self.read_file(self.included_path(line, value), constraint=name == "constraint", named_by=line)
            elif name in {"find-links", "index-url", "extra-index-url"}:
                self.values.setdefault(name, []).append(link_beside(line.path, value))
            elif name in {"hash", "global-option", "config-settings"}:
                raise line.error(f"--{name} belongs behind a requirement on the same line")
            else:
                self.values.setdefault(name, []).append(value)

    def included_path(self, line: LogicalLine, value: str) -> Path:
        """The file that `-r` or `-c` names, relative to the file that names it."""
        if value.lower().startswith(("http:", "https:")):
            raise line.error(f"requirements files are read from disk only; download {value} and name the file")
        if value.lower().startswith("file:"):
            from urllib.parse import urlsplit
            from urllib.request import url2pathname

            value = url2pathname(urlsplit(value).path)
        return directory_of(line.path) / value

    def read_requirement(self, line: LogicalLine, *, editable: bool, constraint: bool) -> RequirementLine:
        """Read a requirement: by name, by address or by path."""
        text = dict(line.options)["editable"] if editable else line.requirement
        found = read_direct(line, text, directory_of(line.path), editable=editable)
        if constraint and (editable or (found is not None and (found.name is None or found.extras))):
            message = "a constraint limits versions of a named package: 'name @ path', without extras and not editable"
            raise line.error(message)
        hashes = tuple(self.read_hashes(line))
        if found is not None and found.name is None:
            # An address with credentials is refused before anybody is asked what is there.
            canonical_text(line, found.text("unnamed"))
        if hashes and found is not None and found.is_tree:
            raise line.error("--hash is for files; a directory or a repository has none")
        read = RequirementLine(
            text=text if found else canonical_text(line, text),
            direct=found,
            hashes=hashes,
            path=display_path(str(line.path)),
            line=line.number,
        )
        return read.named(found.name) if found and found.name else read

    def read_hashes(self, line: LogicalLine) -> Iterable[tuple[str, str]]:
        """Read the hashes of a requirement, each by an algorithm that is still safe."""
        for name, value in line.options:
            if name in {"global-option", "config-settings"}:
                location = display_path(str(line.path), line.number)
                self.warnings.append(f"{location}: --{name} is left out: nothing is built with it")
            elif name == "hash":
                algorithm, _, digest = value.partition(":")
                length = STRONG_HASHES.get(algorithm)
                if length is None:
                    raise line.error(f"--hash={value}: the algorithm must be one of {', '.join(STRONG_HASHES)}")
                if len(digest) != length or not HEXADECIMAL.issuperset(digest.lower()):
                    raise line.error(f"--hash={value}: a {algorithm} digest is {length} hexadecimal digits")
                yield algorithm, digest.lower()
            elif name != "editable":
                raise line.error(f"--{name} belongs on a line of its own")


def canonical_text(line: LogicalLine, text: str) -> str:
    """Write the requirement canonically, or say at which line it is not one."""
    try:
        return requirement_text(text)
    except InvalidText as error:
        raise line.error(error.message, error.code) from error


def identity_of(path: Path) -> object:
    """What two spellings of one file have in common."""
    real = os.path.realpath(path)
    try:
        status = Path(real).stat()
    except OSError:
        return os.path.normcase(real)
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.normcase(real)


def refuse_other_kinds(path: Path, data: bytes, named_by: LogicalLine | None) -> None:
    """Refuse files that are no requirements files, and say what to do with them. Raises ProjectError."""
    location = display_path(str(path))
    if path.suffix.lower() == ".toml":
        message = f"{location} is a TOML file, not a requirements file; only a pyproject.toml can be an input beside it"
    elif path.suffix.lower() in PYTHON_SUFFIXES or (path.name == "setup.cfg"):
        message = f"{location} is no requirements file, and can only be named as an input itself"
    elif data.startswith(b"#!") and b"python" in data.partition(b"\n")[0]:
        message = f"{location} is a Python script, not a requirements file; give it the suffix .py to read its block"
    else:
        return
    raise named_by.error(message) if named_by else ProjectError("not-requirements", message, path=str(path))


def directory_of(path: Path) -> Path:
    """The directory that relative paths of a file start from; of the standard input it is the working directory."""
    return Path.cwd() if str(path) == "-" else path.parent


def link_beside(path: Path, value: str) -> str:
    """A path of find-links or of an index: beside the requirements file where it exists there, else as written.

    pip has it so for find-links.
    """
    beside = directory_of(path) / value
    return str(beside) if "://" not in value and beside.exists() else value


def format_control(values: Sequence[str]) -> tuple[str, ...]:
    """Add up `--no-binary` values: names, `:all:`, and `:none:`, which forgets what stood before it."""
    chosen: set[str] = set()
    for word in (word for value in values for word in value.split(",") if word):
        if word == NO_PACKAGE:
            chosen.clear()
        else:
            chosen.add(word if word == EVERY_PACKAGE else normalize_name(word))
    return tuple(sorted(chosen))
