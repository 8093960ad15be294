"""What `-v` and `-vv` tell of a run, and the files of `--trace`: true, complete, and nothing where nobody asks."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from input_changes import locked_versions
from local_index import Slow, Status

if TYPE_CHECKING:
    from conftest import Command, Completed, ProjectWriter
    from local_index import LocalIndex

SENTENCES = re.compile(r"was chosen|is put back|split at|^building|asked again|^chose |^HTTP |^turned down|^went back")


def told(run: Completed) -> list[str]:
    return [line for line in run.err.splitlines() if SENTENCES.search(line)]


def publish_put_back(index: LocalIndex) -> None:
    """The search takes `b 3`, which binds `a` to 2020; with `b 2` both are of 2025."""
    index.add("b", "2", requires=["a"], upload_time="2025-01-01T00:00:00Z")
    index.add("b", "3", requires=["a<2"], upload_time="2025-02-01T00:00:00Z")
    index.add("a", "1", upload_time="2020-01-01T00:00:00Z")
    index.add("a", "2", upload_time="2025-02-01T00:00:00Z")


def publish_split(index: LocalIndex) -> None:
    """`c 2` needs a newer Python than the project."""
    index.add("c", "1")
    index.add("c", "2", requires_python=">=3.12")


@pytest.fixture
def puzzling(index: LocalIndex, project: ProjectWriter) -> ProjectWriter:
    """A project in which one package is put back, and one has two versions."""
    publish_put_back(index)
    publish_split(index)
    project.pyproject("a", "b", "c")
    return project


def test_one_v_tells_what_is_put_back_for_what(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    publish_put_back(index)
    project.pyproject("a", "b")
    assert told(run_locktool("lock", "-v").succeeded()) == [
        "a moves from 1 to 2, and b is put back from 3 to 2",
        "b 2 was chosen, not 3: it requires a<2, and a 2 was chosen",
    ]


def test_one_v_tells_each_split_and_its_reason(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    publish_split(index)
    index.add("d", "1", requires=["e<2 ; sys_platform == 'win32'", "e>=2 ; sys_platform != 'win32'"])
    for version in ("1", "2"):
        index.add("e", version)
    project.pyproject("c", "d")
    assert [line for line in told(run_locktool("lock", "-v").succeeded()) if "split" in line] == [
        "split at sys_platform == 'win32': what d 1 requires of e differs there",
        "split at python_version >= '3.12': c has another version there",
        "split at python_version >= '3.12': c has another version there",
    ]


def test_a_pick_that_a_fork_cannot_have_newer_is_told_with_the_fork(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    publish_split(index)
    project.pyproject("c")
    sentence = "c 1 was chosen, not 2: it needs Python >=3.12 (where python_version < '3.12')"
    assert sentence in told(run_locktool("lock", "-v").succeeded())


def test_what_the_lock_keeps_is_told(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1")
    index.add("z", "1")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    index.add("a", "2")
    project.pyproject("a", "z")
    expected = ["a 1 was chosen, not 2: the existing lock has it"]
    assert told(run_locktool("lock", "-v", "--refresh").succeeded()) == expected
    index.add("y", "1")
    assert told(run_locktool("add", "y", "-v", "--refresh").succeeded()) == expected


def test_an_edit_tells_each_thing_once(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    publish_put_back(index)
    project.pyproject("a")
    assert told(run_locktool("add", "b", "-v").succeeded()) == [
        "a moves from 1 to 2, and b is put back from 3 to 2",
        "b 2 was chosen, not 3: it requires a<2, and a 2 was chosen",
    ]


def test_releases_that_cannot_be_used_are_told_with_the_reason(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for name in ("broken", "withdrawn"):
        index.add(name, "1")
    index.add("broken", "2", requires=["nonsense =="])
    index.add("withdrawn", "2", yanked="bad")
    index.add("withdrawn", "3a1")
    project.pyproject("broken", "withdrawn")
    broken, withdrawn = told(run_locktool("lock", "-v").succeeded())
    assert broken.startswith("broken 1 was chosen, not 2: ")
    assert "nonsense ==" in broken
    assert withdrawn == "withdrawn 1 was chosen, not 2: it was yanked"


def test_builds_and_repeated_requests_are_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("s", "1", sdist=True, wheel_tags=[], dynamic=["requires-dist"])
    index.fail("/simple/s/", Status(503), times=1)
    project.pyproject("s")
    again, building = told(run_locktool("lock", "-v").succeeded())
    assert again.endswith("could not be fetched: the server answered HTTP 503 Service Unavailable; it is asked again")
    assert building == "building s 1 to learn what it requires"


def test_two_v_tell_each_step(puzzling: ProjectWriter, run_locktool: Command) -> None:
    lines = told(run_locktool("lock", "-vv").succeeded())
    assert {"chose b 3", "chose b 2", "chose a 1", "chose c 1; requirements allow up to c 2", "chose c 2"} <= set(lines)
    assert [line for line in lines if line.startswith("HTTP 200 from http://127.0.0.1")]
    one = told(run_locktool("lock", "--upgrade", "-v").succeeded())
    assert set(one) <= set(lines)


def test_conflicts_and_the_way_back_are_told(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("low", "1", requires=["shared<2"])
    index.add("high", "1")
    index.add("high", "2", requires=["shared>=2"])
    for version in ("1", "2"):
        index.add("shared", version)
    project.pyproject("low", "shared", "high")
    lines = told(run_locktool("lock", "-vv").succeeded())
    assert any(line.startswith("turned down high 2, which requires shared>=2, and ") for line in lines)
    assert "high 1 was chosen, not 2: it requires shared>=2, and shared 1 was chosen" in lines


@pytest.mark.parametrize("arguments", [[], ["-q"], ["-v", "-q"], ["--json"]])
def test_nothing_is_told_where_nobody_asks(
    puzzling: ProjectWriter, run_locktool: Command, arguments: list[str]
) -> None:
    assert told(run_locktool("lock", *arguments).succeeded()) == []


def test_tries_at_suggestions_are_not_told(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    publish_put_back(index)
    index.add("x", "1", requires=["a", "b"])
    index.add("x", "2", requires=["missing"])
    project.pyproject("x>=2", "a")
    run = run_locktool("lock", "-v").failed()
    assert "this works" in run.err
    assert told(run) == []


def test_json_on_stdout_stays_json(puzzling: ProjectWriter, run_locktool: Command) -> None:
    run = run_locktool("lock", "-vv", "--json", "--trace", "run.json").succeeded()
    assert json.loads(run.out)["written"] is True
    assert told(run)


@pytest.mark.parametrize("arguments", [["-v"], ["-vv"], ["--trace", "run.json"], ["-vv", "--trace", "run.json"]])
def test_a_recorded_run_writes_the_same_lock(
    puzzling: ProjectWriter, run_locktool: Command, arguments: list[str]
) -> None:
    run_locktool("lock").succeeded()
    plain = puzzling.read()
    (puzzling.directory / "pylock.toml").unlink()
    run_locktool("lock", *arguments).succeeded()
    assert puzzling.read() == plain


def events_of(project: ProjectWriter, path: str = "run.json") -> list[dict[str, Any]]:
    """The events of a trace, each of which has what the format demands."""
    events: list[dict[str, Any]] = json.loads(project.read(path))["traceEvents"]
    for event in events:
        assert event["ph"] in "MXi"
        assert isinstance(event["name"], str)
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        if event["ph"] != "M":
            assert isinstance(event["ts"], int)
            assert isinstance(event["args"], dict)
    return events


def test_a_trace_is_in_the_format_that_viewers_read(puzzling: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("lock", "--trace", "run.json").succeeded()
    events = events_of(puzzling)
    lanes = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert {"resolver", "request 1"} <= set(lanes.values())
    assert {event["tid"] for event in events if event["ph"] != "M"} <= set(lanes)
    by_lane: dict[int, list[tuple[int, int]]] = {}
    for event in events:
        if event["ph"] == "X":
            assert event["dur"] >= 0
            by_lane.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    for spans in by_lane.values():
        assert_nested(spans)


def assert_nested(spans: list[tuple[int, int]]) -> None:
    """No two spans of a lane overlap, unless one is within the other."""
    open_ends: list[int] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        assert all(end <= outer for outer in open_ends)
        open_ends.append(end)


def test_a_trace_has_forks_decisions_improvements_requests_and_builds(
    index: LocalIndex, puzzling: ProjectWriter, run_locktool: Command
) -> None:
    index.add("s", "1", sdist=True, wheel_tags=[], dynamic=["requires-dist"])
    puzzling.pyproject("a", "b", "c", "s")
    run_locktool("lock", "--trace", "run.json").succeeded()
    events = events_of(puzzling)
    names = {event["name"] for event in events}
    assert {"resolve", "decide a", "improve a 1", "attempt a 2", "build s 1", "chose b 3"} <= names
    assert f"fetch {index.url}a/" in names
    kinds = {event.get("cat") for event in events}
    assert {"resolve", "fork", "decide", "chosen", "improve", "improved", "attempt", "fetch", "build", "split"} <= kinds
    fetched = next(event for event in events if event["name"] == f"fetch {index.url}a/")
    assert fetched["args"]["status"] == 200
    assert fetched["args"]["bytes"] > 0
    resolver = [event for event in events if event["ph"] == "X" and event["tid"] == 1]
    assert all(resolver[0]["ts"] <= event["ts"] for event in resolver)
    starts = [event["ts"] for event in events if event.get("cat") == "chosen"]
    assert all(before <= after for before, after in pairwise(starts))


class Page(HTMLParser):
    """What a browser sees: the tags, what they refer to, and the text of the scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str | None] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.references += [value for name, value in attrs if name in {"src", "href", "action", "data"}]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script":
            self.scripts.append(data)


