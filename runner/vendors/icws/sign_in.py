"""
The three ways to open a connection, as bodies of ``POST /icws/connection`` (icws.md §2.2), and where else to try. Sent by :mod:`.client`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from runner.transport.exchange import Exchange

__all__ = ["SignIn", "alternates", "with_one_time_token", "with_password", "with_single_sign_on"]

_URN = "urn:inin.com:connection:"


class SignIn(Struct, frozen=True):
    """``user`` is who it is as far as is known before the answer; ``body`` what the request says, with its ``__type``."""

    user: str
    body: Mapping[str, object]


def with_password(user: str, password: str) -> SignIn:
    """User id and password."""
    return SignIn(user, {"__type": _URN + "icAuthConnectionRequestSettings", "userID": user, "password": password})


def with_single_sign_on(user: str, token: str) -> SignIn:
    """A token of an identity provider."""
    return SignIn(user, {"__type": _URN + "singleSignOnTokenConnectionRequestSettings", "singleSignOnToken": token})


def with_one_time_token(user: str, *, seed: str, token: str, session: str, end_source: bool) -> SignIn:
    """A ``unique-auth-token`` that *session* asked for with *seed*; good once, for seven seconds. *end_source*: that session ends."""
    return SignIn(
        user,
        {
            "__type": _URN + "authTokenConnectionRequestSettings",
            "authTokenSeed": seed,
            "authToken": token,
            "authTokenSourceSession": session,
            "disconnectSourceSession": end_source,
        },
    )


def alternates(answer: Exchange) -> list[str]:
    """The hosts that a 503 names."""
    try:
        body = answer.json()
    except ValueError:
        return []
    found = body.get("alternateHostList") if isinstance(body, dict) else None
    return [str(host) for host in found] if isinstance(found, list) else []
