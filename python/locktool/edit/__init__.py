"""Edits of pyproject.toml that keep its comments and its layout."""
