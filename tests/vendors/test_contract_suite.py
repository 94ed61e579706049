"""
One suite over the registry: what each step of each vendor promises — its documentation, its example, its refusals — is so.

The example of a step stands in a small scenario, after what it needs (:data:`BEFORE`), and the engine runs it on the vendor's simulator.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from shutil import copytree
from textwrap import indent
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from runner import harness
from runner.cli.main import main
from runner.clock import Duration
from runner.errors import Refused, RunnerError
from runner.plugins.contract import REASONS, StepType, Vendor, schema_custom
from runner.plugins.registry import Registry
from runner.plugins.vocabulary import WORDS
from runner.record.result import ScenarioResult
from runner.vendors.gws.simulator.settings import GwsSettings

ROOT = Path(__file__).parents[2]
REGISTRY = Registry.load()
VENDORS = {name: REGISTRY.vendor(name) for name in ("icws", "egain", "gws")}
STEPS = [(vendor, step) for vendor in VENDORS.values() for step in vendor.steps]
IDS = [f"{vendor.name}-{step.name}" for vendor, step in STEPS]

LOGIN = "- login: {as: agent}"
READY = "- ready"
RECEIVE = "- receive: {from: joe@example.com, subject: Where is it, text: Order 77, files: [files/invoice.pdf]}\n  save: question"
OFFERED = [LOGIN, READY, RECEIVE]
INVITED = [LOGIN, READY, RECEIVE, "- verify_status: {is: invited, within: 5s}"]
IN_HAND = [LOGIN, READY, RECEIVE, "- accept"]
DRAFT = [LOGIN, "- create: {to: joe@example.com, subject: Hello, text: Hello Joe}"]
# What has to have happened before a step, by its name; a vendor's own by `vendor.name`, else what is said of the word.
BEFORE: Mapping[str, list[str]] = {
    "login": [],
    "icws.server": [],
    **dict.fromkeys(("accept", "reject", "egain.pull", "egain.pick"), OFFERED),
    **dict.fromkeys(("reply", "reply_all", "forward", "complete", "place_in_queue", "download", "verify_attachments"), IN_HAND),
    **dict.fromkeys(("edit", "attach", "send", "cancel"), DRAFT),
    "transfer": ["- login: {as: agent_2}", *IN_HAND],
    "detach": [*DRAFT, "- attach: {file: files/invoice.pdf}"],
    "verify_status": [*DRAFT, "- send"],
    "expect_event": [LOGIN, READY, "- listen", RECEIVE],
    **dict.fromkeys(
        ("icws.hold", "icws.park", "icws.disconnect", "icws.get_attributes", "icws.set_attributes", "icws.watch"),
        IN_HAND,
    ),
    "icws.pickup": INVITED,
    "icws.insert_from_library": DRAFT,
    **dict.fromkeys(
        ("egain.get_activity", "egain.edit_activity", "egain.note", "egain.notes", "egain.case", "egain.edit_case", "egain.change_case"),
        IN_HAND,
    ),
    "egain.receive": ["- login: {as: supervisor}"],
    **dict.fromkeys(("egain.change_customer", "egain.change_case_customer", "egain.edit_customer", "egain.mask"), IN_HAND),
    "gws.update_properties": DRAFT,
    **dict.fromkeys(("gws.comment", "gws.disposition", "gws.focus"), IN_HAND),
    "gws.link_attachment": DRAFT,
    "gws.place_in_workbin": IN_HAND,
    "gws.operation": IN_HAND,
}
VENDORLESS = {"expect_mail"}
# What only the later dialect of GWS has, and the environment in which it is spoken.
LATER, EMAILS = {"gws.comment", "gws.disposition", "gws.focus"}, "gws-emails"
FILES = {"files/invoice.pdf": ((ROOT / "scenarios" / "files" / "invoice.pdf").read_bytes(), "application/pdf")}
QUICK: Mapping[str, Any] = {"gws": {"settings": GwsSettings(delay=(Duration(milliseconds=1), Duration(milliseconds=2)))}}


def before(vendor: Vendor, step: StepType) -> list[str]:
    """The steps that *step* needs before it."""
    return [text for text in BEFORE.get(step.name, [LOGIN]) if text[2:] not in vendor.cannot]


def scenario(vendor: Vendor, step: StepType) -> str:
    """A scenario around the step's example."""
    steps = "\n".join([*before(vendor, step), step.example])
    return f"scenario: The example of {step.name}\nvendor: {vendor.name}\nsteps:\n{indent(steps, '  ')}\n"


