"""What interpreters say of themselves, whatever surrounds them, and one line for what is no interpreter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import packaging
import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from locktool.exceptions import LocktoolError
from locktool.interpreter import probe as probe_module
from locktool.interpreter import target_script
from locktool.interpreter.facts import Interpreter
from locktool.interpreter.probe import probe_interpreter, running_interpreter
from stand_in_interpreters import POSIX_ONLY, program, stand_in, wrapper
from tags_of_packaging import tags_of_packaging

HERE = Path(sys.executable)
MACHINE_PYTHONS = [
    *sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob("*/bin/python")),
    *(Path("/usr/bin", name) for name in ("python3", "pypy3", "graalpy")),
]
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="asks for the kernel's personality, or for ELF files")


@pytest.fixture
def _asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The running interpreter is asked like any other."""
    monkeypatch.setattr(probe_module, "is_running", lambda _: False)


def reason(path: Path) -> str:
    with pytest.raises(LocktoolError) as caught:
        probe_interpreter(path)
    assert caught.value.code == "not-an-interpreter"
    head, _, said = caught.value.message.partition(" cannot be used as a Python: ")
    assert head == str(path)
    assert "\n" not in said
    return said


def test_the_running_interpreter_agrees_with_packaging() -> None:
    found = running_interpreter()
    assert found.marker_environment == dict(default_environment())
    assert found.tags() == tuple(str(tag) for tag in sys_tags())
    assert found.version == ".".join(str(part) for part in sys.version_info[:3])
    assert found.is_virtual == (sys.prefix != sys.base_prefix)


@pytest.mark.usefixtures("_asked")
def test_a_subprocess_says_the_same_as_the_running_interpreter() -> None:
    assert probe_interpreter(HERE) == running_interpreter()


# What the interpreter of a foreign Python is asked by packaging's own code, which needs 3.10.
_REFEREE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from packaging.markers import default_environment
from packaging.tags import sys_tags
print(json.dumps([default_environment(), [str(tag) for tag in sys_tags()]]))
"""
# pip's copy in an older Python: linux_* after manylinux_* as it was then, and without CPython's cp37-none-any.
_OLD_REFEREE = _REFEREE.replace("from packaging", "from pip._vendor.packaging")


def packaging_in(python: Path, referee: str) -> tuple[dict[str, str], list[str]] | None:
    """The marker environment and the tags by the packaging that runs there; None where there is none."""
    library = str(Path(packaging.__path__[0]).parent) if referee is _REFEREE else "."
    command = [str(python), "-I", "-c", referee, library]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if ended.returncode else tuple(json.loads(ended.stdout))


@pytest.mark.parametrize("python", MACHINE_PYTHONS, ids=str)
def test_every_python_of_the_machine_agrees_with_packaging(python: Path) -> None:
    if not python.is_file():
        pytest.skip(f"this machine has no {python}")
    version = subprocess.run(
        [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    numbers = tuple(map(int, version.split(".")))
    if numbers < (3,):
        assert reason(python) == "it does not know the option -I, as Python does from 3.4 on"
        return
    if numbers < target_script.OLDEST:
        assert reason(python).endswith("and 3.7 is the oldest that can be used")
        return
    found = probe_interpreter(python)
    tags = list(found.tags())
    # The core's tags are packaging's for the facts, and where packaging itself runs there, the facts are right too.
    assert tags == tags_of_packaging(found.facts())
    if referee := packaging_in(python, _REFEREE):
        assert (found.marker_environment, tags) == referee
    elif referee := packaging_in(python, _OLD_REFEREE):
        tags = [tag for tag in tags if tag != f"cp{found.version_nodot}-none-any"]
        assert (found.marker_environment, sorted(tags)) == (referee[0], sorted(referee[1]))


@LINUX_ONLY
@pytest.mark.usefixtures("_asked")
def test_a_kernel_that_says_another_machine_is_believed_as_packaging_believes_it(tmp_path: Path) -> None:
    if shutil.which("setarch") is None:
        pytest.skip("this machine has no setarch")
    python = program(tmp_path / "python", f'exec setarch i686 {HERE} "$@"')
    found = probe_interpreter(python)
    assert found.marker_environment["platform_machine"] == "i686"
    assert (found.platform, found.pointer_size, found.architecture) == (
        "linux-i686",
        64,
        running_interpreter().architecture,
    )
    assert (found.marker_environment, list(found.tags())) == packaging_in(python, _REFEREE)
    assert not any("manylinux" in tag for tag in found.tags())


@pytest.mark.usefixtures("_asked")
def test_the_host_platform_of_a_cross_compilation_is_used_as_packaging_uses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_PYTHON_HOST_PLATFORM", "linux-armv7l" if sys.platform == "linux" else "macosx-12.0-x86_64")
    found = probe_interpreter(HERE)
    assert found.platform == os.environ["_PYTHON_HOST_PLATFORM"]
    assert (found.marker_environment, list(found.tags())) == packaging_in(HERE, _REFEREE)


@pytest.mark.usefixtures("_asked")
def test_what_shadows_the_standard_library_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = running_interpreter()
    for name in ("json", "platform", "sysconfig", "struct", "subprocess", "os", "site", "encodings"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    assert probe_interpreter(HERE) == here


CUSTOMISATIONS = {
    "prints": "print('hello'); import sys; print('{\"result\": \"success\"}', file=sys.stderr)",
    "prints-without-a-newline": "import sys; sys.stdout.write('{'); sys.stdout.flush()",
    "prints-at-the-end": 'import atexit; atexit.register(print, \'{"result": "error"}\')',
    "prints-bytes": "import os; os.write(1, bytes(range(256)))",
    "replaces-the-output": "import io, sys; sys.stdout = sys.__stdout__ = io.StringIO()",
    "closes-the-output": "import sys; sys.stdout.close()",
    "fails": "raise RuntimeError('broken')",
    "repeats-the-arguments": "import sys; print(*sys.orig_argv)",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment whose site-packages a test may write to."""
    root = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    return root


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.mark.parametrize("name", CUSTOMISATIONS)
@pytest.mark.parametrize("kind", ["sitecustomize", "pth"])
def test_what_an_environment_prints_is_passed_over(environment: Path, name: str, kind: str) -> None:
    site = Path(probe_interpreter(python_of(environment)).paths["purelib"])
    text = CUSTOMISATIONS[name]
    file = site / ("sitecustomize.py" if kind == "sitecustomize" else "own.pth")
    file.write_text(text if kind == "sitecustomize" else f"import sys; {text}\n")
    try:
        found = probe_interpreter(python_of(environment))
    finally:
        file.unlink()
    assert found.is_virtual
    assert Path(found.prefix).resolve() == environment.resolve()
    assert found.tags() == running_interpreter().tags()


