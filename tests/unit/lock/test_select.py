"""What one environment installs is what `packaging.pylock` selects, for generated locks on a grid of environments."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock, PylockSelectError
from packaging.tags import Tag

from lock_oracle.environments import environments_for
from locktool.exceptions import LockError, LocktoolError, ProjectError
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.files import file_name
from locktool.lock.model import Directory, Lock
from locktool.lock.select import SelectedPackage, select_for

if TYPE_CHECKING:
    from locktool.lock.files import Source

_TAGS = {
    "linux": ("cp312-cp312-manylinux_2_17_x86_64", "cp311-abi3-linux_x86_64", "py3-none-linux_x86_64", "py3-none-any"),
    "win32": ("cp312-cp312-win_amd64", "py3-none-win_amd64", "py3-none-any"),
    "darwin": ("py3-none-any",),
}
_WHEEL_TAGS = (
    "py3-none-any",
    "py2.py3-none-any",
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp311-abi3-linux_x86_64",
    "py3-none-win_amd64",
    "cp312-cp312-win_amd64",
)
_MARKERS = (
    "sys_platform == 'win32'",
    "sys_platform != 'win32'",
    "python_version < '3.12'",
    "python_full_version >= '3.12.4' and os_name == 'posix'",
    "'web' in extras",
    "'web' not in extras and sys_platform == 'linux'",
    "'dev' in dependency_groups",
    "'dev' in dependency_groups or 'data' in extras",
    "implementation_name == 'pypy'",
)
ENVIRONMENTS = environments_for([], ">=3.11")


def environment_of(fields: dict[str, str]) -> MarkerEnvironment:
    return MarkerEnvironment(**fields, tags=_TAGS[fields["sys_platform"]])


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(["a", "b", "c", "d", "e"]))
    version = draw(st.sampled_from(["1.0", "2.0"]))
    entry: dict[str, Any] = {"name": name, "version": version}
    if draw(st.integers(0, 4)) > 0:
        entry["marker"] = draw(st.sampled_from(_MARKERS))
    if draw(st.integers(0, 3)) == 0:
        entry["requires-python"] = draw(st.sampled_from([">=3.11", ">=3.12", ">=3.9,<3.14"]))
    if draw(st.integers(0, 4)) == 0:
        del entry["version"]
        return entry | {"directory": {"path": name}}

    def file(filename: str) -> dict[str, Any]:
        return {"url": f"https://files.invalid/{filename}", "hashes": {"sha256": "0" * 64}}

    wheels = draw(st.lists(st.sampled_from(_WHEEL_TAGS), unique=True))
    if wheels:
        entry["wheels"] = [file(f"{name}-{version}-{tag}.whl") for tag in wheels]
    if not wheels or draw(st.booleans()):
        entry["sdist"] = file(f"{name}-{version}.tar.gz")
    return entry


@st.composite
def locks(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = {
        "lock-version": "1.0",
        "created-by": "test",
        "extras": ["data", "web"],
        "dependency-groups": ["dev", "docs"],
        "packages": draw(st.lists(entries(), max_size=5)),
    }
    if draw(st.booleans()):
        document["default-groups"] = ["dev"]
    if draw(st.integers(0, 3)) == 0:
        document["requires-python"] = draw(st.sampled_from([">=3.12", "<3.13"]))
    if draw(st.integers(0, 3)) == 0:
        document["environments"] = [draw(st.sampled_from(_MARKERS[:4])), "sys_platform == 'darwin'"]
    return document


def selected(document: dict[str, Any], environment: MarkerEnvironment, **choice: Any) -> list[tuple[str, str]] | None:  # noqa: ANN401
    """Names and sources by locktool; None where it refuses."""
    lock = msgspec.convert(document, Lock)
    try:
        found = select_for(lock, environment, **choice)
    except LocktoolError:
        return None
    return [(each.package.name, source_name(each.source)) for each in found]


def source_name(source: Source | None) -> str:
    assert source is not None
    return source.path if isinstance(source, Directory) else file_name(source)  # type: ignore[arg-type]


def selected_by_packaging(
    document: dict[str, Any],
    environment: MarkerEnvironment,
    extras: tuple[str, ...] = (),
    groups: tuple[str, ...] | None = None,
) -> list[tuple[str, str]] | None:
    tags = [Tag(*tag.split("-")) for tag in environment.tags]
    try:
        found = list(
            Pylock.from_dict(document).select(
                environment=dict(environment),  # type: ignore[arg-type]
                tags=tags,
                extras=extras,
                dependency_groups=groups,
            )
        )
    except PylockSelectError:
        return None
    return [(str(package.name), getattr(source, "filename", None) or source.path) for package, source in found]  # type: ignore[misc]


@settings(max_examples=150, deadline=None)
@given(
    document=locks(),
    environment=st.sampled_from(ENVIRONMENTS).map(environment_of),
    extras=st.sets(st.sampled_from(["data", "Web", "unknown"])).map(tuple),
    groups=st.none() | st.sets(st.sampled_from(["dev", "docs", "unknown"])).map(tuple),
)
def test_an_environment_installs_what_packaging_selects(
    document: dict[str, Any], environment: MarkerEnvironment, extras: tuple[str, ...], groups: tuple[str, ...] | None
) -> None:
    ours = selected(document, environment, extras=extras, groups=groups)
    assert ours == selected_by_packaging(document, environment, extras, groups)


def small_lock(*packages: dict[str, Any], **keys: object) -> Lock:
    document = {"lock-version": "1.0", "created-by": "test", "packages": list(packages), **keys}
    return msgspec.convert(document, Lock)


_LINUX = environment_of(next(fields for fields in ENVIRONMENTS if fields["sys_platform"] == "linux"))
_WHEEL = {"url": "https://files.invalid/a-1-cp312-cp312-win_amd64.whl", "hashes": {"sha256": "0"}}
_DIRECTORY = {"path": "a"}


@pytest.mark.parametrize(
    ("lock", "choice", "code"),
    [
        (small_lock(**{"requires-python": ">=3.15"}), {}, "unsupported-python"),
        (small_lock(environments=["sys_platform == 'win32'"]), {}, "unsupported-environment"),
        (small_lock({"name": "a", "version": "1", "wheels": [_WHEEL]}), {}, "no-suitable-file"),
        (
            small_lock({"name": "a", "directory": _DIRECTORY, "requires-python": ">=3.15"}),
            {},
            "unsupported-python",
        ),
        (small_lock(*({"name": "a", "directory": _DIRECTORY} for _ in range(2))), {}, "ambiguous-package"),
        (small_lock(), {"extras": ["x"]}, "unknown-extra"),
        (small_lock(), {"groups": ["x"]}, "unknown-group"),
    ],
)
def test_what_an_installer_refuses_is_refused_with_its_code(lock: Lock, choice: dict[str, Any], code: str) -> None:
    with pytest.raises((LockError, ProjectError)) as caught:
        select_for(lock, _LINUX, **choice)
    assert caught.value.code == code


def test_extras_that_may_not_be_chosen_together_are_named() -> None:
    packages = [{"name": "a", "directory": _DIRECTORY, "marker": f"'{extra}' in extras"} for extra in ("new", "old")]
    lock = small_lock(*packages, extras=["new", "old"])
    assert [len(select_for(lock, _LINUX, extras=[extra])) for extra in ("new", "old")] == [1, 1]
    with pytest.raises(LockError, match="new, old may not be chosen together"):
        select_for(lock, _LINUX, extras=["new", "old"])


def test_without_tags_entries_are_selected_and_no_file() -> None:
    lock = small_lock({"name": "a", "version": "1", "wheels": [_WHEEL]})
    (found,) = select_for(lock, replace(_LINUX, tags=()))
    assert found == SelectedPackage(lock.packages[0], None)


def test_the_running_environment_is_that_of_packaging() -> None:
    from packaging.markers import Marker, default_environment
    from packaging.tags import sys_tags

    environment = MarkerEnvironment.current()
    assert dict(environment) == {name: default_environment()[name] for name in environment}  # type: ignore[literal-required]
    assert environment.tags == tuple(str(tag) for tag in sys_tags())
    for text, fields in itertools.product(_MARKERS[:4], ENVIRONMENTS[:20]):
        given_environment = environment_of(fields)
        assert Marker(text).evaluate(given_environment) == Marker(text).evaluate(fields)
