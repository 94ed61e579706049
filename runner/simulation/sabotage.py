"""
How faults are carried out on a request: the middleware that stands before the vendor's paths, and never before ``/_control``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from runner.simulation.drifting import Reply, drifted
from runner.simulation.faults import Fault, Faults

__all__ = ["CONTROL", "FaultBody", "NamedOperation", "fault_middleware"]

CONTROL = "/_control"
# request, status → the vendor's own body and its media type, or None where it has none
FaultBody = Callable[[web.Request, int], "tuple[bytes, str] | None"]
# request → the operation that its body names, "" where it names none
NamedOperation = Callable[[web.Request], Awaitable[str]]
# how often a request that hangs looks whether its client is still there, in seconds
_LOOK = 0.5


def _no_body(request: web.Request, status: int) -> None:
    """A vendor without a form of its own."""


async def _no_operation(request: web.Request) -> str:
    """A vendor whose paths tell what is asked for."""
    return ""


def fault_middleware(faults: Faults, body: FaultBody = _no_body, operation: NamedOperation = _no_operation) -> Middleware:
    """The middleware; *body* gives an error of a fault the vendor's form, *operation* tells what a request asks for beside its path."""
    own = {"reset": _reset, "answer_lost": _lose_answer, "cut": _cut, "drip": _drip, "hang": _hang, "drift": _drift}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not faults or request.path.startswith(CONTROL):
            return await handler(request)
        named = await operation(request) if faults.name_operations else ""
        strike = faults.strike(request.method, request.path, request.headers, named)
        if strike.restart is not None:
            _restart(faults, strike.restart)
        if _is_down(faults) or strike.restart is not None:
            return _cut_connection(request)
        if strike.delay:
            await faults.world.clock.sleep(strike.delay)
        if strike.fault is None:
            return await handler(request)
        act = own.get(strike.fault.kind)
        if act is None:
            return _status(request, strike.fault, body)
        return await act(request, handler, faults, strike.fault)

    return middleware


def _restart(faults: Faults, fault: Fault) -> None:
    faults.on_expire()
    faults.on_restart()
    faults.down_until = faults.world.clock.monotonic() + fault.seconds


def _is_down(faults: Faults) -> bool:
    if faults.down_until and faults.world.clock.monotonic() >= faults.down_until:
        faults.down_until = 0.0
    return faults.down_until > 0


def _status(request: web.Request, fault: Fault, body: FaultBody) -> web.Response:
    """An answer in place of the vendor's."""
    status = int(fault.kind)
    name, value = fault.header or ("X-Simulated-Fault", str(fault))
    own = None if status in {502, 504} else body(request, status)
    content, media = own or _page(status)
    return web.Response(status=status, body=content, headers={name: value, "Content-Type": media})


def _page(status: int) -> tuple[bytes, str]:
    """What a gateway in front of the vendor writes."""
    try:
        title = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        title = f"{status} Error"
    page = f"<html>\n<head><title>{title}</title></head>\n<body><center><h1>{title}</h1></center></body>\n</html>\n"
    return page.encode(), "text/html; charset=utf-8"


def _cut_connection(request: web.Request) -> web.Response:
    """End the connection without another byte; the response that is given back goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _reset(request: web.Request, handler: Handler, faults: Faults, fault: Fault) -> web.StreamResponse:
    return _cut_connection(request)


async def _lose_answer(request: web.Request, handler: Handler, faults: Faults, fault: Fault) -> web.StreamResponse:
    with suppress(web.HTTPException):
        await handler(request)
    return _cut_connection(request)


async def _hang(request: web.Request, handler: Handler, faults: Faults, fault: Fault) -> web.StreamResponse:
    while not faults.stopping.is_set() and _is_there(request):
        with suppress(TimeoutError):
            await asyncio.wait_for(faults.stopping.wait(), _LOOK)
    return _cut_connection(request)


async def _cut(request: web.Request, handler: Handler, faults: Faults, fault: Fault) -> web.StreamResponse:
    """Inside the body; where there is none, instead of the answer."""

    async def half(response: web.StreamResponse, content: bytes) -> None:
        await response.write(content[: len(content) // 2])
        if request.transport is not None:
            request.transport.close()

    answer = await handler(request)
    return await _body_by(half, request, answer) if _body_of(answer) else _cut_connection(request)


async def _drip(request: web.Request, handler: Handler, faults: Faults, fault: Fault) -> web.StreamResponse:
    pause = fault.seconds

    async def slowly(response: web.StreamResponse, content: bytes) -> None:
        for at in range(len(content)):
            if faults.stopping.is_set() or not _is_there(request):
                return
            await response.write(content[at : at + 1])
            await faults.world.clock.sleep(pause)
        await response.write_eof()

    return await _body_by(slowly, request, await handler(request))


async def _drift(request: web.Request, handler: Handler, faults: Faults, fault: Fault) -> web.StreamResponse:
    answer = await handler(request)
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes | None):
        return answer
    media = answer.headers.get("Content-Type", "")
    reply = drifted(Reply(answer.status, media, answer.body or b""), fault.parameter)
    answer.set_status(reply.status)
    if reply.media != media:
        answer.headers["Content-Type"] = reply.media
    answer.body = reply.body
    return answer


async def _body_by(
    write: Callable[[web.StreamResponse, bytes], Awaitable[None]], request: web.Request, answer: web.StreamResponse
) -> web.StreamResponse:
    """The vendor's *answer*, whose body *write* sends."""
    content = _body_of(answer)
    if content is None:
        return _cut_connection(request)
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=answer.headers)
    response.content_length = len(content)
    for morsel in answer.cookies.values():
        response.headers.add("Set-Cookie", morsel.OutputString())
    await response.prepare(request)
    with suppress(ConnectionError):
        await write(response, content)
    return response


def _body_of(answer: web.StreamResponse) -> bytes | None:
    """The answer's body; None for a stream, which is under way already."""
    if not isinstance(answer, web.Response):
        return None
    return answer.body if isinstance(answer.body, bytes) else b""


def _is_there(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()
