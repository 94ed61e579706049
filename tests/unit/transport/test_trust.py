"""The machine's certificates are read when a connection needs them, and are the same ones then."""

from __future__ import annotations

import ssl
import subprocess
import sys

from runner.transport.trust import certificates_when_needed

CONTEXTS = "[o for o in gc.get_objects() if isinstance(o, ssl.SSLContext)]"
IMPORT = f"""
import gc, ssl
from runner.transport.trust import certificates_when_needed
with certificates_when_needed():
    import aiohttp
print(len({CONTEXTS}), sum(c.cert_store_stats()["x509"] for c in {CONTEXTS}))
"""


def made_in_block() -> ssl.SSLContext:
    with certificates_when_needed():
        return ssl.create_default_context()


def test_nothing_is_read_in_the_block() -> None:
    """A context that is made in the block holds no certificate yet."""
    assert made_in_block().cert_store_stats()["x509"] == 0


def test_a_connection_trusts_what_any_other_would() -> None:
    """Before its first connection a context has read exactly the certificates that an ordinary one has, and checks as strictly."""
    ordinary, context = ssl.create_default_context(), made_in_block()
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="shop.example")
    assert context.get_ca_certs(binary_form=True) == ordinary.get_ca_certs(binary_form=True)
    assert (context.verify_mode, context.check_hostname, context.verify_flags) == (
        ordinary.verify_mode,
        ordinary.check_hostname,
        ordinary.verify_flags,
    )


def test_contexts_after_the_block_read_at_once() -> None:
    """Outside of the block, contexts are made as ever, also when the block was left by an error."""
    try:
        with certificates_when_needed():
            raise ValueError  # noqa: TRY301 - what leaves the block
    except ValueError:
        pass
    assert ssl.create_default_context().cert_store_stats() == ssl.create_default_context().cert_store_stats()
    assert type(ssl.create_default_context()) is ssl.SSLContext


def test_importing_the_client_library_reads_no_certificate() -> None:
    """The contexts that aiohttp makes when it is imported are empty until they are used."""
    told = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told == "2 0\n"
