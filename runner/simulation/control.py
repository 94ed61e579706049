"""
The control API of a simulator, outside the vendor's paths: the outbox, the world, arriving mail, faults.

For test code, for ``receive`` steps and for people with a browser; ``GET /_control`` lists what there is. JSON in and out; what cannot be
read is answered with 400 and ``{"error": …}``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec
from aiohttp import web

from runner.errors import RunnerError
from runner.simulation.faults import KINDS, parse_fault
from runner.simulation.simulator import Simulator
from runner.simulation.world import Attachment, Mail, Person

__all__ = ["control_routes"]

R = TypeVar("R", bound=msgspec.Struct)
_Answer = Callable[[Simulator, web.Request], Awaitable[object]]
_MAX_HEADER = 10_000

_INDEX: Mapping[str, str] = MappingProxyType(
    {
        "GET /_control": "this list",
        "GET /_control/health": "whether the simulator answers, and which vendor it is",
        "GET /_control/people": "who can log in, with passwords",
        "GET /_control/settings": "the simulator's named assumptions",
        "GET /_control/world": "the vendor's state",
        "GET /_control/outbox": "the mails that left for customers, oldest first; `?subject=TEXT` only those whose subject has it",
        "DELETE /_control/outbox": "forget them",
        "POST /_control/receive": (
            "a customer's mail arrives: from, to, cc, subject, text, html, reply_to, attachments [{name, type, content in base64}]"
        ),
        "POST /_control/console": "what people do at the vendor's own screens, in the words of its README",
        "GET /_control/faults": "the faults that are switched on, and the kinds there are",
        "POST /_control/faults": 'switch on: {"fault": "503:3"} or {"faults": ["latency=200ms", "429:2=Retry-After:3"]}',
        "DELETE /_control/faults": "switch all off; /_control/faults/ID switches one off",
        "POST /_control/expire": "all sessions expire",
        "POST /_control/backend": 'what stands behind the API goes down or comes back (GWS): {"up": false}',
        "POST /_control/reset": "forget sessions, mails, faults",
    }
)


class _BadRequest(Exception):
    """What was asked for cannot be done; the text says why. ``status`` is the answer's."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class _Enclosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of an arriving mail; ``content`` in base64."""

    name: str
    content: bytes = b""
    type: str = "application/octet-stream"
    content_id: str = ""


class _Arriving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's mail as the control API takes it; recipients are one text with commas, or a list."""

    to: str | list[str]
    from_: str = msgspec.field(name="from", default="customer@example.com")
    cc: str | list[str] = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    reply_to: str = ""
    attachments: list[_Enclosed] = []


class _Switched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Faults to switch on."""

    fault: str = ""
    faults: list[str] = []


class _Backend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the back end runs."""

    up: bool


def control_routes(app: web.Application, simulator: Simulator) -> None:
    """Add ``/_control/…``."""
    answers: Mapping[tuple[str, str], _Answer] = {
        ("GET", ""): _index,
        ("GET", "/health"): _health,
        ("GET", "/people"): _people,
        ("GET", "/settings"): _settings,
        ("GET", "/world"): _world,
        ("GET", "/outbox"): _outbox,
        ("DELETE", "/outbox"): _empty_outbox,
        ("POST", "/receive"): _receive,
        ("POST", "/console"): _console,
        ("GET", "/faults"): _faults,
        ("POST", "/faults"): _switch_on,
        ("DELETE", "/faults"): _switch_off,
        ("POST", "/expire"): _expire,
        ("POST", "/backend"): _backend,
        ("POST", "/reset"): _reset,
    }

    async def control(request: web.Request) -> web.Response:
        path = request.match_info["rest"].rstrip("/")
        try:
            return _json(await _chosen(answers, request.method, path)(simulator, request))
        except _BadRequest as exc:
            return _json({"error": str(exc)}, status=exc.status)
        except RunnerError as exc:
            return _json({"error": exc.message}, status=400)

    app.router.add_route("*", "/_control{rest:(?:/.*)?}", control)


def _chosen(answers: Mapping[tuple[str, str], _Answer], method: str, path: str) -> _Answer:
    if method == "DELETE" and path.startswith("/faults/"):
        return _switch_one_off
    found = answers.get((method, path))
    if found is not None:
        return found
    known = sorted(verb for verb, where in answers if where == path)
    if known:
        raise _BadRequest(f"{method} is not for /_control{path}; it takes {' and '.join(known)}", 405)
    raise _BadRequest(f"there is no /_control{path}; GET /_control lists what there is", 404)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value, enc_hook=dict) + b"\n", content_type="application/json")


async def _read(request: web.Request, kind: type[R]) -> R:
    """The request's body as *kind*."""
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except web.HTTPRequestEntityTooLarge as exc:
        raise _BadRequest("the request is larger than 64 MiB", 413) from exc
    except (msgspec.MsgspecError, ValueError) as exc:
        raise _BadRequest(f"the body cannot be read: {str(exc).replace('`', '')}") from exc


