"""Proxies that a machine has to go through, with a user and a password: squid and tinyproxy, for HTTP and for HTTPS."""

from __future__ import annotations

import subprocess
import tomllib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from local_index.pages import PageStyle
from real_servers import nginx
from real_servers.program import find, free_port, running
from real_servers.steps import Client, every_step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

# squid gives up its rights and cannot write below the directory of a test; anybody has a right password.
SQUID = """\
http_port 127.0.0.1:{port}
pid_filename none
access_log none
cache_log /dev/null
cache_mem 16 MB
shutdown_lifetime 0 seconds
visible_hostname localhost
auth_param basic program /usr/lib/squid/basic_fake_auth
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
"""
TINYPROXY = """\
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 100
BasicAuth ann sesame
"""


@contextmanager
def proxy(kind: str, state: Path) -> Iterator[str]:
    """Run it until the end of the block; gives host and port."""
    port, configuration = free_port(), state / f"{kind}.conf"
    words = {"squid": ["-N", "-d", "1", "-f"], "tinyproxy": ["-d", "-c"]}[kind]
    configuration.write_text({"squid": SQUID, "tinyproxy": TINYPROXY}[kind].format(port=port))
    with running([find(kind), *words, str(configuration)], port, state / "log"):
        yield f"127.0.0.1:{port}"


@contextmanager
def encrypted(published: LocalIndex, state: Path) -> Iterator[tuple[str, Path]]:
    """The index behind nginx with a certificate; gives its address, and the certificate of the authority."""
    program, authority, own = find("openssl"), state / "authority", state / "own"
    new = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    signed = ["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    for path, subject, words in (
        (authority, "/CN=authority", ["-addext", "keyUsage=critical,keyCertSign"]),
        (own, "/CN=own", [*signed, *names]),
    ):
        subprocess.run(
            [*new, "-subj", subject, "-keyout", f"{path}.key", "-out", f"{path}.pem", *words],
            check=True,
            capture_output=True,
        )
    directives = (
        f"ssl_certificate {own}.pem; ssl_certificate_key {own}.key; location / {{ proxy_pass {published.root}; }}"
    )
    with nginx.serving(directives, state / "nginx", " ssl") as address:
        yield f"https://{address}/simple/", authority.with_suffix(".pem")


@pytest.mark.parametrize("kind", ["squid", "tinyproxy"])
def test_http(
    kind: str, published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    with proxy(kind, tmp_path) as address:
        variables = {"HTTP_PROXY": f"http://ann:sesame@{address}", "http_proxy": f"http://ann:sesame@{address}"}
        client = Client(isolated_command, project, published, published.url, variables)
        every_step(client)
        refuses_a_stranger(client, address)
        published.add("app", "1.3")
        client.locktool("lock", "--upgrade", "--refresh")
        # squid has kept the page, for as long as the index allows.
        assert ("app", "1.3") in {(each["name"], each["version"]) for each in tomllib.loads(project.read())["packages"]}
    assert all("via" in request.headers for request in published.requests)


@pytest.mark.parametrize("kind", ["squid", "tinyproxy"])
def test_https(
    kind: str, published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    published.style = PageStyle(links="relative")
    with encrypted(published, tmp_path) as (url, authority), proxy(kind, tmp_path) as address:
        variables = {"HTTPS_PROXY": f"http://ann:sesame@{address}", "https_proxy": f"http://ann:sesame@{address}"}
        variables |= {"SSL_CERT_FILE": str(authority), "PIP_CERT": str(authority)}
        client = Client(isolated_command, project, published, url, variables)
        every_step(client)
        refuses_a_stranger(client, address)


def refuses_a_stranger(client: Client, address: str) -> None:
    """Without a user nothing gets through, and it is the proxy that the message blames."""
    stranger = {name: f"http://{address}" for name in client.variables if name.lower().endswith("_proxy")}
    client = replace(client, variables={**client.variables, **stranger})
    finished = client.command("lock", "--refresh", env={"LOCKTOOL_INDEX_URL": client.url, **client.variables}).failed(2)
    assert "the proxy" in finished.err
