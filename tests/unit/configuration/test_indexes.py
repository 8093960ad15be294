"""Index addresses: which one wins, what pip's configuration adds, and where credentials go."""

import os
import sys
from pathlib import Path

import pytest

from locktool._native import Project, hide_credentials, split_credentials
from locktool.configuration.indexes import CommandLineAddresses, IndexSettings, gather_settings
from locktool.configuration.pip import default_index, read_pip_configuration
from locktool.exceptions import ProjectError

NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def project_of(tmp_path: Path, text: str) -> Project:
    path = tmp_path / "pyproject.toml"
    path.write_text(f'[project]\nname = "demo"\n{text}', encoding="utf-8")
    return Project.read(str(tmp_path))


def urls(settings: IndexSettings) -> list[str]:
    return [location.url.removeprefix("https://example.invalid/") for location in settings.indexes]


def test_the_nearest_default_wins(tmp_path: Path) -> None:
    pip = {**NO_FILES, "PIP_INDEX_URL": "https://example.invalid/pip"}
    variable = {**pip, "LOCKTOOL_INDEX_URL": "https://example.invalid/variable"}
    table = project_of(
        tmp_path, '[[tool.locktool.index]]\nname = "d"\nurl = "https://example.invalid/table"\ndefault = true\n'
    )
    option = CommandLineAddresses(index_url="https://example.invalid/option")
    assert urls(gather_settings(table, option, environ=variable)) == ["option"]
    assert urls(gather_settings(table, environ=variable)) == ["table"]
    assert urls(gather_settings(environ=variable)) == ["variable"]
    assert urls(gather_settings(environ=pip)) == ["pip"]


def test_without_any_configuration_pip_is_asked_for_its_default() -> None:
    from pip._internal.models.index import PyPI

    (index,) = gather_settings(environ=NO_FILES).indexes
    assert (index.url, index.default) == (PyPI.simple_url, True)


@pytest.mark.parametrize("source", [None, b"PyPI = 1\n", b"\nPyPI = PackageIndex(address)\n", b"\xff"])
def test_a_pip_that_states_its_default_otherwise_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: bytes | None
) -> None:
    from pip._internal.models.index import PyPI

    write_pip(tmp_path, source)
    monkeypatch.syspath_prepend(tmp_path)
    assert default_index() == PyPI.simple_url


def test_the_default_is_that_of_the_pip_which_would_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pip(tmp_path, b'import x\n\nPyPI = PackageIndex("https://example.invalid/", x)\n')
    monkeypatch.syspath_prepend(tmp_path)
    assert default_index() == "https://example.invalid/simple"


def test_without_pip_there_is_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [])
    monkeypatch.setitem(sys.modules, "pip._internal.models.index", None)
    with pytest.raises(ProjectError, match="pip, whose default would be used, is not installed"):
        gather_settings(environ=NO_FILES)


def write_pip(directory: Path, source: bytes | None) -> None:
    """Write a package `pip` with this module of its index."""
    models = directory / "pip" / "_internal" / "models"
    models.mkdir(parents=True)
    (directory / "pip" / "__init__.py").touch()
    if source is not None:
        (models / "index.py").write_bytes(source)


def test_further_indexes_come_before_the_default_in_the_order_of_the_file(tmp_path: Path) -> None:
    project = project_of(
        tmp_path,
        """
[[tool.locktool.index]]
name = "main"
url = "https://example.invalid/main"
default = true
[[tool.locktool.index]]
name = "b"
url = "https://example.invalid/b"
mirror-of = "https://example.invalid/original"
[[tool.locktool.index]]
name = "a"
url = "https://example.invalid/a"
explicit = true
cache-control = "max-age=10"
""",
    )
    settings = gather_settings(project, environ=NO_FILES)
    assert urls(settings) == ["b", "a", "main"]
    assert settings.indexes[0].mirror_of == "https://example.invalid/original"
    assert (settings.indexes[1].explicit, settings.indexes[1].cache_control) == (True, "max-age=10")


