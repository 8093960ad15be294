"""The public functions and classes, one file for each subject; `locktool` loads them lazily.

Nothing here prints or ends the process. What goes wrong is an exception of `locktool.exceptions`, with a code and
fields.
"""
