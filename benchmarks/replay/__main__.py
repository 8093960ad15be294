"""`python -m replay`: serve the recorded index until interrupted, and say where."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path

from replay import Replay, Store, Upstream, configured_index, default_store
from replay.nginx import nginx_in_front


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m replay", description=sys.modules["replay"].__doc__)
    parser.add_argument("--store", type=Path, default=default_store(), help="where answers are kept")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--offline", action="store_true", help="serve only what is recorded")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="wait before each answer")
    parser.add_argument("--nginx", action="store_true", help="put nginx in front")
    arguments = parser.parse_args()
    upstream = None if arguments.offline else Upstream(configured_index())
    store = Store(arguments.store, upstream)
    inner_port = 0 if arguments.nginx else arguments.port
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(Replay(store, port=inner_port, delay=arguments.delay)).url
        if arguments.nginx:
            url = stack.enter_context(nginx_in_front(arguments.store, url, arguments.port))
        print(url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
