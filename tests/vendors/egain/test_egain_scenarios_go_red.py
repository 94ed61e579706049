"""
Each shipped scenario against a server that breaks what it claims to prove: it goes red. A scenario that stays green there proves nothing.

The server forgets an element of what it is sent, passes over a parameter, says yes and does nothing, or has another setting.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec import Struct, field
from msgspec.structs import replace

from runner import harness
from runner.plugins.registry import Registry
from runner.simulation.world import default_password
from runner.vendors.egain import VENDOR
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.app import EgainSimulator
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.gate import Gate

ROOT = Path(__file__).parents[3]


class Broken(Struct, frozen=True, kw_only=True):
    """
    What is wrong with a server.

    ``forgets`` are paths of elements in what it is sent, ``deaf`` query parameters, ``idle`` requests that it says it has carried out
    (method and path → status), ``settings`` what else is another way.
    """

    forgets: tuple[str, ...] = ()
    deaf: tuple[str, ...] = ()
    idle: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    loses_files: bool = False
    knows_nobody: bool = False
    sends_twice: bool = False
    any_password: bool = False


class _Gate(Gate):
    broken: Broken

    def _document(self, kind: str, content_type: str, body: bytes) -> Any:
        root, tree, form = super()._document(kind, content_type, body)
        for path in self.broken.forgets:
            _forget(tree, path.split("."))
        if self.broken.loses_files:
            tree.pop("attachments", None)
            form = () if form else form
        if self.broken.any_password and "password" in tree:
            tree["password"] = default_password(tree["userName"])
        return root, tree, form


class _Desk(Desk):
    """Who has an address is not known here."""

    def customer_with(self, address: str, department: str) -> None:
        return None


def _forget(tree: Tree, path: list[str]) -> None:
    *above, name = path
    inner: Any = tree
    for part in above:
        inner = inner.get(part) if isinstance(inner, dict) else None
        inner = inner[0] if isinstance(inner, list) else inner
    if isinstance(inner, dict):
        inner.pop(name, None)


class BrokenSimulator(EgainSimulator):
    """A server with something wrong."""

    broken = Broken()

    def _fresh(self) -> Desk:
        desk = super()._fresh()
        return _Desk(desk.world, desk.settings, desk.organisation, desk.sessions) if self.broken.knows_nobody else desk

    @property
    def _gate(self) -> Gate:
        gate = _Gate(self.desk)
        gate.broken = self.broken
        return gate

    async def _handle(self, request: web.Request) -> web.Response:
        for told, status in self.broken.idle.items():
            if fnmatchcase(f"{request.method} {request.path}", told):
                await request.read()
                return web.Response(status=status)
        if self.broken.sends_twice and request.path.endswith("/send"):
            await super()._handle(request)
        kept = {name: value for name, value in request.query.items() if name not in self.broken.deaf}
        return await super()._handle(request.clone(rel_url=request.rel_url.with_query(kept)) if self.broken.deaf else request)


CONTENTS, TO = "payload.email.contents", "payload.email.emailAddresses"

# the scenario, what the server does, what is wrong with it, and words of the reason
ROWS: list[tuple[str, str, Broken, str]] = [
    ("egain/a-case-changes-hands", "leaves the case where it is", Broken(idle={"PUT */changecustomer": 204}), "customer is"),
    ("egain/a-case-changes-hands", "changes nothing of the customer", Broken(idle={"PUT */interaction/customer": 204}), "role is absent"),
    ("egain/a-case-changes-hands", "forgets a region", Broken(forgets=("customer.customAttributes",)), "customAttributes is absent"),
    ("egain/calls-and-bounces", "swallows what comes back", Broken(settings={"bounces": "none"}), "activities is []"),
    ("egain/calls-and-bounces", "forgets who called whom", Broken(forgets=("mode",)), 'is "inbound"'),
    ("egain/card-numbers-disappear", "masks nothing", Broken(settings={"mask_pattern": "never"}), "card is 4111"),
    ("egain/card-numbers-disappear", "masks too much", Broken(settings={"mask_pattern": r"\d+"}), 'is "Order ****"'),
    ("egain/card-numbers-disappear", "only says that it masked", Broken(idle={"PUT */mask": 204}), "card is 4111"),
    ("egain/files-in-every-format", "loses files", Broken(loses_files=True), "attachments is "),
    ("egain/files-in-every-format", "reads files as base64", Broken(settings={"part_content": "base64"}), "is not base64"),
    ("egain/files-in-every-format", "forgets the text", Broken(forgets=(CONTENTS,)), 'text is ""'),
    ("egain/find-mails", "sorts as it likes", Broken(deaf=("$order",)), 'subject is "First"'),
    ("egain/find-mails", "knows one page", Broken(deaf=("$pagenum",)), 'subject is "Third", expected "First"'),
    ("egain/find-mails", "gives everything", Broken(deaf=("$pagesize",)), "a list of 3 items"),
    ("egain/find-mails", "does not look at the mode", Broken(deaf=("mode",)), "total is 3, expected 0"),
    ("egain/known-customer-is-not-made-again", "knows nobody", Broken(knows_nobody=True), "For Somebody Else"),
    ("egain/macros-in-a-form", "has no such link", Broken(settings={"macros": []}), "no macro 'order_status_link'"),
    ("egain/macros-in-a-form", "forgets the text", Broken(forgets=(CONTENTS,)), 'text is ""'),
    ("egain/macros-in-an-existing-case", "makes a new case", Broken(forgets=("case",)), "about case CASE-"),
    ("egain/macros-in-an-existing-case", "forgets the contents", Broken(forgets=(CONTENTS,)), 'text is ""'),
    *(
        ("egain/new-customer-with-everything", f"forgets {element}", Broken(forgets=(element,)), words)
        for element, words in (
            ("queue", 'queue is ""'),
            ("priority", "priority is absent"),
            ("dueDate", "dueDate is absent"),
            ("customAttributes", "customAttributes is absent"),
            (CONTENTS, 'text is ""'),
            (f"{TO}.cc", "cc is a list of 0"),
            (f"{TO}.bcc", "bcc is a list of 0"),
            ("customer.contactPersons.contactPerson.middleName", "Welcome, Zoë O'Sample"),
            ("customer.contactPersons.contactPerson.lastName", 'is "Welcome, Zoë M."'),
            *(
                (f"customer.{name}", f"native.{name} is absent")
                for name in ("level", "role", "pin", "howReferred", "industry", "marketSegment", "customAttributes")
            ),
        )
    ),
    ("egain/new-customer-with-everything", "loses files", Broken(loses_files=True), "attachments is "),
    ("egain/not-allowed", "opens every folder", Broken(settings={"closed_folders": []}), "though it had to refuse"),
    ("egain/not-allowed", "lets everybody in everywhere", Broken(settings={"foreign_departments": ["Legal"]}), "though it had to refuse"),
    ("egain/not-allowed", "calls it no session", Broken(settings={"missing_licence_status": 401}), "unauthenticated, expected forbidden"),
    ("egain/refused-forms", "takes inline files", Broken(settings={"inline_parts": "attach"}), "inline attachments are not supported"),
    ("egain/refused-forms", "takes every type of file", Broken(settings={"blocked_extensions": []}), "http is 201, expected 400"),
    ("egain/refused-mails", "takes macros without a value", Broken(settings={"valueless_macro": "empty"}), "though it had to refuse"),
    ("egain/refused-mails", "takes a mail that says nothing", Broken(settings={"empty_counts": True}), "though it had to refuse"),
    ("egain/refused-mails", "takes every type of file", Broken(settings={"blocked_extensions": []}), "though it had to refuse"),
    ("egain/refused-mails", "passes over a department", Broken(forgets=("customer.department",)), "though it had to refuse"),
    ("egain/refused-requests", "passes over parameters", Broken(deaf=("expandMacros",)), "<code>400-101</code>"),
    ("egain/refused-requests", "answers any Accept", Broken(settings={"other_accept": "default"}), "expected 406"),
    ("egain/refused-requests", "says 400 to a text", Broken(settings={"other_content_type": 400}), "expected 415"),
    ("egain/secure-messages", "sends secure mails alone", Broken(settings={"secure_with_sender": "secure"}), 'isSecure is "true"'),
    ("egain/server-fails", "sends everything twice", Broken(sends_twice=True), "total is 2, expected 1"),
    ("egain/session-is-over", "tells no session", Broken(idle={"GET */activity/attributes": 204}), "X-egain-session"),
    ("egain/session-is-over", "goes on after a logout", Broken(idle={"DELETE */logout": 204}), "though it had to refuse"),
    ("egain/take-and-hand-over", "only says that it took the mail", Broken(idle={"PUT */pick": 204}), "was taken, but"),
    ("egain/take-and-hand-over", "only says that it moved the mail", Broken(idle={"PUT */transfer": 204}), "put into a queue, but"),
    ("egain/take-and-hand-over", "loses notes", Broken(idle={"GET */note": 204}), "notes is a list of 0"),
    ("egain/too-long", "counts each copy by itself", Broken(settings={"copies_limit": "address"}), "though it had to refuse"),
    ("egain/too-long", "takes larger texts", Broken(settings={"max_body_kb": 2000}), "though it had to refuse"),
    ("egain/what-stays-open", "says 409 to a lock", Broken(settings={"locked_status": 409}), "http is 409, expected 400"),
    ("egain/what-stays-open", "only says that it completed", Broken(idle={"PUT */complete": 200}), "http is 0, expected 400"),
    ("egain/work-on-a-case", "forgets the priority", Broken(forgets=("activity.priority",)), "priority is absent"),
    ("egain/work-on-a-case", "forgets the region", Broken(forgets=("activity.customAttributes",)), "customAttributes is absent"),
    ("egain/work-on-a-case", "forgets the case's subject", Broken(forgets=("case.subject",)), 'subject is "Broken lamp"'),
    ("egain/work-on-a-case", "only says that it completed", Broken(idle={"PUT */complete": 200}), "was completed, but"),
    ("mail/answer-everybody", "answers one alone", Broken(forgets=(f"{TO}.cc",)), "cc is []"),
    ("mail/answer-with-own-words", "loses files", Broken(loses_files=True), "attachments is "),
    ("mail/attachments-arrive-whole", "loses files", Broken(loses_files=True), "attachments is "),
    ("mail/customers-from-a-table", "forgets the text", Broken(forgets=(CONTENTS,)), 'text is ""'),
    ("mail/edit-before-sending", "forgets the text", Broken(forgets=(CONTENTS,)), 'text is ""'),
    ("mail/edit-before-sending", "forgets the copy", Broken(forgets=(f"{TO}.cc",)), "cc is a list of 0"),
    ("mail/hand-over-to-a-colleague", "only says that it handed over", Broken(idle={"PUT */transfer": 204}), "handed to user"),
    ("mail/reply-with-invoice", "loses files", Broken(loses_files=True), "attachments is "),
    ("mail/send-new-mail", "loses files", Broken(loses_files=True), "attachments is "),
    ("mail/several-agents-at-once", "forgets what was written", Broken(forgets=(CONTENTS,)), 'text is ""'),
    ("mail/turn-down-an-offer", "only says that the mail is taken", Broken(idle={"PUT */pick": 204}), "was taken, but"),
    ("mail/wrong-password", "takes every password", Broken(any_password=True), "though it had to refuse"),
]


@pytest.mark.parametrize(("name", "what", "broken", "words"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_scenario_goes_red_where_its_claim_is_broken(name: str, what: str, broken: Broken, words: str, tmp_path: Path) -> None:
    """At least one of its runs does not pass, and says why: because of this."""

    def simulate(world: Any, settings: Any = None) -> BrokenSimulator:
        made = BrokenSimulator(world, settings)
        made.broken = broken
        made.reset()
        return made

    environment = tmp_path / "broken.yaml"
    told = {"egain": {"url": "simulator", "settings": dict(broken.settings)}}
    environment.write_text(json.dumps({"environment": "broken", "vendors": told, "defaults": {"timeout": "1500ms"}}), encoding="utf-8")
    request = harness.Request(
        paths=(str(ROOT / "scenarios" / f"{name}.scenario.yaml"),),
        environment=str(environment),
        vendors=("egain",),
        reports=tmp_path / "reports",
        seed=7,
        start=ROOT,
        parallel=16,
    )

    known = Registry.load()
    vendors = Registry.of(replace(VENDOR, simulate=simulate), *(known.vendor(name) for name in ("general", "icws", "gws")))
    result = asyncio.run(harness.run(request, vendors=vendors))

    red = [one for one in result.scenarios if one.outcome in {"failed", "errored"}]
    assert red, f"{name} is green on a server that {what}"
    assert [one.reason for one in red if words in one.reason], [one.reason for one in red]


def test_every_scenario_has_a_server_that_turns_it_red() -> None:
    """Whoever adds a scenario says what breaks it; but for addresses, whose rule stands in `test_egain_compose_rules.py`."""
    shipped = {f"{path.parent.name}/{path.name.partition('.')[0]}" for path in (ROOT / "scenarios" / "egain").glob("*.scenario.yaml")}
    assert shipped - {row[0] for row in ROWS} == {"egain/refused-addresses"}
