"""
The contact-centre session of each agent, and the states of its channels.

Sources: pages StartContactCenterSession, EndContactCenterSession, "Set Agent State for a Particular Channel", "Query Agent State".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field

from runner.simulation.world import Person
from runner.vendors.gws.simulator.errors import BACKEND_DOWN, INVALID, MISSING, PARTIAL, UNKNOWN, Refusal
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["Agent", "Center", "Channel"]

READY = "Ready"
NOT_READY = "NotReady"
# The ids of the two states that stand in the documentation; those of custom states are made of their name.
_STATE_IDS = {READY: "9430250E-0A1B-421F-B372-F29E69366DED", NOT_READY: "900D55CC-2BB0-431F-8BF9-D3525B383BE6"}
_DISPLAY = {READY: "Ready", NOT_READY: "Not Ready"}
_DOWN = "Interaction Server is not available"

_Change = Callable[["Channel"], tuple[str, str, bool]]


class Channel(Struct):
    """One channel of an agent. ``reason`` is the operation that set a custom NotReady state, "" otherwise."""

    name: str
    state: str = NOT_READY
    reason: str = ""
    # do not disturb
    dnd: bool = False

    def told(self, settings: GwsSettings) -> dict[str, object]:
        """As ``GET /me/channels`` and the notification show it."""
        shown = settings.not_ready_states.get(self.reason, _DISPLAY[self.state])
        state: dict[str, object] = {"id": _STATE_IDS[self.state], "state": self.state, "displayName": shown}
        if self.reason:
            state = {"id": state_id(self.reason), "state": self.state, "reason": self.reason, "displayName": shown}
        return {"channel": self.name, "dndState": settings.do_not_disturb_words[0 if self.dnd else 1], "userState": state}


def state_id(operation: str) -> str:
    """The id of a custom state: any id that stays the same will do."""
    return f"{operation.encode().hex().upper():0<32.32}"


class Agent(Struct):
    """A person at work. ``channels`` is empty until the contact-centre session is started; ``asked`` counts offers, for fairness."""

    person: Person
    id: str
    channels: dict[str, Channel] = field(default_factory=dict)
    asked: int = 0

    @property
    def started(self) -> bool:
        """Whether the contact-centre session runs."""
        return bool(self.channels)

    @property
    def takes_mail(self) -> bool:
        """Whether invitations may be made."""
        email = self.channels.get("email")
        return email is not None and email.state == READY and not email.dnd


class Center:
    """All agents, by user name."""

    def __init__(self, people: Iterable[Person], settings: GwsSettings, ids: Iterable[str]) -> None:
        self._settings = settings
        self.agents = {p.user: Agent(p, id) for p, id in zip(people, ids, strict=False)}

    def agent(self, person: Person) -> Agent:
        """The agent that a person is."""
        return self.agents[person.user]

    def find(self, named: str) -> Agent | None:
        """An agent by user name, by id, or by a URI that ends in one of them."""
        wanted = named.rstrip("/").rpartition("/")[2]
        by_name = self.agents.get(wanted)
        return by_name or next((a for a in self.agents.values() if a.id == wanted), None)

    def start(self, agent: Agent, fields: dict[str, object]) -> dict[str, object]:
        """
        StartContactCenterSession: the channels that can be started are, in NotReady; one that runs already stays as it is.

        Returns: the answer; code 7 with each channel's own code when only some could be started.
        Raises: ``Refusal`` – code 1, 2, or 4 when none could be started.
        """
        names = self._named(fields)
        if "already_started" in self._settings.codes and agent.channels.keys() >= set(names):
            raise Refusal(INVALID, "The contact center session is started already", cause="already_started")
        down = [n for n in names if n in self._settings.down_channels]
        if len(down) == len(names):
            raise Refusal(BACKEND_DOWN, _DOWN)
        for name in names:
            if name not in down and name not in agent.channels:
                agent.channels[name] = Channel(name, self._settings.start_state)
        if not down:
            return {"statusCode": 0}
        each: dict[str, dict[str, object]] = {
            n: {"statusCode": BACKEND_DOWN, "statusMessage": _DOWN} if n in down else {"statusCode": 0} for n in names
        }
        told = each if self._settings.partial_start == "by_name" else [{"channel": n, **result} for n, result in each.items()]
        return {"statusCode": PARTIAL, "statusMessage": "Some channels could not be started", "channels": told}

    def end(self, agent: Agent) -> None:
        """The agent is gone."""
        agent.channels.clear()

    def leave(self, agent: Agent) -> None:
        """
        EndContactCenterSession.

        Raises: ``Refusal`` – there is no session, and this installation minds.
        """
        if "nothing_to_end" in self._settings.codes and not agent.started:
            raise Refusal(INVALID, "The contact center session is not started", cause="nothing_to_end")
        self.end(agent)

    def set_state(self, agent: Agent, operation: str, channel: str | None) -> None:
        """
        Ready, NotReady, a custom state or do-not-disturb for one channel, or for all of them.

        Raises: ``Refusal`` – code 6 unknown channel, 2 unknown state or not in the session.
        """
        if channel is not None and channel not in self._settings.channels:
            raise Refusal(UNKNOWN, f"Channel is not found: {channel}", cause="unknown_channel")
        change = self._change(operation)
        chosen = list(agent.channels.values()) if channel is None else [c for c in agent.channels.values() if c.name == channel]
        if not chosen:
            if not agent.started:
                text = f"Operation {operation} is not valid: the contact center session is not started"
                raise Refusal(INVALID, text, cause="not_started")
            text = f"Operation {operation} is not valid: channel {channel} is not in the session"
            raise Refusal(INVALID, text, cause="channel_not_started")
        for one in chosen:
            one.state, one.reason, one.dnd = change(one)

    def states(self) -> list[dict[str, object]]:
        """What ``GET /settings/agent-states`` lists."""
        listed: list[dict[str, object]] = [
            {"id": _STATE_IDS[name], "operationName": name, "type": name, "displayName": _DISPLAY[name]} for name in (READY, NOT_READY)
        ]
        custom = self._settings.not_ready_states.items()
        return listed + [{"id": state_id(n), "operationName": n, "type": NOT_READY, "displayName": shown} for n, shown in custom]

    def _named(self, fields: dict[str, object]) -> list[str]:
        names = fields.get("channels")
        if names is None or names == []:
            raise Refusal(MISSING, "Required parameter is missing: channels")
        if not isinstance(names, list):
            raise Refusal(INVALID, "Parameter is not valid: channels must be a list")
        for name in names:
            if not isinstance(name, str) or name not in self._settings.channels:
                raise Refusal(INVALID, f"Parameter is not valid: unknown channel {name}", cause="unknown_channel")
        return list(dict.fromkeys(names))

    def _change(self, operation: str) -> _Change:
        if operation in {READY, NOT_READY}:
            return lambda c: (operation, "", c.dnd)
        if operation in self._settings.not_ready_states:
            return lambda c: (NOT_READY, operation, c.dnd)
        if operation in {"DoNotDisturbOn", "DoNotDisturbOff"}:
            return lambda c: (c.state, c.reason, operation == "DoNotDisturbOn")
        raise Refusal(INVALID, f"Agent state is not known: {operation}", cause="unknown_state")