def test_older_uv_keys_are_indexes_too(tmp_path: Path) -> None:
    project = project_of(
        tmp_path,
        '[tool.uv]\nindex-url = "https://example.invalid/main"\nextra-index-url = ["https://example.invalid/extra"]\n',
    )
    assert urls(gather_settings(project, environ=NO_FILES)) == ["extra", "main"]


def test_pips_extra_indexes_are_asked_before_its_index() -> None:
    environ = {
        **NO_FILES,
        "PIP_INDEX_URL": "https://example.invalid/main",
        "PIP_EXTRA_INDEX_URL": "https://example.invalid/a\n https://example.invalid/b",
    }
    assert urls(gather_settings(environ=environ)) == ["a", "b", "main"]


def test_a_lock_leaves_out_pips_find_links_and_says_so(tmp_path: Path) -> None:
    environ = {**NO_FILES, "PIP_INDEX_URL": "https://example.invalid/i", "PIP_FIND_LINKS": f"{tmp_path} /no/such/place"}
    lock = gather_settings(environ=environ)
    assert lock.find_links == ()
    assert "left out" in lock.notes[0]
    compiled = gather_settings(environ=environ, portable=False)
    assert compiled.find_links == (str(tmp_path),)
    assert compiled.warnings == ("find-links /no/such/place of pip's configuration does not exist",)


def test_find_links_that_the_project_names_always_count(tmp_path: Path) -> None:
    project = project_of(tmp_path, '[tool.locktool]\nfind-links = ["wheels"]\n')
    assert gather_settings(project, environ={**NO_FILES, "PIP_INDEX_URL": "file:///x"}).find_links == ("wheels",)
    compiled = gather_settings(project, environ={**NO_FILES, "PIP_INDEX_URL": "file:///x"}, portable=False)
    assert compiled.find_links == (str(tmp_path / "wheels"),)


def test_paths_of_the_command_line_are_absolute_in_output_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output may lie in any directory; a lock lies in the project, whose paths stay relative."""
    monkeypatch.chdir(tmp_path)
    addresses = CommandLineAddresses(
        index_url="./index", extra_index_urls=("https://example.invalid/extra",), find_links=("wheels", "file:///links")
    )
    compiled = gather_settings(None, addresses, environ=NO_FILES, portable=False)
    assert urls(compiled) == ["extra", str(tmp_path / "index")]
    assert compiled.find_links == (str(tmp_path / "wheels"), "file:///links")
    lock = gather_settings(None, addresses, environ=NO_FILES)
    assert urls(lock) == ["extra", "./index"]
    assert lock.find_links == ("wheels", "file:///links")


def test_no_index_of_pip_is_obeyed(tmp_path: Path) -> None:
    environ = {**NO_FILES, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    with pytest.raises(ProjectError, match="PIP_NO_INDEX switches every index off; pass --index-url"):
        gather_settings(environ=environ)
    compiled = gather_settings(environ=environ, portable=False)
    assert (compiled.indexes, compiled.find_links) == ((), (str(tmp_path),))


def test_pip_files_are_read_in_pips_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr("sys.platform", "linux")
    home, shared, active = (tmp_path / name for name in ("home", "shared", "active"))
    environ = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_DIRS": str(shared),
        "VIRTUAL_ENV": str(active),
    }
    files = [shared / "pip", home / ".pip", home / ".config" / "pip", tmp_path / "prefix", active]
    for directory in files:
        directory.mkdir(parents=True, exist_ok=True)
        for name in ("pip.conf", "pip.ini"):
            (directory / name).write_text(f"[global]\nindex-url = {directory.name}-{directory.parent.name}\n")
        found = read_pip_configuration(environ).index_url
        assert found == f"{directory.name}-{directory.parent.name}"
    named = tmp_path / "named"
    named.write_text(
        "[global]\nindex_url = named\nfind-links =\n  one\n  two\n[lock]\nno-index = yes\n[install]\nno-index = no\n"
    )
    configuration = read_pip_configuration({**environ, "PIP_CONFIG_FILE": str(named), "PIP_TIMEOUT": "9"})
    assert configuration.index_url == "named"
    assert configuration.find_links == ("one", "two")
    assert configuration.no_index
    assert configuration.timeout_seconds == 9
    assert read_pip_configuration({**environ, "PIP_CONFIG_FILE": str(named), "PIP_INDEX_URL": "v"}).index_url == "v"
    assert read_pip_configuration({**environ, **NO_FILES}).index_url is None


BROKEN = {
    "not UTF-8": (b"[global]\nindex-url = \xff\n", "it is not UTF-8"),
    "no section": (b"index-url = https://u:SECRET@example.invalid\n", "it is not an INI file"),
    "no value": (b"[global]\nindex-url SECRET\n", "it is not an INI file"),
    "twice": (b"[global]\nproxy = a\nproxy = SECRET\n", "it is not an INI file"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_pip_file_is_an_error_that_names_it(tmp_path: Path, kind: str) -> None:
    """It may name the index, and the public one must not take its place."""
    content, reason = BROKEN[kind]
    broken = tmp_path / "broken"
    broken.write_bytes(content)
    with pytest.raises(ProjectError, match=f"broken.*cannot be read: {reason}") as caught:
        read_pip_configuration({"PIP_CONFIG_FILE": str(broken), "HOME": str(tmp_path)})
    assert caught.value.code == "pip-configuration-unreadable"
    assert "SECRET" not in str(caught.value)
    assert f"PIP_CONFIG_FILE={os.devnull}" in caught.value.fields["suggestion"]


def test_pip_files_in_closed_directories_say_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for pip: a home of somebody else is common in containers."""

    def refuse(self: Path, **_: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", refuse)
    assert read_pip_configuration({"HOME": str(tmp_path / "closed")}).index_url is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.invalid/simple", ("https://example.invalid/simple", None, None)),
        ("https://me:p%40ss@example.invalid:8/s", ("https://example.invalid:8/s", "me", "p@ss")),
        ("https://token@example.invalid/", ("https://example.invalid/", "token", None)),
        ("https://a:b@c@example.invalid/", ("https://example.invalid/", "a", "b@c")),
        ("ssh://git@example.invalid/x", ("ssh://git@example.invalid/x", None, None)),
        ("git+ssh://git:pw@example.invalid/x", ("git+ssh://example.invalid/x", "git", "pw")),
        ("../relative", ("../relative", None, None)),
    ],
)
def test_credentials_are_split_off(url: str, expected: tuple[str, str | None, str | None]) -> None:
    assert tuple(split_credentials(url)) == expected


