"""A lock in the formats of other tools: text from a Lock, without files or network."""
