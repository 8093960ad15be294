"""Compiles requirements: files or a project in, requirements.txt or pylock.toml out.

The versions of an existing output are kept where they can be. Unlike a project's lock the result is for
one environment, unless it is asked to be universal. A lock says so in `environments` (PEP 751) and among its inputs, so
that it is refused elsewhere and `check` can prove it there.
"""

import re
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec import Struct, msgpack, structs

from locktool._native import LockFile, environment_marker, normalize_name, resolve
from locktool.exceptions import LockError
from locktool.export.requirements import RequirementsStyle, render_requirements
from locktool.lock.diff import compare_packages
from locktool.lock.file_name import LOCK_NAME, is_lock_name
from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock, Package
from locktool.lock.read import lock_of
from locktool.lock.replace import replace_file
from locktool.operations.inputs import CompileInputs, GatheredInputs, gather_inputs
from locktool.operations.lock import ExistingLock, Progress, read_existing, unknown_upgrades
from locktool.operations.metadata import source_builder, with_built_metadata
from locktool.operations.options import RunOptions, Target, merge_addresses, resolve_options
from locktool.operations.outcome import CompileOutcome, counters_of
from locktool.operations.repositories import checked_out
from locktool.requirements_files.local import relative_path

_PIN = re.compile(r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[^\]]*\])?\s*===?\s*([^\s;\\]+)", re.MULTILINE)


class CompileOptions(Struct, frozen=True, kw_only=True):
    """For what to resolve, and how to write it.

    Not `universal`: one environment, that of the running interpreter unless `target` says otherwise.
    """

    universal: bool = False
    target: Target = Target()
    style: RequirementsStyle = RequirementsStyle()


def compile_requirements(
    inputs: CompileInputs,
    output: Path | None = None,
    options: RunOptions | None = None,
    compile_options: CompileOptions | None = None,
    *,
    progress: Progress | None = None,
) -> CompileOutcome:
    """Resolve the inputs and write `output`: a lock where its name is one of a lock, else requirements.txt.

    Raises ProjectError, LockError, ResolutionImpossible and the errors of the index; the old output then stays.
    """
    started = monotonic()
    options, how = options or RunOptions(), compile_options or CompileOptions()
    is_lock = output is not None and is_lock_name(output.name)
    target, requires_python = _target(how)
    if is_lock and not how.universal:
        options, target = _for_one_environment(options, how.target), Target(reads_upper_python=True)
    gathered = gather_inputs(
        inputs,
        requires_python,
        lambda project, files: with_built_metadata(project, merge_addresses(options, project, files)),
    )
    existing = _read_existing(output)
    start = _start_of_paths(output)
    manifest = options.apply_to(msgpack.encode(gathered.manifest | _sources_from(start, gathered.manifest)))
    settings = merge_addresses(options, gathered.project, gathered.addresses)
    settings = structs.replace(settings, find_links=tuple(_link_from(start, link) for link in settings.find_links))
    with checked_out(manifest, None, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, start, target, checkouts=checkouts),
            indexes=list(settings.indexes),
            locked=existing.file if existing else None,
            builder=source_builder(settings),
            progress=progress,
        )
    lock = lock_of(resolution.lock, output or Path(LOCK_NAME))
    if is_lock:
        text = resolution.lock.write(existing.file if existing else None)
    else:
        text = _requirements_text(lock, gathered, how)
    changed = existing is None or text != existing.text
    return CompileOutcome(
        path=output,
        text=text,
        lock=lock,
        diff=compare_packages(existing.lock.packages if existing else (), lock.packages),
        first=existing is None,
        changed=changed,
        written=output is not None and changed and replace_file(output, text.encode()),
        seconds=monotonic() - started,
        warnings=(
            *gathered.warnings,
            *settings.warnings,
            *(existing.warnings if existing else ()),
            *resolution.warnings,
            *unknown_upgrades(options, lock),
        ),
        notes=settings.notes,
        counters=counters_of(resolution),
    )


def _target(how: CompileOptions) -> tuple[Target, str | None]:
    import platform

    version = how.target.python_version or platform.python_version()
    if how.universal:
        minor = ".".join(version.split(".")[: 2 if how.target.python_version is None else 3])
        return Target(), f">={minor}"
    return Target(python_version=version, python_platform=how.target.python_platform or _this_platform()), None


def _for_one_environment(options: RunOptions, target: Target) -> RunOptions:
    """The options of a lock for one environment: it is resolved as for a project that supports no other one."""
    import platform

    major, minor, _ = platform.python_version_tuple()
    environment = environment_marker(target.python_version or f"{major}.{minor}", target.python_platform)
    return structs.replace(options, choices={**options.choices, "environments": [environment]})


def _start_of_paths(output: Path | None) -> Path:
    """Where relative paths of the result start: PEP 751 has them start at the lock, requirements.txt at the user."""
    if output is None or not is_lock_name(output.name):
        return Path.cwd()
    return output.absolute().parent


def _sources_from(start: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """The sources of a manifest, with paths that start from `start` rather than from the working directory."""
    if start == Path.cwd() or "sources" not in manifest:
        return {}
    return {
        "sources": [
            source | {"path": relative_path(Path(source["path"]), start)} if "path" in source else source
            for source in manifest["sources"]
        ]
    }


def _link_from(start: Path, link: str) -> str:
    """A find-links entry as it reads from `start`; addresses, absolute paths and those of the user's home stay."""
    if start == Path.cwd() or "://" in link or link.startswith("~") or Path(link).is_absolute():
        return link
    return relative_path(Path(link), start)


def _this_platform() -> str:
    """The platform tag of the running interpreter, of its own half where it is built for two machines."""
    import platform
    import sysconfig

    tag = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return tag.replace("universal2", platform.machine())


def _read_existing(output: Path | None) -> ExistingLock | None:
    if output is None:
        return None
    if is_lock_name(output.name):
        return read_existing(output)
    try:
        text = output.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        message = f"{output} cannot be read: {error}"
        raise LockError("output-unreadable", message, path=str(output)) from error
    packages = tuple(Package(name=normalize_name(name), version=version) for name, version in _PIN.findall(text))
    lock = Lock(lock_version=LOCK_VERSION, created_by=CREATED_BY, packages=packages)
    return ExistingLock(text, LockFile.decode(msgpack.encode(lock)), lock)


def _requirements_text(lock: Lock, gathered: GatheredInputs, how: CompileOptions) -> str:
    if not how.universal:
        # In the one environment that was resolved for, every marker of the resolution is true.
        lock = structs.replace(lock, packages=tuple(structs.replace(package, marker=None) for package in lock.packages))
    return render_requirements(lock, how.style, gathered.origins)
