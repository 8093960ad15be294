"""What a lock and its project refute by themselves is a reason, whatever the digests of the blocks say."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from input_changes import reasons_of
from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MOMENT = "2024-01-01T00:00:00Z"


@pytest.fixture
def second() -> Iterator[LocalIndex]:
    """Another index on loopback."""
    with LocalIndex() as running:
        yield running


@pytest.fixture
def locked(index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A workspace under a cutoff: `lib` is a member, `a` is from the default index, `b` from an explicit one."""
    index.add("a", "1.0.0", upload_time=MOMENT)
    second.add("b", "2.0.0", upload_time=MOMENT)
    tool = {
        "workspace": {"members": ["lib"]},
        "exclude-newer": "2024-06-01",
        "index": [
            {"name": "main", "url": index.url, "default": True},
            {"name": "second", "url": second.url, "explicit": True},
        ],
        "sources": {"b": {"index": "second"}, "tree": {"path": "tree"}},
    }
    project.pyproject("a", "b", "lib", "tree", tool=tool)
    build = '[build-system]\nrequires = []\nbuild-backend = "x"\n'
    project.write("lib/pyproject.toml", f'{build}[project]\nname = "lib"\nversion = "1.0"\n')
    project.write("tree/pyproject.toml", f'{build}[project]\nname = "tree"\nversion = "1.0"\n')
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    return run_locktool


def block(text: str, name: str) -> str:
    """The block of a package."""
    found = re.search(rf'\[\[packages\]\]\nname = "{name}"\n.*?(?=\n\[\[packages\]\]|\Z)', text, re.DOTALL)
    assert found, text
    return found[0]


WHEEL = f'{{ url = "https://host.invalid/lib-1.0-py3-none-any.whl", hashes = {{ sha256 = "{"0" * 64}" }} }}'
INDEX = 'index = "https://host.invalid/simple/"'
HASHES = r"hashes = \{[^}]*\}"

REPOSITORY = 'type = "git", url = "https://host.invalid/a"'
OTHER_COMMIT = f'vcs = {{ {REPOSITORY}, requested-revision = "{"0" * 40}", commit-id = "{COMMIT}" }}'

