"""
Outputs with the answer of the act itself: a step may look at more than one resource, and the tester checks the one that was acted on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runner.transport.exchange import Exchange

__all__ = ["answered"]


def answered(output: msgspec.Struct, exchange: Exchange) -> dict[str, Any]:
    """*output* as plain data, with ``answer``: ``http``, ``headers``, ``body`` as sent, ``took`` in seconds."""
    try:
        body = exchange.json() if exchange.body else ""
    except ValueError:
        body = exchange.text
    answer = {"http": exchange.http, "headers": dict(exchange.headers), "body": body, "took": exchange.took}
    return {**msgspec.to_builtins(output), "answer": answer}
