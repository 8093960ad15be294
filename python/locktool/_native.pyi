"""The Rust core at the border: value classes, lock documents, the resolver and the certificate."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, TypeAlias, TypeVar, final, overload

import packaging.markers
import packaging.requirements
import packaging.specifiers
import packaging.version

__all__ = [
    "IndexLocation",
    "Marker",
    "ProgressSnapshot",
    "Requirement",
    "Resolution",
    "ResolveOptions",
    "ResolvedPackage",
    "Specifier",
    "SpecifierSet",
    "StaleReason",
    "Version",
    "cache_clean",
    "cache_prune",
    "cache_record_copy",
    "cache_summary",
    "certify",
    "latest_version",
    "lock_blocks",
    "lock_to_toml",
    "normalize_name",
    "resolve",
    "toml_to_messagepack",
]

_Item = TypeVar("_Item")
_VersionLike: TypeAlias = Version | packaging.version.Version | str
_MarkerLike: TypeAlias = Marker | packaging.markers.Marker | str

@final
class Version:
    """A version of PEP 440: ordered as the specification orders, so that `Version("1.0") == Version("1.0.0")`.

    Its text keeps the release as written and normalises the rest. Comparison with anything but a `Version` is
    not supported, also with the class of `packaging`; the constructor takes one.
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
    def epoch(self) -> int: ...
    @property
    def release(self) -> tuple[int, ...]:
        """The numbers between dots as written, trailing zeros included."""

    @property
    def pre(self) -> tuple[Literal["a", "b", "rc"], int] | None:
        """`("a" | "b" | "rc", number)`, or None."""

    @property
    def post(self) -> int | None: ...
    @property
    def dev(self) -> int | None: ...
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
    def is_postrelease(self) -> bool: ...
    @property
    def is_devrelease(self) -> bool: ...
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

    def is_subset(self, other: SpecifierSet) -> bool:
        """Whether every version of this set is one of the other's. Raises `ValueError` for a set with `===`."""

    def is_superset(self, other: SpecifierSet) -> bool:
        """Whether every version of the other set is one of this one's. Raises `ValueError` for a set with `===`."""

    def is_disjoint(self, other: SpecifierSet) -> bool:
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

    def __and__(self, other: Marker, /) -> Marker: ...
    def __rand__(self, other: Marker, /) -> Marker: ...
    def __or__(self, other: Marker, /) -> Marker: ...
    def __ror__(self, other: Marker, /) -> Marker: ...
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
    """One package index: where it is, when it is asked, and how to sign in."""

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
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class ResolveOptions:
    """The options of one `resolve` call that are not inputs of the lock: addresses, cache, freshness, target.

    `python_version` and `python_platform` narrow the run to one environment; without them it is universal. `require`
    are requirements beside the manifest's, to see what follows from them.
    """

    def __new__(
        cls,
        *,
        indexes: list[IndexLocation] = ...,
        find_links: list[str] = ...,
        cache_dir: str | None = None,
        offline: bool = False,
        refresh: bool | list[str] = ...,
        upgrade: bool | list[str] = ...,
        project_dir: str = ...,
        python_version: str | None = None,
        python_platform: str | None = None,
        no_build: list[str] = ...,
        no_binary: list[str] = ...,
        timeout_seconds: float = 30.0,
        retries: int = 3,
        quality_pass: bool = True,
        proxy: str | None = None,
        certificate_bundle: str | None = None,
        checkouts: dict[str, tuple[str, str]] = ...,
        require: list[str] = ...,
    ) -> ResolveOptions: ...
    @property
    def indexes(self) -> list[IndexLocation]: ...
    @property
    def find_links(self) -> list[str]: ...
    @property
    def cache_dir(self) -> str | None: ...
    @property
    def offline(self) -> bool: ...
    @property
    def refresh(self) -> bool | list[str]: ...
    @property
    def upgrade(self) -> bool | list[str]: ...
    @property
    def project_dir(self) -> str: ...
    @property
    def python_version(self) -> str | None: ...
    @property
    def python_platform(self) -> str | None: ...
    @property
    def no_build(self) -> list[str]: ...
    @property
    def no_binary(self) -> list[str]: ...
    @property
    def timeout_seconds(self) -> float: ...
    @property
    def retries(self) -> int: ...
    @property
    def quality_pass(self) -> bool: ...
    @property
    def proxy(self) -> str | None: ...
    @property
    def certificate_bundle(self) -> str | None: ...
    @property
    def require(self) -> list[str]: ...
    @property
    def checkouts(self) -> dict[str, tuple[str, str]]: ...
    def with_checkouts(self, checkouts: dict[str, tuple[str, str]]) -> ResolveOptions:
        """The same options with repositories on this machine, by the address that requirements give: (path, commit)."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

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
class ResolvedPackage:
    """One entry of the answer, as the lock will record it."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str | None: ...
    @property
    def marker(self) -> str | None: ...
    @property
    def requires_python(self) -> str | None: ...
    @property
    def dependencies(self) -> list[tuple[str, str | None]]: ...
    @property
    def index(self) -> str | None: ...

