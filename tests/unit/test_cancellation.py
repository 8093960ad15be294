"""Processes that a run starts end with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from locktool import Cancellation, Interrupted
from locktool.cancellation import current_cancellation, run_process, running_under

SLEEP = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"]


def test_a_cancelled_run_ends_its_process() -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.3, cancellation.cancel)
    timer.start()
    started = time.monotonic()
    with running_under(cancellation), pytest.raises(Interrupted) as caught:
        run_process(SLEEP, cwd=None, environ=os.environ)
    assert time.monotonic() - started < 20
    assert caught.value.code == "interrupted"
    timer.join()


@pytest.mark.parametrize("cancellation", [None, Cancellation()])
def test_a_process_that_takes_too_long_is_ended_with_what_it_printed(cancellation: Cancellation | None) -> None:
    with running_under(cancellation), pytest.raises(subprocess.TimeoutExpired) as caught:
        run_process(SLEEP, cwd=None, environ=os.environ, timeout=2.0)
    assert caught.value.stdout in (b"begun\n", b"begun\r\n", None)


def test_outputs_stay_apart_unless_they_are_to_be_one() -> None:
    script = "import sys; print('a', flush=True); print('b', file=sys.stderr, flush=True)"
    apart = run_process([sys.executable, "-c", script], cwd=None, environ=os.environ)
    assert (apart.returncode, apart.stdout.split(), apart.stderr.split()) == (0, [b"a"], [b"b"])
    merged = run_process([sys.executable, "-c", script], cwd=None, environ=os.environ, merged=True)
    assert merged.stdout.split() == [b"a", b"b"]


def test_the_cancellation_of_a_run_is_known_only_while_it_runs() -> None:
    cancellation = Cancellation()
    with running_under(cancellation):
        assert current_cancellation() is cancellation
    assert current_cancellation() is None
