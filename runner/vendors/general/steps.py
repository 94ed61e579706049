"""
The general steps: ``http``, ``set``, ``check``, ``wait``, ``note``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct, field

from runner.clock import Duration
from runner.plugins.contract import FilePath, HttpClient, ProjectFile, SessionContext, StepContext, Word

__all__ = ["STEPS", "open_session"]

_encode = msgspec.json.Encoder().encode
_JSON = "application/json"


class General:
    """The session of the general steps: an HTTP client with its own cookies, made when a step first needs it."""

    __slots__ = ("_context", "_http")

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self._http: HttpClient | None = None

    @property
    def http(self) -> HttpClient:
        """The client; a path without a host is taken from the scenario's vendor."""
        if self._http is None:
            self._http = self._context.client()
        return self._http

    async def close(self) -> None:
        """Let go of the client."""
        if self._http is not None:
            await self._http.close()


async def open_session(context: SessionContext) -> General:
    """A session for one scenario."""
    return General(context)


class Http(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One request."""

    url: Annotated[
        str,
        Meta(
            title="URL", description="Where to; a path alone is taken from the vendor's address.", examples=["https://example.com/health"]
        ),
    ]
    method: Annotated[str, Meta(title="Method", description="GET, POST, PUT, DELETE …", examples=["POST"])] = "GET"
    headers: Annotated[
        dict[str, str | int | float | bool],
        Meta(title="Headers", description="Request headers.", examples=[{"Accept": "application/json"}]),
    ] = {}
    query: Annotated[dict[str, Any], Meta(title="Query", description="What stands behind the `?` of the URL.", examples=[{"page": 2}])] = {}
    json: Annotated[Any, Meta(title="JSON body", description="Sent as JSON.", examples=[{"name": "Joe"}])] = msgspec.UNSET
    text: Annotated[str | None, Meta(title="Text body", description="Sent as it is.", examples=["Hello"])] = None
    form: Annotated[dict[str, Any] | None, Meta(title="Form body", description="Sent as a web form is.", examples=[{"user": "joe"}])] = None
    file: Annotated[
        FilePath | None, Meta(title="File body", description="A file of the project, sent byte for byte.", examples=["files/invoice.pdf"])
    ] = None


class HttpOutput(Struct, frozen=True):
    """The answer: status, headers, body (decoded when it is JSON), and how long it took in seconds."""

    http: int
    headers: dict[str, str]
    body: Any
    took: float


async def http(context: StepContext[General], p: Http) -> dict[str, Any]:
    """Send one request, whatever its status."""
    body, kind = _body(context, p)
    headers: dict[str, str] = {name: str(value) for name, value in p.headers.items()} if p.headers else {}
    if kind and "content-type" not in map(str.lower, headers):
        headers["Content-Type"] = kind
    url = p.url if not p.query else f"{p.url}{'&' if '?' in p.url else '?'}{urlencode(p.query, doseq=True)}"
    exchange = await context.session.http.request(p.method.upper(), url, headers=headers, body=body)
    return {"http": exchange.http, "headers": dict(exchange.headers), "body": _decoded(exchange.body), "took": exchange.took}


def _body(context: StepContext[General], p: Http) -> tuple[bytes | None, str]:
    if p.json is not msgspec.UNSET:
        return _encode(p.json), _JSON
    if p.text is not None:
        return p.text.encode(), "text/plain; charset=utf-8"
    if p.form is not None:
        return urlencode(p.form, doseq=True).encode(), "application/x-www-form-urlencoded"
    if p.file is not None:
        file = context.file(p.file)
        return file.content, file.type
    return None, ""


_decode = msgspec.json.Decoder().decode


def _decoded(body: bytes) -> Any:
    """JSON when it is JSON, else text."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode("utf-8", "replace")


class Set(Struct, frozen=True, forbid_unknown_fields=True):
    """Names and their values."""

    values: Annotated[dict[str, Any], Meta(title="Names", description="Each name is known from here on.", examples=[{"greeting": "Hello"}])]


async def set_(context: StepContext[General], p: Set) -> dict[str, Any]:
    """Give the values back; the engine makes the names known."""
    return dict(p.values)


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """A value, and what it must be like."""

    that: Annotated[Any, Meta(title="That", description="The value to look at.", examples=["{{ mail.subject }}"])]
    is_: Annotated[
        Any,
        Meta(
            title="Is",
            description="What it must be: a value, a shape, or a matcher; default: true.",
            examples=[{"contains": "order"}],
            extra_json_schema={"expectation": True},
        ),
    ] = field(name="is", default=True)


class CheckOutput(Struct, frozen=True):
    """The value that was looked at."""

    that: Any


async def check(context: StepContext[General], p: Check) -> CheckOutput:
    """Give the value back; the engine checks it."""
    return CheckOutput(p.that)


def _check_expects(p: Check, _read: Callable[[str], ProjectFile]) -> object:
    return {"that": p.is_}


class Wait(Struct, frozen=True, forbid_unknown_fields=True):
    """How long."""

    lasts: Annotated[Duration, Meta(title="For", description="How long to wait.", examples=["5s"])] = field(name="for")


class Nothing(Struct, frozen=True):
    """An output without fields."""


async def wait(context: StepContext[General], p: Wait) -> Nothing:
    """Wait by the run's clock."""
    await context.clock.sleep(p.lasts.total_seconds())
    return Nothing()


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """What the report shall say here."""

    text: Annotated[str, Meta(title="Text", description="A line for the report.", examples=["The order is paid by now."])]


async def note(context: StepContext[General], p: Note) -> Nothing:
    """Put a line into the record."""
    context.log(p.text)
    return Nothing()


STEPS = (
    Word(
        name="http",
        title="Send an HTTP request",
        description="Sends any request and gives the answer; its status is not judged unless `expect` does.",
        example="- http: {url: /health}\n  expect: {http: {at_most: 599}}",
        parameters=Http,
        output=HttpOutput,
        short="url",
    ).step(http),
    Word(
        name="set",
        title="Set names",
        description="Gives values names that later steps can use.",
        example='- set: {greeting: "Hello", order: "{{ unique(\'ORD-\') }}"}',
        parameters=Set,
        short="values",
        sets_names=True,
        safe=True,
    ).step(set_),
    Word(
        name="check",
        title="Check a value",
        description="Looks at a value without asking the vendor.",
        example='- check: {that: "{{ 1 + 1 }}", is: 2}',
        parameters=Check,
        output=CheckOutput,
        safe=True,
        expects=_check_expects,
        stated_in={"that": "is"},
    ).step(check),
    Word(
        name="wait",
        title="Wait",
        description="Does nothing for a while. `verify_status` and `expect_event` wait better: they go on as soon as they can.",
        example="- wait: 10ms",
        parameters=Wait,
        output=Nothing,
        short="for",
        safe=True,
    ).step(wait),
    Word(
        name="note",
        title="Write a note",
        description="Puts a line into the report.",
        example='- note: "From here on the customer writes back."',
        parameters=Note,
        output=Nothing,
        short="text",
        safe=True,
    ).step(note),
)
