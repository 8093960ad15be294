"""Splits credentials off an address, so that what is recorded or shown never holds them (RFC 3986, section 3.2.1)."""

from __future__ import annotations

import re
from typing import NamedTuple

USERINFO = re.compile(r"(?<=://)[^/\s@]+(?=@)")


class Address(NamedTuple):
    """An address without credentials, and the credentials that stood in it."""

    url: str
    username: str | None
    password: str | None


def split_credentials(url: str) -> Address:
    """Take `user:password@` out of a URL; percent escapes in them are decoded.

    A lone user name of an ssh address (`ssh://git@host/...`) is part of the address and stays.
    """
    if "@" not in url:  # spares the start of urllib where no address is in question
        return Address(url, None, None)
    from urllib.parse import unquote, urlsplit, urlunsplit

    parts = urlsplit(url)
    userinfo, at_sign, host = parts.netloc.rpartition("@")
    if not at_sign or (":" not in userinfo and parts.scheme.endswith("ssh")):
        return Address(url, None, None)
    username, colon, password = userinfo.partition(":")
    clean = urlunsplit(parts._replace(netloc=host))
    return Address(clean, unquote(username), unquote(password) if colon else None)


def hide_credentials(text: str) -> str:
    """Put asterisks over the credentials of every address in a text that is shown, keeping its length for carets."""
    return USERINFO.sub(lambda match: "*" * len(match[0]), text)


def with_credentials(url: str, username: str | None, password: str | None) -> str:
    """Put credentials back into a URL, for a program that takes them nowhere else."""
    if username is None and password is None:
        return url
    from urllib.parse import quote, urlsplit, urlunsplit

    parts = urlsplit(url)
    userinfo = quote(username or "", safe="") + ("" if password is None else ":" + quote(password, safe=""))
    return urlunsplit(parts._replace(netloc=f"{userinfo}@{parts.netloc}"))
