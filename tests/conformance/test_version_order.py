"""Versions against `packaging`: the same texts are versions, in the same order, with the same parts (PEP 440).

Deliberate differences: none.
"""

import operator
from itertools import product
from math import isqrt
from pathlib import Path
from random import Random

import packaging.version as oracle
import pytest

from locktool import InvalidVersion, Version

# 3,000 of the versions that `cargo run --example census` lists for a cache: one at least of each sequence of digits
# and signs.
REAL_VERSIONS = Path(__file__).parents[1] / "data" / "real_versions.txt"

SPELLINGS = """
0 0.0 0.0.0 1 1.0 1.0.0 1.0.0.0 01.00 1.1 1.10 1.2.3 1.2.3.4 1.2.3.4.5 1.2.3.4.5.6.7 2024.10.1 20241001 2024.10.1.1
v1.0 V1.0 1! 1!0 1!1.0 2!1.0 0!1.0 1.0a 1.0a0 1.0a1 1.0.a1 1.0-a1 1.0_a1 1.0alpha1 1.0ALPHA1 1.0a.1 1.0a-1 1.0a_1
1.0b1 1.0beta2 1.0c1 1.0rc1 1.0pre1 1.0preview3 1.0RC1 1.0.post1 1.0-1 1.0post1 1.0.rev1 1.0r1 1.0-r-1 1.0.post
1.0.post0 1.0.dev 1.0.dev0 1.0.dev1 1.0dev1 1.0-dev1 1.0_dev_1 1.0.dev20240101 2.17.0.dev20240101
1.2.3.dev20260101123456 1.0a1.dev1 1.0a1.post1 1.0a1.post1.dev1 1.0.post1.dev1 1.0rc1.post2.dev3
1.0.post1.dev20240101 1.0b2.post345.dev456 1.0+local 1.0+local.1 1.0+local-1 1.0+local_1 1.0+1 1.0+1.2 1.0+1.abc
1.0+abc.1 1.0+ABC 1.0+0 1.0+00 1.0+01 1.0+a1 1.0a1+x 1.0.post1+x 1.0.dev1+x 1.0.post1.dev1+x
1!1.0a1.post1.dev1+x.y.1 1.0.0+local 1+local 1.0+cu118 1.0+cpu 4294967295 4294967296 18446744073709551615
18446744073709551616 1.99999999999999999999999 1!99999999999999999999 1.0a99999999999999999999
1.0.post99999999999999999999 1.0.dev99999999999999999999 1.0+99999999999999999999 65535.0 65536.0 1.65535 1.65536
1.255.255 1.256 255.255.255.255 256.256.256.256 1.0.0.0.1 1.0.0.0.0a1 0a1 0.dev0 0.0.post0 0.0.0.dev1
2024.1.2.3.dev4 9999.12.31 1.0.post20240101 1.0a20240101 1.0rc20240101 16777215.1 16777216.1 1048575.1 1048576.1
""".split()  # noqa: SIM905 - a table of words

REFUSED = [
    "",
    " ",
    ".",
    "1.",
    ".1",
    "1..0",
    "1.0.",
    "a",
    "1.0x",
    "1.0+",
    "1.0+a+b",
    "1.0+.a",
    "1.0+a..b",
    "1!",
    "!1",
    "1!!1",
    "-1",
    "1.0--1",
    "1.0a1b1",
    "1.0.post1.post2",
    "1.0.dev1.post1",
    "1.0.dev1a1",
    "1 .0",
    "1. 0",
    "v",
    "vv1",
    "1.0 1",
    "1.*",
    "1.0.*",
    "==1.0",
    "1,0",
    "１.0",  # noqa: RUF001 - no ASCII digit
    "1.٢",
    "1.0a²",
    "1.0\0",
    "\0",
    "1.0+ä",
    "1.0ｄev1",  # noqa: RUF001 - no ASCII letter
    "1.0\n1",
]

INSERTS = ["", "", ".", "!", "+", "-", "_", "0", "1", "a", "dev", "post", "rc", " ", "*", "v", "٣", "\t", "\xa0"]


