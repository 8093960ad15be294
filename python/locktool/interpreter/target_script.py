"""Describes the interpreter that runs it, as JSON on standard output; run by path, also by other Pythons than ours.

Its only argument is the directory that `packaging` lies in, which the interpreter itself need not have. Imports nothing
of locktool. Marker variables follow the dependency-specifiers specification, tags that of platform compatibility.
"""

import json
import sys


def describe() -> "dict[str, object]":
    """The facts of this interpreter."""
    import sysconfig

    from packaging.markers import default_environment
    from packaging.tags import sys_tags

    return {
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "version": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
        "marker_environment": dict(default_environment()),
        "tags": [str(tag) for tag in sys_tags()],
    }


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    json.dump(describe(), sys.stdout)
