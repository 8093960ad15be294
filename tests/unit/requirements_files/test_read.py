"""Requirements files: pip's format, read as pip reads it, each refusal with file and line."""

import os
from pathlib import Path

import pytest

from locktool.exceptions import ProjectError
from locktool.requirements_files.read import RequirementsInput, read_requirements_files

SHA = "a" * 64


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text: str | bytes, **environ: str) -> RequirementsInput:
    Path("r.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_requirements_files([Path("r.txt")], environ=environ)


def texts(found: RequirementsInput) -> list[str]:
    return [line.text for line in found.requirements]


@pytest.mark.usefixtures("directory")
def test_requirements_are_canonical_and_know_their_line() -> None:
    found = read("# head\n\nFlask >= 3  # why\nrequests[socks,Brotli]<3 ; python_version < '3.12'\n")
    assert texts(found)[0] == "flask>=3"
    assert texts(found)[1].startswith("requests[brotli,socks]<3; python_")
    assert [(line.path, line.line) for line in found.requirements] == [("r.txt", 3), ("r.txt", 4)]


@pytest.mark.usefixtures("directory")
def test_continuations_and_hashes() -> None:
    found = read(f"a==1 \\\n    --hash=sha256:{SHA} \\\n    --hash sha512:{SHA}{SHA[:64]} # c\nb\\\n# end\nc \\\n")
    assert texts(found) == ["a==1", "b", "c"]
    assert [algorithm for algorithm, _ in found.requirements[0].hashes] == ["sha256", "sha512"]
    assert [line.line for line in found.requirements] == [1, 4, 6]


@pytest.mark.usefixtures("directory")
def test_options_say_where_to_look() -> None:
    Path("wheels").mkdir()
    found = read(
        "--index-url https://example.invalid/i\n-i https://example.invalid/j\n--extra-index-url=https://example.invalid/x\n"
        "-f wheels\n--find-links https://example.invalid/f --pre\n--no-binary :all:,a --no-binary=:none:,B_b\n"
        "--only-binary=c\n--require-hashes\n--trusted-host example.invalid\n--no-index\n"
    )
    assert found.index_url == "https://example.invalid/j"
    assert found.extra_index_urls == ("https://example.invalid/x",)
    assert found.find_links == ("wheels", "https://example.invalid/f")
    assert found.no_index
    assert (found.prereleases, found.require_hashes) == (True, True)
    assert (found.no_binary, found.only_binary) == (("b-b",), ("c",))


def test_files_lead_to_files_relative_to_themselves(directory: Path) -> None:
    (directory / "sub").mkdir()
    (directory / "sub" / "more.txt").write_text("b\n-c limits.txt\n-r ../last.txt\n")
    (directory / "sub" / "limits.txt").write_text("c<2\n")
    (directory / "last.txt").write_text("d\n")
    found = read("a\n-r sub/more.txt\n-rlast.txt\n")
    assert texts(found) == ["a", "b", "d", "d"]
    assert [(line.text, line.path.replace(os.sep, "/")) for line in found.constraints] == [("c<2", "sub/limits.txt")]


@pytest.mark.usefixtures("directory")
def test_variables_of_the_environment_are_put_in_where_they_exist() -> None:
    found = read(
        "-i https://${USER_NAME}:${TOKEN}@example.invalid/\n${absent}a\n".replace("${absent}", ""), USER_NAME="u"
    )
    assert found.index_url == "https://u:${TOKEN}@example.invalid/"
    assert texts(found) == ["a"]


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    "data",
    [
        "a # ä\n".encode(),
        "a # ä\n".encode("utf-8-sig"),
        "a # ä\n".encode("utf-16"),
        "# coding: latin-1\na # ä\n".encode("latin-1"),
        b"a\r\n",
    ],
)
def test_encodings(data: bytes) -> None:
    assert texts(read(data)) == ["a"]


def test_paths_and_addresses_become_named_requirements(directory: Path) -> None:
    tree = directory / "tree"
    tree.mkdir()
    (tree / "pyproject.toml").write_text('[project]\nname = "My_Tree"\n')
    (directory / "old").mkdir()
    (directory / "old" / "setup.cfg").write_text("[metadata]\nname = old-one\n")
    (directory / "w").mkdir()
    (directory / "w" / "some_wheel-1.0-py3-none-any.whl").touch()
    found = read(
        "./tree\n-e old[x]\nw/some_wheel-1.0-py3-none-any.whl ; sys_platform == 'linux'\n"
        f"named @ {tree.as_uri()}\nhttps://example.invalid/p/other-thing-2.0.tar.gz#sha256=0\n"
        "git+https://example.invalid/repository#egg=from_egg\n"
    )
    assert [
        (line.source.name, line.source.path, line.source.editable) for line in found.requirements if line.source
    ] == [
        ("my-tree", "tree", None),
        ("old-one", "old", True),
        ("some-wheel", "w/some_wheel-1.0-py3-none-any.whl", None),
        ("named", "tree", None),
    ]
    assert texts(found)[:2] == ["my-tree", "old-one[x]"]
    assert texts(found)[3:] == [
        "named",
        "other-thing @ https://example.invalid/p/other-thing-2.0.tar.gz#sha256=0",
        "from-egg @ git+https://example.invalid/repository#egg=from_egg",
    ]


@pytest.mark.usefixtures("directory")
def test_the_standard_input_is_a_file_too() -> None:
    found = read_requirements_files([Path("-")], standard_input=b"a\n")
    assert texts(found) == ["a"]
    assert found.requirements[0].path == "-"


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb >\n", r"^r.txt:2: "),
        (
            "--idex-url x\n",
            r"^r.txt:1: '--idex-url' is not an option of requirements files; did you mean '--index-url'",
        ),
        ("a --hash=md5:00\n", "the algorithm must be one of sha256"),
        ("a --hash=sha256:00\n", "a sha256 digest is 64 hexadecimal digits"),
        ("--hash=sha256:00\n", "belongs behind a requirement"),
        ("a --index-url x\n", "belongs on a line of its own"),
        ("-r\n", "-r needs a value"),
        ("--pre=1\n", "--pre takes no value"),
        ("\n-r none.txt\n", r"^r.txt:2: cannot read none.txt: there is no such file"),
        ("-r r.txt\n", r"^r.txt:1: requirements files include each other in a circle: r.txt -> r.txt"),
        ("-r https://example.invalid/r.txt\n", "read from disk only"),
        ("./nowhere\n", "neither a requirement nor an existing path"),
        ("https://example.invalid/unnamed\n", "write 'name @ address'"),
        ("a @ https://u:SECRET@example.invalid/a ; nonsense\n", r"a @ https://\*{8}@example.invalid"),
        ("a @ https://u:SECRET@example.invalid/a\n", "a lock must not hold credentials"),
        ("https://u:SECRET@example.invalid/unnamed\n", "https://example.invalid/unnamed has no name"),
        (".\n", "cannot tell the name of the package"),
        ("a -e .\n", "one line can hold one requirement"),
        ("-c c.txt\n", r"^c.txt:1: a constraint limits versions"),
        ("a 'b --hash='x\n", r"^r.txt:1: "),
        (b"a\n\xff\n", r"^r.txt:2: not utf-8 \(byte 0xff\)"),
        (b"# coding: klingon\n", r"^r.txt:1: the coding cookie names"),
    ],
)
def test_a_bad_line_is_refused_with_its_location(text: str | bytes, message: str) -> None:
    Path("c.txt").write_text("-e .\n")
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n" if "c.txt" in str(text) else "")
    with pytest.raises(ProjectError, match=message) as caught:
        read(text)
    assert "SECRET" not in str(caught.value)
