"""One run through the extension: resolution, exceptions, progress, builder, interruption; and the check."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from local_index import Slow, Status
from locktool import (
    BuildError,
    IndexUnavailable,
    InvalidName,
    LockError,
    MarkerEnvironment,
    OfflineError,
    PackageNotFound,
    ProjectError,
    ResolutionImpossible,
)
from locktool._native import (
    IndexLocation,
    LockFile,
    ProgressSnapshot,
    Project,
    Resolution,
    cache_clean,
    cache_prune,
    cache_summary,
    check,
    resolve,
    with_choices,
)

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import ProjectWriter
    from local_index import LocalIndex


def record(*dependencies: str, **keys: object) -> dict[str, Any]:
    """A manifest of one project that is no package."""
    member = {"name": "demo", "path": ".", "dependencies": list(dependencies)}
    return {"schema": 2, "requires-python": ">=3.11", "members": [member]} | keys


def manifest(*dependencies: str, **keys: object) -> bytes:
    return msgspec.msgpack.encode(record(*dependencies, **keys))


def options(index: LocalIndex | str, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - any option
    """The keywords of `resolve` that say where to look and how; options are written with underscores."""
    url = index if isinstance(index, str) else index.url
    table = {key.replace("_", "-"): value for key, value in others.items()}
    return {"options": table, "indexes": [IndexLocation(url)]}


def versions(resolution: Resolution) -> dict[str, str | None]:
    return {package["name"]: package.get("version") for package in document(resolution)["packages"]}


def document(resolution: Resolution) -> dict[str, Any]:
    """The lock that records the resolution and its inputs."""
    decoded: dict[str, Any] = msgspec.msgpack.decode(resolution.lock.to_messagepack())
    return decoded


def lock_file(document: dict[str, Any]) -> LockFile:
    return LockFile.decode(msgspec.msgpack.encode(document))


@pytest.fixture
def small(index: LocalIndex) -> LocalIndex:
    """Two packages; one of them asks for the other on old Pythons only."""
    index.add("a", "1.0", requires=["b>=1; python_version < '3.12'"])
    index.add("b", "1.0")
    index.add("b", "1.5")
    index.add("b", "2.0a1")
    return index


def test_a_resolution_is_frozen_and_has_its_lock(small: LocalIndex) -> None:
    resolution = resolve(manifest("a"), **options(small))
    a, b = document(resolution)["packages"]
    assert (a["name"], a["version"], a["dependencies"]) == ("a", "1.0", [{"name": "b"}])
    assert (b["name"], b["version"], b["marker"]) == ("b", "1.5", "python_version < '3.12'")
    assert (document(resolution)["requires-python"], resolution.warnings) == (">=3.11", [])
    assert resolution.counters.pages == 2
    with pytest.raises(AttributeError):
        resolution.warnings = []  # type: ignore[misc]


def test_locked_versions_are_kept_unless_upgraded(small: LocalIndex) -> None:
    locked = resolve(manifest("a", constraints=["b<1.5"]), **options(small)).lock
    assert versions(resolve(manifest("a"), **options(small), locked=locked))["b"] == "1.0"
    assert versions(resolve(manifest("a"), **options(small, upgrade=True), locked=locked))["b"] == "1.5"
    assert versions(resolve(manifest("a"), **options(small, upgrade=["B"]), locked=locked))["b"] == "1.5"
    assert versions(resolve(manifest("a"), **options(small, upgrade=["a"]), locked=locked))["b"] == "1.0"


def test_one_environment_can_be_asked_for(small: LocalIndex) -> None:
    old, recent = MarkerEnvironment.for_target("3.11", "linux"), MarkerEnvironment.for_target("3.13.2")
    assert "b" in versions(resolve(manifest("a"), **options(small, environment=dict(old))))
    assert "b" not in versions(resolve(manifest("a"), **options(small, environment=dict(recent))))


def test_what_is_impossible_is_explained(small: LocalIndex) -> None:
    with pytest.raises(ResolutionImpossible) as caught:
        resolve(manifest("a", "b>=3"), **options(small))
    assert caught.value.code == "resolution-impossible"
    assert "b>=3" in caught.value.message
    assert caught.value.explanation == caught.value.message


def test_failures_of_the_world_have_their_own_errors(small: LocalIndex, tmp_path: Path) -> None:
    with pytest.raises(OfflineError):
        resolve(manifest("a"), **options(small, offline=True, cache_dir=str(tmp_path)))
    with pytest.raises((PackageNotFound, ResolutionImpossible)):
        resolve(manifest("unknown"), **options(small))
    small.fail("/simple/a/", Status(500))
    with pytest.raises(IndexUnavailable) as caught:
        resolve(manifest("a"), **options(small, retries=0))
    assert caught.value.url is not None
    assert caught.value.url.startswith(small.url)
    with pytest.raises(IndexUnavailable):
        resolve(manifest("a"), **options("http://127.0.0.1:1/simple/", retries=0))


def test_bad_inputs_are_refused_before_anything_is_asked(small: LocalIndex) -> None:
    for broken in (b"", b"\xc1", b"\x93\x01", manifest("a >>> 1"), manifest("a", **{"requires-python": "3"})):
        with pytest.raises(ProjectError):
            resolve(broken, **options(small))
    for broken in (b"\xc1", b"\x81"):
        with pytest.raises(LockError):
            LockFile.decode(broken)
    with pytest.raises(InvalidName):
        resolve(manifest("a"), **options(small, upgrade=["no name"]))
    with pytest.raises(ProjectError, match="timeout"):
        resolve(manifest("a"), **options(small, timeout_seconds=-1.0))
    assert small.requests == []


def test_progress_is_polled_by_the_waiting_thread(small: LocalIndex) -> None:
    small.fail("/simple/b/", Slow(0.5))
    shown: list[ProgressSnapshot] = []
    threads: set[int] = set()

    def show(snapshot: ProgressSnapshot) -> None:
        shown.append(snapshot)
        threads.add(threading.get_ident())

    resolve(manifest("a"), **options(small), progress=show)
    assert shown
    assert threads == {threading.get_ident()}
    assert [snapshot.pages for snapshot in shown] == sorted(snapshot.pages for snapshot in shown)


def test_an_error_in_progress_ends_the_run(small: LocalIndex) -> None:
    small.fail("/simple/b/", Slow(30.0))

    def show(_: ProgressSnapshot) -> None:
        raise ZeroDivisionError

    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        resolve(manifest("a"), **options(small), progress=show)
    assert time.monotonic() - started < 10


@pytest.mark.skipif(os.name == "nt", reason="signals are sent to a thread")
def test_an_interrupt_ends_the_run_while_the_network_is_silent(small: LocalIndex, interruptible: None) -> None:
    small.fail("/simple/a/", Slow(30.0))
    main = threading.main_thread().ident
    assert main is not None
    alarm = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    alarm.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        resolve(manifest("a"), **options(small))
    assert time.monotonic() - started < 10
    alarm.join()


def test_other_threads_run_while_a_run_waits(small: LocalIndex) -> None:
    small.fail("/simple/a/", Slow(0.5))
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.01)

    counter = threading.Thread(target=count)
    counter.start()
    resolve(manifest("a"), **options(small))
    done.set()
    counter.join()
    assert counted > 10


def test_the_builder_is_asked_for_what_has_no_metadata(index: LocalIndex, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "setup.py").write_text("# dynamic\n")
    index.add("b", "1.0")
    asked: list[str] = []

    def build(path: str) -> tuple[str, list[str]]:
        asked.append(path)
        return "Metadata-Version: 2.1\nName: tree\nVersion: 3.0\nRequires-Dist: b\n", []

    resolution = resolve(manifest("tree @ ./tree"), **options(index, project_dir=str(tmp_path)), builder=build)
    assert versions(resolution).keys() == {"tree", "b"}
    assert asked == [str(tree)]


def test_a_failing_build_has_its_reason(index: LocalIndex, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "setup.py").write_text("# dynamic\n")

    def build(_path: str) -> tuple[str, list[str]]:
        raise BuildError("build-failed", "the compiler is missing")

    with pytest.raises((BuildError, ResolutionImpossible), match="the compiler is missing"):
        resolve(manifest("tree @ ./tree"), **options(index, project_dir=str(tmp_path)), builder=build)


def test_a_lock_that_proves_itself_is_the_outcome_as_values_and_as_text(small: LocalIndex) -> None:
    lock = resolve(manifest("a"), **options(small)).lock
    asked = len(small.requests)
    for again in (lock, LockFile.parse(lock.write().encode(), "pylock.toml")):
        assert resolve(manifest("a"), **options(small), locked=again).forks == 0
    assert len(small.requests) == asked


def test_a_lock_says_at_its_top_what_follows_from_its_inputs(small: LocalIndex) -> None:
    members = [
        {"name": "one", "path": ".", "dependencies": ["a"], "extras": {"b": [], "a": []}, "groups": {"dev": []}},
        {"name": "two", "path": "two", "extras": {"a": ["b"]}, "groups": {"docs": [], "dev": []}},
    ]
    inputs = {"members": members, "environments": ["os_name == 'posix'"], "default-groups": ["dev"]}
    lock = document(resolve(manifest(**inputs), **options(small)))
    assert (lock["lock-version"], lock["created-by"], lock["requires-python"]) == ("1.0", "locktool", ">=3.11")
    assert (lock["extras"], lock["dependency-groups"]) == (["a", "b"], ["dev", "docs"])
    assert (lock["environments"], lock["default-groups"]) == (["os_name == 'posix'"], ["dev"])
    inputs["command-line"] = {"environments": ["os_name == 'nt'"], "default-groups": "all"}
    lock = document(resolve(manifest(**inputs), **options(small)))
    assert (lock["environments"], lock["default-groups"]) == (["os_name == 'nt'"], ["dev", "docs"])


def test_reasons_against_a_lock_name_what_and_where(small: LocalIndex, project: ProjectWriter) -> None:
    project.pyproject("a")
    directory = str(project.directory)
    resolution = resolve(Project.read(directory).manifest(), **options(small))
    project.write("pylock.toml", resolution.lock.write())
    assert check(directory).reasons == []
    lock = document(resolution)
    del lock["packages"][1]
    project.write("pylock.toml", lock_file(lock).write())
    assert any(reason.package in {"a", "b"} for reason in check(directory).reasons)
    project.write("pylock.toml", resolution.lock.write())
    project.pyproject("a", "b>=1")
    reasons = check(directory).reasons
    assert reasons
    assert all(reason.code and reason.message and reason.suggestion for reason in reasons)
    assert check(directory).reasons == reasons


def test_a_lock_that_cannot_be_read_says_where(small: LocalIndex) -> None:
    with pytest.raises(LockError) as caught:
        LockFile.parse(b'lock-version = "1.0"\n<<<<<<< HEAD\n', "pylock.toml")
    assert caught.value.line == 2
    for broken in (b"packages = 1\n", b"\xff\xfe", b"\x80" * 1000):
        with pytest.raises(LockError):
            LockFile.parse(broken, "pylock.toml")


def test_the_cache_is_counted_and_cleared(small: LocalIndex, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert cache_summary(str(cache)) == (0, 0, 0)
    resolve(manifest("a"), **options(small, cache_dir=str(cache)))
    records, size, leftovers = cache_summary(str(cache))
    assert (records, leftovers) == (2, 0)
    assert size > 0
    asked = len(small.requests)
    assert versions(resolve(manifest("a"), **options(small, cache_dir=str(cache), offline=True))) == {
        "a": "1.0",
        "b": "1.5",
    }
    assert len(small.requests) == asked
    assert cache_clean(str(cache), ["a"])[0] == 1
    assert cache_prune(str(cache), 0)[0] == 1
    assert cache_summary(str(cache))[0] == 0


def test_inputs_are_recorded_with_what_the_command_line_says(small: LocalIndex) -> None:
    chosen = with_choices(manifest("a"), msgspec.msgpack.encode({"resolution": "lowest", "no-build-package": ["X_y"]}))
    inputs = document(resolve(chosen, **options(small)))["tool"]["locktool"]
    assert inputs["command-line"] == {"resolution": "lowest", "no-build-package": ["x-y"]}
    assert inputs["members"][0]["dependencies"] == ["a"]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"prerelease": "perhaps"}, "--prerelease is 'perhaps'; it can be"),
        ({"prerelease-package": {"a": "perhaps"}}, "--prerelease-package.*'perhaps'"),
        ({"exclude-newer": "soon"}, "--exclude-newer.*'soon'"),
        ({"no-binary-package": ["no good"]}, "--no-binary-package(?s:.*)no good"),
    ],
)
def test_a_choice_that_is_none_is_refused_with_its_flag(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        with_choices(manifest("a"), msgspec.msgpack.encode(choices))


@pytest.mark.parametrize(
    "table", [{"refresh": "a"}, {"offlien": True}, {"timeout-seconds": "long"}, {"checkouts": {"git+x": "y"}}]
)
def test_an_option_that_is_not_known_or_of_another_type_is_refused(small: LocalIndex, table: dict[str, Any]) -> None:
    with pytest.raises(ProjectError, match="the options are not well formed"):
        resolve(manifest("a"), table, indexes=[IndexLocation(small.url)])
    assert small.requests == []


def test_a_location_is_a_value_and_hides_the_password() -> None:
    location = IndexLocation("https://example.invalid/simple", name="main", username="user", password="secret")
    assert location == IndexLocation("https://example.invalid/simple", name="main", username="user", password="secret")
    assert "secret" not in repr(location)
    bare = IndexLocation("https://example.invalid/simple", name="main")
    assert bare.with_credentials("user", "secret") == location
    assert bare != location
    with pytest.raises(TypeError):
        IndexLocation("https://example.invalid/simple", "main")  # type: ignore[call-arg]
