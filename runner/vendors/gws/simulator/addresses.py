"""
E-mail addresses in requests: several in one text with commas, or a list, and which of them can be no address.
"""

from __future__ import annotations

import re

from runner.vendors.gws.simulator.errors import INVALID, OUT_OF_RANGE, Refusal

__all__ = ["in_list", "in_text"]

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


def in_text(value: object, name: str) -> list[str]:
    """
    Addresses in one text with commas.

    Raises: ``Refusal`` – code 2 (not text) or 10 (not an address).
    """
    if not isinstance(value, str):
        raise Refusal(INVALID, f"Parameter is not valid: {name} must be text")
    return [_checked(part, name) for part in value.split(",") if part.strip()]


def in_list(value: object, name: str) -> list[str]:
    """
    Addresses in a list, whose items may hold several with commas; or in one text.

    Raises: as :func:`in_text`.
    """
    parts = value if isinstance(value, list) else [value]
    return [address for part in parts for address in in_text(part, name)]


def _checked(part: str, name: str) -> str:
    written = part.strip()
    bare = written.rpartition("<")[2].rstrip("> ") if written.endswith(">") else written
    if not _ADDRESS.fullmatch(bare):
        raise Refusal(OUT_OF_RANGE, f"Value is not an e-mail address: {name} {written}", cause="bad_address")
    return written
