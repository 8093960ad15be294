"""A lock as requirements.txt."""

from packaging.requirements import Requirement

from locktool.export.requirements import RequirementsStyle, pin, render_requirements
from locktool.lock.model import Archive, Directory, Distribution, Lock, Package, PackageReference, Vcs


def lock(*packages: Package) -> Lock:
    return Lock(lock_version="1.0", created_by="locktool", packages=packages)


def test_pins_carry_hashes_markers_and_who_asked() -> None:
    wheels = (Distribution(url="https://example.invalid/b-2-py3-none-any.whl", hashes={"sha256": "bb", "md5": "aa"}),)
    sdist = Distribution(url="https://example.invalid/b-2.tar.gz", hashes={"sha256": "00"})
    text = render_requirements(
        lock(
            Package(name="a", version="1.0", dependencies=(PackageReference(name="b"),)),
            Package(name="b", version="2", marker="os_name == 'nt'", wheels=wheels, sdist=sdist),
        ),
        RequirementsStyle(header="Made by a test.\n\nAgain.", options=("--index-url https://example.invalid",)),
        {"a": ["-r requirements.in"], "b": ["-r requirements.in", "-r dev.in"]},
    )
    assert text == (
        "# Made by a test.\n"
        "#\n"
        "# Again.\n"
        "--index-url https://example.invalid\n"
        "a==1.0\n"
        "    # via -r requirements.in\n"
        "b==2 ; os_name == 'nt' \\\n"
        "    --hash=sha256:00 \\\n"
        "    --hash=sha256:bb\n"
        "    # via\n"
        "    #   a\n"
        "    #   -r requirements.in\n"
        "    #   -r dev.in\n"
    )


def test_hashes_and_comments_can_be_left_out() -> None:
    package = Package(name="a", version="1", sdist=Distribution(url="u", hashes={"sha256": "00"}))
    assert render_requirements(lock(package), RequirementsStyle(hashes=False, annotate=False), {"a": ["x"]}) == "a==1\n"


def test_a_file_is_held_by_one_hash_of_those_that_pip_accepts() -> None:
    sdist = Distribution(url="u", hashes={"sha512": "22", "md5": "00"})
    wheel = Distribution(url="w", hashes={"md5": "11"})
    package = Package(name="a", version="1", sdist=sdist, wheels=(wheel,))
    assert render_requirements(lock(package), RequirementsStyle(), {}) == "a==1 \\\n    --hash=sha512:22\n"


def test_direct_references_are_written_as_pip_reads_them() -> None:
    url = Package(name="u", archive=Archive(url="https://example.invalid/u.zip", hashes={}, subdirectory="s p"))
    git = Package(name="g", vcs=Vcs(type="git", url="https://example.invalid/g", commit_id="ff"))
    assert pin(url) == "u @ https://example.invalid/u.zip#subdirectory=s%20p"
    assert pin(git) == "g @ git+https://example.invalid/g@ff"
    assert Requirement(pin(git)).url == "git+https://example.invalid/g@ff"
    assert pin(Package(name="d", directory=Directory(path="lib/d", editable=True))) == "-e ./lib/d"
    assert pin(Package(name="d", directory=Directory(path="."))) == "."
    assert pin(Package(name="f", archive=Archive(path="f.whl", hashes={}))) == "./f.whl"
