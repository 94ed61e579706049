"""
What an environment says about GWS: an actor's credentials, the defaults of its mails, and how the client talks.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from runner.environment.model import Target
from runner.errors import EnvironmentUnusable

__all__ = ["Credentials", "Defaults", "Options", "base_url", "defaults_of", "options_of"]

_BASE = "/api/v2"


class Credentials(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an actor needs in order to log in."""

    user: Annotated[str, Meta(title="User", description="The user name in the contact centre.", examples=["qa1"])]
    password: Annotated[str, Meta(title="Password", description="Its password; write a secret.", examples=["{{ secret('QA1') }}"])]


class Defaults(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every mail needs and the shared words do not say."""

    queue: Annotated[
        str | None,
        Meta(
            title="Queue",
            description="The queue that sent mail goes through; default: the user's own setting.",
            examples=["Outbound-email"],
        ),
    ] = None
    draft_queue: Annotated[
        str | None, Meta(title="Draft queue", description="The queue that holds a draft; default: the queue.", examples=["Outbound-draft"])
    ] = None
    from_: Annotated[str | None, Meta(title="From", description="The sending address of new mails.", examples=["help@shop.example"])] = (
        field(name="from", default=None)
    )
    mailbox: Annotated[
        str | None, Meta(title="Mailbox", description="Where customers write to; `receive` sends there.", examples=["help@shop.example"])
    ] = None
    agent_address: Annotated[
        str | None,
        Meta(
            title="Agents' addresses",
            description="Addresses whose mail is routed to one agent alone, if any; `receive` then writes to the scenario's agents.",
            examples=["{user}@shop.example"],
        ),
    ] = None
    subject_prefix: Annotated[
        str, Meta(title="Subject prefix", description="Stands before the subject of a reply; GWS adds none by itself.", examples=["Re: "])
    ] = "Re: "
    documents: Annotated[
        dict[str, str],
        Meta(
            title="Documents",
            description="Library items by name → documentId; GWS has no call that lists them.",
            examples=[{"Price list": "0000QbLIB0000001"}],
        ),
    ] = {}


class Options(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the client talks to this server."""

    dialect: Annotated[
        Literal["interactions", "emails"],
        Meta(title="Dialect", description="`interactions` for 8.5.0 and 8.5.1, `emails` for 8.5.2 and 8.6.", examples=["interactions"]),
    ] = "interactions"
    channels: Annotated[
        tuple[str, ...],
        Meta(title="Channels", description="The channels that `login` starts; e-mail must be among them.", examples=[["email"]]),
    ] = ("email",)
    place: Annotated[str | None, Meta(title="Place", description="The place that the agent sits at, if the server asks for one.")] = None
    notifications: Annotated[
        str, Meta(title="Notifications", description="The CometD address below the base.", examples=["/notifications"])
    ] = "/notifications"
    topics: Annotated[tuple[str, ...], Meta(title="Topics", description="What `login` subscribes to.", examples=[["/v2/me/*"]])] = (
        "/v2/me/*",
        "/notifications/services",
    )
    login_again: Annotated[
        bool,
        Meta(
            title="Log in again",
            description="When the session has expired, log in once more and repeat the request, once in a scenario.",
            examples=[False],
        ),
    ] = True


def base_url(target: Target) -> str:
    """The API's base: the target's URL, with ``/api/v2`` added where it lacks it."""
    url = target.url.rstrip("/")
    return url if url.endswith(_BASE) else url + _BASE


def defaults_of(target: Target) -> Defaults:
    """The target's defaults; raises ``EnvironmentUnusable`` when they do not fit."""
    found: Defaults = _converted(target.defaults, Defaults, "defaults")
    return found


def options_of(target: Target) -> Options:
    """The target's options; raises ``EnvironmentUnusable`` when they do not fit."""
    found: Options = _converted(target.options, Options, "options")
    return found


def _converted(values: Any, kind: type[Any], what: str) -> Any:
    try:
        return msgspec.convert(dict(values), kind, strict=False)
    except msgspec.ValidationError as exc:
        raise EnvironmentUnusable(f"gws: its {what} do not fit: {exc}", hint=f"correct the {what} of gws in the environment file") from exc
