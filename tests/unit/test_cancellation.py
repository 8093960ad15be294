"""Processes that a run starts end with it."""

from __future__ import annotations

import os
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


def test_the_outputs_of_a_process_stay_apart() -> None:
    script = "import sys; print('a', flush=True); print('b', file=sys.stderr, flush=True)"
    apart = run_process([sys.executable, "-c", script], cwd=None, environ=os.environ)
    assert (apart.returncode, apart.stdout.split(), apart.stderr.split()) == (0, [b"a"], [b"b"])


def test_the_cancellation_of_a_run_is_known_only_while_it_runs() -> None:
    before, cancellation = current_cancellation(), Cancellation()
    with running_under(cancellation):
        assert current_cancellation() is cancellation
    assert current_cancellation() is before
