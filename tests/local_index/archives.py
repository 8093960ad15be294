"""Wheels and sdists that are tiny, valid and the same bytes on every run.

Wheels follow the binary distribution format 1.0, sdists PEP 625 and 643. An sdist carries its own build backend, so
that building it needs nothing from an index, unless its description names another one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import random
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)

# The hooks of PEP 517 that reading metadata and installing need; the text of METADATA lies beside them.
_BACKEND = """\
import os
import pathlib
import zipfile

STEM = "{stem}"
HERE = pathlib.Path(__file__).parent


def _refuse():
    if {build_fails}:
        raise RuntimeError("this source distribution does not build")


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    _refuse()
    folder = pathlib.Path(metadata_directory) / (STEM + ".dist-info")
    folder.mkdir()
    (folder / "METADATA").write_bytes((HERE / "BUILT-METADATA").read_bytes())
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    return folder.name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    _refuse()
    name = STEM + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        archive.writestr(STEM.rsplit("-", 1)[0] + "/__init__.py", "")
        archive.writestr(STEM + ".dist-info/METADATA", (HERE / "BUILT-METADATA").read_bytes())
        archive.writestr(
            STEM + ".dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        )
        archive.writestr(STEM + ".dist-info/RECORD", "")
    return name
"""


@dataclass(frozen=True)
class SdistBuild:
    """How an sdist is built: by a backend of its own, which may raise, or by a module of what it requires."""

    requires: tuple[str, ...] = ()
    backend: str | None = None
    fails: bool = False

    def pyproject(self) -> str:
        """The text of its pyproject.toml."""
        own = 'build-backend = "self_contained_backend"\nbackend-path = ["."]\n'
        backend = own if self.backend is None else f'build-backend = "{self.backend}"\n'
        return f"[build-system]\nrequires = {json.dumps(self.requires)}\n{backend}"


@dataclass(frozen=True)
class CoreMetadata:
    """The fields of core metadata that a resolver reads."""

    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str | None
    extras: Mapping[str, tuple[str, ...]]

    def render(self, *, metadata_version: str = "2.2", dynamic: tuple[str, ...] = ()) -> bytes:
        """METADATA or PKG-INFO; a dynamic field is declared and left out (PEP 643)."""
        absent = {field.lower() for field in dynamic}
        lines = [f"Metadata-Version: {metadata_version}", f"Name: {self.name}", f"Version: {self.version}"]
        lines += [f"Dynamic: {field}" for field in dynamic]
        if self.requires_python and "requires-python" not in absent:
            lines.append(f"Requires-Python: {self.requires_python}")
        if "requires-dist" not in absent:
            lines += [f"Requires-Dist: {requirement}" for requirement in self.requires]
        for extra, requires in self.extras.items():
            if "provides-extra" not in absent:
                lines.append(f"Provides-Extra: {extra}")
            if "requires-dist" not in absent:
                lines += [f"Requires-Dist: {_under_extra(requirement, extra)}" for requirement in requires]
        return ("\n".join(lines) + "\n").encode()


def _under_extra(requirement: str, extra: str) -> str:
    head, separator, marker = requirement.partition(" ;" if " ;" in requirement else ";")
    return f'{head} ; ({marker.strip()}) and extra == "{extra}"' if separator else f'{head} ; extra == "{extra}"'


def wheel(stem: str, tag: str, metadata: bytes, *, padding: int = 0, modules: Mapping[str, str] | None = None) -> bytes:
    """A wheel with one importable package and further modules.

    `stem` is `name-version` as in the filename, `tag` what follows, a build tag and the label of a variant included.
    """
    package = stem.rsplit("-", 1)[0]
    information = f"{stem}.dist-info"
    root_is_pure = "true" if tag.endswith("-none-any") else "false"
    python, abi, platform = tag.split("-")[tag[0].isdigit() :][:3]
    tags = [f"Tag: {p}-{a}-{s}" for p in python.split(".") for a in abi.split(".") for s in platform.split(".")]
    header = ["Wheel-Version: 1.0", "Generator: local_index", f"Root-Is-Purelib: {root_is_pure}", *tags]
    members = {f"{package}/__init__.py": b""}
    members |= {path: text.encode() for path, text in (modules or {}).items()}
    if padding:
        # Seeded by the name: ballast that does not compress and does not change.
        members[f"{package}/ballast.bin"] = random.Random(stem).randbytes(padding)  # noqa: S311 - not a secret
    members[f"{information}/METADATA"] = metadata
    members[f"{information}/WHEEL"] = ("\n".join(header) + "\n").encode()
    rows = [f"{path},sha256={_record_digest(content)},{len(content)}" for path, content in members.items()]
    members[f"{information}/RECORD"] = "\n".join([*rows, f"{information}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in members.items():
            entry = zipfile.ZipInfo(path, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _record_digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def sdist(stem: str, package_information: bytes, built_metadata: bytes, build: SdistBuild) -> bytes:
    """A gzipped tar whose PKG-INFO may say less than the `built_metadata` its backend writes."""
    members = {
        f"{stem}/PKG-INFO": package_information,
        f"{stem}/pyproject.toml": build.pyproject().encode(),
        f"{stem}/self_contained_backend.py": _BACKEND.format(stem=stem, build_fails=build.fails).encode(),
        f"{stem}/BUILT-METADATA": built_metadata,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)