# ── documentation ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("vendor", "step"), STEPS, ids=IDS)
def test_a_step_is_documented(vendor: Vendor, step: StepType) -> None:
    """It has a title, a description that is a sentence, and an example that begins with its own name."""
    assert step.title
    assert step.description.endswith(".")
    assert step.example.startswith(f"- {step.name}")


@pytest.mark.parametrize(("vendor", "step"), STEPS, ids=IDS)
def test_parameters_are_documented(vendor: Vendor, step: StepType) -> None:
    """Each parameter has a title and a description."""
    definitions = msgspec.json.schema(step.parameters, schema_hook=schema_custom)["$defs"]
    properties = definitions[step.parameters.__name__].get("properties", {})
    bare = [name for name, told in properties.items() if '"title"' not in str(msgspec.json.encode(told))]
    assert bare == [name for name, told in properties.items() if "description" not in str(told)] == []


@pytest.mark.parametrize(("vendor", "step"), STEPS, ids=IDS)
def test_refusals_are_neutral_reasons(vendor: Vendor, step: StepType) -> None:
    """What a step says it may be refused for are neutral reasons, each once."""
    assert set(step.refusals) <= set(REASONS)
    assert len(set(step.refusals)) == len(step.refusals)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_each_shared_word_is_done_or_cannot_be_done_for_a_reason(vendor: Vendor) -> None:
    """A vendor offers every shared word, or says why not; never both."""
    offered = {step.name for step in vendor.steps}
    shared = {word.name for word in WORDS} - VENDORLESS
    assert shared == (offered & shared) | set(vendor.cannot)
    assert not offered & set(vendor.cannot)
    assert all(len(reason.split()) > 3 for reason in vendor.cannot.values())


