"""What the documentation takes from the code: generated pages, outputs of examples, pictures, and how pages are read."""