def test_no_text_of_the_settings_shows_a_password(tmp_path: Path) -> None:
    project = project_of(
        tmp_path, '[[tool.locktool.index]]\nname = "my-one"\nurl = "https://u:SECRET@example.invalid/"\n'
    )
    settings = gather_settings(project, environ={**NO_FILES, "PIP_INDEX_URL": "https://v:SECRET@example.invalid/p"})
    assert "SECRET" not in f"{project!r} {project.indexes!r} {settings!r}"
    assert [location.password for location in settings.indexes] == ["SECRET", "SECRET"]


def test_the_way_to_an_index_is_pips_whatever_names_the_index(tmp_path: Path) -> None:
    environ = {
        **NO_FILES,
        "LOCKTOOL_INDEX_URL": "https://example.invalid/variable",
        "PIP_INDEX_URL": "https://example.invalid/pip",
        "PIP_PROXY": "me:SECRET@proxy.invalid:3128",
        "PIP_CERT": "/pip.pem",
        "PIP_TIMEOUT": "7",
        "SSL_CERT_FILE": "/variable.pem",
    }
    for given in (CommandLineAddresses(), CommandLineAddresses(no_index=True)):
        settings = gather_settings(None, given, environ=environ)
        assert (settings.proxy, settings.certificate_bundle, settings.timeout_seconds) == (
            "me:SECRET@proxy.invalid:3128",
            "/pip.pem",
            7,
        )
        assert "SECRET" not in repr(settings)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_usual_variables_name_the_authorities(name: str) -> None:
    environ = {**NO_FILES, name: "/bundle.pem"}
    assert gather_settings(environ=environ).certificate_bundle == "/bundle.pem"
    for portable in (True, False):
        given = CommandLineAddresses(certificate_bundle="/own.pem")
        assert gather_settings(command_line=given, environ=environ, portable=portable).certificate_bundle == "/own.pem"
        assert not given


