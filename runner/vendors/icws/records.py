"""
What an environment says about ICWS: credentials, defaults and options; each field is the tester's manual for it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

__all__ = ["IcwsCredentials", "IcwsDefaults", "IcwsOptions"]


class IcwsCredentials(Struct, frozen=True, forbid_unknown_fields=True):
    """What an actor needs in order to log in."""

    user: Annotated[str, Meta(title="User", description="The CIC user id.", examples=["qa1"])]
    password: Annotated[str, Meta(title="Password", description="The CIC password; not needed with a single-sign-on token.")] = ""
    single_sign_on_token: Annotated[
        str, Meta(title="Single-sign-on token", description="A token of the identity provider; with it `login` needs no password.")
    ] = ""


class IcwsDefaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ICWS asks for and the shared words do not say."""

    from_: Annotated[
        str,
        Meta(title="From", description="The sender of outgoing mail: a mailbox of the server.", examples=["Help <help@shop.example>"]),
    ] = field(name="from", default="")
    to: Annotated[
        str, Meta(title="To", description="The mailbox that `receive` writes to; default: `from`.", examples=["help@shop.example"])
    ] = ""
    workgroup: Annotated[
        str,
        Meta(title="Workgroup", description="On whose behalf mail is written, and where mail is put back.", examples=["Customer Service"]),
    ] = ""
    station: Annotated[
        str, Meta(title="Station", description="The workstation that `ready` takes; default: none (stationless).", examples=["Desk-1"])
    ] = ""
    available: Annotated[str, Meta(title="Available", description="The status id that `ready` sets.", examples=["Available"])] = "Available"
    away: Annotated[str, Meta(title="Away", description="The status id that `not_ready` sets.", examples=["At Lunch"])] = "Away from desk"
    recording: Annotated[
        str, Meta(title="Recording", description="The recording that the recording steps mean.", examples=["b7d2e0c1-1"])
    ] = ""
    language: Annotated[str, Meta(title="Language", description="The language of the server's messages.", examples=["en-us"])] = "en-us"
    sent_states: Annotated[
        tuple[str, ...],
        Meta(
            title="Sent states",
            description="How Eic_CallStateString begins for a mail that has left; sent and dropped drafts both end in state I.",
            examples=[["Sent"]],
        ),
    ] = ("Sent",)
    dropped_states: Annotated[
        tuple[str, ...],
        Meta(title="Dropped states", description="How it begins for a draft that was dropped.", examples=[["Disconnected"]]),
    ] = ("Disconnected",)


class IcwsOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to talk to this server."""

    application: Annotated[str, Meta(title="Application", description="The name that supervisors see.", examples=["scenario-runner"])] = (
        "scenario-runner"
    )
    messages: Annotated[
        Literal["auto", "poll"],
        Meta(title="Messages", description="auto: a stream where the server can (messaging 2), else polling; poll: always polling."),
    ] = "auto"
    poll_seconds: Annotated[float, Meta(title="Poll every", description="Seconds between polls.", examples=[1.0], gt=0)] = 1.0
    ask_again_seconds: Annotated[
        float,
        Meta(title="Ask again after", description="Seconds until a message that did not come is asked for again.", examples=[3.0], gt=0),
    ] = 3.0
    login_again: Annotated[
        bool,
        Meta(
            title="Log in again",
            description="When the session has expired, log in once more and repeat the request, once in a scenario.",
            examples=[False],
        ),
    ] = True
    hops: Annotated[int, Meta(title="Hops", description="How many servers are tried when one says 503.", examples=[5], ge=1)] = 5
