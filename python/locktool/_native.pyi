"""The Rust core at the border: value classes, lock documents, the resolver and the check."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, Literal, Never, TypeAlias, TypeVar, final, overload

import packaging.markers
import packaging.requirements
import packaging.specifiers
import packaging.version

__all__ = [
    "MANIFEST_SCHEMA",
    "CheckOutcome",
    "IndexLocation",
    "LockFile",
    "Marker",
    "Member",
    "ProgressSnapshot",
    "Project",
    "Recorder",
    "Requirement",
    "Resolution",
    "SelectedEntry",
    "SettingKey",
    "SourceTree",
    "Specifier",
    "SpecifierSet",
    "StaleReason",
    "Version",
    "WrittenSetting",
    "build_manifest",
    "build_settings",
    "cache_clean",
    "cache_prune",
    "cache_record_copy",
    "cache_summary",
    "check",
    "check_lock",
    "check_script",
    "did_you_mean",
    "display_path",
    "environment_marker",
    "fetch_files",
    "find_root",
    "git_addresses",
    "hide_credentials",
    "interpreter_tags",
    "latest_version",
    "nearest_stated",
    "normalize_name",
    "poetry_python_marker",
    "poetry_specifiers",
    "python_name",
    "recorded_requires",
    "requirement_text",
    "requirement_under",
    "resolve",
    "setting_keys",
    "settings_schema",
    "split_credentials",
    "split_repository",
    "target_environment",
    "toml_extents",
    "with_choices",
]

MANIFEST_SCHEMA: Final[int]
"""The schema number of the inputs that a lock records."""

_Item = TypeVar("_Item")
_VersionLike: TypeAlias = Version | packaging.version.Version | str
_MarkerLike: TypeAlias = Marker | packaging.markers.Marker | str

@final
class Version:
    """A version of PEP 440: ordered as the specification orders, so that `Version("1.0") == Version("1.0.0")`.

    Its text keeps the release as written and normalises the rest. Comparison with anything but a `Version` is
    not supported, also with the class of `packaging`; the constructor takes one. `packaging` takes its text: given the
    version itself, its sets raise.
    Raises `InvalidVersion`.
    """

    __match_args__: Final = ("_str",)
    def __new__(cls, version: _VersionLike) -> Version: ...
    @staticmethod
    def from_parts(
        *,
        epoch: int | None = None,
        release: tuple[int, ...],
        pre: tuple[str, int] | None = None,
        post: int | None = None,
        dev: int | None = None,
        local: str | None = None,
    ) -> Version:
        """The version of these parts: `Version.from_parts(release=(1, 2), pre=("rc", 1))` is `1.2rc1`."""

    def __replace__(self, **changes: Any) -> Version:
        """The same version but for the given parts; one set to None is left out."""

    @property
    def epoch(self) -> int:
        """What stands before the exclamation mark, or zero."""

    @property
    def release(self) -> tuple[int, ...]:
        """The numbers between dots as written, trailing zeros included."""

    @property
    def pre(self) -> tuple[Literal["a", "b", "rc"], int] | None:
        """`("a" | "b" | "rc", number)`, or None."""

    @property
    def post(self) -> int | None:
        """The number of the post-release, or None."""

    @property
    def dev(self) -> int | None:
        """The number of the development release, or None."""

    @property
    def local(self) -> str | None:
        """What stands after the plus sign, normalised, or None."""

    @property
    def public(self) -> str:
        """The text without the local part."""

    @property
    def base_version(self) -> str:
        """The text of epoch and release alone."""

    @property
    def is_prerelease(self) -> bool:
        """Whether it is a pre-release or a development release."""

    @property
    def is_postrelease(self) -> bool:
        """Whether it is a post-release."""

    @property
    def is_devrelease(self) -> bool:
        """Whether it is a development release."""

    @property
    def major(self) -> int:
        """The first number of the release."""

    @property
    def minor(self) -> int:
        """The second number of the release, or zero."""

    @property
    def micro(self) -> int:
        """The third number of the release, or zero."""

    @property
    def _str(self) -> str: ...
    def __iter__(self) -> Never:
        """Raise `LocktoolError`: a version is no text.

        `packaging` would take a version of another class for none at all, which is in no set; so it is refused aloud.
        """

    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Version, /) -> bool: ...
    def __le__(self, other: Version, /) -> bool: ...
    def __gt__(self, other: Version, /) -> bool: ...
    def __ge__(self, other: Version, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Specifier:
    """One comparison such as `>=1.0`.

    `prereleases` overrides the rule on pre-releases. Raises `InvalidSpecifier`.
    """

    __match_args__: Final = ("_str",)
    def __new__(
        cls, spec: str | Specifier | packaging.specifiers.Specifier, prereleases: bool | None = None
    ) -> Specifier: ...
    @property
    def operator(self) -> str:
        """`==`, `!=`, `<=`, `>=`, `<`, `>`, `~=` or `===`."""

    @property
    def version(self) -> str:
        """What stands behind the operator, as written."""

    @property
    def prereleases(self) -> bool | None:
        """The rule given, else whether the version named is a pre-release."""

    @property
    def _str(self) -> str: ...
    def contains(self, item: _VersionLike, prereleases: bool | None = None) -> bool:
        """Whether the version satisfies the comparison; a pre-release does unless the rule refuses them."""

    @overload
    def filter(
        self, iterable: Iterable[_Item], prereleases: bool | None = None, key: None = None
    ) -> Iterator[_Item]: ...
    @overload
    def filter(
        self, iterable: Iterable[_Item], prereleases: bool | None, key: Callable[[_Item], _VersionLike]
    ) -> Iterator[_Item]: ...
    @overload
    def filter(
        self, iterable: Iterable[_Item], prereleases: bool | None = None, *, key: Callable[[_Item], _VersionLike]
    ) -> Iterator[_Item]:
        """The items that satisfy the comparison, in order; pre-releases only by the rule, or if nothing final does."""

    def __contains__(self, item: _VersionLike, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool:
        """Equal by meaning, also to a `str` that reads as an equal specifier.

        The rule on pre-releases does not count.
        """

    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class SpecifierSet:
    """A comma-joined conjunction of specifiers; the empty one admits everything.

    Its text is sorted and without repetitions, so equal sets have equal texts. `prereleases` overrides the rule on
    pre-releases. Raises `InvalidSpecifier`.
    """

    __match_args__: Final = ("_str",)
    def __new__(
        cls,
        specifiers: str
        | SpecifierSet
        | packaging.specifiers.SpecifierSet
        | Iterable[str | Specifier | packaging.specifiers.Specifier]
        | None = None,
        prereleases: bool | None = None,
    ) -> SpecifierSet: ...
    @property
    def prereleases(self) -> bool | None:
        """The rule given, else True if a specifier names a pre-release, else None."""

    @property
    def _str(self) -> str: ...
    def contains(self, item: _VersionLike, prereleases: bool | None = None, installed: bool | None = None) -> bool:
        """Whether the version satisfies every specifier; a pre-release does unless the rule refuses them.

        `installed` says that the version is in use already, and so admits it as a pre-release.
        """

    @overload
    def filter(
        self, iterable: Iterable[_Item], prereleases: bool | None = None, key: None = None
    ) -> Iterator[_Item]: ...
    @overload
    def filter(
        self, iterable: Iterable[_Item], prereleases: bool | None, key: Callable[[_Item], _VersionLike]
    ) -> Iterator[_Item]: ...
    @overload
    def filter(
        self, iterable: Iterable[_Item], prereleases: bool | None = None, *, key: Callable[[_Item], _VersionLike]
    ) -> Iterator[_Item]:
        """The items that satisfy every specifier, in order; pre-releases only by the rule, or if nothing final does."""

    def is_unsatisfiable(self) -> bool:
        """Whether no version satisfies every specifier, under the rule on pre-releases if one was given."""

    def is_subset(self, other: SpecifierSet | packaging.specifiers.SpecifierSet) -> bool:
        """Whether every version of this set is one of the other's. Raises `ValueError` for a set with `===`."""

    def is_superset(self, other: SpecifierSet | packaging.specifiers.SpecifierSet) -> bool:
        """Whether every version of the other set is one of this one's. Raises `ValueError` for a set with `===`."""

    def is_disjoint(self, other: SpecifierSet | packaging.specifiers.SpecifierSet) -> bool:
        """Whether the sets share no version. Raises `ValueError` for a set with `===`."""

    def __and__(self, other: SpecifierSet | packaging.specifiers.SpecifierSet | str, /) -> SpecifierSet:
        """What both sets admit; `other` may be a `str`.

        Raises `ValueError` where their rules on pre-releases contradict.
        """

    def __rand__(self, other: Any, /) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Specifier]: ...
    def __contains__(self, item: _VersionLike, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool:
        """Equal if the specifiers are, also to a `Specifier` or a `str`; the rule on pre-releases does not count."""

    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Marker:
    """A condition on environments.

    Two markers are equal exactly if they hold in the same environments that can exist, and the text is the shortest
    of equals: `sys_platform == 'win32' and os_name == 'nt'` is `sys_platform == 'win32'`. Evaluation reads every field
    as `packaging` does. Raises `InvalidMarker`.
    """

    def __new__(cls, marker: _MarkerLike) -> Marker: ...
    @staticmethod
    def always() -> Marker:
        """The marker that holds everywhere."""

    @staticmethod
    def never() -> Marker:
        """The marker that holds nowhere."""

    def evaluate(
        self,
        environment: Mapping[str, str | AbstractSet[str] | None] | None = None,
        context: Literal["metadata", "lock_file", "requirement"] = "metadata",
    ) -> bool:
        """Whether the marker holds, by default for the running interpreter; `environment` overrides its fields.

        `context` says what else may be asked: `extra` in `"metadata"`, `extras` and `dependency_groups` in
        `"lock_file"`, none of them in `"requirement"`. Raises `UndefinedEnvironmentName` for a field that is not there,
        and `UndefinedComparison` for values that no specification compares.
        """

    def is_true(self) -> bool:
        """Whether it holds in every environment."""

    def is_false(self) -> bool:
        """Whether it holds in no environment."""

    def is_disjoint(self, other: _MarkerLike) -> bool:
        """Whether no environment satisfies both."""

    def implies(self, other: _MarkerLike) -> bool:
        """Whether the other holds wherever this does."""

    def restrict(self, assumption: _MarkerLike) -> Marker:
        """The shortest marker that says the same wherever `assumption` holds."""

    def simplify(
        self,
        requires_python: str | SpecifierSet | packaging.specifiers.SpecifierSet | None = None,
        environments: Iterable[_MarkerLike] | None = None,
    ) -> Marker:
        """The shortest marker that says the same for these Python versions in any of these environments."""

    def choose(self, extras: Iterable[str] | None = None, groups: Iterable[str] | None = None) -> Marker:
        """What remains once the extras and groups are chosen: those named are in, all others are not.

        Raises `InvalidName`.
        """

    def __and__(self, other: Marker | packaging.markers.Marker, /) -> Marker: ...
    def __rand__(self, other: Marker | packaging.markers.Marker, /) -> Marker: ...
    def __or__(self, other: Marker | packaging.markers.Marker, /) -> Marker: ...
    def __ror__(self, other: Marker | packaging.markers.Marker, /) -> Marker: ...
    def __invert__(self) -> Marker: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Requirement:
    """A requirement such as `requests[socks]>=2; python_version < '3.13'`.

    Name and extras are normalised (PEP 503, PEP 685), so that equal requirements have equal texts.
    Raises `InvalidRequirement`.
    """

    def __new__(cls, requirement_string: str | Requirement | packaging.requirements.Requirement) -> Requirement: ...
    @property
    def name(self) -> str:
        """The normalised name."""

    @property
    def extras(self) -> frozenset[str]:
        """The normalised names of the extras."""

    @property
    def specifier(self) -> SpecifierSet:
        """The versions asked for; the empty set for a URL."""

    @property
    def url(self) -> str | None:
        """The address asked for, or None."""

    @property
    def marker(self) -> Marker | None:
        """The condition, or None where it holds everywhere."""

    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool:
        """Equal by meaning: name, extras, specifiers or URL, and the condition."""

    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class IndexLocation:
    """One package index: where it is, when it is asked, and how to sign in.

    `of_machine` says that the machine names it (the environment, pip's configuration) and no project: it never takes
    the place of an index that a lock records.
    """

    def __new__(
        cls,
        url: str,
        *,
        name: str | None = None,
        explicit: bool = False,
        default: bool = False,
        username: str | None = None,
        password: str | None = None,
        cache_control: str | None = None,
        mirror_of: str | None = None,
        flat: bool = False,
        of_machine: bool = False,
    ) -> IndexLocation: ...
    @property
    def url(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def explicit(self) -> bool: ...
    @property
    def default(self) -> bool: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password(self) -> str | None: ...
    @property
    def cache_control(self) -> str | None: ...
    @property
    def mirror_of(self) -> str | None: ...
    @property
    def flat(self) -> bool: ...
    @property
    def of_machine(self) -> bool: ...
    def with_credentials(self, username: str | None, password: str | None) -> IndexLocation:
        """The same index with these credentials."""
    def with_keyring(self, ask: Callable[[str, str], str | None]) -> IndexLocation:
        """The same index, with what knows the password of its user: `ask(service, user)`, called from other threads."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Member:
    """One project of a workspace, as its pyproject.toml describes it; requirements are canonical and sorted.

    `path` is relative to the root. Groups have their includes expanded.
    """

    @property
    def directory(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def version(self) -> str | None: ...
    @property
    def package(self) -> bool:
        """Whether it has a build system, and so is installed itself."""
    @property
    def requires_python(self) -> str | None: ...
    @property
    def dependencies(self) -> list[str]: ...
    @property
    def extras(self) -> dict[str, list[str]]: ...
    @property
    def groups(self) -> dict[str, list[str]]: ...

@final
class Project:
    """A workspace: its members (the root's own first) and everything of them that can change an answer."""

    @staticmethod
    def read(directory: str, *, locked: LockFile | None = None, edited: Mapping[str, str] | None = None) -> Project:
        """Read the workspace that a directory belongs to.

        `locked` is its lock: members whose build reads what it read then take their metadata from there. `edited` are
        texts that take the place of pyproject.toml files of the workspace, by the paths of the files.
        Raises `ProjectError`, with the file and where possible with line and column.
        """

    @staticmethod
    def read_script(path: str, block: str, *, indent: int = 0) -> Project:
        """Read the TOML block of a script (PEP 723) as a project of one member that is no package.

        `indent` is by how many columns the block stands further right in the script. Raises `ProjectError`.
        """

    @property
    def root(self) -> str: ...
    @property
    def members(self) -> list[Member]: ...
    @property
    def current(self) -> Member:
        """The member in the directory that was asked for."""

    @property
    def indexes(self) -> list[IndexLocation]:
        """The indexes that the project names, in the order of the file, with the credentials that stand in it."""

    @property
    def find_links(self) -> list[str]:
        """Directories and pages that list distributions; directories are relative to the root."""

    @property
    def warnings(self) -> list[str]:
        """Sentences for people on what is probably a mistake."""

    @property
    def unbuilt(self) -> list[str]:
        """The directories of members of which only their build system knows everything."""

    def with_metadata(self, directory: str, metadata: str) -> Project:
        """The project with the core metadata that a member's build system made. Raises `ProjectError`."""

    def manifest(self) -> bytes:
        """Everything that can change an answer, in MessagePack: what a run is asked and a lock records.

        Raises `ProjectError`, with the code `dynamic-dependencies` where the metadata of a member is missing.
        """

    def written_settings(self) -> list[WrittenSetting]:
        """The settings that hold, as the files write them. Raises ProjectError."""

    def rules(self) -> bytes:
        """What it says beside its members, as `manifest` says it: for the builds that complete these.

        Raises `ProjectError`.
        """

@final
class SourceTree:
    """What the pyproject.toml of a source tree says of its build, and its metadata where no build is needed."""

    @staticmethod
    def read(directory: str) -> SourceTree:
        """Read a tree. Raises `ProjectError`; a tree without pyproject.toml is not an error."""

    @property
    def has_build_system(self) -> bool:
        """Whether it has the table [build-system]."""

    @property
    def build_requires(self) -> list[str]:
        """`build-system.requires`, or setuptools without [build-system]."""

    @property
    def build_backend(self) -> str | None: ...
    @property
    def backend_path(self) -> list[str] | None: ...
    @property
    def name(self) -> str | None:
        """`project.name` as written."""

    @property
    def metadata(self) -> str | None:
        """Core metadata, where name, version and requirements are all written in pyproject.toml."""

@final
class SettingKey:
    """A key of pyproject.toml that locktool reads: `table` is "", "index", "sources", ..., `role` "recorded" (a change
    makes the lock stale) or "machine-only", for the `reason` given.
    """

    @property
    def table(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def other_spellings(self) -> list[str]: ...
    @property
    def description(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def reason(self) -> str | None: ...

@final
class WrittenSetting:
    """A setting as a file of the project writes it: `value` is JSON, `table` is "tool.locktool", "tool.uv", or "" in
    locktool.toml.
    """

    @property
    def key(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int | None: ...
    @property
    def table(self) -> str: ...

@final
class CheckOutcome:
    """What `check` found; the lock holds exactly when there is no reason against it.

    `unverified` names what was believed because nobody knows what its build reads, `absent` the directories that were
    not there and were believed because `absent_sources` allowed it. `packages` is how many packages are locked, and
    `has_command_line` says that the lock rests on what only the command line of its run said.
    """

    @property
    def path(self) -> str: ...
    @property
    def reasons(self) -> list[StaleReason]: ...
    @property
    def unverified(self) -> list[str]: ...
    @property
    def absent(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def packages(self) -> int: ...
    @property
    def has_command_line(self) -> bool: ...

@final
class ProgressSnapshot:
    """The counters of a run at one moment."""

    @property
    def pages(self) -> int: ...
    @property
    def metadata(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def requests(self) -> int: ...
    @property
    def in_flight(self) -> int: ...
    @property
    def step(self) -> str: ...

@final
class Recorder:
    """Records what runs do: sentences for people, and a timeline.

    With a `verbosity` of 1 the sentences tell what surprises, with 2 every step; with 0 there are none.
    """

    def __new__(cls, verbosity: int = 0, *, timeline: bool = False) -> Recorder: ...
    def take_lines(self) -> list[str]:
        """The sentences that came since they were last taken."""

    def chrome_trace(self) -> str:
        """The timeline so far, as JSON in the Trace Event Format."""

@final
class Resolution:
    """The answer of a run."""

    @property
    def warnings(self) -> list[str]:
        """Sentences for people, in the order in which they came up."""

    @property
    def forks(self) -> int:
        """How many sets of environments were solved apart; none if the existing lock was the answer."""

    @property
    def counters(self) -> ProgressSnapshot:
        """What the run read."""

    @property
    def lock(self) -> LockFile:
        """The lock that records it; the existing one where that is the outcome."""

@final
class LockFile:
    """A lock: read from a file, decoded from values, or made by a run."""

    @staticmethod
    def read(path: str) -> LockFile:
        """Read a lock from its file. Raises `LockError`, with line and column where it is not TOML."""

    @staticmethod
    def read_replaced(path: str) -> LockFile | None:
        """Read the lock that is about to be replaced; None where there is none.

        Where git left conflict markers, the side of the branch that is checked out is read. Raises `LockError`.
        """

    @staticmethod
    def parse(content: bytes, path: str) -> LockFile:
        """Read a lock from the content of a file; `path` is for messages. Raises `LockError`."""

    @staticmethod
    def decode(messagepack: bytes) -> LockFile:
        """Take a lock that is given as MessagePack. Raises `LockError`."""

    @property
    def text(self) -> str | None:
        """The text of the file, conflict markers included; None for a lock that was not read from one."""

    @property
    def is_conflicted(self) -> bool:
        """Whether git left its marks in the file."""

    @property
    def is_portable(self) -> bool:
        """Whether readers of TOML 1.0 can read the file."""

    @property
    def requires_python(self) -> str | None:
        """The Pythons that it is for."""

    @property
    def has_directories(self) -> bool:
        """Whether some package is installed from a directory."""

    def select(
        self, fields: Mapping[str, str], tags: Sequence[str], extras: Sequence[str] = ..., groups: Sequence[str] = ...
    ) -> list[SelectedEntry]:
        """What an environment installs, by the rules of PEP 751, with the extras and groups that are chosen.

        `fields` are all that markers ask about; without `tags` it is not known which wheels suit. Raises `LockError`
        where the lock refuses the environment or an installer could not obey, and `InvalidMarker` and
        `UndefinedComparison` for a marker that cannot be evaluated.
        """

    def entries(self, tags: Sequence[str]) -> list[SelectedEntry]:
        """All entries, each with what an environment with these wheel tags installs it from.

        Raises `LockError` for one of which no file suits.
        """

    @property
    def manifest(self) -> bytes | None:
        """The inputs that it records, in MessagePack; None in a lock of another tool."""

    @property
    def names(self) -> list[str]:
        """The names of the packages, each once, in their order."""

    @property
    def commits(self) -> list[tuple[str, str, str | None, str]]:
        """The locked commits of git repositories: `(name, address, revision, commit)`.

        The revision is the one that was asked for.
        """

    @property
    def has_unhashed(self) -> bool:
        """Whether some package has no file with a hash, as directories and repositories have none."""

    @property
    def build_pins(self) -> list[tuple[str, str]]:
        """The names and versions of what it records of builds."""

    @property
    def built(self) -> set[str]:
        """The packages and members whose metadata a build made."""

    def missing_builds(self) -> list[tuple[list[str], list[str]]]:
        """What builds install and the lock does not record: for each set of requirements what is built with it."""

    def build_lock(self, requires: list[str]) -> LockFile | None:
        """What it records of the builds that require this, as a lock; else of all builds, None without any."""

    def with_builds(self, made: list[tuple[list[str], LockFile | None]]) -> LockFile:
        """The lock with what further builds install: for each set the lock that it was resolved to, if there is one."""

    def to_messagepack(self) -> bytes:
        """The lock with the keys of pylock.toml."""

    def write(self, previous: LockFile | None = None, *, compiled: bool = False) -> str:
        """The text of this lock in place of another one, whose comments and unchanged blocks stay.

        `compiled` says in its first lines that it was made from requirements files.
        """

@final
class SelectedEntry:
    """An entry of a lock, and what an environment installs it from."""

    @property
    def place(self) -> int:
        """Its place among the entries of the lock."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str | None: ...
    @property
    def source(self) -> Literal["vcs", "directory", "archive", "wheels", "sdist"] | None:
        """The key of the entry that it is installed from; None where that is not known."""

    @property
    def wheel(self) -> int | None:
        """The place of the wheel that it is installed from among those of the entry."""

    @property
    def path(self) -> str | None:
        """The path of its file or directory, from the lock."""

    @property
    def url(self) -> str | None:
        """The address of its file."""

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of its file."""

    @property
    def commit(self) -> tuple[str, str, str | None] | None:
        """The address of its repository, the commit, and where its tree lies in it."""

    @property
    def hashes(self) -> list[tuple[str, str]]:
        """The hashes of all files of the entry."""

@final
class StaleReason:
    """One thing that does not hold in a lock: a stable `code`, one sentence, the package or member it is about, and
    what to do.

    Of a changed input it has the `key`, what the lock records of it (`then`) and what it is today (`now`), as text.
    """

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def package(self) -> str: ...
    @property
    def suggestion(self) -> str: ...
    @property
    def key(self) -> str | None: ...
    @property
    def then(self) -> str | None: ...
    @property
    def now(self) -> str | None: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

def build_settings(
    manifest: bytes,
) -> tuple[str | None, tuple[dict[str, list[str]], dict[str, list[str]], list[str], list[str]]]:
    """The Pythons of the manifest of a run, and what it says of its builds.

    That is what the builds of packages require beside what they say, what of that they require in the version that is
    locked, the packages that are built in the active environment, and those that may be built (all where none is
    named). Raises `ProjectError`.
    """

def build_manifest(
    manifest: bytes,
    requires: list[str],
    *,
    constraints: list[str],
    requires_python: str | None = None,
    environment: str | None = None,
) -> bytes:
    """The manifest of what a build requires, under what the manifest of a run says of builds.

    It is for the Pythons of the run, for those of `requires_python`, or for one environment. Raises `ProjectError`.
    """

def nearest_stated(
    package: str, version: str, manifest: bytes, options: Mapping[str, Any], *, indexes: list[IndexLocation]
) -> tuple[str, list[str]] | None:
    """The nearest release of a package that states what it requires without a build: its version and requirements.

    None where there is none, or where the version is none. Raises `PackageNotFound`, `IndexUnavailable`,
    `OfflineError`, `ProjectError`, `InvalidName` and `Interrupted`.
    """

def recorded_requires(written: list[str], root: str) -> list[str]:
    """What a build requires, as locks record it: canonical, sorted, each once, paths from the root of the project.

    Raises `ProjectError` where a text is no requirement, or holds credentials.
    """

def resolve(
    manifest: bytes,
    options: Mapping[str, Any],
    *,
    indexes: list[IndexLocation],
    locked: LockFile | None = None,
    builder: Callable[[str], tuple[str, list[str] | None]] | None = None,
    checkout: Callable[[str, str], tuple[str, str]] | None = None,
    progress: Callable[[ProgressSnapshot], object] | None = None,
    recorder: Recorder | None = None,
) -> Resolution:
    """Resolve a manifest, and return when it is done.

    `manifest` is MessagePack, `locked` an existing lock whose versions are preferred.
    `options` is a table of what a run is asked beside its manifest, every key optional: `find-links`,
    `cache-dir`, `offline`, `refresh` and `upgrade` (true, false or names), `project-dir` (where relative paths start),
    `environment` (the marker variables of the one environment to resolve for, instead of all), `tags` (the wheel tags
    that the one environment of the result installs), `reads-upper-python` (upper bounds of the packages'
    requires-python count in a universal run too), `timeout-seconds`, `retries`, `proxy`,
    `certificate-bundle`, `checkouts` (repositories on this machine by the address that requirements give: `[path,
    commit]`), `require` (requirements beside the manifest's), and `other-places` (the command line names indexes or
    find-links, so an existing lock is resolved again), `limit` (constraints of this run alone), `files` (the
    requirements files that texts of the manifest stand in, for messages: `[["flask<3", "limits.txt"]]`), `hashes` (the
    hashes of the files that may be used of a package: `{"flask": [["sha256", "ab..."]]}`; an entry may be left without
    files) and `without-dependencies` (what packages require is not looked at).
    `builder(path)` returns the metadata text of a source tree or source distribution and what its build requires, None
    where nothing was built; `checkout(package,
    address)` the tree and commit of a repository that a tree names; both are called from other threads.
    `progress(snapshot)` is called about twenty times a second from this one; `recorder` records what the run does.
    Raises `ResolutionImpossible`, `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `BuildError`, `ProjectError`,
    `LockError`, `Interrupted`, and whatever a signal handler raises.
    """

def latest_version(
    package: str, manifest: bytes, options: Mapping[str, Any], *, indexes: list[IndexLocation]
) -> str | None:
    """The newest version of a package that the manifest's rules leave, whatever requires it; None where there is none.

    Raises `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `ProjectError`, `InvalidName` and `Interrupted`.
    """

def target_environment(
    facts: Mapping[str, Any], python: str | None = None, platform: str | None = None
) -> tuple[dict[str, str], list[str]]:
    """The marker variables of an interpreter and the wheel tags that it installs, the preferred ones first.

    They follow from its facts, changed to another Python (`3.12`, `3.13t`, `pypy3.11`) and another
    platform (`linux`, `macos-14`) where these are named. Raises `InvalidVersion`, `ProjectError` for a platform that is
    not known, and `ValueError` for a record of another shape.
    """

def python_name(text: str) -> tuple[str | None, str, bool]:
    """The implementation that the name of a Python says, if any, its version, and whether it is free-threaded.

    `pypy3.11` and `3.13t` are such names. Raises `InvalidVersion`.
    """

def interpreter_tags(facts: Mapping[str, Any]) -> list[str]:
    """The wheel tags that an interpreter installs, the preferred ones first, from its facts.

    Raises `ValueError` for a record of another shape.
    """

def fetch_files(
    files: Sequence[tuple[str, str, str | None]], options: Mapping[str, Any], *, indexes: list[IndexLocation]
) -> list[Path]:
    """Fetch files, each `(address, directory, sha256)`, several at once, and return their paths in the same order.

    A file has the name that its address gives it, and is there as a whole or not at all. `options` are those of
    `resolve`. Raises `IndexUnavailable`, also where a file is not the one that its hash is of, `OfflineError` and
    `Interrupted`.
    """

def environment_marker(fields: dict[str, str], version: str | None = None) -> str:
    """The marker of one environment, by which a lock says that it is for that one.

    It names the platform, the implementation, and the Python as far as `version` does (`3.12`, `3.12.4`), without one
    its minor version. Raises `InvalidVersion`.
    """

def check(directory: str, *, absent_sources: bool = False) -> CheckOutcome:
    """Prove the lock of the project that a directory belongs to, offline and without writing anything.

    With `absent_sources` required directories that are not there are believed as the lock records them. Raises
    `ProjectError` and `LockError` where the question cannot be answered.
    """

def check_script(script: Project, path: str, *, absent_sources: bool = False) -> CheckOutcome:
    """Prove the lock at a path against the script that `Project.read_script` read, as `check` does for a project.

    Raises `ProjectError` and `LockError`.
    """

def check_lock(path: str) -> CheckOutcome:
    """Prove a lock against the inputs that it records itself: that it is sound and that no entry was changed by hand.

    Raises `LockError`.
    """

def find_root(directory: str) -> str:
    """The directory of the root of the workspace that a directory belongs to. Raises `ProjectError`."""

def with_choices(manifest: bytes, choices: bytes) -> bytes:
    """A manifest with what the command line says, a MessagePack table in the shape of [tool.locktool].

    Raises `ProjectError`.
    """

def poetry_specifiers(constraint: str, *, of_python: bool = False) -> str:
    """The specifiers that say the same as a version constraint of Poetry; the empty text for every version.

    `of_python` says that it is on Python, and not on a package.
    Raises `ProjectError` for a constraint that is none, and for alternatives that no specifiers say together.
    """

def poetry_python_marker(constraint: str) -> str | None:
    """The marker of a version constraint of Poetry on Python; None for every Python.

    Raises `ProjectError` for a constraint that is none.
    """

def split_repository(address: str) -> tuple[str, str | None, str | None] | None:
    """The address of a git repository, its revision and its subdirectory; None where the text is none."""

def git_addresses(manifest: bytes) -> dict[str, str]:
    """The addresses of git repositories that the project itself gives, each with the package it is for."""

def setting_keys() -> list[SettingKey]:
    """Every key of pyproject.toml that locktool reads, with what becomes of it."""

def settings_schema() -> str:
    """The JSON Schema of [tool.locktool]."""

def cache_summary(directory: str) -> tuple[int, int, int]:
    """What the directory holds: records, bytes, and files that interrupted or older writers left behind.

    Raises `CacheError`.
    """

def cache_prune(directory: str, maximum_bytes: int | None = None) -> tuple[int, int]:
    """Remove what was left behind, then the least recently used records above a size, 1 GiB unless told.

    Returns files and bytes removed. Raises `CacheError`.
    """

def cache_record_copy(data: bytes) -> bytes | None:
    """The record that the core writes of what it reads in these bytes, or None where it reads a miss."""

def cache_clean(directory: str, packages: list[str]) -> tuple[int, int]:
    """Remove the records of these packages (normalised names), or all if none is named.

    Returns files and bytes removed. Raises `CacheError`.
    """

def normalize_name(name: str) -> str:
    """The name in the one writing that is compared: lower case, a hyphen for each run of hyphens, underscores and dots.

    Raises `InvalidName` for a text that is no name.
    """

def toml_extents(text: str) -> dict[tuple[str | int, ...], tuple[int, int]]:
    """Where each value of a TOML text begins and ends, in characters, by its key path. Raises `DocumentError`."""

def requirement_text(text: str) -> str:
    """A requirement in its canonical form. Raises `InvalidRequirement`, also for credentials in its address."""

def requirement_under(requirement: str, condition: str) -> str:
    """A requirement that holds only where a marker does too, in its canonical form."""

def display_path(path: str, line: int | None = None, column: int | None = None) -> str:
    """`file:line:column` for people, the file relative to the working directory where it lies below it."""

def did_you_mean(word: str, choices: list[str]) -> str:
    """`; did you mean '...'?`, or nothing where no choice is similar."""

def split_credentials(url: str) -> tuple[str, str | None, str | None]:
    """An address without credentials, the user name and the password that stood in it, percent escapes decoded.

    A lone user name of an ssh address (`ssh://git@host/...`) is part of the address and stays.
    """

def hide_credentials(text: str) -> str:
    """A text with asterisks over user, password and query of every address in it, as long as before."""
