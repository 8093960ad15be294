"""Single-file scripts with inline metadata (PEP 723)."""