async def _index(simulator: Simulator, request: web.Request) -> object:
    return {"vendor": simulator.vendor, "there_is": _INDEX, "faults": KINDS}


async def _health(simulator: Simulator, request: web.Request) -> object:
    return {"vendor": simulator.vendor, "ready": True}


async def _people(simulator: Simulator, request: web.Request) -> object:
    return {"people": [_told_person(simulator, person) for person in simulator.world.people.values()]}


def _told_person(simulator: Simulator, person: Person) -> dict[str, object]:
    return {
        "pool": person.pool,
        "name": person.name,
        "address": person.address,
        "rights": sorted(person.rights),
        "credentials": simulator.credentials(person),
    }


async def _settings(simulator: Simulator, request: web.Request) -> object:
    settings = simulator.settings
    return {"settings": {} if settings is None else msgspec.to_builtins(settings)}


async def _world(simulator: Simulator, request: web.Request) -> object:
    return {"vendor": simulator.vendor, "outbox": len(simulator.world.outbox), **simulator.described()}


async def _outbox(simulator: Simulator, request: web.Request) -> object:
    wanted = request.query.get("subject", "")
    return {"mails": [mail.told() for mail in simulator.world.outbox if wanted in mail.subject]}


async def _empty_outbox(simulator: Simulator, request: web.Request) -> object:
    forgotten = len(simulator.world.outbox)
    simulator.world.outbox.clear()
    return {"forgotten": forgotten}


async def _receive(simulator: Simulator, request: web.Request) -> object:
    return {"id": await simulator.receive(_mail(await _read(request, _Arriving)))}


def _mail(given: _Arriving) -> Mail:
    mail = Mail(
        sender=_address(given.from_, "from"),
        to=_addresses(given.to, "to"),
        cc=_addresses(given.cc, "cc"),
        subject=_one_line(given.subject, "subject"),
        text=given.text,
        html=given.html,
        reply_to=_address(given.reply_to, "reply_to") if given.reply_to else "",
        attachments=[
            Attachment(_one_line(a.name, "name"), a.content, _one_line(a.type, "type"), _one_line(a.content_id, "content_id"))
            for a in given.attachments
        ],
    )
    if not mail.to:
        raise _BadRequest("to: a mail needs at least one recipient")
    return mail


def _addresses(given: str | list[str], field: str) -> list[str]:
    parts = given.split(",") if isinstance(given, str) else given
    return [_address(part, field) for part in parts if part.strip()]


def _address(text: str, field: str) -> str:
    address = _one_line(text, field).strip()
    if not address.rpartition("<")[2].strip("> ").partition("@")[2]:
        raise _BadRequest(f"{field}: {address!r} is not a mail address")
    return address


def _one_line(text: str, field: str) -> str:
    if len(text) > _MAX_HEADER or any(c in text for c in "\r\n\0"):
        raise _BadRequest(f"{field}: must be one line of at most {_MAX_HEADER} characters")
    return text


async def _console(simulator: Simulator, request: web.Request) -> object:
    try:
        done = simulator.by_hand(await request.read())
    except ValueError as exc:
        raise _BadRequest(str(exc)) from exc
    if done is None:
        raise _BadRequest(f"the {simulator.vendor} simulator has no screens of its own", 501)
    return done


async def _faults(simulator: Simulator, request: web.Request) -> object:
    return {"faults": simulator.faults.told(), "kinds": KINDS}


async def _switch_on(simulator: Simulator, request: web.Request) -> object:
    given = await _read(request, _Switched)
    texts = [*([given.fault] if given.fault else []), *given.faults]
    if not texts:
        raise _BadRequest('name a fault: {"fault": "503:3"}')
    try:
        faults = [parse_fault(text) for text in texts]
    except ValueError as exc:
        raise _BadRequest(str(exc)) from exc
    return {"ids": [simulator.faults.add(fault) for fault in faults], "faults": simulator.faults.told()}


async def _switch_off(simulator: Simulator, request: web.Request) -> object:
    simulator.faults.clear()
    return {"faults": simulator.faults.told()}


async def _switch_one_off(simulator: Simulator, request: web.Request) -> object:
    id = request.match_info["rest"].rpartition("/")[2]
    if not (id.isascii() and id.isdigit() and len(id) < 19 and simulator.faults.remove(int(id))):
        raise _BadRequest(f"there is no fault {id!r}; GET /_control/faults lists them", 404)
    return {"faults": simulator.faults.told()}


async def _expire(simulator: Simulator, request: web.Request) -> object:
    return {"expired": simulator.expire_sessions()}


async def _backend(simulator: Simulator, request: web.Request) -> object:
    given = await _read(request, _Backend)
    if not simulator.switch_backend(up=given.up):
        raise _BadRequest(f"the {simulator.vendor} simulator has no back end apart; a fault does it: 503", 501)
    return {"up": given.up}


async def _reset(simulator: Simulator, request: web.Request) -> object:
    if not simulator.reset():
        raise _BadRequest(f"the {simulator.vendor} simulator cannot forget everything; start it again", 501)
    simulator.faults.clear()
    simulator.world.outbox.clear()
    return {"reset": True}