def test_the_manylinux_module_of_an_environment_is_asked(environment: Path) -> None:
    site = Path(probe_interpreter(python_of(environment)).paths["purelib"])
    modules = {
        "def manylinux_compatible(major, minor, machine): return None if minor > 20 else minor == 17": True,
        "manylinux1_compatible = manylinux2010_compatible = False\nmanylinux2014_compatible = True": True,
        "": False,
    }
    for text, refuses in modules.items():
        (site / "_manylinux.py").write_text(text)
        try:
            found = probe_interpreter(python_of(environment))
            referee = packaging_in(python_of(environment), _REFEREE)
        finally:
            (site / "_manylinux.py").unlink()
        assert referee is not None
        assert list(found.tags()) == referee[1]
        assert bool(found.manylinux_refused) == (refuses and found.libc is not None and found.libc["name"] == "glibc")


@POSIX_ONLY
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("echo activating", "echo done; echo '{}'"),
        ("printf 'no newline {'", "printf more"),
        ("echo warning >&2", "exit 0"),
    ],
)
def test_what_a_wrapper_prints_is_passed_over(tmp_path: Path, before: str, after: str) -> None:
    found = probe_interpreter(wrapper(tmp_path / "python", before, after))
    assert found == running_interpreter()


@POSIX_ONLY
def test_a_wrapper_that_fails_after_the_answer_has_answered(tmp_path: Path) -> None:
    assert probe_interpreter(wrapper(tmp_path / "python", after="exit 3")) == running_interpreter()


@POSIX_ONLY
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exit 3", "it ended with code 3"),
        ("echo no such version >&2; exit 127", "it ended with code 127: no such version"),
        ("exit 0", "it ended without an answer"),
        ("echo '{}'", "it ended without an answer"),
        ("echo 'one\ntwo\n\nthree\nfour' >&2", "it ended without an answer: two / three / four"),
        ("kill -SEGV $$", "it was ended by signal 11"),
        ('echo "<$3>nonsense</$3>"', "it ended without an answer"),
        ('echo "<$3>[]</$3>"', "it ended without an answer"),
        ('echo "<$3>{}"', "it ended without an answer"),
        ('echo "<$3>{}</$3>"', "its answer is not understood: `executable` is missing"),
        ("""printf '<%s>{"result": "error", "message": "it is tired"}</%s>' "$3" "$3\"""", "it is tired"),
    ],
)
def test_what_is_no_interpreter_is_refused_with_a_reason(tmp_path: Path, text: str, message: str) -> None:
    assert reason(program(tmp_path / "python", text)) == message


@POSIX_ONLY
def test_what_cannot_be_run_is_refused_with_a_reason(tmp_path: Path) -> None:
    assert reason(tmp_path / "python") == "No such file or directory"
    (tmp_path / "text").write_text("text")
    assert reason(tmp_path / "text") == "Permission denied"


