"""`locktool lock` against an index on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from packaging.pylock import Pylock

from local_index import Corrupted, Replaced, Slow, Status

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def web(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """An index with a small web framework, and a project that uses it."""
    index.add("web", "1.0.0", requires=["parts>=1", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0.0")
    index.add("parts", "1.1.0")
    index.add("win", "3.0.0")
    index.add("store", "2.0.0", requires=["parts<2"])
    index.add("runner", "0.5.0")
    project.pyproject("web", extras={"s3": ["store"]}, groups={"dev": ["runner"]})
    return index


def versions(project: ProjectWriter) -> dict[str, str]:
    document = read(project)
    return {package["name"]: package.get("version", "") for package in document["packages"]}


def read(project: ProjectWriter) -> dict[str, Any]:
    document = tomllib.loads(project.read())
    Pylock.from_dict(document)
    return document


def test_a_lock_is_standard_and_has_extras_and_groups(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    finished = run_locktool("lock").succeeded()
    document = read(project)
    assert document["extras"] == ["s3"]
    assert document["dependency-groups"] == ["dev"]
    markers = {package["name"]: package.get("marker") for package in document["packages"]}
    assert markers["parts"] is None
    assert "s3" in markers["store"]
    assert "dev" in markers["runner"]
    assert "win32" in markers["win"]
    assert versions(project)["parts"] == "1.1.0"
    assert "Resolved" in finished.err
    assert finished.out == ""
    run_locktool("check", "--frozen").succeeded()


def test_locking_again_leaves_the_file_untouched(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    path = project.directory / "pylock.toml"
    os.utime(path, ns=(10**9, 10**9))
    finished = run_locktool("lock").succeeded()
    assert path.stat().st_mtime_ns == 10**9
    assert "up to date" in finished.err


def test_the_order_of_requirements_does_not_matter(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("web", "runner", "store")
    run_locktool("lock").succeeded()
    first = project.read()
    (project.directory / "pylock.toml").unlink()
    project.pyproject("store", "web", "runner")
    run_locktool("lock").succeeded()
    assert project.read() == first


def test_the_order_in_which_responses_arrive_does_not_matter(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    locks = set()
    for slow in ("/simple/web/", "/simple/parts/", "/files/web-*", "/simple/store/", "/files/parts-*"):
        web.heal()
        web.fail(slow, Slow(delay=0.3))
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        run_locktool("lock", "--no-cache").succeeded()
        locks.add(project.read())
    assert len(locks) == 1


def test_versions_stay_until_an_upgrade(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("lock").succeeded()
    web.add("parts", "1.2.0")
    web.add("runner", "0.6.0")
    run_locktool("lock", "--refresh").succeeded()
    assert (versions(project)["parts"], versions(project)["runner"]) == ("1.1.0", "0.5.0")

    dry = run_locktool("lock", "--upgrade", "--dry-run", "--json", "--refresh").succeeded()
    outcome = json.loads(dry.out)
    assert outcome["moved"] == [
        {"name": "parts", "from": ["1.1.0"], "to": ["1.2.0"]},
        {"name": "runner", "from": ["0.5.0"], "to": ["0.6.0"]},
    ]
    assert (outcome["changed"], outcome["written"]) == (True, False)
    assert versions(project)["parts"] == "1.1.0"

    finished = run_locktool("lock", "--upgrade-package", "runner").succeeded()
    assert "~ runner 0.5.0 -> 0.6.0" in finished.err
    assert (versions(project)["parts"], versions(project)["runner"]) == ("1.1.0", "0.6.0")

    run_locktool("lock", "--upgrade").succeeded()
    assert versions(project)["parts"] == "1.2.0"


def test_added_and_removed_packages_are_listed(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("lock").succeeded()
    project.pyproject("runner", "store")
    finished = run_locktool("lock").succeeded()
    assert "  - web 1.0.0" in finished.err
    assert "  - win 3.0.0" in finished.err
    project.pyproject("web")
    assert "  + web 1.0.0" in run_locktool("lock").succeeded().err


def test_comments_of_a_person_survive(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("lock").succeeded()
    text = project.read().replace('[[packages]]\nname = "runner"', '# fast enough\n[[packages]]\nname = "runner"')
    project.write("pylock.toml", text.replace('version = "1.1.0"', 'version = "1.1.0"  # tested'))
    web.add("parts", "1.2.0")
    run_locktool("lock", "--upgrade", "--refresh").succeeded()
    assert '# fast enough\n[[packages]]\nname = "runner"' in project.read()
    assert 'version = "1.2.0"  # tested' in project.read()
    run_locktool("check", "--frozen").succeeded()


def test_what_is_impossible_is_one_and_names_what_exists(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    before = project.read()
    project.pyproject("web==99")
    finished = run_locktool("lock").failed(1)
    assert "web" in finished.err
    assert "1.0.0" in finished.err
    assert len(finished.err.splitlines()) <= 14
    assert project.read() == before
    error = json.loads(run_locktool("lock", "--json").failed(1).out)["error"]
    assert error["code"]


def test_an_unknown_package_is_named(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("no-such-thing")
    finished = run_locktool("lock")
    assert finished.code in (1, 2)
    assert "no-such-thing" in finished.err
    assert not (project.directory / "pylock.toml").exists()


def test_an_upgrade_of_what_is_not_there_is_a_warning(web: LocalIndex, run_locktool: Command) -> None:
    finished = run_locktool("lock", "--upgrade-package", "Run-Ner", "-P", "runner").succeeded()
    assert "warning: Run-Ner" in finished.err
    assert "warning: runner" not in finished.err
    assert "no good" in run_locktool("lock", "--upgrade-package", "no good").failed(2).err


def test_an_address_that_is_none_is_refused(web: LocalIndex, run_locktool: Command) -> None:
    assert "'nonsense' is not the address" in run_locktool("lock", "--index-url", "nonsense").failed(2).err
    assert "'nonsense' is not the address" in run_locktool("lock", env={"LOCKTOOL_INDEX_URL": "nonsense"}).failed(2).err


def test_an_unreachable_index_is_named(project: ProjectWriter, isolated_command: Command) -> None:
    project.pyproject("web")
    finished = isolated_command("lock").failed(2)
    assert "127.0.0.1:1" in finished.err
    assert len(finished.err.splitlines()) <= 4


def test_offline_uses_what_is_in_the_cache(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    refused = run_locktool("lock", "--offline").failed(2)
    assert "offline" in refused.err
    run_locktool("lock").succeeded()
    first = project.read()
    (project.directory / "pylock.toml").unlink()
    web.counts.clear()
    run_locktool("lock", "--offline").succeeded()
    assert project.read() == first
    assert sum(web.counts.values()) == 0


def test_no_cache_writes_none(web: LocalIndex, run_locktool: Command) -> None:
    run_locktool("lock", "--no-cache").succeeded()
    assert not (run_locktool.home / "cache").exists()


@pytest.mark.parametrize(
    "fault",
    [
        Replaced(b"<html><p>It works!", "text/html"),
        Replaced(b'{"files": [', "application/vnd.pypi.simple.v1+json"),
        Status(404),
        Status(503),
    ],
    ids=["html", "cut", "404", "503"],
)
def test_an_index_that_sends_nonsense_is_an_error(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, fault: Replaced | Status
) -> None:
    web.fail("/simple/parts/", fault)
    finished = run_locktool("lock")
    assert finished.code in (1, 2)
    assert "Traceback" not in finished.err
    assert "parts" in finished.err
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.parametrize("fault", [Status(404), Corrupted()], ids=["404", "wrong hash"])
def test_a_sidecar_that_cannot_be_used_is_got_round(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, fault: Status | Corrupted
) -> None:
    web.fail("/files/web/*.metadata", fault)
    run_locktool("lock").succeeded()
    assert versions(project)["parts"] == "1.1.0"


def test_overrides_are_named_in_the_header(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("web", tool={"overrides": ["parts==1.0.0"]})
    run_locktool("lock").succeeded()
    assert versions(project)["parts"] == "1.0.0"
    assert "--no-deps" in project.read().partition("lock-version")[0]
    run_locktool("check", "--frozen").succeeded()


def test_options_on_the_command_line_are_inputs_of_the_lock(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock", "--resolution", "lowest").succeeded()
    assert versions(project)["parts"] == "1.0.0"
    assert read(project)["tool"]["locktool"]["command-line"] == {"resolution": "lowest"}
    # The lock proves itself as the run asked for it; without the option it is resolved again.
    run_locktool("check", "--frozen").succeeded()


def test_options_for_one_package_are_added_to_those_of_the_project(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for name in ("early", "late", "rest"):
        index.add(name, "1.0")
        index.add(name, "2.0", upload_time="2024-06-01T00:00:00Z")
        index.add(name, "3.0rc1", upload_time="2024-06-01T00:00:00Z")
    tool = {"exclude-newer": "2024-02-01", "exclude-newer-package": {"late": False}}
    project.pyproject("early", "late", "rest", tool=tool)
    options = ["--exclude-newer-package", "Rest=2024-07-01", "--prerelease-package", "rest=allow"]
    run_locktool("lock", *options).succeeded()
    assert versions(project) == {"early": "1.0", "late": "2.0", "rest": "3.0rc1"}
    recorded = read(project)["tool"]["locktool"]
    assert recorded["exclude-newer-package"] == {"late": False}
    assert recorded["command-line"] == {
        "exclude-newer-package": {"rest": "2024-07-02T00:00:00Z"},
        "prerelease-package": {"rest": "allow"},
    }


def test_the_fork_strategy_can_be_chosen(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0")
    index.add("a", "2.0", requires_python=">=3.13")
    project.pyproject("a")
    run_locktool("lock", "--fork-strategy", "fewest").succeeded()
    assert versions(project) == {"a": "1.0"}


@pytest.mark.parametrize(
    "option",
    [
        "--exclude-newer-package=a",
        "--prerelease-package=a=perhaps",
        "--prerelease=perhaps",
        "--resolution=best",
        "--exclude-newer=soon",
        "--no-build-package=no good",
    ],
)
def test_an_option_that_says_nothing_is_refused_by_its_name(
    web: LocalIndex, option: str, run_locktool: Command
) -> None:
    assert option.partition("=")[0] in run_locktool("lock", option).failed(2).err


def test_formats_can_be_refused_for_all_packages(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", sdist=True)
    index.add("b", "1.0")
    project.pyproject("a")
    run_locktool("lock", "--no-binary").succeeded()
    (entry,) = read(project)["packages"]
    assert "sdist" in entry
    assert "wheels" not in entry
    project.pyproject("b")
    assert "b" in run_locktool("lock", "--no-binary").failed(1).err
    run_locktool("lock", "--no-build").succeeded()


def test_default_groups_stand_in_the_lock(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("web", groups={"dev": ["runner"], "docs": []}, tool={"default-groups": ["dev"]})
    run_locktool("lock").succeeded()
    assert read(project)["default-groups"] == ["dev"]
    project.pyproject("web", groups={"dev": ["runner"], "docs": []}, tool={"default-groups": "all"})
    run_locktool("lock").succeeded()
    assert read(project)["default-groups"] == ["dev", "docs"]


def test_an_address_of_the_machine_moves_no_lock(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    before = project.read()
    web.forget_requests()
    finished = run_locktool("lock", env={"LOCKTOOL_INDEX_URL": "http://127.0.0.1:1/simple/"}).succeeded()
    assert "up to date" in finished.err
    assert project.read() == before


def test_the_index_of_the_environment_may_be_a_mirror(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    original = "https://packages.invalid/simple"
    run_locktool("lock", env={"LOCKTOOL_INDEX_MIRROR_OF": original}).succeeded()
    assert {package["index"].rstrip("/") for package in read(project)["packages"]} == {original}
    assert web.root not in project.read()


def test_conflict_markers_are_resolved_with_the_versions_of_our_side(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    ours = project.read()
    web.add("parts", "1.2.0")
    line = 'version = "1.1.0"\n'
    conflict = f'<<<<<<< HEAD\n{line}=======\nversion = "1.0.0"\n>>>>>>> other\n'
    project.write("pylock.toml", ours.replace(line, conflict))
    finished = run_locktool("lock", "--refresh").succeeded()
    assert "conflict" in finished.err
    assert project.read() == ours


def test_a_stray_conflict_marker_is_refused_by_lock_and_check_alike(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    broken = "<<<<<<< HEAD\n" + project.read()
    project.write("pylock.toml", broken)
    for command in ("lock", "check"):
        finished = run_locktool(command).failed(2)
        assert "incomplete" in finished.err
        assert "restore the file" in finished.err
        assert "resolves the conflict" not in finished.err
    assert project.read() == broken


def test_a_lock_that_cannot_be_read_is_not_replaced(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("pylock.toml", "packages = [\n")
    finished = run_locktool("lock").failed(2)
    assert "pylock.toml" in finished.err
    assert project.read() == "packages = [\n"


def test_credentials_are_nowhere(web: LocalIndex, project: ProjectWriter, isolated_command: Command) -> None:
    web.credentials = ("somebody", "sesame-open")
    finished = isolated_command("lock", "-vv", "--json", "--index-url", web.url_with_credentials).succeeded()
    places = [finished.out, finished.err, project.read()]
    places += [path.read_bytes().decode("latin-1") for path in isolated_command.home.rglob("*") if path.is_file()]
    assert not any("sesame" in text for text in places)


def test_quiet_prints_nothing(web: LocalIndex, run_locktool: Command) -> None:
    finished = run_locktool("lock", "-q").succeeded()
    assert (finished.out, finished.err) == ("", "")


@pytest.mark.skipif(os.name != "posix", reason="an interrupt can be sent to one process on POSIX only")
def test_an_interrupt_leaves_the_lock_and_a_usable_cache(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, interruptible: None
) -> None:
    run_locktool("lock", "--no-cache").succeeded()
    before = project.read()
    web.add("parts", "1.2.0")
    web.forget_requests()
    web.fail("/simple/parts/", Slow(delay=20))
    with subprocess.Popen(
        [sys.executable, "-m", "locktool", "lock", "--upgrade"],
        cwd=project.directory,
        env=run_locktool.variables(),
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            deadline = time.monotonic() + 30
            while not web.requests and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(0.5)
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=10)
        finally:
            running.kill()
    assert running.returncode == 130
    assert len(err.splitlines()) == 1
    assert project.read() == before
    web.heal()
    run_locktool("lock", "--upgrade").succeeded()
    assert versions(project)["parts"] == "1.2.0"


def test_a_package_that_is_locked_in_two_versions_is_counted_once(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("num", "1.0")
    index.add("num", "2.0", requires_python=">=3.12")
    project.pyproject("num")
    finished = run_locktool("lock", "--json").succeeded()
    assert len(read(project)["packages"]) == 2
    assert json.loads(finished.out)["packages"] == 1
    assert "Resolved 1 package " in finished.err
