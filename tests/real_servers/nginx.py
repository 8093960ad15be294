"""Runs nginx with a few directives of a server, everything it writes in a directory of the test."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from real_servers.program import find, free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIGURATION = """\
daemon off;
{user}
pid nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log access.log;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  proxy_cache_path cache keys_zone=index:1m;
  server {{
    listen 127.0.0.1:{port}{listen};
    {directives}
  }}
}}
"""


@contextmanager
def serving(directives: str, state: Path, listen: str = "") -> Iterator[str]:
    """Run it until the end of the block; gives host and port. `listen` are more parameters of that directive."""
    program, port = find("nginx"), free_port()
    state.mkdir()
    # Started by root, the worker would become a user who may not read the files.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = state / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(user=user, port=port, listen=listen, directives=directives))
    with running([program, "-p", str(state), "-e", "stderr", "-c", str(configuration)], port, state / "log"):
        yield f"127.0.0.1:{port}"
