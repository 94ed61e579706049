"""
What every scenario of a run shares.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from runner.clock import Clock
from runner.engine.alarm import Alarms
from runner.engine.plan import Registry
from runner.environment.model import Environment
from runner.environment.secrets import Secret
from runner.plugins.contract import HttpClient
from runner.plugins.drift import Watch
from runner.record.events import Event

__all__ = ["Run"]


class Redactor(Protocol):
    """What the engine asks of :class:`runner.environment.redaction.Redactor`."""

    def learn(self, value: str, *, name: str, scope: str) -> None: ...
    def learn_derived(self, made: Secret, source: Secret, *, scope: str) -> None: ...
    def compared(self, path: str, value: str, *, scope: str) -> str: ...


class Project(Protocol):
    """What the engine asks of :class:`runner.scenario.project.Project`."""

    def read(self, path: str, *, relative_to: Any) -> bytes: ...


class Connect(Protocol):
    """Makes HTTP clients; :meth:`runner.transport.base.Transport.client`."""

    def __call__(self, base_url: str, *, observer: Callable[[Any], None], limiter: Any, cookies: bool) -> HttpClient: ...


class Run(Struct, frozen=True):
    """
    What every scenario of a run shares.

    ``emit`` takes an event, ``flush`` has written all of them when it returns; ``helpers(random)`` gives the functions that templates may
    call.
    """

    id: str
    seed: int
    environment: Environment
    registry: Registry
    clock: Clock
    emit: Callable[[Event], None]
    flush: Callable[[], None]
    connect: Connect
    redactor: Redactor
    project: Project
    helpers: Callable[[random.Random], Mapping[str, Any]]
    limiters: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    alarms: Alarms = field(default_factory=Alarms)
    watch: Watch = field(default_factory=Watch)
