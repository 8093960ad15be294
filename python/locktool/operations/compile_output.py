"""The file that `compile` writes: which names it may have, the versions of what stands there, and its text.

In: a path, and what was resolved. Out: the existing output as preferences, and the text of a lock or of a
requirements.txt.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, msgpack, structs

from locktool._native import LockFile, display_path, split_credentials
from locktool.configuration.indexes import IndexSettings
from locktool.exceptions import LockError, ProjectError
from locktool.export.requirements import RequirementsStyle, pin, render_requirements
from locktool.lock.file_name import is_lock_name
from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock, Package
from locktool.lock.replace import is_stream
from locktool.operations.lock import read_existing
from locktool.operations.outcome import ExistingLock
from locktool.requirements_files.local import relative_path
from locktool.requirements_files.pins import Pin, read_pins, refuse_other_text
from locktool.requirements_files.read import identity_of

# What stands behind a pin on its line: the condition, hashes on further lines, a comment.
_SIDE_OF_PIN = re.compile(r"\s+(?:[;#]|\\$|--hash)")


class EmittedOptions(Struct, frozen=True, kw_only=True):
    """Which options of pip stand above the pins."""

    index_url: bool = False
    find_links: bool = False


def refuse_output(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse to write over an input, into no directory, and TOML under a name that is none of a lock.

    Raises ProjectError.
    """
    location = display_path(str(output))
    identity = identity_of(output)
    if any(str(path) != "-" and identity_of(path) == identity for path in inputs):
        message = f"{location} is one of the inputs; name another file to write"
        raise ProjectError("output-is-input", message, path=str(output))
    if not output.absolute().parent.is_dir():
        raise ProjectError("output-directory", f"{location}: its directory does not exist", path=str(output))
    if output.suffix.lower() == ".toml" and not is_lock_name(output.name):
        message = f"{location} is not the name of a lock: that is pylock.toml or pylock.NAME.toml, without further dots"
        raise ProjectError("output-name", message, path=str(output))


def start_of_paths(output: Path | None) -> Path:
    """Where relative paths of the result start: at the file that holds them, or where the text is printed, here."""
    return Path.cwd() if output is None else output.absolute().parent


def link_from(start: Path, link: str) -> str:
    """A path as it reads from `start`; addresses stay, and paths that lie outside of the working directory.

    What lies below it may move with the file that names it, however it was written.
    """
    if "://" in link or not Path(link).is_absolute() or not Path(link).is_relative_to(Path.cwd()):
        return link
    return relative_path(Path(link), start)


def read_output(output: Path | None) -> ExistingLock | None:
    """What stands in the output, as a lock; None where nothing does.

    Raises LockError where it cannot be read, and where it is a file that compile cannot have written.
    """
    if output is None or is_stream(output):
        return None
    if is_lock_name(output.name):
        return read_existing(str(output))
    try:
        data = output.read_bytes()
        refuse_other_text(output, data)
        pins = read_pins(output, data)
    except FileNotFoundError:
        return None
    except (OSError, ProjectError) as error:
        message = f"{display_path(str(output))} cannot be read as requirements, so it is left as it is: {error}"
        suggestion = "name another file with -o, or delete this one and run the command again"
        raise LockError("output-unreadable", message, path=str(output), suggestion=suggestion) from error
    file = LockFile.decode(msgpack.encode(lock_of_pins(pins)))
    return ExistingLock(location=str(output), text=data.decode("utf-8", "replace"), file=file)


def lock_of_pins(pins: Iterable[Pin]) -> Lock:
    """Pins as a lock without inputs: the versions that a run prefers."""
    packages = tuple(Package(name=pin.name, version=pin.version, marker=pin.marker) for pin in pins)
    return Lock(lock_version=LOCK_VERSION, created_by=CREATED_BY, packages=packages)


def packages_of_output(existing: ExistingLock, lock: Lock) -> tuple[Package, ...]:
    """What an existing output has of packages, as far as a lock can be compared with it.

    A line of a requirements.txt that is a path or an address says no version, and a path no name: such an entry of the
    lock was there before if the text has its line.
    """
    lines = {_SIDE_OF_PIN.split(line, maxsplit=1)[0] for line in existing.text.splitlines()}
    unnamed = [package for package in lock.packages if package.version is None or package.archive is not None]
    known = {package.name for package in existing.lock.packages}
    return (*existing.lock.packages, *(one for one in unnamed if one.name not in known and pin(one) in lines))


def requirements_text(lock: Lock, style: RequirementsStyle, origins: dict[str, list[str]], *, universal: bool) -> str:
    """The pins of a lock as a requirements.txt."""
    if not universal:
        # In the one environment that was resolved for, every marker of the resolution is true.
        lock = structs.replace(lock, packages=tuple(structs.replace(package, marker=None) for package in lock.packages))
    return render_requirements(lock, style, origins)


def with_newlines(text: str, newline: str, existing: ExistingLock | None) -> str:
    """The text with lines that end as is chosen: `LF`, `CRLF`, `native`, or `preserve`, as in the existing file."""
    if newline == "preserve":
        first = existing.text.partition("\n")[0] if existing else ""
        newline = "CRLF" if first.endswith("\r") else "LF"
    return text.replace("\n", {"LF": "\n", "CRLF": "\r\n", "native": os.linesep}[newline])


def option_lines(settings: IndexSettings, emitted: EmittedOptions, start: Path) -> tuple[str, ...]:
    """The options of pip that say where the run looked, without credentials; paths start at `start`."""
    lines = []
    if emitted.index_url:
        # The index that pip asks for everything stands first; the others come in the order in which they are asked.
        asked = sorted((one for one in settings.indexes if not one.explicit), key=lambda one: not one.default)
        for location in asked:
            address = split_credentials(location.mirror_of or location.url)[0]
            lines.append(f"{'--index-url' if location.default else '--extra-index-url'} {link_from(start, address)}")
        lines += [] if settings.indexes else ["--no-index"]
    if emitted.find_links:
        lines += [f"--find-links {split_credentials(link)[0]}" for link in settings.find_links]
    return (*lines, "") if lines else ()