# The package, a pattern in its block, what takes its place, and the code of the reason.
EDITS = {
    "a member from an index": ("lib", r"directory = .*", f"{INDEX}\nwheels = [{WHEEL}]", "member-replaced"),
    "a version taken out": ("a", 'version = "1.0.0"\n', "", "version-missing"),
    "an index taken out": ("a", "index = .*\n", "", "index-missing"),
    "another index than that of the source": ("b", "index = .*", INDEX, "index-changed"),
    "no hash": ("a", HASHES, "hashes = {}", "hash-missing"),
    "a hash of an unknown algorithm": ("a", HASHES, 'hashes = { crc32 = "00000000" }', "hash-missing"),
    "a hash of a weak algorithm alone": ("a", HASHES, f'hashes = {{ md5 = "{"0" * 32}" }}', "hash-weak"),
    "an empty hash": ("a", HASHES, 'hashes = { sha256 = "" }', "hash-invalid"),
    "a hash that is too short": ("a", HASHES, 'hashes = { sha256 = "00" }', "hash-invalid"),
    "a url beside a path": ("a", "url = ", 'path = "a-1.0.0-py3-none-any.whl", url = ', "address-twice"),
    "no address": ("a", 'url = "[^"]*"', 'name = "a-1.0.0-py3-none-any.whl"', "address-missing"),
    "a file of another version": ("a", r"a-1\.0\.0-", "a-1.0.1-", "file-changed"),
    "a file of another name": ("a", r"/a-1\.0\.0-", "/z-1.0.0-", "file-changed"),
    "a wheel for Python 2": ("a", "-py3-none-any", "-py2-none-any", "file-unusable"),
    "a wheel for an older Python": ("a", "-py3-none-any", "-cp310-cp310-win_amd64", "file-unusable"),
    "a package for Python 2": ("a", "index = ", 'requires-python = "<3"\nindex = ', "python-unmet"),
    "a requirement that a directory has not": (
        "tree",
        "digest = .*",
        r'\g<0>\nrequires = ["a"]',
        "requirements-changed",
    ),
    "a requires-python that a directory has not": (
        "tree",
        "directory = ",
        'requires-python = ">=3.9"\ndirectory = ',
        "requires-python-changed",
    ),
    "a directory beside wheels": ("a", "index = ", 'directory = { path = "lib" }\nindex = ', "sources-mixed"),
    "a repository beside wheels": (
        "a",
        "index = ",
        f'vcs = {{ {REPOSITORY}, commit-id = "{COMMIT}" }}\nindex = ',
        "sources-mixed",
    ),
    "an index beside a directory": ("tree", "directory = ", f"{INDEX}\ndirectory = ", "index-unexpected"),
    "half a commit": (
        "tree",
        "directory = .*",
        f'vcs = {{ {REPOSITORY}, commit-id = "0123" }}',
        "commit-changed",
    ),
    "another commit than was asked for": (
        "tree",
        "directory = .*",
        OTHER_COMMIT,
        "commit-changed",
    ),
    "editable": ("tree", r'path = "tree"', 'path = "tree", editable = true', "editable-changed"),
    "a file after the cutoff": ("a", "upload-time = 2024-01", "upload-time = 2024-07", "file-too-new"),
    "no time under a cutoff": ("a", "upload-time = [^,]*, ", "", "upload-time-missing"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_refuted_by_name_and_locked_away(locked: Command, project: ProjectWriter, edit: str) -> None:
    name, pattern, after, code = EDITS[edit]
    text = project.read()
    before = block(text, name)
    edited, count = re.subn(pattern, after, before, count=1)
    assert count, before
    project.write("pylock.toml", text.replace(before, edited))
    reasons = [reason for reason in reasons_of(locked) if reason["code"] == code]
    assert reasons, reasons_of(locked)
    assert all(name in reason["message"] for reason in reasons)
    locked("lock").succeeded()
    assert project.read() == text


KEYS = {
    "attestation-identities": ("a", "index = ", "attestation-identities = []\nindex = "),
    "directory.subdirectory": ("tree", 'path = "tree"', 'path = "tree", subdirectory = "x"'),
    "wheels[0].flavour": ("a", "url = ", "flavour = 1, url = "),
    "dependencies[0].marker": ("lib", "directory = ", 'dependencies = [{ name = "a", marker = "x" }]\ndirectory = '),
    "archive.subdirectory": (
        "tree",
        "directory = .*",
        'archive = { url = "https://host.invalid/t.zip", subdirectory = "x", hashes = { sha256 = "" } }',
    ),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_never_written_is_named_with_its_line(locked: Command, project: ProjectWriter, key: str) -> None:
    name, pattern, after = KEYS[key]
    text = project.read()
    before = block(text, name)
    edited = re.sub(pattern, after, before, count=1)
    assert edited != before
    project.write("pylock.toml", text.replace(before, edited))
    (reason,) = (reason for reason in reasons_of(locked) if reason["code"] == "key-unknown")
    assert f"{key}` of {name}" in reason["message"]
    line = re.search(r"in line (\d+) ", reason["message"])
    assert line
    assert key.rpartition(".")[2] in project.read().splitlines()[int(line[1]) - 1]
    locked("lock").succeeded()
    assert project.read() == text


def test_keys_of_the_header_are_named_and_those_of_other_tools_are_free(
    locked: Command, project: ProjectWriter
) -> None:
    text = project.read()
    project.write("pylock.toml", text.replace("lock-version", "flavour = 1\nlock-version", 1))
    (reason,) = reasons_of(locked)
    assert reason["code"] == "key-unknown"
    assert "`flavour`" in reason["message"]
    other = text.replace("[tool.locktool]", "[tool.other]\nflavour = 1\n\n[tool.locktool]", 1)
    project.write("pylock.toml", f"{other}\n[packages.tool.other]\nflavour = {{ a = 1 }}\n")
    locked("check", "--frozen").succeeded()


FORMS = {
    "a comma before the end of an inline table": (" } }", ", } }"),
    "an inline table over several lines": ("{ upload-time", "{\nupload-time"),
    "an escape \\x in a string": ('name = "a"', r'name = "\x61"'),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_toml_1_1_is_named_with_its_line(locked: Command, project: ProjectWriter, form: str) -> None:
    text = project.read()
    before = block(text, "a")
    edited = before.replace(*FORMS[form], 1)
    assert edited != before
    project.write("pylock.toml", text.replace(before, edited))
    (reason,) = reasons_of(locked)
    assert reason["code"] == "toml-version"
    assert re.match(r"line \d+ has ", reason["message"])
    locked("lock").succeeded()
    assert project.read() == text


def test_the_hash_that_a_requirement_asks_for_is_that_of_the_lock(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    (wheel,) = index.add("a", "1.0.0").files
    project.write(wheel.filename, "")
    (project.directory / wheel.filename).write_bytes(wheel.content)
    address = (project.directory / wheel.filename).as_uri()
    project.pyproject(f"a @ {address}")
    run_locktool("lock").succeeded()
    digest = re.search(r'sha256 = "(\w+)"', project.read())
    assert digest
    project.pyproject(f"a @ {address}#sha256={digest[1]}")
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    other = "0" * 64
    project.write("pylock.toml", project.read().replace(f'{{ sha256 = "{digest[1]}"', f'{{ sha256 = "{other}"'))
    assert "origin-changed" in [reason["code"] for reason in reasons_of(run_locktool)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("name", ["pyproject.toml", "pylock.toml"])
def test_a_named_pipe_is_no_file(locked: Command, project: ProjectWriter, name: str) -> None:
    (project.directory / name).unlink()
    os.mkfifo(project.directory / name)
    assert "not a regular file" in locked("check", timeout=20).failed(2).err


@pytest.mark.parametrize("marker", ["", "marker = \"python_full_version == '3.11.{number}'\"\n"])
def test_thousands_of_entries_of_a_name_are_refused(locked: Command, project: ProjectWriter, marker: str) -> None:
    text = project.read()
    before = block(text, "a")
    head, version, rest = before.partition('version = "1.0.0"\n')
    copies = (f"{head}{version}{marker.format(number=number)}{rest}" for number in range(20_000))
    project.write("pylock.toml", text.replace(before, "\n".join(copies)))
    assert "entries-overlap" in [reason["code"] for reason in reasons_of(locked)]


def test_an_enormous_file_is_not_read(locked: Command, project: ProjectWriter) -> None:
    with (project.directory / "pylock.toml").open("ab") as file:
        file.truncate(50 << 20)
    assert "larger than 32 MB" in locked("check").failed(2).err


VALUES = {
    "numbers": "x = [" + "1," * 600_000 + "]",
    "strings": "x = [" + "''," * 600_000 + "]",
    "entries": '[[packages]]\nname = "a"\n' * 150_000,
    "keys": "".join(f"k{number} = 1\n" for number in range(600_000)),
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_file_of_half_a_million_values_is_not_read(locked: Command, project: ProjectWriter, kind: str) -> None:
    project.write("pylock.toml", f'lock-version = "1.0"\ncreated-by = "x"\n{VALUES[kind]}')
    assert "more values than any lock" in locked("check").failed(2).err
