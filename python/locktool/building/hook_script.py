"""Calls the hooks of a build backend in the interpreter that runs it (PEP 517), and writes what came of it to a file.

Other Pythons than ours run it by its path, CPython from 3.7 on and PyPy: it imports the standard library alone, and as
little of that as it can. Its arguments are the file of the outcome, the directory for what is built, the backend
(`module:object`), the hooks in their order, separated by commas, and the directories of the tree that the backend is
loaded from (none: the environment). What is required for a wheel is asked first, where that hook is named, and if that
is anything, no other hook is called.

The outcome is a word and texts, each ended by NUL: `requires` and requirements, `result` and a name, `unavailable` and
a traceback. An exception of a hook ends the process as any other does.
"""

import os
import sys

REQUIRES_HOOK = "get_requires_for_build_wheel"
METADATA_HOOK = "prepare_metadata_for_build_wheel"
WHEEL_HOOK = "build_wheel"


def main(outcome: str, output: str, name: str, hooks: str, *paths: str) -> None:
    """Load the backend and call its hooks."""
    try:
        backend = load(name, paths)
    except ImportError:
        import traceback

        write(outcome, "unavailable", traceback.format_exc())
        return
    first, _, second = hooks.partition(",")
    if hooks == REQUIRES_HOOK:
        ask_requirements(backend, outcome)
        return
    if first == REQUIRES_HOOK and hasattr(backend, REQUIRES_HOOK):
        in_another_process(backend, outcome)
        if os.path.exists(outcome):  # noqa: PTH110 - pathlib takes as long to load as all of this
            return
    if (second or first) == METADATA_HOOK:
        write(outcome, "result", metadata(backend, output))
    else:
        write(outcome, "result", str(backend.build_wheel(output, None, None)))  # type: ignore[attr-defined]


def load(name: str, paths: "tuple[str, ...]") -> object:
    """The object that a backend's name stands for. Raises ImportError where it cannot be had from `paths`."""
    sys.path[:0] = paths
    module, _, attributes = name.partition(":")
    __import__(module)
    backend: object = sys.modules[module]
    if paths and not comes_from(backend, paths):
        raise ImportError(name + " is in none of the directories of backend-path")
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    return backend


def comes_from(module: object, paths: "tuple[str, ...]") -> bool:
    """Whether a module lies below one of some directories."""
    file = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", ()))
    roots = tuple(os.path.join(os.path.realpath(path), "") for path in paths)  # noqa: PTH118 - as above
    return any(os.path.realpath(place).startswith(roots) for place in places)


def in_another_process(backend: object, outcome: str) -> None:
    """Ask for requirements in a process of its own, which PEP 517 wants for each hook, and end as it does if it fails.

    Where a process can be forked, the backend is imported once for both hooks. The libraries of macOS do not all
    survive that.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        import subprocess

        arguments = [*sys.argv[:4], REQUIRES_HOOK, *sys.argv[5:]]
        code = subprocess.call([sys.executable, *arguments])
    else:
        flush()
        child = os.fork()
        if child == 0:
            end_after_asking(backend, outcome)
        _, status = os.waitpid(child, 0)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    if code:
        sys.exit(code)


def end_after_asking(backend: object, outcome: str) -> None:
    """Ask for requirements and end this process; what else was registered for the end is the first process's."""
    code = 1
    try:
        ask_requirements(backend, outcome)
        code = 0
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code + "\n")
    except BaseException:  # noqa: BLE001 - this process ends in any case
        sys.excepthook(*sys.exc_info())
    finally:
        flush()
        os._exit(code)


def flush() -> None:
    """Pass on what was printed."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def ask_requirements(backend: object, outcome: str) -> None:
    """Write what the backend requires beside what the tree states; nothing where that is nothing."""
    hook = getattr(backend, REQUIRES_HOOK, None)
    required = [] if hook is None else [str(each) for each in hook(None)]
    if required:
        write(outcome, "requires", *required)


def metadata(backend: object, output: str) -> str:
    """The name of the .dist-info directory that is made below `output`, if need be by way of a wheel."""
    hook = getattr(backend, METADATA_HOOK, None)
    if hook is not None:
        return str(hook(output, None))
    import zipfile

    wheel = str(backend.build_wheel(output, None, None))  # type: ignore[attr-defined]
    with zipfile.ZipFile(os.path.join(output, wheel)) as archive:  # noqa: PTH118 - as above
        for name in archive.namelist():
            directory, _, rest = name.partition("/")
            if directory.endswith(".dist-info") and rest == "METADATA":
                archive.extract(name, output)
                return directory
    raise ValueError(wheel + " has no METADATA")


def write(outcome: str, *texts: str) -> None:
    """Write an outcome."""
    with open(outcome, "wb") as file:  # noqa: PTH123 - as above
        file.write("".join(text + "\0" for text in texts).encode("utf-8", "surrogateescape"))


def end(code: int) -> None:
    """End the process with what is registered for its end, and leave its memory to the system.

    To take setuptools apart, module by module, takes a fifth of the time that its import takes.
    """
    import atexit

    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()  # noqa: SLF001 - what the interpreter calls, as multiprocessing does
    atexit._run_exitfuncs()  # noqa: SLF001 - the same
    flush()
    os._exit(code)


if __name__ == "__main__":
    # Its directory stands first, unless the interpreter was told otherwise, and has nothing for a backend.
    if sys.path and os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(__file__)):  # noqa: PTH120 - as above
        del sys.path[0]
    main(*sys.argv[1:])
    end(0)
