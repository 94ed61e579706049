"""
What an environment says about eGain: an actor's credentials, the defaults of its mails, and how the client talks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from runner.environment.model import Target
from runner.errors import EnvironmentUnusable

__all__ = ["Credentials", "Defaults", "Format", "Options", "defaults_of", "options_of"]

Format = Literal["json", "xml", "multipart"]
S = TypeVar("S", bound=Struct)


class Credentials(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an actor needs in order to log in."""

    user: Annotated[str, Meta(title="User", description="The eGain user name.", examples=["qa1"])]
    password: Annotated[str, Meta(title="Password", description="Its password; write a secret.", examples=["{{ secret('QA1') }}"])]


class Defaults(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every mail needs and the shared words do not say."""

    department: Annotated[str, Meta(title="Department", description="The department that mails are created in.", examples=["Service"])] = (
        "Service"
    )
    from_: Annotated[
        str | None,
        Meta(
            title="From",
            description="The address mails leave from: an active alias of the department. Without one, mails are secure messages.",
            examples=["help@shop.example"],
        ),
    ] = field(name="from", default=None)
    queue: Annotated[
        str | None, Meta(title="Queue", description="The queue for `place_in_queue` when it names none.", examples=["Service mail"])
    ] = None
    queues: Annotated[
        dict[str, str | int],
        Meta(
            title="Queues",
            description="The ids of queues by name; eGain publishes no call that tells them.",
            examples=[{"Service mail": 2001}],
        ),
    ] = {}


class Options(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the client talks to this server."""

    format: Annotated[
        Literal["json", "xml"], Meta(title="Format", description="How documents are written and asked for.", examples=["xml"])
    ] = "json"
    language: Annotated[
        str | None,
        Meta(title="Language", description="Sent as Accept-Language; default: none, the server's own.", examples=["en-US"]),
    ] = None
    force_login: Annotated[
        bool,
        Meta(
            title="Force login",
            description="When the user already has five sessions, end the oldest one instead of failing.",
            examples=[False],
        ),
    ] = True
    login_again: Annotated[
        bool,
        Meta(
            title="Log in again",
            description="When the session has expired, log in once more and repeat the request, once in a scenario.",
            examples=[False],
        ),
    ] = True
    session_as: Annotated[
        Literal["header", "cookie"],
        Meta(
            title="Session as",
            description="How the session travels: as a header, or as the console's cookie with X-egain-csrf, where login gives both.",
            examples=["cookie"],
        ),
    ] = "header"
    new_customers: Annotated[
        bool,
        Meta(
            title="New customers",
            description="Whether `create`, `reply` and `forward` bring along the details of a customer whom eGain does not know yet.",
            examples=[False],
        ),
    ] = True


def defaults_of(target: Target) -> Defaults:
    """
    The target's defaults, typed.

    Raises: ``EnvironmentUnusable`` – one is unknown or of the wrong type.
    """
    return _typed(target.defaults, Defaults, "defaults")


def options_of(target: Target) -> Options:
    """The same for its options."""
    return _typed(target.options, Options, "options")


def _typed(given: Mapping[str, object], kind: type[S], word: str) -> S:
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as exc:
        raise EnvironmentUnusable(f"the {word} of egain are wrong: {exc}", hint="see `runner steps` and the environment file") from exc