def test_the_timeline_refers_to_nothing_outside_and_has_the_whole_trace(
    puzzling: ProjectWriter, run_locktool: Command
) -> None:
    run = run_locktool("lock", "--trace", "run.json").succeeded()
    assert "Wrote the trace of this run to run.json; run.html shows it" in run.err
    text = puzzling.read("run.html")
    page = Page(text)
    assert page.references == []
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert json.loads(page.scripts[0]) == json.loads(puzzling.read("run.json"))


HOSTILE = "</script><img src=x onerror=alert(1)><!--"


def test_markup_in_what_an_index_says_stays_text(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1")
    index.add("a", "2", requires=[f"b ; sys_platform == '{HOSTILE}' ==="])
    project.pyproject("a")
    run_locktool("lock", "--trace", "run.json").succeeded()
    assert HOSTILE in json.dumps(json.loads(project.read("run.json")))
    plain = Page(project.read("run.html"))
    assert "img" not in plain.tags
    assert plain.tags.count("script") == 2
    assert HOSTILE in plain.scripts[0].encode().decode("unicode_escape")


def test_controls_in_what_an_index_says_do_not_reach_a_terminal(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1")
    index.add("a", "2", requires=["b ; nonsense\x1b[31m == '1'"])
    project.pyproject("a")
    run = run_locktool("lock", "-vv").succeeded()
    assert any("a 1 was chosen, not 2" in line for line in told(run))
    assert "\x1b" not in run.err


def test_a_trace_is_written_of_a_run_that_fails(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1", requires=["b>=2"])
    index.add("b", "1")
    project.pyproject("a")
    run_locktool("lock", "--trace", "run.json").failed()
    assert "decide a" in {event["name"] for event in events_of(project)}
    assert (project.directory / "run.html").exists()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is sent to one process")
def test_a_trace_is_written_of_a_run_that_is_interrupted(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1", requires=["b"])
    index.add("b", "1")
    index.fail("/simple/b/", Slow(30))
    project.pyproject("a")
    running = subprocess.Popen(
        [sys.executable, "-m", "locktool", "lock", "--trace", "run.json"],
        cwd=project.directory,
        env=run_locktool.variables(),
        stderr=subprocess.PIPE,
        text=True,
    )
    while not any("/simple/b/" in request.path for request in index.requests):
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130, errors
    events = events_of(project)
    waiting = next(event for event in events if event["name"] == f"fetch {index.url}b/")
    assert waiting["dur"] > 0


def test_a_trace_is_written_again_and_another_file_never_replaced(
    puzzling: ProjectWriter, run_locktool: Command
) -> None:
    for _ in range(2):
        run_locktool("lock", "--trace", "run.json").succeeded()
    for name in ("package.json", "package.html"):
        puzzling.write(name, "{}")
        run = run_locktool("lock", "--trace", "package.json").failed(2)
        assert f"{name} is no trace of locktool; it is left as it is" in run.err
        assert puzzling.read(name) == "{}"
        (puzzling.directory / name).unlink()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("run", "run: a trace is called NAME.json; its timeline is NAME.html beside it"),
        ("run.html", "run.html: a trace is called NAME.json"),
        (".json", "a trace is called NAME.json"),
        ("missing/run.json", "there is no directory missing"),
        ("folder.json", "folder.json is no trace of locktool"),
    ],
)
def test_a_path_that_cannot_be_is_refused_before_the_run(
    index: LocalIndex, puzzling: ProjectWriter, run_locktool: Command, path: str, says: str
) -> None:
    (puzzling.directory / "folder.json").mkdir()
    run = run_locktool("lock", "--trace", path).failed(2)
    assert says in run.err
    assert index.requests == []
    assert not (puzzling.directory / "pylock.toml").exists()


def test_compile_has_the_same(puzzling: ProjectWriter, run_locktool: Command) -> None:
    puzzling.write("requirements.in", "a\nb\n")
    plain = run_locktool("compile", "requirements.in").succeeded()
    run = run_locktool("compile", "requirements.in", "-v", "--trace", "run.json").succeeded()
    assert run.out == plain.out
    assert "a moves from 1 to 2, and b is put back from 3 to 2" in told(run)
    assert "decide a" in {event["name"] for event in events_of(puzzling)}


def test_credentials_are_in_no_line_and_in_no_trace(
    index: LocalIndex, puzzling: ProjectWriter, run_locktool: Command
) -> None:
    address = index.url.replace("http://", "http://user:hunter2@") + "?token=hunter3"
    run = run_locktool("lock", "-vv", "--trace", "run.json", "--index-url", address)
    assert locked_versions(puzzling)["a"] == "2"
    for text in (run.err, puzzling.read("run.json"), puzzling.read("run.html")):
        assert "hunter" not in text
