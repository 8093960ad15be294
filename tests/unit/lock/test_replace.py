"""A file is replaced whole, or stays as it was."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from locktool.lock.replace import replace_file, replace_files

posix_only = pytest.mark.skipif(os.name == "nt", reason="permissions and links as POSIX has them")


def test_a_missing_file_is_created(tmp_path: Path) -> None:
    assert replace_file(tmp_path / "pylock.toml", b"one\r\n")
    assert (tmp_path / "pylock.toml").read_bytes() == b"one\r\n"
    assert [path.name for path in tmp_path.iterdir()] == ["pylock.toml"]


def test_identical_bytes_leave_the_file_untouched(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_bytes(b"same")
    os.utime(path, ns=(1, 1))
    assert not replace_file(path, b"same")
    assert path.stat().st_mtime_ns == 1


@posix_only
def test_permissions_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    assert replace_file(path, b"new")
    assert path.stat().st_mode & 0o7777 == 0o640


@posix_only
def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "lock").write_bytes(b"old")
    (tmp_path / "pylock.toml").symlink_to("real/lock")
    assert replace_file(tmp_path / "pylock.toml", b"new")
    assert (tmp_path / "pylock.toml").is_symlink()
    assert (tmp_path / "real" / "lock").read_bytes() == b"new"


@posix_only
def test_what_a_killed_writer_left_is_taken_away_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    names = (
        f".pylock.toml.{finished.pid}.tmp",
        f".pylock.toml.{os.getppid()}.tmp",
        ".other.1.tmp",
        ".pylock.toml.x.tmp",
    )
    for name in names:
        (tmp_path / name).write_bytes(b"half")
    assert replace_file(tmp_path / "pylock.toml", b"one")
    assert {path.name for path in tmp_path.iterdir()} == {"pylock.toml", *names[1:]}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "pylock.toml"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        message = "no space left"
        raise OSError(message)

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="no space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["pylock.toml"]


def test_a_left_over_of_a_killed_process_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / f".pylock.toml.{os.getpid()}.tmp").write_bytes(b"half")
    assert replace_file(tmp_path / "pylock.toml", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["pylock.toml"]


def test_several_files_are_replaced_together(tmp_path: Path) -> None:
    one, other, same = (tmp_path / name for name in ("one", "other", "same"))
    one.write_bytes(b"old")
    same.write_bytes(b"same")
    assert replace_files({str(one): b"new", str(other): b"made", str(same): b"same"})
    assert [path.read_bytes() for path in (one, other, same)] == [b"new", b"made", b"same"]
    assert not replace_files({str(one): b"new", str(other): b"made", str(same): b"same"})
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("broken", ["directory", "absent"])
def test_where_one_file_cannot_be_replaced_none_is(tmp_path: Path, broken: str) -> None:
    one, made, last = tmp_path / "one", tmp_path / "made", tmp_path / "last" / "file"
    one.write_bytes(b"old")
    if broken == "directory":
        # What becomes a directory after it was read cannot be replaced any more.
        last = tmp_path / "last"
    contents = {str(path): b"new" for path in (one, made, last)}
    original = os.replace

    def replace(source: str, target: str) -> None:
        if broken == "directory" and target == str(last):
            last.mkdir()
        original(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(OSError, match="left as it was"):
            replace_files(contents)
    assert one.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == (["last", "one"] if broken == "directory" else ["one"])


def test_a_read_only_file_system_is_told_of_the_file_that_was_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, *_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr(os, "open", refuse)
    for several in (False, True):
        with pytest.raises(OSError, match="Read-only file system; the file is left as it was") as caught:
            replace_files({str(tmp_path / "pylock.toml"): b"one"} | ({str(tmp_path / "b"): b"two"} if several else {}))
        assert caught.value.filename == str(tmp_path / "pylock.toml")


@posix_only
def test_a_pipe_gets_the_bytes_and_stays_one(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert replace_files({str(pipe): b"to the pipe", str(file): b"to the file"})
        assert reader.communicate()[0] == b"to the pipe"
    assert pipe.is_fifo()
    assert file.read_bytes() == b"to the file"


@posix_only
def test_a_device_gets_the_bytes_and_stays_one() -> None:
    leader, follower = os.openpty()
    terminal = Path(os.ttyname(follower))
    assert replace_file(terminal, b"to the terminal")
    assert os.read(leader, 99) == b"to the terminal"
    assert terminal.is_char_device()
    os.close(follower)
    os.close(leader)
