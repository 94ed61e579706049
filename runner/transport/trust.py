"""
The certificates that this machine trusts, read when they are first needed.

aiohttp makes two TLS contexts when it is imported, and fills each with every certificate there is: a tenth of a cold start, though a run
against simulators speaks no TLS at all. Asked by the harness, which imports the transport in this block.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["certificates_when_needed"]


class _Unread(ssl.SSLContext):
    """A context that reads the certificates before its first connection, and is an ordinary one from then on."""

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return _read(self).wrap_bio(*args, **options)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        return _read(self).wrap_socket(*args, **options)


@contextmanager
def certificates_when_needed() -> Iterator[None]:
    """Contexts that are made in the block read the machine's certificates at their first connection; which ones they trust is the same."""
    readers = {name: getattr(ssl.SSLContext, name) for name in ("load_default_certs", "set_default_verify_paths")}
    for name in readers:
        setattr(ssl.SSLContext, name, _later)
    try:
        yield
    finally:
        for name, reader in readers.items():
            setattr(ssl.SSLContext, name, reader)


def _later(context: ssl.SSLContext, *_: object) -> None:
    context.__class__ = _Unread


def _read(context: ssl.SSLContext) -> ssl.SSLContext:
    context.__class__ = ssl.SSLContext
    context.load_default_certs()
    return context
