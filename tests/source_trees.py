"""Build systems that are small stand-ins for real ones: each reads the requirements where the real one reads them.

They are wheels that a `LocalIndex` serves, with the modules of the real ones, so that a build needs no other index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_index import LocalIndex

# Every module below gives `requirements()`; the hooks write what it says.
_HOOKS = """
import configparser, os, pathlib, tomllib

HERE = pathlib.Path.cwd()


def pyproject():
    path = HERE / "pyproject.toml"
    return tomllib.loads(path.read_text()) if path.is_file() else {}


def lines(path):
    return [line for line in (HERE / path).read_text().splitlines() if line]


def setup_cfg():
    config = configparser.ConfigParser()
    config.read(HERE / "setup.cfg")
    return config


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    project = pyproject().get("project", {})
    folder = pathlib.Path(metadata_directory) / "part-1.0.dist-info"
    folder.mkdir()
    text = f"Metadata-Version: 2.4\\nName: {project.get('name', 'part')}\\nVersion: {project.get('version', '1.0')}\\n"
    if "requires-python" in project:
        text += f"Requires-Python: {project['requires-python']}\\n"
    text += "".join(f"Requires-Dist: {requirement}\\n" for requirement in requirements())
    (folder / "METADATA").write_text(text)
    return folder.name
"""

_SETUPTOOLS = """
def requirements():
    options = setup_cfg()
    written = options.get("options", "install_requires", fallback="")
    if written.startswith("file:"):
        written = (HERE / written.removeprefix("file:").strip()).read_text()
    named = pyproject().get("tool", {}).get("setuptools", {}).get("dynamic", {}).get("dependencies", {}).get("file", [])
    found = [line for line in written.splitlines() if line] + [line for path in named for line in lines(path)]
    if (HERE / "setup.py").is_file() and not found:
        import runpy
        found = runpy.run_path(str(HERE / "setup.py"))["REQUIRES"]
    return found


def get_requires_for_build_wheel(config_settings=None):
    # As setuptools: what it knows of the tree is left beside it, unless a configuration names another place.
    config = configparser.RawConfigParser()
    config.read(os.environ.get("DIST_EXTRA_CONFIG", ""))
    (pathlib.Path(config.get("egg_info", "egg_base", fallback=HERE)) / "part.egg-info").mkdir(exist_ok=True)
    return []


class __legacy__:
    pass


for _name in ("get_requires_for_build_wheel", "prepare_metadata_for_build_wheel"):
    setattr(__legacy__, _name, staticmethod(globals()[_name]))
"""

_HATCHLING = """
def requirements():
    import runpy
    return runpy.run_path(str(HERE / "hatch_build.py"))["REQUIRES"]
"""

_PDM = """
def requirements():
    import runpy
    return runpy.run_path(str(HERE / "pdm_build.py"))["REQUIRES"]
"""

# A backend that nobody knows; it lies in the tree itself.
OWN_BACKEND = f"""{_HOOKS}
def requirements():
    return [line for path in sorted(HERE.glob("requirements/*.in")) for line in lines(path)]
"""


def add_build_systems(index: LocalIndex) -> None:
    """Publish the stand-ins for setuptools, hatchling and pdm-backend."""
    index.add("setuptools", "70.0", modules={"setuptools/build_meta.py": _HOOKS + _SETUPTOOLS})
    index.add("hatchling", "1.0", modules={"hatchling/build.py": _HOOKS + _HATCHLING})
    index.add("pdm-backend", "1.0", modules={"pdm/backend.py": _HOOKS + _PDM})
