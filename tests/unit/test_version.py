"""What `locktool.Version` promises beyond agreeing with `packaging`: errors, pickles, odd inputs, conversions."""

import copy
import pickle
import time

import packaging.version
import pytest

from locktool import InvalidVersion, Version


def test_equal_versions_keep_their_own_text() -> None:
    assert Version("1.0") == Version("1.0.0")
    assert hash(Version("1.0")) == hash(Version("1.0.0"))
    assert (str(Version("1.0")), str(Version("1.0.0"))) == ("1.0", "1.0.0")


@pytest.mark.parametrize("text", ["1.0", "1!2.0rc1.post2.dev3+local.4", "99999999999999999999999.1", "2024.10.1"])
def test_pickle_and_copy_are_identity(text: str) -> None:
    version = Version(text)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(version, protocol))  # noqa: S301 - our own bytes
        assert (again, str(again)) == (version, text)
    assert copy.deepcopy(version) == copy.copy(version) == version


def test_made_from_versions_of_either_library() -> None:
    assert Version(Version("1.0a1")) == Version(packaging.version.Version("1.0-alpha.1")) == Version("1.0a1")


def test_other_types_are_not_comparable() -> None:
    version = Version("1.0")
    assert version != "1.0"
    assert version != packaging.version.Version("1.0")
    with pytest.raises(TypeError):
        assert version < "2.0"  # type: ignore[operator]


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        Version("1.0").epoch = 1  # type: ignore[misc]


@pytest.mark.parametrize("value", [1.0, 1, None, b"1.0", ["1.0"]])
def test_made_from_nothing_else(value: object) -> None:
    with pytest.raises(InvalidVersion, match="it is made from a str, not from"):
        Version(value)  # type: ignore[arg-type]


def test_error_says_where_and_why() -> None:
    with pytest.raises(InvalidVersion) as caught:
        Version("\u2003é1.0")
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.code, error.text, error.position) == ("invalid-version", "\u2003é1.0", 1)
    first, line, caret = error.message.splitlines()
    assert first == f"invalid version: {error.reason}"
    assert (line, caret) == ("    \u2003é1.0", "     ^")
    assert str(error) == error.message


def test_error_survives_a_process_boundary() -> None:
    with pytest.raises(InvalidVersion) as caught:
        Version("x")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert type(again) is InvalidVersion
    assert (again.message, again.fields) == (caught.value.message, caught.value.fields)


@pytest.mark.parametrize("text", ["\ud800", "1.0\udcff", "1.0+\ud83d"])
def test_lone_surrogates_are_no_text(text: str) -> None:
    with pytest.raises(InvalidVersion, match="lone surrogate"):
        Version(text)


@pytest.mark.parametrize(
    "text", ["1" * 10_000_000, "1." * 5_000_000, "1.0+" + "a." * 5_000_000, " " * 10_000_000, "é" * 5_000_000]
)
def test_enormous_input_is_read_in_linear_time(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InvalidVersion) as caught:
        Version(text)
    assert len(caught.value.message) < 400
    assert len(caught.value.text) < 100
    assert time.perf_counter() - start < 10


def test_numbers_have_no_bound_in_a_word() -> None:
    version = Version(
        "99999999999999999999!1.18446744073709551616rc99999999999999999999.post99999999999999999999.dev99999999999999999999"
    )
    assert version.epoch == 99999999999999999999
    assert version.release == (1, 2**64)
    assert version.minor == 2**64
    assert version.pre == ("rc", 99999999999999999999)
    assert (version.post, version.dev) == (99999999999999999999, 99999999999999999999)


def test_parts_make_the_version_and_are_checked() -> None:
    version = Version.from_parts(epoch=1, release=(2, 0), pre=("alpha", 1), post=2, dev=3, local="Ubuntu-1")
    assert str(version) == "1!2.0a1.post2.dev3+ubuntu.1"
    for parts in (
        {"release": ()},
        {"release": (-1,)},
        {"release": [1]},
        {"release": (1,), "pre": ("x", 1)},
        {"release": (1,), "pre": "a1"},
        {"release": (1,), "local": "a b"},
        {"release": (1,), "dev": -1},
        {"release": (1,), "post": "1"},
        {"release": (1,), "local": "1.dev1+x"},
    ):
        with pytest.raises(InvalidVersion):
            Version.from_parts(**parts)


def test_replace_changes_only_what_is_named() -> None:
    version = Version("1!2.0rc1.post2.dev3+local")
    assert str(version.__replace__(local=None, dev=None)) == "1!2.0rc1.post2"
    assert str(version.__replace__(release=(3,), epoch=0)) == "3rc1.post2.dev3+local"
    assert version.__replace__() == version
    with pytest.raises(TypeError):
        version.__replace__(micro=1)


def test_pattern_matching_reads_the_text() -> None:
    match Version("1.0-rc1"):
        case Version("1.0rc1"):
            pass
        case _:
            pytest.fail("the text does not match")