@POSIX_ONLY
def test_what_hangs_is_ended_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "TIMEOUT_SECONDS", 0.5)
    child = tmp_path / "child"
    python = program(tmp_path / "python", f"trap '' TERM\nsleep 300 &\necho $! > {child}\nwait")
    assert reason(python) == "it did not answer within 0.5 seconds"
    process = int(child.read_text())
    for _ in range(100):
        status = Path(f"/proc/{process}/stat")
        if sys.platform != "linux" or not status.exists() or status.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child stays")


@POSIX_ONLY
def test_a_child_that_holds_the_output_delays_nothing(tmp_path: Path) -> None:
    begin = time.monotonic()
    assert probe_interpreter(wrapper(tmp_path / "python", "sleep 300 &")) == running_interpreter()
    assert time.monotonic() - begin < probe_module.TIMEOUT_SECONDS


@POSIX_ONLY
def test_output_without_end_is_ended(tmp_path: Path) -> None:
    assert reason(program(tmp_path / "python", "yes")) == "it prints without end"


def test_a_failure_inside_the_script_is_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_script, "describe", lambda: 1 // 0)
    assert target_script.outcome() == {
        "result": "error",
        "kind": "failed",
        "message": "ZeroDivisionError: integer division or modulo by zero",
    }
    monkeypatch.setattr(sys, "executable", "")
    assert target_script.outcome()["kind"] == "no-executable"


def test_the_script_imports_the_standard_library_alone() -> None:
    text = "import runpy, sys; runpy.run_path(sys.argv[1]); print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", text, target_script.__file__]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    outside = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert {name for name in outside if not name.startswith(("__main__", "_sysconfigdata"))} == set()


def elf_file(path: Path, *, bits: int, little: bool, loader: bytes, flags: int = 5) -> Path:
    """An executable's head with one program header, which names a loader."""
    order = "little" if little else "big"
    word = bits // 8

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type] # one of two texts

    head_size, entry = (52, 32) if bits == 32 else (64, 56)
    head = b"\x7fELF" + bytes([bits // 32, 1 if little else 2, 1]) + bytes(9)
    head += number(2, 2) + number(40, 2) + number(1, 4) + number(0, word) + number(head_size, word) + number(0, word)
    head += number(flags, 4) + number(head_size, 2) + number(entry, 2) + number(1, 2) + bytes(6)
    offset = head_size + entry
    if bits == 32:
        table = number(3, 4) + number(offset, 4) + bytes(8) + number(len(loader), 4) + bytes(12)
    else:
        table = number(3, 4) + number(4, 4) + number(offset, 8) + bytes(16) + number(len(loader), 8) + bytes(16)
    path.write_bytes(head + table + loader)
    return path


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("little", [True, False])
def test_the_loader_of_an_elf_file_is_read(tmp_path: Path, *, bits: int, little: bool) -> None:
    path = elf_file(tmp_path / "elf", bits=bits, little=little, loader=b"/lib/ld-musl-armhf.so.1\0")
    elf, loader = target_script.read_elf(str(path))
    assert elf == {"bits": bits, "little_endian": little, "machine": 40, "flags": 5}
    assert loader == "/lib/ld-musl-armhf.so.1"
    content = path.read_bytes()
    for length in range(0, len(content) - 24, 7):
        path.write_bytes(content[:length])
        assert target_script.read_elf(str(path))[1] is None


@POSIX_ONLY
@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("musl libc (x86_64)\nVersion 1.2.4_git20230717\nDynamic Program Loader", [1, 2]),
        ("musl libc (x86_64)\nVersion none", None),
        ("", None),
    ],
)
def test_musl_is_asked_for_its_version(tmp_path: Path, text: str, version: list[int] | None) -> None:
    loader = program(tmp_path / "ld-musl-x86_64.so.1", f"cat >&2 <<'END'\n{text}\nEND\nexit 1")
    expected: Any = None if version is None else {"name": "musl", "version": version}
    assert target_script.libc_version(str(loader)) == expected
    assert target_script.libc_version(str(tmp_path / "missing-musl")) is None


def test_glibc_versions_of_distributors_are_read() -> None:
    assert target_script.named_version("glibc", "2.20-2014.11") == {"name": "glibc", "version": [2, 20]}
    assert target_script.named_version("glibc", "two") is None


def test_a_name_says_what_sort_of_build_it_is(tmp_path: Path) -> None:
    found = running_interpreter()
    changed = found._replace(free_threaded=True, debug=True, pointer_size=32)
    assert changed.name == f"{found.name} free-threaded debug 32-bit"
    assert Interpreter.of(json.loads(json.dumps(found.as_json()))) == found
    if os.name == "posix":
        assert probe_interpreter(stand_in(tmp_path / "python", "3.98.0")).python_version == "3.98"