@pytest.mark.parametrize(("vendor", "word"), [(v.name, word) for v in VENDORS.values() for word in v.cannot])
def test_what_a_vendor_cannot_is_listed(vendor: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`runner steps WORD` says which vendor cannot do it, and why."""
    assert main(["steps", word]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert vendor in told
    assert VENDORS[vendor].cannot[word] in told


# ── examples ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, ScenarioResult]:
    """Every example, run once: scenario file → its result."""
    root = tmp_path_factory.mktemp("examples")
    (root / "runner.toml").touch()
    for folder in ("files", "environments"):
        copytree(ROOT / "scenarios" / folder, root / "scenarios" / folder)
    for vendor, step in STEPS:
        folder = EMAILS if step.name in LATER else harness.SIMULATOR
        path = root / "scenarios" / folder / f"{vendor.name}-{step.name}.scenario.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(scenario(vendor, step).replace("files/invoice.pdf", "../files/invoice.pdf"), encoding="utf-8")
    found: dict[str, ScenarioResult] = {}
    for environment in (harness.SIMULATOR, EMAILS):
        paths = (str(root / "scenarios" / environment),)
        request = harness.Request(paths=paths, environment=environment, reports=root / "reports", seed=7, start=root)
        found |= {Path(each.file).name: each for each in asyncio.run(harness.run(request)).scenarios}
    return found


@pytest.mark.parametrize("name", IDS)
def test_an_example_runs_green(name: str, examples: Mapping[str, ScenarioResult]) -> None:
    """The example of a step validates, and passes on the simulator after what it needs."""
    found = examples[f"{name}.scenario.yaml"]
    assert (found.outcome, found.reason) == ("passed", "")


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

# A status that stands for a reason, for what no request of a tester brings about.
STATUS = {
    "unavailable": 503,
    "server_error": 500,
    "forbidden": 403,
    "not_found": 404,
    "invalid": 400,
    "conflict": 409,
    "gone": 410,
    "not_acceptable": 406,
    "too_large": 413,
}
# The id of a mail that nobody has.
UNKNOWN_MAIL = {"icws": "2101999999", "egain": "999999", "gws": "0000000000000000"}
# Parameters that are refused for a reason: what the vendor's client itself says no to, and what only some mails are asked about.
ELSEWHERE, NOBODYS = {"mail": "draft-agent9-1"}, {"mail": UNKNOWN_MAIL["gws"]}
PARAMETERS: Mapping[tuple[str, str, str], dict[str, Any]] = {
    **{("egain", word, "not_found"): ELSEWHERE for word in ("edit", "attach", "detach", "cancel", "send")},
    **{("egain", word, "conflict"): {"mail": UNKNOWN_MAIL["egain"]} for word in ("edit", "attach", "detach", "cancel")},
}
# Steps that ask the vendor only about a mail that they do not know yet.
ASKS_ABOUT_STRANGERS = {("gws", "edit"), ("gws", "verify_status")}
# Steps that wait for an unknown mail instead, and those whose vendor takes an unknown one for a wrong value.
MAY_STILL_COME = {("icws", "accept"), ("icws", "reject"), ("gws", "accept"), ("gws", "reject")}
WRONG_VALUE = {("icws", "reply"), ("icws", "reply_all"), ("icws", "forward")}
# Steps that ask nobody: only who has not logged in is refused.
ASKS_NOBODY = {("egain", "create"), ("gws", "listen")}


class Telling:
    """The steps of a YAML list, told to a stage one after another, by whom they say."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.by = "agent"
        self.saved: dict[str, str] = {}

    def item(self, text: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """A list item as its word, its parameters, and its modifiers."""
        (item,) = yaml.load(self._filled(text), yaml.BaseLoader)  # noqa: S506 - it makes texts and nothing else
        if isinstance(item, str):
            item = {item: {}}
        word = next(name for name in item if name in self.stage.steps)
        given = item.pop(word)
        step = self.stage.steps[word]
        if given and not isinstance(given, dict):
            given = {step.short: given}
        return word, given or {}, item

    def _filled(self, text: str) -> str:
        text = re.sub(r"\{\{ unique\('(.*?)'\) \}\}", r"\g<1>1", text)
        return re.sub(r"\{\{ (\w+) \}\}", lambda m: self.saved.get(m[1], m[0]), text)

    async def tell(self, texts: list[str]) -> None:
        """Carry them out."""
        for text in texts:
            word, given, modifiers = self.item(text)
            self.by = given.pop("as", self.by)
            output = await self.done(word, given)
            if "save" in modifiers:
                self.saved[modifiers["save"]] = msgspec.to_builtins(output)["id"]

    async def done(self, word: str, given: Mapping[str, Any]) -> Any:
        """One step, to its end; of an observing one, until it shows what was asked for."""
        step = self.stage.steps[word]
        if step.shape == "act":
            return await self.stage.act(word, given, by=self.by)
        converted = self.stage.converted(step, given)
        async with asyncio.timeout(4), aclosing(step.run(await self.stage.part(self.by), converted)) as outputs:
            async for output in outputs:
                if not given or getattr(output, "status", "") == given.get("is"):
                    return output
        return None


@pytest.mark.parametrize(("vendor", "step"), STEPS, ids=IDS)
def test_each_refusal_is_met(vendor: Vendor, step: StepType, play: Callable[..., None]) -> None:
    """Whatever a step says it may be refused for, it is refused for when the vendor says so."""
    met: dict[str, str] = {}

    async def story(stage: Any) -> None:
        stage.files = FILES
        await stage.part("agent_2")
        telling = Telling(stage)
        await telling.tell(before(vendor, step) if step.name != "expect_event" else [LOGIN])
        # what the mail server says to a customer's mail has a test of its own
        wanted = () if step.name == "receive" else step.refusals
        for reason in sorted(wanted, key=lambda r: r == "unauthenticated"):
            met[reason] = await refusal(telling, step, reason)

    later = {"settings": GwsSettings(dialect="emails"), "options": {"dialect": "emails"}}
    play(vendor, story, **(later if step.name in LATER else QUICK.get(vendor.name, {})))
    assert {reason: got for reason, got in met.items() if reason != got} == {}


async def refusal(telling: Telling, step: StepType, reason: str) -> str:
    """Do the step in a way, or at a moment, that it has to be refused for *reason*; gives what it was refused for."""
    stage, key = telling.stage, (telling.stage.vendor.name, step.name)
    _, given, _ = telling.item(step.example)
    telling.by = given.pop("as", telling.by)
    part = await stage.part(telling.by)
    has_mail = "mail" in step.parameters.__struct_fields__
    if step.name == "logout":
        await telling.tell([LOGIN])
    if key in ASKS_ABOUT_STRANGERS:
        given["mail"] = UNKNOWN_MAIL[key[0]]
    own = PARAMETERS.get((*key, reason))
    if own is not None:
        given |= {name: telling.saved.get(str(value), value) for name, value in own.items()}
    elif reason == "not_found" and has_mail and key not in MAY_STILL_COME | WRONG_VALUE:
        given["mail"] = UNKNOWN_MAIL[key[0]]
    elif reason == "unauthenticated" and step.opens:
        given["password"] = "wrong"
    elif key in ASKS_NOBODY:
        await telling.tell(["- logout"])
    elif reason == "unauthenticated":
        part.stays_out = True
        stage.simulator.expire_sessions()
    else:
        stage.simulator.faults.add(str(STATUS[reason]))
    try:
        await telling.done(step.name, given)
    except Refused as exc:
        return exc.reason
    except (RunnerError, TimeoutError) as exc:
        return repr(exc)
    finally:
        stage.simulator.faults.clear()
    return "not refused"


@pytest.mark.parametrize(("code", "reason"), [(450, "unavailable"), (554, "not_acceptable"), (535, "unauthenticated")])
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_customers_mail_is_refused_by_the_mail_server(vendor: Vendor, code: int, reason: str, play: Callable[..., None]) -> None:
    """`receive` asks the mail server where there is no simulator's control API; its no has a neutral reason as well."""

    async def story(stage: Any) -> None:
        part = await stage.part()
        async with saying_no(code) as port:
            part.target = replace(part.target, control="")
            part.session.smtp = {"host": "127.0.0.1", "port": port, "tls": "none"}
            with pytest.raises(Refused) as refused:
                await stage.act("receive", {"from": "joe@example.com", "to": "help@shop.example", "subject": "x"})
        assert refused.value.reason == reason

    play(vendor, story)


@asynccontextmanager
async def saying_no(code: int) -> AsyncIterator[int]:
    """A mail server that takes no mail; gives its port."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            writer.write(b"250 yes\r\n" if word in {b"EHLO", b"HELO"} else b"221 bye\r\n" if word == b"QUIT" else b"%d no\r\n" % code)
            if word == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_customers_mail_without_an_address_is_invalid(vendor: Vendor, play: Callable[..., None]) -> None:
    """A simulator takes no mail whose sender is no address."""

    async def story(stage: Any) -> None:
        with pytest.raises(Refused) as refused:
            await stage.act("receive", {"from": "nobody", "to": "help@shop.example", "subject": "x"})
        assert refused.value.reason == "invalid"

    play(vendor, story)
