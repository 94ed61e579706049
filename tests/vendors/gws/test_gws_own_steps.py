"""The steps that only GWS has, expiry at every call, and every answer against the contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from runner.errors import Refused, RunnerError
from runner.simulation.faults import parse_fault

Gws = Callable[..., None]

MAIL = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
BOTH = pytest.mark.parametrize("dialect", ["interactions", "emails"])


@BOTH
def test_properties_change_at_the_server_at_once(gws: Gws, dialect: str) -> None:
    """User data is merged and contents change, on both sides."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        changed = await stage.act("gws.update_properties", {"data": {"Product": "Lamp"}, "subject": "Your lamp", "cc": "ann@example.com"})
        await stage.act("send")

        assert changed.native["userData"]["Product"] == "Lamp"
        assert [(m.subject, m.cc) for m in stage.world.outbox] == [("Your lamp", ["ann@example.com"])]

    gws(story, dialect=dialect, options={"dialect": dialect})


@BOTH
def test_a_mail_is_parked_in_a_workbin(gws: Gws, dialect: str) -> None:
    """It leaves the agent's list and lies in the workbin; an unknown workbin is not found."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        draft = await stage.act("create", MAIL)
        workbin = "draft" if dialect == "emails" else "Drafts"
        with pytest.raises(Refused) as refused:
            await stage.act("gws.place_in_workbin", {"workbin": "Attic"})
        parked = await stage.act("gws.place_in_workbin", {"workbin": workbin})
        mine = await stage.act("gws.interactions")

        assert refused.value.reason == "not_found"
        assert parked.status == "completed"
        assert mine.count == 0
        assert stage.simulator.desk.workbins == {("agent1", "draft"): [draft.id]}

    gws(story, dialect=dialect, options={"dialect": dialect})


def test_states_channels_and_do_not_disturb(gws: Gws) -> None:
    """The contact centre's own states are listed and can be taken; do not disturb stops offers while the channel is Ready."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        states = await stage.act("gws.states")
        lunch = await stage.act("gws.state", {"state": "OutToLunch"})
        await stage.act("ready")
        await stage.act("gws.do_not_disturb", {"is": "on"})
        quiet = await stage.act("gws.channels")
        mail = await stage.act("receive", {"subject": "Hello"})
        waiting = await stage.act("gws.interactions", {"whose": "all"})
        await stage.act("gws.do_not_disturb", {"is": "off"})
        taken = await stage.act("accept")

        assert [s["operationName"] for s in states.states] == ["Ready", "NotReady", "OutToLunch", "Break", "Training"]
        assert lunch.channels == [
            {"channel": "email", "state": "NotReady", "reason": "OutToLunch", "shown": "Out to Lunch", "do_not_disturb": False}
        ]
        assert (quiet.channels[0]["state"], quiet.channels[0]["do_not_disturb"]) == ("Ready", True)
        assert [(i.id, i.status) for i in waiting.interactions] == [(mail.id, "queued")]
        assert taken.id == mail.id

    gws(story)


def test_starting_channels_tells_which_could_not_be_started(gws: Gws) -> None:
    """Code 7 is an output; a login whose e-mail channel cannot be started is refused."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        started = await stage.act("gws.start_channels", {"channels": ["email", "voice"]})

        assert started.code == 7
        assert [(c["channel"], c.get("code", 0)) for c in started.channels] == [("email", 0), ("voice", 4)]

    gws(story, down_channels=("voice",))


@pytest.mark.parametrize(("down", "reason"), [(("email",), "server_error"), (("voice",), None)])
def test_a_login_needs_its_email_channel_only(gws: Gws, down: tuple[str, ...], reason: str | None) -> None:
    """Another channel that is down is a line in the record."""

    async def story(stage: Any) -> None:
        if reason is None:
            await stage.act("login")
            assert any("voice" in line for line in (await stage.part()).logged)
            return
        with pytest.raises(Refused) as refused:
            await stage.act("login")
        assert (refused.value.reason, refused.value.vendor_code) == (reason, "4")

    gws(story, down_channels=down, options={"channels": ["email", "voice"]})


def test_settings_and_raw_operations(gws: Gws) -> None:
    """The user's settings can be read; any operation can be sent as it is written, and refused."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        settings = await stage.act("gws.settings")
        await stage.act("create", MAIL)
        with pytest.raises(Refused) as refused:
            await stage.act("gws.operation", {"operation": "Dance"})
        done = await stage.act("gws.operation", {"operation": "Cancel"})

        assert settings.settings["interaction-workspace"]["email.outbound-queue"] == "Outbound-email"
        assert refused.value.reason == "forbidden"
        assert done.body == {"status": "ok"}

    gws(story)


