"""The documentation is what the code does: pages, links, commands, settings, programs and outputs.

What a page takes from the code is written by `.github/docs/generate.py`; here the two are compared.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it comes without types

from documentation import markdown, pages
from documentation.sessions import RUNS_HERE, ExampleError, Sessions, has_examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import ProjectWriter

REPOSITORY = Path(__file__).parents[1]
PAGES = pages.written_pages()
GENERATE = "run `python .github/docs/generate.py` with the Python that has locktool installed"


@pytest.fixture(scope="module")
def sessions() -> Iterator[Sessions]:
    """The indexes that the examples run against."""
    with Sessions() as running:
        yield running


WRONG = [
    ("`locktool chek --frozen`", "chek is no command"),
    ("```sh\nuv sync && locktool check --frozne\n```\n", "--frozne is no option of locktool check"),
    ("```yaml\n- run: locktool lock --upgrade-pakage numpy\n```\n", "--upgrade-pakage is no option of locktool lock"),
    ("```console\n$ locktool -x lock\nlocktool is here\n```\n", "-x is no option of locktool lock"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_command_is_found(text: str, message: str, built: None) -> None:
    (words,) = markdown.commands(text)
    assert markdown.unknown_words(words) == message


def test_what_is_no_command_is_none() -> None:
    text = "`locktool` writes\n\n```console\n$ cat pylock.toml\n# Made by locktool from\n```\n"
    assert markdown.commands(text) == []
    assert markdown.commands("```sh\n# locktool nosuch\n```\n") == []


def test_links_and_anchors_are_read_as_a_site_reads_them() -> None:
    text = "# One thing\n\n## `two` words { #other }\n\n[a](../x.md#y) `[b](no)`\n\n```sh\n# no heading\n[c](no)\n```\n"
    assert markdown.anchors(text) == {"one-thing", "other"}
    assert markdown.links(text) == ["../x.md#y"]
    assert markdown.resolve_link("how-to/page.md", "../x.md#y") == ("x.md", "y")
    assert markdown.resolve_link("page.md", "#y") == ("page.md", "y")


@pytest.mark.skipif(not RUNS_HERE, reason="examples are run where they print what pages show")
def test_an_output_that_is_not_of_today_is_replaced(sessions: Sessions, built: None) -> None:
    page = '```text title="a.txt"\nx\n```\n\n```console\n$ cat a.txt\ny\n$ echo 3 ms\n12 ms\n$ false\n$ echo $?\n```\n'
    filled = page.replace("cat a.txt\ny\n", "cat a.txt\nx\n").replace("echo $?\n", "echo $?\n1\n")
    assert sessions.fill(page) == filled
    assert sessions.fill(filled) == filled


@pytest.mark.skipif(not RUNS_HERE, reason="examples are run where they print what pages show")
def test_a_program_that_fails_is_an_error(sessions: Sessions, built: None) -> None:
    with pytest.raises(ExampleError, match="AssertionError"):
        sessions.fill("```python\nassert 1 == 2\n```\n")


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted([pages.README, *pages.navigation()]) == PAGES


@pytest.mark.parametrize("name", sorted({*PAGES, *pages.GENERATED, *pages.PICTURES}))
def test_a_page_says_what_the_code_does_today(name: str, sessions: Sessions, built: None) -> None:
    written = pages.read(name)
    if not RUNS_HERE and (has_examples(written) or name in pages.PICTURES):
        pytest.skip("examples show what Python 3.11 prints on Linux")
    assert pages.expected(name, sessions) == written, GENERATE


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in markdown.links(pages.read(name)):
        if target.startswith("https://"):
            continue
        path, anchor = markdown.resolve_link(name, target)
        if path in PAGES:
            assert not anchor or anchor in markdown.anchors(pages.read(path)), target
        else:
            assert (pages.PAGES / path).is_file(), target


@pytest.mark.parametrize("name", PAGES)
def test_commands_and_their_options_exist(name: str, built: None) -> None:
    for words in markdown.commands(pages.read(name)):
        assert markdown.unknown_words(words) is None, " ".join(words)


@pytest.mark.parametrize("name", PAGES)
def test_tables_are_read(name: str, project: ProjectWriter, built: None) -> None:
    for block in markdown.blocks(pages.read(name), "toml"):
        if block.title in {None, "pyproject.toml"} and "[project]" not in block.content:
            read_table(block.content, project)
        else:
            tomllib.loads(block.content)


def read_table(text: str, project: ProjectWriter) -> None:
    """Read a fragment of pyproject.toml in a project that has what the examples name."""
    from locktool._native import Project

    extras = {"cpu": ["torch"], "cuda": ["torch"], "cu126": ["torch"], "s3": ["httpx"]}
    groups = {"dev": ["httpx"], "docs": ["httpx"]}
    path = project.pyproject("company-models", "httpx", "numpy", "torch", extras=extras, groups=groups)
    written = path.read_text(encoding="utf-8")
    project.pyproject(member="packages/company-models", name="company-models")
    if "[dependency-groups]" in text:
        written = written.partition("[dependency-groups]")[0]
    path.write_text(f"{written}\n{text}", encoding="utf-8")
    Project.read(str(project.directory)).manifest()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {*pages.GENERATED, pages.README}])
def test_a_page_is_read_in_one_sitting(name: str) -> None:
    assert len(markdown.prose(pages.read(name)).split()) < 1000


def test_the_codes_that_other_tests_expect_are_described() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("*.py")]
    expected = {code for text in sources for code in re.findall(r'(?:\.code|\["code"\]) == "([a-z-]+)"', text)}
    assert len(expected) > 15
    described = set(re.findall(r"`([a-z0-9-]+)`", pages.read("reference/error-codes.md")))
    changes = {code for code in expected if code.endswith(("-changed", "-added", "-removed"))}
    assert expected - changes <= described


def test_examples_of_settings_are_what_the_schema_says(built: None) -> None:
    from locktool._native import settings_schema

    validator = Draft202012Validator(json.loads(settings_schema()))
    for block in markdown.blocks(pages.read("reference/settings.md"), "toml"):
        assert list(validator.iter_errors(tomllib.loads(block.content)["tool"]["locktool"])) == []


def test_variables_of_the_environment_are_described() -> None:
    sources = [*(REPOSITORY / "python").rglob("*.py"), *(REPOSITORY / "rust").rglob("src/**/*.rs")]
    named = {name for path in sources for name in re.findall(r"LOCKTOOL_[A-Z_]+", path.read_text(encoding="utf-8"))}
    from locktool.configuration.machine import KEYS

    whole = {name for name in named if not name.endswith("_")} | {key.variable for key in KEYS}
    described = set(re.findall(r"^\| `(LOCKTOOL_[A-Z_]+)`", pages.read("reference/environment.md"), flags=re.MULTILINE))
    assert whole - {"LOCKTOOL_BUILD"} <= described
