"""
Who acts? The people of an environment's pools, lent to one scenario at a time.

A member is lent **as a whole**: while a scenario has it, no other scenario has it for any vendor, nor another member with one of the same
accounts (vendor and user name). Two scenarios in one mailbox, or logged in twice, would disturb each other in ways no report can explain.

``agent`` is anybody of the pool ``agent``. ``agent_2`` is anybody of the pool ``agent_2``; where there is no such pool, another one of the
pool ``agent``. All actors of a scenario are taken together or not at all, so scenarios never wait for each other in a circle.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from runner.environment.leases import Leases
from runner.environment.model import Actor, Environment, Member
from runner.environment.secrets import plain
from runner.errors import EnvironmentUnusable, nearest

__all__ = ["ActorPool"]

_NUMBERED = re.compile(r"(?P<pool>.+)_(?P<number>[1-9]\d*)")
# A second agent whose number stands in the wrong way: `agent2`, `agent-2`.
_TIGHT_NUMBER = re.compile(r"(.+?)[-. ]?([1-9]\d*)")
# How long a scenario waits for its actors, in seconds.
_PATIENCE = 3600.0
# How often it is looked whether another process gave somebody back, in seconds.
_LOOK_EVERY = 0.05
# An account at one vendor, or for a member without user names the member itself.
Account = tuple[str, str]


class _Waiting(Struct, eq=False):
    """A scenario that waits for its actors."""

    names: tuple[str, ...]
    vendor: str
    holder: str
    given: asyncio.Future[tuple[Member, ...]]


class ActorPool:
    """
    Lends the members of an environment's pools.

    Members are taken in the order of the file. Who waits longest is served first; somebody who came later may go ahead only with members
    that nobody before them could use. *patience* is how long a scenario waits, in seconds. *leases* is where the processes of one run agree
    on who has whom; among them nobody is first.
    """

    def __init__(self, environment: Environment, *, patience: float = _PATIENCE, leases: Leases | None = None) -> None:
        self._name = environment.name
        self._pools = environment.pools
        self._patience = patience
        # account → the scenario that has it
        self._held: dict[Account, str] = {}
        self._waiting: list[_Waiting] = []
        self._leases = leases
        self._looking = False

    # ── before the run ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def missing(self, names: Sequence[str], vendor: str) -> list[str]:
        """A message for each of *names* that nobody could ever play at *vendor* together with those before it; empty when all is well."""
        messages: list[str] = []
        cast: list[str] = []
        for name in dict.fromkeys(names):
            if self._choose((*cast, name), vendor, frozenset()) is not None:
                cast.append(name)
            else:
                messages.append(self._why_missing(name, vendor, cast))
        return messages

    def _why_missing(self, name: str, vendor: str, cast: Iterable[str]) -> str:
        pool = self._pool_of(name)
        if pool is None:
            numbered = _TIGHT_NUMBER.fullmatch(name)
            close = f"{numbered[1]}_{numbered[2]}" if numbered and numbered[1] in self._pools else nearest(name, self._pools)
            known = f"write `{close}`" if close else f"write one of: {', '.join(self._pools)}" if self._pools else "add them to its file"
            return f"the environment `{self._name}` has no actors `{name}`; {known}"
        able = len(self._candidates(name, vendor))
        if able == 0:
            return f"nobody in the pool `{pool}` of the environment `{self._name}` has credentials for {vendor}"
        wanted = 1 + sum(self._pool_of(other) == pool for other in cast)
        if wanted <= able:
            return f"`{name}` has nobody left in the pool `{pool}` of the environment `{self._name}`: other actors have the same accounts"
        return (
            f"`{name}` needs {wanted} members with credentials for {vendor} in the pool `{pool}`; the environment `{self._name}` has {able}"
        )

    # ── during the run ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def lend(self, names: Sequence[str], vendor: str, *, holder: str = "") -> AsyncIterator[Mapping[str, Actor]]:
        """
        The actors of these names, all at once, for as long as the block lasts. *holder* is the scenario, for messages.

        Raises: ``EnvironmentUnusable`` – there are not so many, or they did not become free in time; the message says who has them.
        """
        wanted = tuple(dict.fromkeys(names))
        if not wanted:
            yield {}
            return
        messages = self.missing(wanted, vendor)
        if messages:
            raise EnvironmentUnusable("; ".join(messages), code="E512", hint="add members to the pool in the environment's file")
        members = await self._take(wanted, vendor, holder)
        try:
            yield {name: _actor(name, member, vendor) for name, member in zip(wanted, members, strict=True)}
        finally:
            self._give_back(members)

    async def _take(self, names: tuple[str, ...], vendor: str, holder: str) -> tuple[Member, ...]:
        waiting = _Waiting(names, vendor, holder, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._serve()
        try:
            async with asyncio.timeout(None if waiting.given.done() else self._patience):
                return await waiting.given
        except TimeoutError as exc:
            raise EnvironmentUnusable(
                f"{_listed(names)} did not become free within {self._patience:g} s: {self._who_has(names, vendor)}",
                code="E513",
                hint="add members to the pool, or run fewer scenarios at once with --parallel",
            ) from exc
        finally:
            self._stop_waiting(waiting)

    def _stop_waiting(self, waiting: _Waiting) -> None:
        """Somebody was served, gave up, or was cancelled; what was given at the very moment of being cancelled goes back."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)
            self._serve()
            return
        task = asyncio.current_task()
        given = waiting.given
        if given.done() and not given.cancelled() and task is not None and task.cancelling():
            self._give_back(given.result())

    def _serve(self) -> None:
        """Give to everybody, in the order in which they came, whose actors are all free and not wanted by somebody before them."""
        spoken_for: set[Account] = set()
        for waiting in tuple(self._waiting):
            members = None if waiting.given.done() else self._free(waiting, spoken_for)
            if members is not None:
                self._waiting.remove(waiting)
                self._held.update((account, waiting.holder) for member in members for account in _accounts(member))
                waiting.given.set_result(members)
                continue
            spoken_for.update(a for name in waiting.names for member in self._candidates(name, waiting.vendor) for a in _accounts(member))

    def _free(self, waiting: _Waiting, spoken_for: set[Account]) -> tuple[Member, ...] | None:
        """Members for somebody who waits, whom nobody else has; from here on no other process has them."""
        elsewhere: set[Account] = set()
        while True:
            members = self._choose(waiting.names, waiting.vendor, self._held.keys() | spoken_for | elsewhere)
            if members is None or self._leases is None:
                break
            busy = self._leases.take({account for member in members for account in _accounts(member)})
            if busy is None:
                break
            elsewhere.add(busy)
        if members is None and elsewhere:
            self._look_later()
        return members

    def _look_later(self) -> None:
        """Another process tells nobody when it gives somebody back, so it is looked for; not by all processes at the same moment."""
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_later(_LOOK_EVERY * random.uniform(0.5, 1.5), self._look)

    def _look(self) -> None:
        self._looking = False
        self._serve()

    def _give_back(self, members: Iterable[Member]) -> None:
        accounts = {account for member in members for account in _accounts(member)}
        for account in accounts:
            self._held.pop(account, None)
        if self._leases is not None:
            self._leases.give_back(accounts)
        self._serve()

    def _who_has(self, names: Iterable[str], vendor: str) -> str:
        members = {id(member): member for name in names for member in self._candidates(name, vendor)}
        told: list[str] = []
        for member in members.values():
            holders = {self._held[account] for account in _accounts(member) if account in self._held}
            told += [f"{_who(member, vendor)} is with {holder or 'another scenario'}" for holder in sorted(holders)]
        return ", ".join(told) or "others were served first"

    # ── who can play whom ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _pool_of(self, name: str) -> str | None:
        if name in self._pools:
            return name
        match = _NUMBERED.fullmatch(name)
        return match["pool"] if match and match["pool"] in self._pools else None

    def _candidates(self, name: str, vendor: str) -> list[Member]:
        pool = self._pool_of(name)
        return [member for member in self._pools[pool] if vendor in member.credentials] if pool is not None else []

    def _choose(self, names: Sequence[str], vendor: str, taken: Iterable[Account]) -> tuple[Member, ...] | None:
        """A member for each name, no account twice and none of *taken*; the first in the order of the file, or None."""
        if not names:
            return ()
        taken = frozenset(taken)
        for member in self._candidates(names[0], vendor):
            accounts = _accounts(member)
            if taken.isdisjoint(accounts):
                others = self._choose(names[1:], vendor, taken | accounts)
                if others is not None:
                    return (member, *others)
        return None


def _accounts(member: Member) -> frozenset[Account]:
    own: Account = (f"pool {member.pool}", str(member.index))
    users = {(vendor, plain(credentials["user"])) for vendor, credentials in member.credentials.items() if credentials.get("user")}
    return frozenset({own, *users})


def _actor(name: str, member: Member, vendor: str) -> Actor:
    return Actor(name, vendor, member.credentials[vendor], member)


def _who(member: Member, vendor: str) -> str:
    return str(member.credentials[vendor].get("user") or f"{member.pool} number {member.index + 1}")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
