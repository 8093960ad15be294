"""A lock as a graph and as a bill of materials."""

import json

from locktool.export.cyclonedx import render_cyclonedx
from locktool.export.graph import render_graphviz, render_mermaid
from locktool.lock.model import Distribution, Lock, Package, PackageReference

LOCK = Lock(
    lock_version="1.0",
    created_by="locktool",
    packages=(
        Package(name="demo", dependencies=(PackageReference(name="n"),)),
        Package(name="m", version="1", dependencies=(PackageReference(name="n", version="2.0+cpu"),)),
        Package(name="n", version="1.0", marker="os_name == 'nt'"),
        Package(
            name="n",
            version="2.0+cpu",
            wheels=(Distribution(url="https://example.invalid/n.whl", hashes={"sha256": "00", "odd": "11"}),),
        ),
    ),
)


def test_an_edge_without_a_version_leads_to_every_entry_of_the_name() -> None:
    assert render_mermaid(LOCK) == (
        "flowchart LR\n"
        '  n0["demo"]\n  n1["m 1"]\n  n2["n 1.0"]\n  n3["n 2.0+cpu"]\n'
        "  n0 --> n2\n  n0 --> n3\n  n1 --> n3\n"
    )
    assert '  "m 1" -> "n 2.0+cpu";\n' in render_graphviz(LOCK)


def test_a_bill_of_materials_names_each_entry_once_by_its_package_url() -> None:
    document = json.loads(render_cyclonedx(LOCK))
    names = [component["bom-ref"] for component in document["components"]]
    assert names == ["pkg:pypi/demo", "pkg:pypi/m@1", "pkg:pypi/n@1.0", "pkg:pypi/n@2.0%2Bcpu"]
    assert document["dependencies"][1] == {"ref": "pkg:pypi/m@1", "dependsOn": ["pkg:pypi/n@2.0%2Bcpu"]}
    assert document["components"][3]["externalReferences"] == [
        {
            "type": "distribution",
            "url": "https://example.invalid/n.whl",
            "hashes": [{"alg": "SHA-256", "content": "00"}],
        }
    ]
    assert render_cyclonedx(LOCK) == render_cyclonedx(LOCK)
