"""Laws of rewriting a lock, on generated locks and generated comments."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from locktool.lock.model import Distribution, Lock, LockTool, Package, PackageReference
from unit.lock.test_write import render_lock

NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta-x"])
VERSIONS = st.sampled_from(["1.0", "1.1", "2.0rc1"])
MARKERS = st.none() | st.sampled_from(["os_name == 'nt'", "'s3' in extras"])
TEXTS = st.sampled_from(["pin", 'quote " here', "it's", "[[packages]]", "name = 1", "= # =", "<<<", "é"])


@st.composite
def packages(draw: st.DrawFn) -> Package:
    name, version = draw(NAMES), draw(VERSIONS)
    files = draw(st.integers(0, 2))
    return Package(
        name=name,
        version=version,
        marker=draw(MARKERS),
        dependencies=tuple(PackageReference(name=other) for other in sorted(draw(st.sets(NAMES, max_size=3)))),
        wheels=tuple(
            Distribution(url=f"https://example.invalid/{name}-{version}-{tag}.whl#'x'", hashes={"sha256": f"{tag:064}"})
            for tag in range(files)
        ),
    )


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    entries = draw(st.lists(packages(), max_size=5, unique_by=lambda package: (package.name, package.version)))
    return Lock(
        lock_version="1.0",
        requires_python=draw(st.none() | st.just(">=3.11")),
        extras=tuple(sorted(draw(st.sets(NAMES, max_size=2)))),
        created_by="locktool",
        tool=LockTool(
            locktool={
                "schema": 2,
                "exclude-newer": draw(st.just(False) | st.just({"span": "P7D", "at": "2026-07-05T00:00:00Z"})),
                "overrides": draw(st.just([]) | st.just(["alpha==1.0"])),
                "members": [{"path": ".", "dependencies": sorted(draw(st.sets(NAMES)))}],
            }
        ),
        packages=tuple(sorted(entries, key=lambda package: (package.name, package.version))),
    )


@st.composite
def commented(draw: st.DrawFn, lock: Lock) -> tuple[str, list[str]]:
    """The text of a lock with comments put at random lines, above or beside; each text is unique."""
    lines = render_lock(lock).split("\n")
    comments: list[str] = []
    for number in sorted(draw(st.sets(st.integers(0, len(lines) - 2), max_size=6)), reverse=True):
        comment = f"# {draw(TEXTS)} {len(comments)}"
        if draw(st.booleans()) and lines[number] and not lines[number].startswith("#"):
            lines[number] += f" {comment}"
        else:
            lines.insert(number, comment)
        comments.append(comment)
    return "\n".join(lines), comments


@given(st.data(), locks())
@settings(max_examples=40, deadline=None)
def test_rewriting_without_change_is_identity(data: st.DataObject, lock: Lock) -> None:
    text, _ = data.draw(commented(lock))
    assert render_lock(lock, text) == text


@given(st.data(), locks(), locks())
@settings(max_examples=40, deadline=None)
def test_whatever_stood_there_the_meaning_is_that_of_the_lock(data: st.DataObject, before: Lock, after: Lock) -> None:
    text, _ = data.draw(commented(before))
    result = render_lock(after, text)
    assert tomllib.loads(result) == tomllib.loads(render_lock(after))
    assert render_lock(after, result) == result


@given(st.data(), locks(), locks())
@settings(max_examples=40, deadline=None)
def test_no_comment_is_lost_while_its_package_is_there(data: st.DataObject, before: Lock, after: Lock) -> None:
    names = [package.name for package in before.packages]
    kept = tuple(package for package in after.packages if package.name not in names) + before.packages
    after = Lock(
        lock_version="1.0",
        requires_python=after.requires_python,
        created_by="locktool",
        tool=after.tool,
        packages=tuple(sorted(kept, key=lambda package: (package.name, package.version or ""))),
    )
    text, comments = data.draw(commented(before))
    result = render_lock(after, text)
    for comment in comments:
        assert sum(line.endswith(comment) for line in result.split("\n")) == 1
