"""The configured index, recorded and replayed on loopback, so that runs can be measured without a network.

What a run asks for is fetched once into a store outside the repository, normalised - every page in JSON and HTML, a
sidecar for every wheel, gzip beside each page - and served from there with ETag and the lifetimes of the public index:
ten minutes for a page, no end for a file. The store is a tree of plain files, so that nginx can serve it too.
"""

from replay.server import Replay
from replay.store import Store, default_store
from replay.upstream import Upstream, configured_index

__all__ = ["Replay", "Store", "Upstream", "configured_index", "default_store"]