def random_version(dice: Random) -> str:
    """A version in any spelling PEP 440 admits, common shapes first."""

    def number() -> str:
        return str(dice.choice([0, 0, 1, 1, 2, 3, 9, 10, 11, 100, 2024, 65536, 20240101, 2**32, 2**64]))

    def separator() -> str:
        return dice.choice(["", "", ".", "-", "_"])

    text = dice.choice(["", "", "", "", "", "v"]) + dice.choice(["", "", "", "", "", "1!", "0!", "2!"])
    text += ".".join(number() for _ in range(dice.choice([1, 2, 2, 3, 3, 3, 4, 5])))
    if dice.random() < 0.35:
        letters = dice.choice(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC"])
        text += separator() + letters + dice.choice(["", number(), separator() + number()])
    if dice.random() < 0.2:
        spelled = separator() + dice.choice(["post", "rev", "r"]) + dice.choice(["", number()])
        text += dice.choice(["-" + number(), spelled])
    if dice.random() < 0.25:
        text += separator() + "dev" + dice.choice(["", number()])
    if dice.random() < 0.2:
        parts = [dice.choice(["a", "b", "ubuntu", "1a", "a1", "A", number()]) for _ in range(dice.choice([1, 1, 2, 3]))]
        text += "+" + dice.choice([".", "-", "_"]).join(parts)
    return dice.choice(["", "", "", "", " "]) + text


def mangle(text: str, dice: Random) -> str:
    """`text` with one to three characters dropped, doubled or replaced."""
    for _ in range(dice.choice([1, 1, 2, 3])):
        place = dice.randrange(len(text) + 1)
        text = text[:place] + dice.choice(INSERTS) + text[place + dice.choice([0, 1]) :]
    return text


def is_version(text: str) -> bool:
    """Whether the oracle reads `text`."""
    try:
        oracle.Version(text)
    except oracle.InvalidVersion:
        return False
    return True


def parts(version: Version | oracle.Version) -> tuple[object, ...]:
    """Everything the public attributes say about a version."""
    return (
        str(version),
        repr(version),
        version.epoch,
        version.release,
        version.pre,
        version.post,
        version.dev,
        version.local,
        version.public,
        version.base_version,
        version.is_prerelease,
        version.is_postrelease,
        version.is_devrelease,
        version.major,
        version.minor,
        version.micro,
    )


@pytest.mark.parametrize("text", [spelling for spelling in SPELLINGS if is_version(spelling)])
def test_parts_of_hand_made_spellings(text: str) -> None:
    assert parts(Version(text)) == parts(oracle.Version(text))


@pytest.mark.parametrize("text", [*REFUSED, *(spelling for spelling in SPELLINGS if not is_version(spelling))])
def test_both_refuse(text: str) -> None:
    assert not is_version(text)
    with pytest.raises(InvalidVersion):
        Version(text)


def test_parts_of_generated_versions(dice: Random, cases: int) -> None:
    for _ in range(cases):
        text = random_version(dice)
        assert parts(Version(text)) == parts(oracle.Version(text)), text


def test_the_same_texts_are_versions(dice: Random, cases: int) -> None:
    for _ in range(cases):
        text = mangle(random_version(dice), dice)
        try:
            ours = str(Version(text))
        except InvalidVersion:
            ours = None
        theirs = str(oracle.Version(text)) if is_version(text) else None
        assert ours == theirs, text


def test_order_of_all_pairs(dice: Random) -> None:
    """Ten million pairs, each compared by us; the oracle says where each version stands, and which are equal."""
    texts = [spelling for spelling in SPELLINGS if is_version(spelling)]
    texts += REAL_VERSIONS.read_text(encoding="utf-8").split()
    texts += [random_version(dice) for _ in range(200)]
    assert len(texts) ** 2 >= 10_000_000
    ours = [Version(text) for text in texts]
    theirs = [oracle.Version(text) for text in texts]
    place = {version: position for position, version in enumerate(sorted(set(theirs)))}
    places = [place[version] for version in theirs]
    for left, left_place in zip(ours, places, strict=True):
        less, equal = [left < right for right in ours], [left == right for right in ours]
        assert less == [left_place < right_place for right_place in places], f"what is above {left}"
        assert equal == [left_place == right_place for right_place in places], f"what equals {left}"
    hashes = {(hash(version), place) for version, place in zip(ours, places, strict=True)}
    assert len(hashes) == len(place), "equal versions have equal hashes"


def test_operators_agree_with_less_and_equal(dice: Random, cases: int) -> None:
    versions = [Version(random_version(dice)) for _ in range(isqrt(cases))]
    for left, right in product(versions, repeat=2):
        assert (left > right, left >= right) == (right < left, right <= left)
        assert (left <= right) is (left < right or left == right)
        assert operator.ne(left, right) is not operator.eq(left, right)


def test_sorting_is_the_same(dice: Random, cases: int) -> None:
    texts = list({str(oracle.Version(random_version(dice))) for _ in range(cases)})
    ours = sorted(map(Version, texts))
    assert [oracle.Version(str(version)) for version in ours] == sorted(map(oracle.Version, texts))
