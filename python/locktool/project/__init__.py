"""The project room: what pyproject.toml, requirements files and pip's configuration say, as one Manifest.

Text goes in, normalised records come out; nothing here touches the network or a cache.
"""