def test_a_user_in_the_address_takes_a_password_from_the_environment(tmp_path: Path) -> None:
    project = project_of(tmp_path, '[[tool.locktool.index]]\nname = "one"\nurl = "https://me@example.invalid/"\n')
    (first, _) = gather_settings(project, environ={**NO_FILES, "LOCKTOOL_INDEX_ONE_PASSWORD": "p"}).indexes
    assert (first.username, first.password) == ("me", "p")


def test_named_indexes_take_credentials_from_the_environment(tmp_path: Path) -> None:
    project = project_of(tmp_path, '[[tool.locktool.index]]\nname = "my-one"\nurl = "https://example.invalid/"\n')
    environ = {
        "LOCKTOOL_INDEX_URL": "https://example.invalid/d",
        "LOCKTOOL_INDEX_MY_ONE_USERNAME": "u",
        "LOCKTOOL_INDEX_MY_ONE_PASSWORD": "p",
    }
    first, second = gather_settings(project, environ=environ).indexes
    assert (first.username, first.password) == ("u", "p")
    assert (second.username, second.password) == (None, None)


def test_only_what_the_machine_names_is_of_the_machine(tmp_path: Path) -> None:
    project = project_of(tmp_path, '[[tool.locktool.index]]\nurl = "https://example.invalid/table"\n')
    pip = {
        **NO_FILES,
        "PIP_INDEX_URL": "https://example.invalid/pip",
        "PIP_EXTRA_INDEX_URL": "https://example.invalid/extra",
    }
    variable = {**NO_FILES, "LOCKTOOL_INDEX_URL": "https://example.invalid/variable"}
    option = CommandLineAddresses(index_url="https://example.invalid/option")

    def machines(settings: IndexSettings) -> list[bool]:
        return [location.of_machine for location in settings.indexes]

    assert machines(gather_settings(project, environ=pip)) == [False, True, True]
    assert machines(gather_settings(project, environ=variable)) == [False, True]
    assert machines(gather_settings(project, option, environ=variable)) == [False, False]


def test_the_index_of_the_environment_may_be_a_mirror() -> None:
    environ = {
        **NO_FILES,
        "LOCKTOOL_INDEX_URL": "https://u:SECRET@mirror.invalid/simple",
        "LOCKTOOL_INDEX_MIRROR_OF": "https://u:SECRET@example.invalid/simple",
    }
    (index,) = gather_settings(environ=environ).indexes
    assert (index.url, index.mirror_of) == ("https://mirror.invalid/simple", "https://example.invalid/simple")
    assert (index.username, index.password, index.of_machine) == ("u", "SECRET", True)


@pytest.mark.parametrize("variable", ["LOCKTOOL_INDEX_URL", "LOCKTOOL_INDEX_MIRROR_OF", "PIP_INDEX_URL"])
def test_an_address_that_is_none_is_refused(variable: str) -> None:
    environ = {**NO_FILES, variable: "nonsense"}
    if variable == "LOCKTOOL_INDEX_MIRROR_OF":
        environ["LOCKTOOL_INDEX_URL"] = "https://example.invalid/"
    with pytest.raises(ProjectError, match="'nonsense' is not the address of an index"):
        gather_settings(environ=environ)


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (None, False),
        (CommandLineAddresses(), False),
        (CommandLineAddresses(index_url="https://example.invalid/"), True),
        (CommandLineAddresses(extra_index_urls=("https://example.invalid/",)), True),
        (CommandLineAddresses(find_links=("wheels",)), True),
    ],
)
def test_it_is_known_whether_the_command_line_names_where_to_look(
    addresses: CommandLineAddresses | None, *, expected: bool
) -> None:
    environ = {**NO_FILES, "LOCKTOOL_INDEX_URL": "https://example.invalid/"}
    assert gather_settings(None, addresses, environ=environ).given is expected


def test_hidden_credentials_are_as_long_as_before() -> None:
    text = "see https://u:SECRET@example.invalid/a and ssh://git@host/x"
    hidden = hide_credentials(text)
    assert len(hidden) == len(text)
    assert "SECRET" not in hidden
    assert "@example.invalid/a" in hidden
