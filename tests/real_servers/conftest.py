"""The releases that are served, and a client without an address yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from real_servers import publication

if TYPE_CHECKING:
    from local_index import LocalIndex

# Its assertions say what they compared, as those of a test file do.
pytest.register_assert_rewrite("real_servers.steps")


@pytest.fixture
def published(index: LocalIndex) -> LocalIndex:
    """The index on loopback with all releases: what a mirror mirrors, and whose files are served."""
    return publication.publish(index)
