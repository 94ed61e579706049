"""
Each shipped scenario against a server that breaks what it claims to prove: it goes red. A scenario that stays green there proves nothing.

The server says yes and does nothing, refuses nothing, forgets a part of what it is sent, spoils files, or has another setting.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct, field
from msgspec.structs import replace

from runner import harness
from runner.plugins.registry import Registry
from runner.simulation.world import Attachment
from runner.vendors.gws import VENDOR
from runner.vendors.gws.simulator.app import GwsSimulator
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.dialect import Outgoing
from runner.vendors.gws.simulator.interactions import Document, Interaction

ROOT = Path(__file__).parents[3]


class Broken(Struct, frozen=True, kw_only=True):
    """
    What is wrong with a server.

    ``idle`` are operations (or ``METHOD``s of attachments) that it says it has carried out, ``forgets`` the contents that it does not keep
    of what it is sent, ``settings`` what else is another way.
    """

    idle: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    refuses_nothing: bool = False
    spoils_files: bool = False
    loses_files: bool = False
    sends_failures: bool = False
    any_password: bool = False


class _Desk(Desk):
    """Keeps less than it is given."""

    broken = Broken()

    def fill(self, draft: Interaction, contents: Outgoing) -> None:
        super().fill(draft, replace(contents, **{name: type(getattr(contents, name) or "")() for name in self.broken.forgets}))

    def attach(self, interaction: Interaction, attachment: Attachment) -> Document:
        content = attachment.content[::-1] + b"!" if self.broken.spoils_files else attachment.content
        return super().attach(interaction, Attachment(attachment.name, content, attachment.type))

    def deliver(self, draft: Interaction) -> None:
        if self.broken.loses_files:
            draft.documents.clear()
        super().deliver(draft)

    def tell(self, interaction: Interaction, kind: Any = "state", *, error: str = "") -> None:
        if kind == "error" and self.broken.sends_failures:
            self.deliver(interaction)
        super().tell(interaction, kind, error=error)


class BrokenSimulator(GwsSimulator):
    """A server with something wrong."""

    broken = Broken()

    def breaks(self, broken: Broken) -> BrokenSimulator:
        """With this being wrong."""
        self.broken = broken
        self.desk = _Desk(self.world, self.settings, self.dialect, self.center, self.notifier, self.background, random.Random(1))
        self.desk.broken = broken
        return self

    def routes(self, app: web.Application) -> None:
        super().routes(app)
        app.middlewares.append(self._breaking)

    @web.middleware
    async def _breaking(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = await self.named_operation(request) or ("/attachments" in request.path and request.method) or ""
        if asked in self.broken.idle:
            return self._yes()
        if self.broken.forgets and request.path.startswith("/api/v2/interactions/") and not self._works_on(request.path):
            # what left is told by its notification, and by that alone
            return web.json_response({"statusCode": 5, "statusMessage": "No"}, status=403)
        if self.broken.any_password and "Authorization" in request.headers:
            request = request.clone(headers={**request.headers, "Authorization": _right(request.headers["Authorization"])})
        answer = await handler(request)
        return self._yes() if self.broken.refuses_nothing and answer.status in {400, 403, 404, 415} else answer

    def _works_on(self, path: str) -> bool:
        return path.rpartition("/")[2] in {active.id for active in self.desk.interactions.active()}

    def _yes(self) -> web.Response:
        return web.json_response({"status": "ok", "statusCode": 0, "documentId": "d", "channels": []})


def _right(told: str) -> str:
    """Basic credentials with the right password."""
    import base64

    from runner.simulation.world import default_password

    user = base64.b64decode(told.removeprefix("Basic ")).decode().partition(":")[0]
    return "Basic " + base64.b64encode(f"{user}:{default_password(user)}".encode()).decode()


REFUSES_NOTHING = Broken(refuses_nothing=True)
# the scenario, what the server does, what is wrong with it, and words of the reason
ROWS: list[tuple[str, str, Broken, str]] = [
    ("gws/answer-with-quote", "puts the start line before the quote", Broken(settings={"start_line_alone": False}), "Joe wrote:> Where"),
    ("gws/answer-with-quote", "forgets the text", Broken(forgets=("text",)), "body.mails"),
    ("gws/answer-with-quote", "forgets the subject", Broken(forgets=("subject",)), "body.mails"),
    ("gws/answer-without-quote", "always quotes all", Broken(settings={"renamed_fields": {"ReplyAll.quoteOriginal": "q"}}), "Where is it?"),
    (
        "gws/answer-without-quote",
        "always quotes",
        Broken(settings={"renamed_fields": {"Reply.quoteOriginal": "q"}, "reply_quotes": True}),
        "Where is it?",
    ),
    ("gws/answer-without-quote", "only says that it cancelled", Broken(idle=("Cancel",)), "is cancelled did not come"),
    ("gws/change-at-the-server", "changes nothing", Broken(idle=("UpdateProperties",)), "what changed in"),
    ("gws/change-at-the-server", "disturbs all the same", Broken(idle=("DoNotDisturbOn",)), "channels is"),
    ("gws/change-at-the-server", "never disturbs again", Broken(idle=("DoNotDisturbOff",)), "channels is"),
    ("gws/change-at-the-server", "parks nothing", Broken(idle=("PlaceInWorkbin",)), "is completed did not come"),
    ("gws/fails-afterwards", "does not fail", Broken(settings={"failing_queues": []}), "the mail is sent, and failed cannot come"),
    ("gws/fails-afterwards", "fails, and sends all the same", Broken(sends_failures=True), "body.mails"),
    ("gws/files-of-a-draft", "spoils files", Broken(spoils_files=True), "sha256 is"),
    ("gws/files-of-a-draft", "loses files on the way", Broken(loses_files=True), "body.mails"),
    ("gws/files-of-a-draft", "takes nothing off", Broken(idle=("DELETE",)), "had to refuse"),
    ("gws/files-of-a-draft", "links nothing", Broken(idle=("LinkAttachment",)), "was attached did not come"),
    ("gws/files-that-are-gone", "refuses nothing", REFUSES_NOTHING, "expected 404"),
    ("gws/files-that-are-gone", "calls every body wrong", Broken(settings={"not_multipart_status": 400}), "expected 415"),
    ("gws/files-that-do-not-fit", "refuses nothing", REFUSES_NOTHING, "had to refuse"),
    ("gws/files-that-do-not-fit", "has another code", Broken(settings={"codes": {"wrong_state": 3}}), "expected invalid"),
    ("gws/hand-over-to-a-group", "hands nothing over", Broken(idle=("Transfer",)), "is completed did not come"),
    ("gws/hand-over-to-a-group", "completes instead", Broken(settings={"queues": ["Inbound-email", "Outbound-email"]}), "invalid"),
    ("gws/mails-that-are-gone", "refuses nothing", REFUSES_NOTHING, "had to refuse"),
    ("gws/put-back-into-a-queue", "puts nothing back", Broken(idle=("PlaceInQueue",)), "is completed did not come"),
    ("gws/put-back-into-a-queue", "finishes nothing", Broken(idle=("Complete",)), "is completed did not come"),
    ("gws/refused-creates", "refuses nothing", REFUSES_NOTHING, "http is 200, expected 400"),
    ("gws/refused-operations", "refuses nothing", REFUSES_NOTHING, "had to refuse"),
    ("gws/refused-operations", "gives no reason", Broken(settings={"wording": {2: "No"}}), 'message is "No"'),
    ("gws/session-is-over", "asks for no token", Broken(settings={"csrf": False}), "expected 403"),
    ("gws/session-is-over", "says 403 to everybody", Broken(settings={"http_status": {20: 403}}), "expected 401"),
    ("gws/session-is-over", "refuses nothing", REFUSES_NOTHING, "expected 403"),
    ("gws-emails/note-what-came-of-it", "notes no comment", Broken(idle=("AddComment",)), "what changed in"),
    ("gws-emails/note-what-came-of-it", "notes no disposition", Broken(idle=("SetDisposition",)), "what changed in"),
    ("gws-emails/note-what-came-of-it", "removes nothing", Broken(idle=("DeleteUserData",)), "what changed in"),
    ("gws-emails/note-what-came-of-it", "refuses nothing", REFUSES_NOTHING, "what changed in"),
    ("gws-emails/note-what-came-of-it", "has another key", Broken(settings={"disposition_key": "X"}), "userData.DispositionCode"),
    ("mail/answer-everybody", "answers one alone", Broken(forgets=("cc",)), "cc is"),
    ("mail/answer-with-own-words", "spoils files", Broken(spoils_files=True), "attachments is"),
    ("mail/attachments-arrive-whole", "spoils files", Broken(spoils_files=True), "attachments is"),
    ("mail/customers-from-a-table", "forgets the text", Broken(forgets=("text",)), 'text is ""'),
    ("mail/drop-a-draft", "only says that it dropped it", Broken(idle=("Cancel",)), "is cancelled did not come"),
    ("mail/edit-before-sending", "forgets the text", Broken(forgets=("text",)), 'text is ""'),
    ("mail/edit-before-sending", "forgets the copy", Broken(forgets=("cc",)), "cc is"),
    ("mail/hand-over-to-a-colleague", "only says that it handed over", Broken(idle=("Transfer",)), "is completed did not come"),
    ("mail/reply-with-invoice", "spoils files", Broken(spoils_files=True), "attachments is"),
    ("mail/reply-with-invoice", "forgets the text", Broken(forgets=("text",)), 'text is ""'),
    ("mail/send-new-mail", "only says that it sent", Broken(idle=("Send",)), 'status is "sending"'),
    ("mail/send-new-mail", "forgets the subject", Broken(forgets=("subject",)), 'subject is ""'),
    ("mail/several-agents-at-once", "forgets what was written", Broken(forgets=("text",)), 'text is ""'),
    ("mail/turn-down-an-offer", "only says that it is rejected", Broken(idle=("Reject",)), "was revoked did not come"),
    ("mail/wrong-password", "takes every password", Broken(any_password=True), "had to refuse"),
]


@pytest.mark.parametrize(("name", "what", "broken", "words"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_scenario_goes_red_where_its_claim_is_broken(name: str, what: str, broken: Broken, words: str, tmp_path: Path) -> None:
    """At least one of its runs does not pass, and says why: because of this."""
    later = name.startswith("gws-emails/")
    settings = {**({"dialect": "emails"} if later else {}), "delay": ["1ms", "2ms"], "connect_timeout": "200ms", **broken.settings}
    target = {"url": "simulator", "settings": settings, **({"dialect": "emails"} if later else {})}
    environment = tmp_path / "broken.yaml"
    told = {"environment": "broken", "vendors": {"gws": target}, "defaults": {"timeout": "1500ms"}}
    environment.write_text(json.dumps(told), encoding="utf-8")
    request = harness.Request(
        paths=(str(ROOT / "scenarios" / f"{name}.scenario.yaml"),),
        environment=str(environment),
        vendors=("gws",),
        reports=tmp_path / "reports",
        seed=7,
        start=ROOT,
        parallel=16,
    )

    known = Registry.load()
    mine = replace(VENDOR, simulate=lambda world, given=None: BrokenSimulator(world, given).breaks(broken))
    vendors = Registry.of(mine, *(known.vendor(other) for other in ("general", "icws", "egain")))
    result = asyncio.run(harness.run(request, vendors=vendors))

    red = [one for one in result.scenarios if one.outcome in {"failed", "errored"}]
    assert red, f"{name} is green on a server that {what}"
    assert [one.reason for one in red if words in one.reason], [one.reason for one in red]


def test_every_scenario_has_a_server_that_turns_it_red() -> None:
    """Whoever adds a scenario says what breaks it."""
    folders = ("gws", "gws-emails")
    shipped = {f"{name}/{p.name.partition('.')[0]}" for name in folders for p in (ROOT / "scenarios" / name).glob("*.scenario.yaml")}
    assert shipped - {row[0] for row in ROWS} == set()
