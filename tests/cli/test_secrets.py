"""A password or token wherever one may stand: it opens the index, and no output, cache, lock or message has it.

Each place is tried twice: with the right password, where the run must succeed (so the password was used), and with a
server that refuses it, where the error must not tell it.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote, urlsplit

import pytest

from local_index import LocalIndex, Redirect, Replaced
from local_index.pages import JSON, PageStyle
from locktool._native import IndexLocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from conftest import Command, Completed, ProjectWriter

USER, PASSWORD = "somebody", "sesame&open/öl"
TRACES = ("sesame", base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())
RELATIVE = PageStyle(links="relative")


class World(NamedTuple):
    """What a place may write to: the index that wants the password, one that wants none, the project and its home."""

    locked: LocalIndex
    open: LocalIndex
    project: ProjectWriter
    home: Path

    def address(self, url: str | None = None) -> str:
        """An address of the locked index with user and password in it."""
        userinfo = f"{USER}:{quote(PASSWORD, safe='')}"
        return (url or self.locked.url).replace("//", f"//{userinfo}@", 1)


class Given(NamedTuple):
    """How a run is told: arguments, variables, and the files that may hold the password because a person wrote them."""

    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = MappingProxyType({})
    own_files: tuple[str, ...] = ()


@pytest.fixture
def world(project: ProjectWriter, isolated_command: Command) -> Iterator[World]:
    """A locked index with `a` and `b`, an open one with neither, and a project that wants `a`."""
    with LocalIndex(style=RELATIVE, credentials=(USER, PASSWORD)) as locked, LocalIndex() as other:
        locked.add("a", "1.0.0", requires=["b"])
        locked.add("b", "1.0.0", metadata="none")
        project.pyproject("a")
        yield World(locked, other, project, isolated_command.home)


def in_variable(world: World) -> Given:
    return Given(variables={"LOCKTOOL_INDEX_URL": world.address()})


def in_option(world: World) -> Given:
    return Given(("--index-url", world.address()))


def in_extra_option(world: World) -> Given:
    return Given(("--extra-index-url", world.address()), {"LOCKTOOL_INDEX_URL": world.open.url})


def in_table(world: World) -> Given:
    index = {"name": "inner", "url": world.address(), "default": True}
    world.project.pyproject("a", tool={"index": [index]})
    return Given(own_files=("pyproject.toml",))


def in_mirror_of(world: World) -> Given:
    index = {"name": "inner", "url": world.address(), "mirror-of": world.address("https://packages.invalid/simple/")}
    world.project.pyproject("a", tool={"index": [index | {"default": True}]})
    return Given(own_files=("pyproject.toml",))


def in_named_variables(world: World) -> Given:
    index = {"name": "in-ner", "url": world.locked.url, "default": True}
    world.project.pyproject("a", tool={"index": [index]})
    return Given(variables={"LOCKTOOL_INDEX_IN_NER_USERNAME": USER, "LOCKTOOL_INDEX_IN_NER_PASSWORD": PASSWORD})


def in_named_password(world: World) -> Given:
    index = {"name": "inner", "url": world.locked.url.replace("//", f"//{USER}@"), "default": True}
    world.project.pyproject("a", tool={"index": [index]})
    return Given(variables={"LOCKTOOL_INDEX_INNER_PASSWORD": PASSWORD})


def in_netrc(world: World) -> Given:
    path = world.home / ".netrc"
    path.write_text(f"machine 127.0.0.1\n  login {USER}\n  password {PASSWORD}\n", encoding="utf-8")
    return Given(variables={"LOCKTOOL_INDEX_URL": world.locked.url}, own_files=(".netrc",))


def in_keyring(world: World) -> Given:
    if os.name == "nt":
        pytest.skip("a script is no program on Windows")
    programs = world.home / "programs"
    programs.mkdir()
    script = programs / "keyring"
    script.write_text(f'#!/bin/sh\ntest "$1 $3" = "get {USER}" && echo "{PASSWORD}"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    url = world.locked.url.replace("//", f"//{USER}@")
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    return Given(variables={"LOCKTOOL_INDEX_URL": url, "PATH": path}, own_files=("keyring",))


def in_pip_variable(world: World) -> Given:
    return Given(variables={"LOCKTOOL_INDEX_URL": "", "PIP_INDEX_URL": world.address()})


def in_pip_file(world: World) -> Given:
    return pip_file(world, f"index-url = {world.address()}", "")


def in_pip_extra_index(world: World) -> Given:
    return pip_file(world, f"index-url = {world.open.url}\nextra-index-url = {world.address()}", "")


def in_find_links(world: World) -> Given:
    return Given(("--find-links", world.address(world.locked.flat_url)), {"LOCKTOOL_INDEX_URL": world.open.url})


def in_project_find_links(world: World) -> Given:
    world.project.pyproject("a", tool={"find-links": [world.address(world.locked.flat_url)]})
    return Given(variables={"LOCKTOOL_INDEX_URL": world.open.url}, own_files=("pyproject.toml",))


def in_proxy_variable(world: World) -> Given:
    return behind_proxy(world, {"HTTP_PROXY": world.address(world.locked.root), "http_proxy": ""})


def in_pip_proxy(world: World) -> Given:
    given = pip_file(world, f"proxy = {world.address(world.locked.root)}", "")
    return behind_proxy(world, given.variables)._replace(own_files=given.own_files)


def in_bare_pip_proxy(world: World) -> Given:
    return behind_proxy(world, {"PIP_PROXY": world.address(world.locked.root).removeprefix("http://")})


def pip_file(world: World, text: str, default: str) -> Given:
    path = world.home / "pip.conf"
    path.write_text(f"[global]\n{text}\n", encoding="utf-8")
    return Given(variables={"LOCKTOOL_INDEX_URL": default, "PIP_CONFIG_FILE": str(path)}, own_files=("pip.conf",))


def behind_proxy(world: World, variables: Mapping[str, str]) -> Given:
    """The locked index is the proxy that wants the password; what is asked is a host that does not exist."""
    world.locked.is_proxy = True
    return Given(variables={**variables, "LOCKTOOL_INDEX_URL": "http://packages.invalid/simple/"})


PLACES: list[Callable[[World], Given]] = [
    in_variable,
    in_option,
    in_extra_option,
    in_table,
    in_mirror_of,
    in_named_variables,
    in_named_password,
    in_netrc,
    in_keyring,
    in_pip_variable,
    in_pip_file,
    in_pip_extra_index,
    in_find_links,
    in_project_find_links,
    in_proxy_variable,
    in_pip_proxy,
    in_bare_pip_proxy,
]


def run(world: World, command: Command, given: Given) -> Completed:
    temporary = world.home / "temporary"
    temporary.mkdir(exist_ok=True)
    return command("lock", "-vvv", *given.arguments, env={"TMPDIR": str(temporary), **given.variables})


def assert_nowhere(world: World, finished: Completed, given: Given) -> None:
    texts = {"stdout": finished.out, "stderr": finished.err}
    for path in world.home.parent.rglob("*"):
        if path.is_file() and path.name not in given.own_files:
            texts[str(path)] = path.read_bytes().decode("latin-1")
    found = [(name, trace) for name, text in texts.items() for trace in TRACES if trace in text]
    assert not found


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_password_opens_the_index_and_is_nowhere(
    world: World, isolated_command: Command, place: Callable[[World], Given]
) -> None:
    given = place(world)
    finished = run(world, isolated_command, given).succeeded()
    assert_nowhere(world, finished, given)
    assert 'name = "a"' in world.project.read()
    world.locked.forget_requests()
    again = isolated_command("lock", "--refresh", "-vvv", *given.arguments, env=given.variables).succeeded()
    assert_nowhere(world, again, given)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_refused_password_is_in_no_message(
    world: World, isolated_command: Command, place: Callable[[World], Given]
) -> None:
    given = place(world)
    world.locked.credentials = ("somebody", "else")
    finished = run(world, isolated_command, given).failed(2)
    assert "HTTP 40" in finished.err
    assert_nowhere(world, finished, given)


@pytest.mark.parametrize("place", [in_variable, in_option, in_find_links, in_proxy_variable], ids=lambda p: p.__name__)
def test_an_unreachable_server_is_named_without_the_password(
    world: World, isolated_command: Command, place: Callable[[World], Given]
) -> None:
    given = place(world)
    world.locked.close()
    with socket() as held:
        # Nobody listens, and no server of another test gets the port meanwhile.
        held.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", urlsplit(world.locked.url).port))
        finished = run(world, isolated_command, given).failed(2)
    assert_nowhere(world, finished, given)


def test_a_requirement_with_a_password_is_refused_without_telling_it(world: World, isolated_command: Command) -> None:
    """It would stand in the lock, which other people read."""
    world.project.pyproject(f"a @ {world.address(world.locked.root)}/files/a/a-1.0.0-py3-none-any.whl")
    given = in_variable(world)._replace(own_files=("pyproject.toml",))
    finished = run(world, isolated_command, given).failed(2)
    assert "must not hold credentials" in finished.err
    assert_nowhere(world, finished, given)


@pytest.mark.parametrize("description", [{}, {"metadata": "none"}], ids=["sidecar", "wheel"])
def test_a_password_in_published_metadata_is_nowhere(
    world: World, isolated_command: Command, description: dict[str, Any]
) -> None:
    """Others published it, so the version stays usable; what it requires is asked without the password."""
    (wheel,) = world.open.add("z", "1.0.0").files
    address = world.address(f"{world.open.root}/files/z/{wheel.filename}")
    world.open.add("leak", "1.0.0", requires=[f"z @ {address}"], **description)
    world.project.pyproject("leak")
    given = Given(variables={"LOCKTOOL_INDEX_URL": world.open.url})
    assert_nowhere(world, run(world, isolated_command, given).succeeded(), given)
    assert f"z @ {world.open.root}/files/z/{wheel.filename}" in world.project.read()
    isolated_command("check", "--frozen").succeeded()


def test_a_password_in_the_metadata_of_a_wheel_on_disk_is_nowhere(world: World, isolated_command: Command) -> None:
    (wheel,) = world.open.add("z", "1.0.0").files
    address = world.address(f"{world.open.root}/files/z/{wheel.filename}")
    (leak,) = world.open.add("leak", "1.0.0", requires=[f"z @ {address}"]).files
    (world.project.directory / leak.filename).write_bytes(leak.content)
    world.project.pyproject("leak", tool={"sources": {"leak": {"path": leak.filename}}})
    # A wheel is compressed, and the person's own.
    given = Given(variables={"LOCKTOOL_INDEX_URL": world.open.url}, own_files=(leak.filename,))
    assert_nowhere(world, run(world, isolated_command, given).succeeded(), given)
    isolated_command("check", "--frozen").succeeded()


def test_a_password_in_metadata_that_cannot_be_read_is_nowhere(world: World, isolated_command: Command) -> None:
    address = world.address(f"{world.open.root}/files/z/z-1.0.0-py3-none-any.whl")
    world.open.add("leak", "1.0.0", requires=[f"z @ {address} ; no marker"])
    world.project.pyproject("leak")
    given = Given(variables={"LOCKTOOL_INDEX_URL": world.open.url})
    assert_nowhere(world, run(world, isolated_command, given).failed(1), given)


def test_what_python_shows_of_a_run_has_no_password(world: World) -> None:
    index = IndexLocation(world.address(), username=USER, password=PASSWORD)
    assert not any(trace in repr([index]) for trace in TRACES)


def test_a_redirect_to_another_host_does_not_carry_the_password(world: World, isolated_command: Command) -> None:
    world.open.add("b", "1.0.0")
    world.locked.fail("/simple/b/", Redirect(f"{world.open.url}b/"))
    given = in_variable(world)
    finished = run(world, isolated_command, given).succeeded()
    assert_nowhere(world, finished, given)
    assert [request.path for request in world.open.requests if request.kind == "page"] == ["/simple/b/"]
    assert all("authorization" not in request.headers for request in world.open.requests)


def test_files_on_another_host_are_asked_without_the_password(world: World, isolated_command: Command) -> None:
    world.open.add("b", "1.0.0", metadata="none")
    page = f'<a href="{world.open.root}/files/b/b-1.0.0-py3-none-any.whl">b</a>'
    world.locked.fail("/simple/b/", Replaced(page.encode(), "text/html"))
    run(world, isolated_command, in_variable(world)).succeeded()
    assert world.open.requests
    assert all("authorization" not in request.headers for request in world.open.requests)


TOKEN = "sesame-2f9"
SIGNED = PageStyle(query=f"?sig={TOKEN}&token={TOKEN}")


@pytest.fixture
def signed(project: ProjectWriter) -> Iterator[LocalIndex]:
    """An index that wants a token in the query of every address and writes it into the links of its pages."""
    with LocalIndex(style=SIGNED, token=TOKEN) as index:
        index.add("a", "1.0.0", requires=["b"], metadata="none")
        index.add("b", "1.0.0")
        index.add("b", "2.0.0", metadata="none")
        project.pyproject("a")
        yield index


def assert_no_token(home: Path, finished: Completed, own_files: tuple[str, ...] = ()) -> None:
    texts = {"stdout": finished.out, "stderr": finished.err}
    for path in home.parent.rglob("*"):
        if path.is_file() and path.name not in own_files:
            texts[str(path)] = path.read_bytes().decode("latin-1")
    assert not [name for name, text in texts.items() if TOKEN in text]


@pytest.mark.parametrize("place", ["option", "table", "flat", "find-links"])
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_token_in_a_query_opens_the_index_and_is_nowhere(
    signed: LocalIndex, project: ProjectWriter, isolated_command: Command, place: str, form: Literal["json", "html"]
) -> None:
    signed.formats = (form,)
    own_files: tuple[str, ...] = ("pyproject.toml",)
    arguments: tuple[str, ...] = ()
    url, flat_url = (f"{url}?token={TOKEN}" for url in (signed.url, signed.flat_url))
    if place == "table":
        project.pyproject("a", tool={"index": [{"name": "inner", "url": url, "default": True}]})
    elif place == "flat":
        index = {"name": "inner", "url": flat_url, "format": "flat", "default": True}
        project.pyproject("a", tool={"index": [index]})
    elif place == "find-links":
        index = {"name": "inner", "url": url, "default": True}
        project.pyproject("a", tool={"find-links": [flat_url], "index": [index]})
    else:
        arguments, own_files = ("--index-url", url), ()
    home = isolated_command.home
    finished = isolated_command("lock", "-vvv", *arguments).succeeded()
    assert_no_token(home, finished, own_files)
    assert "b-2.0.0-py3-none-any.whl" in project.read()
    isolated_command("check", "--frozen").succeeded()
    # What the cache keeps has no queries, so the page is asked again before another file is fetched.
    project.write("pyproject.toml", project.read("pyproject.toml").replace('"a"', '"a", "b<2"'))
    again = isolated_command("lock", "-vvv", *arguments).succeeded()
    assert_no_token(home, again, own_files)
    assert "b-1.0.0-py3-none-any.whl" in project.read()
    assert all(request.status != 401 for request in signed.requests)


def test_a_refused_token_is_in_no_message(signed: LocalIndex, isolated_command: Command) -> None:
    signed.token = "another"
    finished = isolated_command("lock", "-vvv", "--index-url", f"{signed.url}?token={TOKEN}").failed(2)
    assert "HTTP 401" in finished.err
    assert_no_token(isolated_command.home, finished)
    signed.close()
    finished = isolated_command("lock", "--index-url", f"{signed.url}?token={TOKEN}").failed(2)
    assert_no_token(isolated_command.home, finished)


def test_a_file_that_its_query_alone_names_is_left_out(
    index: LocalIndex, project: ProjectWriter, isolated_command: Command
) -> None:
    index.add("a", "1.0.0")
    old, new = ("a-1.0.0-py3-none-any.whl", "a-2.0.0-py3-none-any.whl")
    files = [
        {"filename": old, "url": f"{index.root}/files/a/{old}", "hashes": {}},
        {"filename": new, "url": f"{index.root}/get?file={new}", "hashes": {}},
    ]
    page = {"meta": {"api-version": "1.0"}, "name": "a", "files": files}
    index.fail("/simple/a/", Replaced(json.dumps(page).encode(), JSON))
    project.pyproject("a")
    finished = isolated_command("lock", "--index-url", index.url)
    assert f'leaves out "{new}"' in finished.err


@pytest.mark.parametrize(
    "query", ["token=sesame-2f9", "X-Amz-Signature=sesame-2f9", "sv=1&sig=sesame-2f9", "private_token=sesame-2f9"]
)
def test_a_requirement_with_a_token_is_refused_without_telling_it(
    index: LocalIndex, project: ProjectWriter, isolated_command: Command, query: str
) -> None:
    address = f"{index.root}/files/a/a-1.0.0-py3-none-any.whl"
    project.pyproject(f"a @ {address}?{query}")
    finished = isolated_command("lock").failed(2)
    assert "must not hold credentials" in finished.err
    assert_no_token(isolated_command.home, finished, ("pyproject.toml",))


def test_a_query_without_a_token_is_part_of_an_address(
    index: LocalIndex, project: ProjectWriter, isolated_command: Command
) -> None:
    index.add("a", "1.0.0")
    address = f"{index.root}/files/a/a-1.0.0-py3-none-any.whl?raw=true"
    project.pyproject(f"a @ {address}")
    isolated_command("lock").succeeded()
    assert address in project.read()
    isolated_command("check", "--frozen").succeeded()


def test_a_token_in_published_metadata_is_nowhere(
    index: LocalIndex, project: ProjectWriter, isolated_command: Command
) -> None:
    (wheel,) = index.add("z", "1.0.0").files
    address = f"{index.root}/files/z/{wheel.filename}"
    index.add("leak", "1.0.0", requires=[f"z @ {address}?token={TOKEN}"])
    project.pyproject("leak")
    finished = isolated_command("lock", "--index-url", index.url).succeeded()
    assert_no_token(isolated_command.home, finished)
    assert f"z @ {address}" in project.read()
    index.change("leak", "1.0.0", requires=[f"z @ {address}?token={TOKEN} ; no marker"])
    finished = isolated_command("lock", "--index-url", index.url, "--refresh", "--upgrade").failed(1)
    assert_no_token(isolated_command.home, finished)


BARE = "somebody:sesame-2f9@127.0.0.1/simple"


@pytest.mark.parametrize(
    ("arguments", "variables", "tool"),
    [
        (("--index-url", BARE), {}, {}),
        (("--extra-index-url", BARE), {}, {}),
        (("--find-links", BARE), {}, {}),
        (("--no-such-option", BARE), {}, {}),
        (("--no-such-option", f"https://host/simple?token={TOKEN}"), {}, {}),
        ((), {"LOCKTOOL_INDEX_URL": BARE}, {}),
        ((), {"LOCKTOOL_INDEX_MIRROR_OF": BARE}, {}),
        ((), {"LOCKTOOL_INDEX_URL": "", "PIP_INDEX_URL": BARE}, {}),
        ((), {"LOCKTOOL_INDEX_URL": "", "PIP_FIND_LINKS": BARE}, {}),
        ((), {}, {"index": [{"url": BARE}]}),
        ((), {}, {"index": [{"url": "https://host/simple", "mirror-of": BARE}]}),
        ((), {}, {"index": [{"url": BARE, "unknown": 1}]}),
        ((), {}, {"find-links": [BARE]}),
        ((), {}, {"sources": {"a": {"url": BARE}}}),
        ((), {}, {"constraints": [f"a @ {BARE}"]}),
    ],
)
def test_a_password_in_an_address_without_a_scheme_is_not_repeated(
    project: ProjectWriter,
    isolated_command: Command,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    tool: dict[str, Any],
) -> None:
    project.pyproject("a", tool=tool)
    finished = isolated_command("lock", *arguments, env=variables).failed(2)
    assert_no_token(isolated_command.home, finished, ("pyproject.toml",))
    project.write("requirements.in", f"a @ {BARE}\n")
    finished = isolated_command("compile", "requirements.in").failed(2)
    assert_no_token(isolated_command.home, finished, ("pyproject.toml", "requirements.in"))
