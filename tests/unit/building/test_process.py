"""Processes of a build: bounded in time and output, and nothing of them is left whatever ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from locktool import Cancellation, Interrupted
from locktool.building import process
from locktool.building.process import Outcome, run
from locktool.cancellation import running_under

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and process groups are POSIX's")

FOREVER = "import time; time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def python(script: str, *, timeout: float | None = None) -> Outcome:
    return run([sys.executable, "-S", "-c", script], environ=os.environ, timeout=timeout)


def starts(script: str, **options: bool) -> str:
    """The program that starts another Python and says its id."""
    keywords = "".join(f", {name}={value}" for name, value in options.items())
    return f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-S", "-c", {script!r}]{keywords})
print(child.pid, flush=True)
"""


def is_running(pid: int) -> bool:
    """Whether a process is there that does not end: one that was killed takes a moment on a busy machine."""
    deadline = time.monotonic() + 5
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_there(pid)


def is_there(pid: int) -> bool:
    """Whether a process is there that has not ended."""
    if Path("/proc/self/stat").exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_code_and_both_outputs_are_kept_in_order() -> None:
    script = "import sys; print('a', flush=True); print('b', file=sys.stderr, flush=True); sys.exit(3)"
    assert python(script) == Outcome(code=3, output="a\nb\n")


def test_there_is_neither_input_nor_a_terminal() -> None:
    script = """
import sys
print(repr(sys.stdin.read()))
try:
    open("/dev/tty")
except OSError:
    print("no terminal")
"""
    assert python(script).output.split("\n")[:2] == ["''", "no terminal"]


def test_the_time_limit_ends_a_process_with_what_it_printed() -> None:
    outcome = python(f"print('begun', flush=True)\n{FOREVER}", timeout=2.0)
    assert outcome == Outcome(code=-1, output="begun\n\nstopped after 2 seconds", timed_out=True)


def test_a_process_may_tidy_up_before_it_is_killed() -> None:
    script = f"""
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print("tidy", flush=True), sys.exit()))
print("begun", flush=True)
{FOREVER}
"""
    assert python(script, timeout=2.0).output.split("\n")[:2] == ["begun", "tidy"]


@pytest.mark.parametrize("options", [{}, {"start_new_session": True}], ids=str)
def test_a_child_that_holds_the_output_delays_nothing_and_ends_too(options: dict[str, bool]) -> None:
    if options and not Path("/proc/self/environ").exists():
        pytest.skip("who left the group is known on Linux only")
    started = time.monotonic()
    outcome = python(starts(f"{DEAF}; {FOREVER}", **options))
    assert time.monotonic() - started < 20
    assert outcome.code == 0
    assert not is_running(int(outcome.output))


def test_a_group_that_ignores_the_signal_ends_at_the_time_limit() -> None:
    outcome = python(f"{DEAF}\n{starts(f'{DEAF}; {FOREVER}')}\n{FOREVER}", timeout=2.0)
    assert outcome.timed_out
    assert not is_running(int(outcome.output.split()[0]))


def test_a_cancelled_run_ends_the_group(tmp_path: Path) -> None:
    said = tmp_path / "child"
    script = f"{DEAF}\n{starts(f'{DEAF}; {FOREVER}')}\nopen({str(said)!r}, 'w').write(str(child.pid))\n{FOREVER}"
    cancellation = Cancellation()

    def cancel_when_begun() -> None:
        deadline = time.monotonic() + 30
        while not (said.exists() and said.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        cancellation.cancel()

    thread = threading.Thread(target=cancel_when_begun)
    thread.start()
    with running_under(cancellation), pytest.raises(Interrupted):
        python(script)
    thread.join()
    assert not is_running(int(said.read_text()))


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_the_group(tmp_path: Path) -> None:
    said = tmp_path / "leader"
    script = f"{DEAF}\nimport os\nopen({str(said)!r}, 'w').write(str(os.getpid()))\n"
    script += f"os.kill({os.getpid()}, {signal.SIGINT.value})\n{FOREVER}"
    with pytest.raises(KeyboardInterrupt):
        python(script)
    assert not is_running(int(said.read_text()))


def test_the_middle_of_a_long_output_is_left_out() -> None:
    script = """
import sys
print("first line")
for number in range(64):
    sys.stdout.write(f"{number:7}" * (1 << 18) + "\\n")
print("last line")
"""
    output = python(script).output
    kept = process.FIRST_BYTES + process.LAST_BYTES
    assert output.startswith("first line\n")
    assert output.endswith("last line\n")
    assert kept <= len(output) <= kept + (128 << 10)
    total = len("first line\nlast line\n") + 64 * (7 * (1 << 18) + 1)
    gap = next(line for line in output.split("\n") if line.endswith(" bytes left out]"))
    left_out = int(gap.strip("[").split()[0])
    assert left_out + len(output) - len(f"\n{gap}\n") == total


def test_what_cannot_be_started_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        run(["locktool-no-such-program"], environ=os.environ)


@pytest.mark.parametrize("options", [{}, {"start_new_session": True}], ids=str)
def test_what_is_killed_takes_its_builds_along(tmp_path: Path, options: dict[str, bool]) -> None:
    if options and not Path("/proc/self/environ").exists():
        pytest.skip("who left the group is known on Linux only")
    said = tmp_path / "ids"
    build = f"{DEAF}\n{starts(f'{DEAF}; {FOREVER}', **options)}\nimport os\n"
    build += f"open({str(said)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} .')\n{FOREVER}"
    script = f"""
import os, sys
from locktool.building.process import Outcome, run
run([sys.executable, "-S", "-c", {build!r}], environ=os.environ)
"""
    with subprocess.Popen([sys.executable, "-c", script]) as locktool:
        deadline = time.monotonic() + 60
        while not (said.exists() and said.read_text().endswith(".")) and time.monotonic() < deadline:
            time.sleep(0.02)
        locktool.kill()
    processes = [int(number) for number in said.read_text().split()[:2]]
    assert [is_running(number) for number in processes] == [False, False]
