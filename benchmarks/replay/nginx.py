"""nginx in front of the recorder: it serves what is recorded at full speed and passes on what is not.

nginx comes from the system (Debian: nginx-light). One worker, no log, configuration and pid beside the store.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from replay.pages import FILE_LIFETIME, HTML, JSON, PAGE_LIFETIME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A user's PATH seldom has the places of servers.
SEARCHED = "/usr/sbin:/usr/local/sbin:/usr/bin"

_CONFIGURATION = """\
daemon off;
{user}
worker_processes 1;
pid {state}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  client_body_temp_path {state}/body;
  proxy_temp_path {state}/proxy;
  fastcgi_temp_path {state}/fastcgi;
  uwsgi_temp_path {state}/uwsgi;
  scgi_temp_path {state}/scgi;
  types {{ }}
  map $http_accept $form {{ default html; "~{json_pattern}" json; }}
  server {{
    listen 127.0.0.1:{port} backlog=512;
    root {store};
    etag on;
    gzip_static on;
    gzip_vary on;
    location ~ ^/simple/(?<project>[^/]+)/$ {{ rewrite ^ /recorded/$project/index.$form last; }}
    location ~ ^/recorded/(?<project>[^/]+)/index\\.json$ {{
      internal;
      default_type {json};
      add_header Cache-Control "{page_lifetime}";
      add_header Vary Accept;
      try_files /simple/$project/index.json @record;
    }}
    location ~ ^/recorded/(?<project>[^/]+)/index\\.html$ {{
      internal;
      default_type {html};
      add_header Cache-Control "{page_lifetime}";
      add_header Vary Accept;
      try_files /simple/$project/index.html @record;
    }}
    location /files/ {{
      default_type application/octet-stream;
      gzip_static off;
      add_header Cache-Control "{file_lifetime}";
      try_files $uri @record;
    }}
    location @record {{
      proxy_pass http://127.0.0.1:{recorder}$request_uri;
      proxy_http_version 1.1;
      proxy_read_timeout 300s;
    }}
  }}
}}
"""


@contextmanager
def nginx_in_front(store: Path, recorder_url: str, port: int = 0) -> Iterator[str]:
    """Serve the store until the end of the block; gives the index's address. Raises FileNotFoundError without nginx."""
    program = shutil.which("nginx", path=SEARCHED)
    if program is None:
        raise FileNotFoundError("nginx is not installed; on Debian: apt-get install nginx-light")
    chosen = port or _free_port()
    state = store / "nginx"
    state.mkdir(parents=True, exist_ok=True)
    recorder = recorder_url.split(":")[2].split("/", maxsplit=1)[0]
    configuration = state / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            # Started by root, the worker would become a user who may not read the store.
            user="user root;" if os.geteuid() == 0 else "",
            state=state,
            store=store,
            port=chosen,
            recorder=recorder,
            json=JSON,
            html=HTML,
            page_lifetime=PAGE_LIFETIME,
            file_lifetime=FILE_LIFETIME,
            json_pattern=JSON.replace("+", r"\+"),
        )
    )
    server = subprocess.Popen([program, "-c", str(configuration), "-e", "stderr", "-p", str(state)])
    try:
        _wait_for(chosen)
        yield f"http://127.0.0.1:{chosen}/simple/"
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nginx does not answer on port {port}"
    raise TimeoutError(message)
