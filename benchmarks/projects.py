"""The projects that are measured and compared, and what each is for.

A name is looked for in WRITTEN, then as a folder of `projects_folder`, then as a published project.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from checkout import on_disk
from published import published
from question import Question
from replay import Store, Upstream, configured_index, default_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEASURED = {
    "flask": "a library with a handful of requirements: what start-up costs",
    "pandas": "extras by the dozen, whose packages have many wheels",
    "jupyterlab": "an application with some hundred packages, tests and documentation included",
    "zulip": "a server with three large groups and few bounds; from a checkout",
    "warehouse": "a server with eight requirements files, locked for one Python; from a checkout",
    "transformers": "a deep tree with large packages and markers of platforms",
    "homeassistant==2025.1.4": "pins nearly everything; newer ones require a Python that uv seldom finds (2026-11-27)",
    "airflow-workspace": "a hundred members, eight hundred packages; from ../shared/airflow_workspace.py",
    "boto3-urllib3": "a version for each working day, and all but the oldest refuse this urllib3: long backtracking",
    "tensorflow-io-nightly": "thousands of development releases, of which one is an answer",
    "tensorflow-io-nightly-unsat": "the same on a Python that no release supports: how soon that is said",
    "xinference": "an application whose extras require most of machine learning: backtracking over large packages",
    "dbt": "old releases that bound much of what they require: backtracking over small packages",
}

# Compared by compare.py beside the measured ones: other shapes of bounds, extras and markers.
COMPARED = {
    "dask": "extras that require extras of the project itself",
    "jupyterhub": "requirements that differ by Python",
    "wagtail": "a long list of test requirements with upper bounds",
    "mlflow==3.9.0": "upper bounds on a large tree (2026-11-21: newer releases require what the index lacks)",
    "open-webui": "some hundred exact pins",
    "apache-airflow-core": "one member of the workspace alone",
    "homeassistant": "the newest tree of pins, for one Python alone",
}


# What builds would say of versions before the cutoffs below: it is the resolvers that are compared.
_BUILT = tomllib.loads(Path(__file__).with_name("built_metadata.toml").read_text(encoding="utf-8"))


def _written(
    name: str, python: str, *requires: str, solvable: bool = True, exclude_newer: str | None = None
) -> Question:
    # A project of the name of what it requires would answer itself.
    project = {"name": f"asks-{name}", "version": "0", "requires-python": python, "dependencies": list(requires)}
    settings = {"exclude-newer": exclude_newer, **_BUILT} if exclude_newer else {}
    tables = {"project": project} | ({"tool": {"locktool": settings, "uv": settings}} if settings else {})
    return Question(name, "", tomlkit.dumps(tables), python, solvable, for_both=bool(settings))


# Packages whose requirements are left out, so that the tools that are compared have an answer.
NARROWED = {
    "transformers": {"hf-doc-builder", "kernels", "transformers-mic", "transformers-mlinter"},  # not on the index
    "zulip": {"semgrep"},  # its old releases are sdists, which uv builds and which do not build
}

# Questions that no project publishes, by a name for them.
WRITTEN = {
    question.name: question
    for question in (
        _written("boto3-urllib3", ">=3.11", "boto3", "urllib3<1.25.4"),
        _written("tensorflow-io-nightly", ">=3.10,<3.11", "tensorflow-io-nightly"),
        _written("tensorflow-io-nightly-unsat", ">=3.13", "tensorflow-io-nightly", solvable=False),
        _written("xinference", ">=3.11,<3.13", "xinference[all]", exclude_newer="2026-07-01T00:00:00Z"),
        _written("dbt", ">=3.8,<3.11", "dbt<1", exclude_newer="2026-07-01T00:00:00Z"),
    )
}


def projects_folder() -> Path:
    """LOCKTOOL_BENCHMARK_PROJECTS, or a folder beside the store: checkouts of projects that publish no sdist."""
    chosen = os.environ.get("LOCKTOOL_BENCHMARK_PROJECTS")
    return Path(chosen) if chosen else default_store().with_name(f"{default_store().name}-projects")


def find(wanted: str, store: Store) -> Question:
    """The question of a name. Raises LookupError where there is none."""
    if wanted in WRITTEN:
        return WRITTEN[wanted]
    folder = projects_folder() / wanted
    found = on_disk(folder) if folder.is_dir() else published(wanted, store)
    return found.without(NARROWED[found.name]) if found.name in NARROWED else found


def find_all(names: Sequence[str], store: Store) -> Iterator[Question]:
    """The questions of names; what is not there is said and left out."""
    for name in names:
        try:
            yield find(name, store)
        except LookupError as error:
            print(f"{name}: left out, {error}", file=sys.stderr)


def main() -> None:
    """Write the chosen projects below a directory, or say what each is for."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("names", nargs="*", default=[*MEASURED, *COMPARED])
    arguments = parser.parse_args()
    for question in find_all(arguments.names, Store(default_store(), Upstream(configured_index()))):
        folder = question.write(arguments.directory)
        print(f"{question.title} ({question.requires_python or 'any Python'}) in {folder}")


if __name__ == "__main__":
    main()