def test_the_queue_comes_from_the_users_settings_where_the_environment_has_none(gws: Gws) -> None:
    """What the vendor's own sample does."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        await stage.act("send")

        assert len(stage.world.outbox) == 1

    gws(story, defaults={"queue": None})


@pytest.mark.parametrize("calls", range(1, 21))
def test_an_expiry_at_any_call_means_one_login_more(gws: Gws, calls: int) -> None:
    """Whenever the session expires, the story goes on after exactly one more login, and each of its two mails is sent once."""

    async def story(stage: Any) -> None:
        stage.files["files/a.txt"] = (b"abc", "text/plain")
        await stage.act("login")
        await stage.act("ready")
        stage.simulator.faults.add(parse_fault(f"expire:{calls}"))
        await stage.act("receive", {"subject": "Hello"})
        question = await stage.act("accept")
        for word in ("reply", "create"):
            await stage.act(word, {"text": "Hello yourself", "mail": question.id} if word == "reply" else MAIL)
            await stage.act("attach", {"file": "files/a.txt"})
            assert (await stage.act("download", {"name": "a.txt"})).size == 3
            await stage.act("gws.update_properties", {"data": {"Product": "Lamp"}})
            await stage.act("detach", {"name": "a.txt"})
            await stage.act("send")
            await stage.observe("verify_status", {"is": "sent"}, until=lambda m: m.status == "sent")
        await stage.act("complete", {"mail": question.id})
        await stage.act("gws.channels")
        await stage.act("not_ready")

        assert stage.simulator.faults.told() == []
        assert (await stage.part()).logins_again == 1
        assert [mail.subject for mail in stage.world.outbox] == ["Re: Hello", MAIL["subject"]]

    gws(story)


@pytest.mark.parametrize(
    "fault", ["500:1@*/me/interactions*", "503:1@*/me/interactions*", "reset:1@*/me/interactions*", "cut:1@*/me/interactions*"]
)
def test_a_broken_answer_ends_the_step_and_nothing_hangs(gws: Gws, fault: str) -> None:
    """Whatever the wire does to Create, the step ends with an error of the runner's own, and the session can be closed."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.faults.add(parse_fault(fault))
        with pytest.raises(RunnerError):
            await stage.act("create", MAIL)

    gws(story)


def _answers(contract: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """The documented answers of a request."""
    for template, operations in contract["paths"].items():
        if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return dict(operations[method.lower()]["responses"])
    raise AssertionError(f"{method} {path} is not in the contract")


@BOTH
def test_every_answer_is_as_the_contract_says(gws: Gws, dialect: str) -> None:
    """Status, media type and body of each answer in a long story are documented."""
    contract = yaml.safe_load((files("runner.vendors.gws") / "contract.yaml").read_text(encoding="utf-8"))

    async def story(stage: Any) -> None:
        stage.files["files/a.txt"] = (b"abc", "text/plain")
        await stage.act("login")
        await stage.act("ready")
        await stage.act("receive", {"subject": "Hello"})
        question = await stage.act("accept")
        await stage.act("reply_all", {"text": "Hello"})
        await stage.act("attach", {"file": "files/a.txt"})
        await stage.act("download", {"name": "a.txt"})
        await stage.act("attach", {"library": "Terms"})
        await stage.act("detach", {"name": "a.txt"})
        await stage.observe("verify_attachments", {"are": ["Terms.txt"]}, until=lambda _: True)
        await stage.act("send")
        await stage.act("complete", {"mail": question.id})
        await stage.act("gws.states")
        await stage.act("gws.interactions", {"whose": "all"})
        for word, parameters in (
            ("complete", {"mail": question.id}),
            ("gws.state", {"state": "Siesta"}),
            ("download", {"name": "x", "mail": "y"}),
        ):
            with pytest.raises(Refused):
                await stage.act(word, parameters)
        part = await stage.part()
        for exchange in part.exchanges:
            path = exchange.url.removeprefix(stage.target.url).partition("?")[0]
            if "/_control" in path:
                continue
            documented = _answers(contract, exchange.method, path.rstrip("/"))
            told = documented[str(exchange.http)]
            if "$ref" in told:
                told = contract["components"]["responses"][told["$ref"].rpartition("/")[2]]
            kind = exchange.header("Content-Type").partition(";")[0]
            media = told["content"].get(kind) or told["content"]["*/*"]
            if kind == "application/json":
                schema = {**media["schema"], "components": contract["components"]}
                jsonschema.Draft202012Validator(schema).validate(exchange.json())

    gws(story, dialect=dialect, options={"dialect": dialect})
