"""Locks of many kinds, each made by `locktool lock`, and the edits that somebody may make to them by hand.

`projects` has the projects, `entry_edits` and `head_edits` the edits of packages and of what stands above them, `edit`
what an edit is and to which entries of which locks it is made, `toml_text` writes the result.
"""