@final
class Resolution:
    """The answer of a run."""

    @property
    def packages(self) -> tuple[ResolvedPackage, ...]:
        """The packages in the order of the lock."""

    @property
    def requires_python(self) -> str | None: ...
    @property
    def warnings(self) -> list[str]:
        """Sentences for people, in the order in which they came up."""

    @property
    def forks(self) -> int:
        """How many sets of environments were solved apart; none if the existing lock was the answer."""

    @property
    def counters(self) -> ProgressSnapshot:
        """What the run read."""

    def to_messagepack(self) -> bytes:
        """`{"requires-python": ..., "packages": [...]}`, with the keys of pylock.toml."""

@final
class StaleReason:
    """One thing that does not hold in a lock: a stable `code`, one sentence, the package or member it is about, and
    what to do.
    """

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def package(self) -> str: ...
    @property
    def suggestion(self) -> str: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

def resolve(
    manifest: bytes,
    options: ResolveOptions,
    *,
    locked: bytes | None = None,
    builder: Callable[[str, bool], str] | None = None,
    progress: Callable[[ProgressSnapshot], object] | None = None,
) -> Resolution:
    """Resolve a manifest, and return when it is done.

    `manifest` is MessagePack, `locked` an existing lock in TOML or MessagePack whose versions are preferred.
    `builder(path, is_directory)` returns the metadata text of a source tree or source distribution and is called from
    other threads; `progress(snapshot)` is called about ten times a second from this one.
    Raises `ResolutionImpossible`, `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `BuildError`, `ProjectError`,
    `LockError`, `Interrupted`, and whatever a signal handler raises.
    """

def latest_version(package: str, manifest: bytes, options: ResolveOptions) -> str | None:
    """The newest version of a package that the manifest's rules leave, whatever requires it; None where there is none.

    Raises `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `ProjectError`, `InvalidName` and `Interrupted`.
    """

def certify(lock: bytes, manifest: bytes) -> list[StaleReason]:
    """Why the lock does not answer the manifest; an empty list is the proof that it does.

    `lock` is TOML or MessagePack, `manifest` is MessagePack. Raises `LockError` for a lock that cannot be read, with
    line and column if it is TOML, and `ProjectError` for a manifest that is not well formed.
    """

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

def toml_to_messagepack(data: bytes) -> bytes:
    """Read any TOML document into MessagePack; datetimes become RFC 3339 text.

    Raises `DocumentError` with line and column.
    """

def lock_to_toml(messagepack: bytes) -> str:
    """Write a lock document in the house layout.

    Raises `DocumentError` for bytes that are not one table of TOML's types.
    """

def lock_blocks(text: str) -> list[tuple[int, int]]:
    """Where the parts of a lock's text stand, as character offsets: first what precedes the packages, then each
    `[[packages]]` block with the comments directly above it.
    """
