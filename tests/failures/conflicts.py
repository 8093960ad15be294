"""Conflicts as people have them: real names and shapes, a project, and the report that it gets.

A release is `name version: requirement, ...`; what a description beyond that needs is said in `details`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Conflict:
    """An index, a project on it that has no answer, what locktool says, and how many suggestions that has at least."""

    name: str
    index: str
    report: str
    dependencies: tuple[str, ...] = ()
    project: dict[str, Any] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    suggestions: int = 1

    def releases(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The releases of the index, as `LocalIndex.add` takes them."""
        found = []
        for line in self.index.strip().splitlines():
            title, _, requires = line.strip().partition(":")
            name, version = title.split()
            wishes = [wish.strip() for wish in requires.split("|") if wish.strip()]
            found.append((name, version, {"requires": wishes} | self.details.get(title, {})))
        return found


CONFLICTS = (
    Conflict(
        name="a framework and a plugin that caps it",
        index="""
            django 4.2.16
            django 5.0.9
            django 5.1.2
            wagtail 5.2.6: django>=3.2,<5.1
            wagtail 6.3.1: django>=4.2,<6.0
        """,
        dependencies=("django>=5.1", "wagtail==5.2.6"),
        report="""
            error: not all requirements can be met:
              demo requires wagtail==5.2.6
              wagtail 5.2.6 requires django>=3.2,<5.1
              demo requires django>=5.1
            this works: change "wagtail==5.2.6" to "wagtail==6.3.1" (dependencies of demo)
            this works: change "django>=5.1" to "django>=5.0.9" (dependencies of demo)
        """,
    ),
    Conflict(
        name="two clients that pin their core",
        index="""
            boto3 1.34.162: botocore>=1.34.162,<1.35.0
            boto3 1.35.36: botocore>=1.35.36,<1.36.0
            boto3 1.35.40: botocore>=1.35.40,<1.36.0
            botocore 1.34.131
            botocore 1.34.162
            botocore 1.35.36
            botocore 1.35.40
            aiobotocore 2.13.1: botocore>=1.34.70,<1.34.132
            aiobotocore 2.15.2: botocore>=1.35.16,<1.35.37
        """,
        dependencies=("boto3>=1.35.40", "aiobotocore>=2.13"),
        report="""
            error: not all requirements can be met:
              demo requires aiobotocore>=2.13
              aiobotocore 2.13.1 requires botocore>=1.34.70,<1.34.132
              aiobotocore 2.15.2 requires botocore>=1.35.16,<1.35.37
              demo requires boto3>=1.35.40
              boto3 1.35.40 requires botocore>=1.35.40,<1.36.0
            this works: change "boto3>=1.35.40" to "boto3>=1.35.36" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a pinned library that is older than its foundation",
        index="""
            numpy 1.26.4
            numpy 2.0.2
            tensorflow 2.15.1: numpy>=1.23.5,<2.0.0
            tensorflow 2.18.0: numpy>=1.26.0,<2.1.0
        """,
        dependencies=("numpy>=2", "tensorflow==2.15.1"),
        report="""
            error: not all requirements can be met:
              demo requires tensorflow==2.15.1
              tensorflow 2.15.1 requires numpy>=1.23.5,<2.0.0
              demo requires numpy>=2
            this works: change "tensorflow==2.15.1" to "tensorflow==2.18.0" (dependencies of demo)
            this works: change "numpy>=2" to "numpy>=1.26.4" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a version that needs a newer Python",
        index="""
            numpy 2.2.6
            numpy 2.3.5
        """,
        details={"numpy 2.2.6": {"requires_python": ">=3.10"}, "numpy 2.3.5": {"requires_python": ">=3.11"}},
        dependencies=("numpy>=2.3",),
        project={"requires_python": ">=3.10"},
        report="""
            error: not all requirements can be met where python_version < '3.11':
              demo requires numpy>=2.3
              numpy 2.3.5 needs Python >=3.11
            this works: raise requires-python from ">=3.10" to ">=3.11"
            this works: change "numpy>=2.3" to "numpy>=2.2.6" (dependencies of demo)
        """,
    ),
    Conflict(
        name="two extras that want different majors",
        index="""
            pydantic 1.10.18
            pydantic 2.9.2
            fastapi 0.115.0: pydantic>=1.7.4
        """,
        dependencies=("fastapi",),
        project={"extras": {"legacy": ["pydantic<2"], "modern": ["pydantic>=2"]}},
        report="""
            error: not all requirements can be met:
              extra modern of demo requires pydantic>=2
              extra legacy of demo requires pydantic<2
            this works: declare that extra legacy and extra modern exclude each other: conflicts = [[{ extra = "legacy" }, { extra = "modern" }]] under [tool.locktool]
            this works: change "pydantic<2" to "pydantic" (extra legacy of demo)
        """,
    ),
    Conflict(
        name="a group against the dependencies",
        index="""
            sphinx 6.2.1
            sphinx 7.4.7
            sphinx 8.1.3
            sphinx-rtd-theme 1.3.0: sphinx>=1.6,<8
            sphinx-rtd-theme 2.0.0: sphinx>=5,<8
            sphinx-rtd-theme 3.0.1: sphinx>=6,<9
        """,
        dependencies=("sphinx>=8",),
        project={"groups": {"docs": ["sphinx-rtd-theme<3"], "dev": [{"include-group": "docs"}]}},
        report="""
            error: not all requirements can be met:
              groups dev and docs of demo require sphinx-rtd-theme<3
              sphinx-rtd-theme 1.3.0 requires sphinx>=1.6,<8
              sphinx-rtd-theme 2.0.0 requires sphinx>=5,<8
              demo requires sphinx>=8
            this works: change "sphinx-rtd-theme<3" to "sphinx-rtd-theme" (groups dev and docs of demo)
            this works: change "sphinx>=8" to "sphinx>=7.4.7" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a constraint of the project",
        index="""
            urllib3 1.26.20
            urllib3 2.2.3
            types-requests 2.32.0.20241016: urllib3>=2
        """,
        dependencies=("types-requests",),
        project={"tool": {"constraints": ["urllib3<2"]}},
        report="""
            error: not all requirements can be met:
              demo requires types-requests
              types-requests 2.32.0.20241016 requires urllib3>=2
              a constraint of the project allows only urllib3<2
            this works: change the constraint "urllib3<2" to "urllib3"
        """,
    ),
    Conflict(
        name="a package that only has pre-releases",
        index="""
            opentelemetry-instrumentation-requests 0.48b0
            opentelemetry-instrumentation-requests 0.49b1
        """,
        dependencies=("opentelemetry-instrumentation-requests",),
        project={"tool": {"prerelease": "disallow"}},
        report="""
            error: not all requirements can be met:
              demo requires opentelemetry-instrumentation-requests
              every version of opentelemetry-instrumentation-requests is a pre-release
            this works: let pre-releases of opentelemetry-instrumentation-requests in: prerelease-package = { opentelemetry-instrumentation-requests = "allow" } under [tool.locktool]
        """,
    ),
    Conflict(
        name="a range in which everything was yanked",
        index="""
            attrs 20.3.0
            attrs 21.1.0
            attrs 21.2.0
        """,
        details={"attrs 21.1.0": {"yanked": "it broke metaclasses"}},
        dependencies=("attrs>=21.1,<21.2",),
        report="""
            error: not all requirements can be met:
              demo requires attrs>=21.1,<21.2
              attrs 21.1.0 was yanked (it broke metaclasses)
            hint: attrs 21.1.0 is taken only where the project itself pins it with ==
            this works: change "attrs>=21.1,<21.2" to "attrs>=21.1" (dependencies of demo)
            this works: change "attrs>=21.1,<21.2" to "attrs==21.1.0" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a version that was never published",
        index="""
            requests 2.31.0
            requests 2.32.3
        """,
        dependencies=("requests==2.33.9",),
        report="""
            error: not all requirements can be met:
              demo requires requests==2.33.9
            hint: there is no requests 2.33.9: requests exists in 2 versions, from 2.31.0 to 2.32.3
            this works: change "requests==2.33.9" to "requests==2.32.3" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a package for one platform only",
        index="""
            pywin32 306
            pywin32 308
        """,
        details={
            "pywin32 306": {"wheel_tags": ["cp311-cp311-win_amd64", "cp312-cp312-win_amd64"]},
            "pywin32 308": {"wheel_tags": ["cp311-cp311-win_amd64", "cp312-cp312-win_amd64"]},
        },
        dependencies=("pywin32>=306",),
        project={"tool": {"environments": ["sys_platform == 'linux'"]}},
        report="""
            error: not all requirements can be met:
              demo requires pywin32>=306
              every version of pywin32 has no file that can be used where sys_platform == 'linux' (its wheels are for another platform: win_amd64)
            this works: change "pywin32>=306" to "pywin32>=306; sys_platform == 'win32'" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a chain through an extra",
        index="""
            apache-airflow 2.7.3: sqlalchemy>=1.4.28,<2.0
            apache-airflow 2.10.2: sqlalchemy>=1.4.36,<2.0
            sqlalchemy 1.4.54
            sqlalchemy 2.0.36
            pandas 1.5.3: sqlalchemy>=1.4.16 ; extra == 'postgresql'
            pandas 2.2.3: sqlalchemy>=2.0.0 ; extra == 'postgresql'
        """,
        details={
            "pandas 1.5.3": {"extras": {"postgresql": ["sqlalchemy>=1.4.16"]}, "requires": []},
            "pandas 2.2.3": {"extras": {"postgresql": ["sqlalchemy>=2.0.0"]}, "requires": []},
        },
        dependencies=("apache-airflow>=2.7", "pandas[postgresql]>=2.2"),
        report="""
            error: not all requirements can be met:
              demo requires apache-airflow>=2.7
              apache-airflow 2.7.3 requires sqlalchemy>=1.4.28,<2.0
              apache-airflow 2.10.2 requires sqlalchemy>=1.4.36,<2.0
              demo requires pandas[postgresql]>=2.2
              pandas[postgresql] 2.2.3 requires sqlalchemy>=2.0.0
            this works: change "pandas[postgresql]>=2.2" to "pandas[postgresql]>=1.5.3" (dependencies of demo)
        """,
    ),
    Conflict(
        name="two members of a workspace",
        index="""
            pydantic 1.10.18
            pydantic 2.9.2
        """,
        project={"tool": {"workspace": {"members": ["api", "legacy"]}}},
        members={"api": {"dependencies": ["pydantic>=2.5"]}, "legacy": {"dependencies": ["pydantic>=1.10,<2"]}},
        report="""
            error: not all requirements can be met:
              legacy requires pydantic>=1.10,<2
              api requires pydantic>=2.5
            this works: change "pydantic>=1.10,<2" to "pydantic>=1.10" (dependencies of legacy)
            this works: change "pydantic>=2.5" to "pydantic>=1.10.18" (dependencies of api)
        """,
    ),
    Conflict(
        name="a cutoff before the release",
        index="""
            fastapi 0.110.0
            fastapi 0.115.0
        """,
        details={
            "fastapi 0.110.0": {"upload_time": "2024-02-24T00:00:00Z"},
            "fastapi 0.115.0": {"upload_time": "2024-09-17T00:00:00Z"},
        },
        dependencies=("fastapi>=0.115",),
        project={"tool": {"exclude-newer": "2024-06-30"}},
        report="""
            error: not all requirements can be met:
              demo requires fastapi>=0.115
              fastapi 0.115.0 is newer than exclude-newer allows
            this works: lift the cutoff for fastapi: exclude-newer-package = { fastapi = false } under [tool.locktool]
            this works: change "fastapi>=0.115" to "fastapi>=0.110.0" (dependencies of demo)
        """,
    ),
    Conflict(
        name="two stacks on one serialisation library",
        index="""
            protobuf 4.25.5
            protobuf 5.28.3
            grpcio-tools 1.62.3: protobuf>=4.21.6,<5.0
            grpcio-tools 1.67.0: protobuf>=5.26.1,<6.0
            opentelemetry-proto 1.27.0: protobuf>=3.19,<5.0
            opentelemetry-proto 1.28.0: protobuf>=5.0,<6.0
            streamlit 1.32.0: protobuf>=3.20,<5
            streamlit 1.39.0: protobuf>=3.20,<6
        """,
        dependencies=("grpcio-tools<1.63", "opentelemetry-proto>=1.28", "streamlit"),
        report="""
            error: not all requirements can be met:
              demo requires grpcio-tools<1.63
              grpcio-tools 1.62.3 requires protobuf>=4.21.6,<5.0
              demo requires opentelemetry-proto>=1.28
              opentelemetry-proto 1.28.0 requires protobuf>=5.0,<6.0
            this works: change "grpcio-tools<1.63" to "grpcio-tools" (dependencies of demo)
            this works: change "opentelemetry-proto>=1.28" to "opentelemetry-proto>=1.27.0" (dependencies of demo)
        """,
    ),
    Conflict(
        name="only on the newest Python",
        index="""
            numpy 1.24.4
            numpy 1.26.4
            pandas 2.0.3: numpy>=1.21.0
            pandas 2.1.4: numpy>=1.22.4 ; python_version < '3.12' | numpy>=1.26.0 ; python_version >= '3.12'
        """,
        dependencies=("numpy<1.26", "pandas>=2.1"),
        report="""
            error: not all requirements can be met where python_version >= '3.12':
              demo requires pandas>=2.1
              pandas 2.1.4 requires numpy>=1.26.0
              demo requires numpy<1.26
            this works: change "numpy<1.26" to "numpy" (dependencies of demo)
            this works: change "pandas>=2.1" to "pandas>=2.0.3" (dependencies of demo)
        """,
    ),
    Conflict(
        name="a requirement on what nobody published",
        index="""
            company-web 1.0: company-secrets>=1
        """,
        dependencies=("company-web",),
        suggestions=0,
        report="""
            error: not all requirements can be met:
              demo requires company-web
              company-web 1.0 requires company-secrets>=1
            hint: company-secrets is on none of the indexes that were asked; is the name right?
        """,
    ),
    Conflict(
        name="many versions that each want their own",
        index="""
            boto3 1.34.0: botocore>=1.34.0,<1.35.0
            boto3 1.35.0: botocore>=1.35.0,<1.36.0
            boto3 1.36.0: botocore>=1.36.0,<1.37.0
            boto3 1.37.0rc1: botocore>=1.37.0rc1,<1.38.0
            boto3 1.37.0: botocore>=1.37.0,<1.38.0
            botocore 1.33.0
            botocore 1.34.0
            botocore 1.35.0
            botocore 1.36.0
            botocore 1.37.0
        """,
        dependencies=("boto3", "botocore<1.34"),
        report="""
            error: not all requirements can be met:
              demo requires boto3
              every version of boto3 requires botocore 1.34.0 and newer, each in its own range
              demo requires botocore<1.34
            this works: change "botocore<1.34" to "botocore" (dependencies of demo)
        """,
    ),
    Conflict(
        name="one platform that a dependency does not reach",
        index="""
            uvloop 0.21.0
            winloop 0.1.6
            server 1.0.0: uvloop ; sys_platform != 'win32' | winloop>=0.2 ; sys_platform == 'win32'
        """,
        dependencies=("server",),
        report="""
            error: not all requirements can be met where sys_platform == 'win32':
              demo requires server
              server 1.0.0 requires winloop>=0.2
              there is no winloop newer than 0.1.6
            hint: winloop exists in one version, 0.1.6
            this works: lock for fewer environments: environments = ["sys_platform != 'win32'"] under [tool.locktool]
        """,
    ),
    Conflict(
        name="an override that goes too far",
        index="""
            protobuf 4.25.5
            onnx 1.16.0: protobuf>=3.20.2
        """,
        dependencies=("onnx",),
        project={"tool": {"overrides": ["protobuf>=5"]}},
        report="""
            error: not all requirements can be met:
              demo requires onnx
              onnx 1.16.0 requires protobuf>=3.20.2
              an override of the project asks for protobuf>=5 instead
              there is no protobuf newer than 4.25.5
            this works: change the override "protobuf>=5" to "protobuf>=4.25.5"
        """,
    ),
    Conflict(
        name="a group and an extra that pull apart",
        index="""
            pytest 7.4.4
            pytest 8.3.3
            pytest-asyncio 0.21.2: pytest>=7.0.0
            pytest-asyncio 0.24.0: pytest>=8.2,<9
        """,
        project={"extras": {"testing": ["pytest<8"]}, "groups": {"dev": ["pytest-asyncio>=0.24"]}},
        report="""
            error: not all requirements can be met:
              group dev of demo requires pytest-asyncio>=0.24
              pytest-asyncio 0.24.0 requires pytest>=8.2,<9
              extra testing of demo requires pytest<8
            this works: declare that group dev and extra testing exclude each other: conflicts = [[{ group = "dev" }, { extra = "testing" }]] under [tool.locktool]
            this works: change "pytest<8" to "pytest" (extra testing of demo)
        """,
    ),
    Conflict(
        name="two conflicts at once",
        index="""
            flask 2.3.3: werkzeug>=2.3.7
            flask 3.0.3: werkzeug>=3.0.0
            werkzeug 2.3.8
            werkzeug 3.0.4
            celery 5.3.6: vine>=5.1.0,<6.0
            celery 5.4.0: vine>=5.1.0,<6.0
            vine 1.3.0
            vine 5.1.0
        """,
        dependencies=("flask>=3", "werkzeug<3", "celery>=5.3", "vine<5"),
        report="""
            error: not all requirements can be met:
              demo requires flask>=3
              flask 3.0.3 requires werkzeug>=3.0.0
              demo requires werkzeug<3
            this works: change "werkzeug<3" to "werkzeug" (dependencies of demo), and change "vine<5" to "vine" (dependencies of demo)
            this works: change "flask>=3" to "flask>=2.3.3" (dependencies of demo), and change "vine<5" to "vine" (dependencies of demo)
        """,
    ),
)
