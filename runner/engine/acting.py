"""
What a running step is given: :class:`runner.plugins.contract.StepContext`, as the engine keeps it.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from runner.clock import Clock
from runner.engine.live import Live, Opened, Working
from runner.engine.plan import Bound
from runner.environment.model import Actor, Target
from runner.errors import BadScenario, Diagnostic, NotAllowed
from runner.plugins.contract import ProjectFile
from runner.record.events import Created, Logged

__all__ = ["Acting"]

_FIRST_GAP = 0.05
_LONGEST_GAP = 2.0


class Acting(Working, eq=False, kw_only=True):
    """One step while it runs. (A Struct, because one is made for each step, and nothing is made faster.)"""

    bound: Bound
    live: Live
    opened: Opened
    deadline: float
    _gap: float = _FIRST_GAP

    @property
    def session(self) -> Any:
        """The acting actor's session."""
        return self.opened.session

    @property
    def actor(self) -> Actor | None:
        """Who acts."""
        return self.opened.actor

    @property
    def target(self) -> Target:
        """Where."""
        return self.opened.target

    @property
    def clock(self) -> Clock:
        """Time."""
        return self.live.run.clock

    @property
    def timeout(self) -> float:
        """Seconds this step may still take."""
        return max(0.0, self.deadline - self.live.run.clock.monotonic())

    def mail(self, named: object = None) -> str:
        """The id of the mail that is meant."""
        if named is not None:
            return _id(named)
        known = self.known_mail()
        if known is None:
            raise BadScenario(
                [
                    Diagnostic(
                        "E212",
                        f"there is no mail yet that `{self.bound.step.word}` could work on",
                        self.bound.step.word_span,
                        label="which mail?",
                        hint="put `receive`, `create` or `accept` before it, or name one with `mail`",
                    )
                ]
            )
        return known

    def known_mail(self) -> str | None:
        """The mail this actor worked on last, else the one that arrived last."""
        return self.live.mails.get(self.bound.actor) or self.live.arrived_mail

    def work_on(self, mail_id: str) -> None:
        """From now on this is the mail the actor works on."""
        self.live.generated.note(mail_id)
        self.live.mails[self.bound.actor] = mail_id
        self.live.taken.add(mail_id)

    def new_mail(self) -> str | None:
        """The mail that arrived last, while nobody has worked on it."""
        arrived = self.live.arrived_mail
        return None if arrived in self.live.taken else arrived

    def arrived(self, mail_id: str) -> None:
        """A customer's mail arrived."""
        self.live.generated.note(mail_id)
        self.live.arrived_mail = mail_id

    def user(self, name: str) -> str:
        """The vendor's user name of an actor of this scenario."""
        actor = self.live.actors.get(name)
        return actor.user if actor is not None else name

    def file(self, path: str) -> ProjectFile:
        """Read a file of the project."""
        content = self.live.run.project.read(path, relative_to=self.bound.step.span.source.path or self.live.plan.scenario.path)
        name = path.replace("\\", "/").rpartition("/")[2]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return ProjectFile(name, content, kind, sha256(content).hexdigest())

    def guard(self, recipients: Iterable[str]) -> None:
        """Refuse recipients outside ``allow_recipients``."""
        environment = self.live.run.environment
        for address in recipients:
            if not environment.allows(address):
                raise NotAllowed(
                    f"mail to {address} is not allowed in environment `{environment.name}`; nothing was sent",
                    hint="use an allowed address, or add a pattern to `allow_recipients` of the environment",
                )

    def created(self, kind: str, id: str, *, undo: str = "") -> None:
        """Write down that something now exists at the vendor."""
        live = self.live
        live.generated.note(id)
        live.emit(Created(scenario=live.key, step=self.place, vendor=self.bound.vendor, kind=kind, id=id, undo=undo))

    def learn(self, name: str, value: str) -> None:
        """A secret."""
        self.opened.learn(name, value)

    def log(self, message: str, *, code: str = "") -> None:
        """A line for the record."""
        self.live.emit(Logged(message=message, level="warning" if code else "info", scenario=self.live.key, step=self.place, code=code))

    async def pause(self) -> None:
        """Wait until it is time to look again; each gap is half as long again as the one before."""
        gap = min(self._gap, max(0.0, self.timeout))
        self._gap = min(self._gap * 1.5, _LONGEST_GAP)
        await self.clock.sleep(gap)
        if gap == 0.0:
            await asyncio.sleep(0)


def _id(named: object) -> str:
    if isinstance(named, dict):
        return str(named.get("id", ""))
    return str(named)
