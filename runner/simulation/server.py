"""
A simulator on a real port: the vendor's paths, the control API, and the faults, as one aiohttp application.

A vendor's simulator is a :class:`~runner.simulation.simulator.Simulator`; :func:`serving` puts it on a port for as long as it is needed,
:func:`serve_until_stopped` keeps several there until somebody stops the program.
"""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from aiohttp import web, web_app
from msgspec import Struct

from runner.errors import EnvironmentUnusable
from runner.simulation.control import control_routes
from runner.simulation.sabotage import CONTROL, fault_middleware
from runner.simulation.simulator import Simulator

__all__ = ["Serving", "Simulator", "serve_until_stopped", "serving"]

# Seconds that answers under way may still take when a simulator stops, and that its whole end may take.
_LAST_ANSWERS = 0.5
_WHOLE_END = 5.0
_MAX_REQUEST = 64 * 1024 * 1024


class Serving(Struct, frozen=True):
    """A simulator that answers: ``url`` for the vendor's clients, ``control`` for the control API."""

    simulator: Simulator
    url: str
    control: str


@asynccontextmanager
async def serving(simulator: Simulator, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Serving]:
    """
    Serve *simulator* until the block ends; port 0 takes a free one.

    Raises: ``EnvironmentUnusable`` – the port is taken, or the host is not this machine's.
    """
    runner = web.AppRunner(_application(simulator), access_log=None, shutdown_timeout=_LAST_ANSWERS)
    await runner.setup()
    simulator.faults.on_expire = simulator.expire_sessions
    simulator.faults.on_forget = simulator.forget_listeners
    simulator.faults.on_restart = lambda: _cut_connections(runner)
    try:
        origin = await _listen(runner, host, port)
        yield Serving(simulator, origin + simulator.base_path, origin + CONTROL)
    finally:
        await _stop(runner)


async def serve_until_stopped(
    simulators: Sequence[Simulator], ports: Sequence[int], ready: Callable[[list[Serving]], None], *, host: str = "127.0.0.1"
) -> None:
    """
    Serve each simulator on its port (0: a free one), tell *ready* when all answer, and go on until SIGINT or SIGTERM.

    Raises: ``EnvironmentUnusable`` – a port is taken; nothing stays behind.
    """
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(_stopped_by_signals(stop))
        told = [
            await stack.enter_async_context(serving(simulator, host=host, port=port))
            for simulator, port in zip(simulators, ports, strict=True)
        ]
        ready(told)
        await stop.wait()


def _application(simulator: Simulator) -> web.Application:
    faulty = fault_middleware(simulator.faults, simulator.fault_body, simulator.named_operation)
    app = web.Application(middlewares=[faulty], client_max_size=_MAX_REQUEST)
    control_routes(app, simulator)
    simulator.routes(app)

    async def stopping(app: web.Application) -> None:
        simulator.faults.stopping.set()

    app.on_shutdown.append(stopping)
    return app


async def _listen(runner: web.AppRunner, host: str, port: int) -> str:
    """Open the port; gives the origin (``http://127.0.0.1:8090``)."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OverflowError as exc:
        raise EnvironmentUnusable(f"{port} is not a port", hint="choose one from 1 to 65535, or 0 for any free one") from exc
    except OSError as exc:
        if exc.errno in {errno.EADDRINUSE, errno.EACCES, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}:
            why = "may not be used by this program" if exc.errno == errno.EACCES else "is taken by another program"
            raise EnvironmentUnusable(f"port {port} on {host} {why}", hint="choose another port, or 0 for any free one") from exc
        raise EnvironmentUnusable(f"cannot serve on {host}: it is no address of this machine", hint="use 127.0.0.1") from exc
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{runner.addresses[0][1]}"


def _cut_connections(runner: web.AppRunner) -> None:
    """End every open connection, as a server does that falls over."""
    for connection in runner.server.connections if runner.server is not None else ():
        if connection.transport is not None:
            connection.transport.abort()


async def _stop(runner: web.AppRunner) -> None:
    """Stop serving: in bounded time, and also when the caller is being cancelled."""
    ending = asyncio.create_task(runner.cleanup())
    try:
        await asyncio.wait({ending}, timeout=_WHOLE_END)
    except asyncio.CancelledError:
        await asyncio.wait({ending}, timeout=_WHOLE_END)
        raise
    finally:
        ending.cancel()
        _let_go()
    if ending.done():
        ending.result()


def _let_go() -> None:
    """aiohttp remembers the middlewares of its last thousand handlers, and by them whole simulators; it has no public way to forget."""
    remembered = getattr(web_app, "_cached_build_middleware", None)
    if remembered is not None:
        remembered.cache_clear()


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGINT, SIGTERM and Windows' Ctrl-Break set *stop* for as long as the block runs."""
    loop = asyncio.get_running_loop()
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    try:
        for number in signals:
            loop.add_signal_handler(number, stop.set)
    except NotImplementedError:  # Windows: the handler runs in the main thread, outside the loop
        before = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set)) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
