"""
Who is told what: each change of an interaction goes to queue watchers, direct watchers and e-mail subscribers (icws.md §8, end).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runner.simulation.world import Person
from runner.vendors.icws.simulator.content import URN, contents_message
from runner.vendors.icws.simulator.errors import IcwsError
from runner.vendors.icws.simulator.interactions import Interaction, chosen
from runner.vendors.icws.simulator.sessions import QueueSubscription, Session, Sessions
from runner.vendors.icws.simulator.settings import IcwsSettings

__all__ = ["FAULTED", "NORMAL", "SUSPENDED", "Hub"]

_QUEUES = "urn:inin.com:queues:"
_INTERACTIONS = "urn:inin.com:interactions:"
_CONNECTION = "urn:inin.com:connection:"
UP, DOWN = 1, 2
NORMAL, SUSPENDED, FAULTED = 1, 2, 3


class Hub:
    """Puts messages into the sessions' queues."""

    def __init__(self, sessions: Sessions, settings: IcwsSettings, base: Callable[[Session], str]) -> None:
        self._sessions = sessions
        self._mailbox = settings.mailbox
        self._order = settings.change_order
        # a session → its address, as the uris in messages tell it
        self._base = base

    def changed(self, interaction: Interaction, *, contents: bool = False) -> None:
        """Tell everybody who watches what is new about *interaction*; *contents*: its e-mail changed, too."""
        now = interaction.attributes()
        news = {k: v for k, v in now.items() if interaction.published.get(k) != v}
        interaction.published = now
        tell = {
            "queues": lambda: self._queues(interaction, news),
            "interactions": lambda: self._directly(interaction, news),
            "contents": lambda: self.contents(interaction) if contents else None,
        }
        for watcher in self._order:
            tell[watcher]()

    def _queues(self, interaction: Interaction, news: dict[str, str]) -> None:
        queues = interaction.queues()
        for session in list(self._sessions):
            for subscription in session.queues.values():
                if not subscription.suspended:
                    self._queue(session, subscription, interaction, queues, news)

    def _directly(self, interaction: Interaction, news: dict[str, str]) -> None:
        for session in list(self._sessions):
            self._direct(session, interaction, news)

    def _queue(
        self,
        session: Session,
        subscription: QueueSubscription,
        interaction: Interaction,
        queues: set[tuple[int, str]],
        news: dict[str, str],
    ) -> None:
        visible = any(queue in queues for queue in subscription.queues)
        known = interaction.id in subscription.known
        if visible and not known:
            subscription.known.add(interaction.id)
            session.messages.put(_contents(subscription, added=[_entry(interaction, subscription.attributes)], delta=True))
        elif visible and (wanted := _wanted(subscription.attributes, news)):
            entry: dict[str, object] = {"interactionId": interaction.id, "attributes": chosen(news, wanted)}
            session.messages.put(_contents(subscription, changed=[entry], delta=True))
        elif known and not visible:
            self._removed(session, subscription, interaction, news)

    def _removed(self, session: Session, subscription: QueueSubscription, interaction: Interaction, news: dict[str, str]) -> None:
        """What takes an item off a queue is told with its last attributes, then that it is gone."""
        subscription.known.discard(interaction.id)
        wanted = _wanted(subscription.attributes, news)
        entry: dict[str, object] = {"interactionId": interaction.id, "attributes": chosen(news, wanted)}
        changed = [entry] if wanted else []
        session.messages.put(_contents(subscription, changed=changed, removed=[interaction.id], delta=True))

    def _direct(self, session: Session, interaction: Interaction, news: dict[str, str]) -> None:
        names = session.interactions.get(interaction.id, ())
        if wanted := _wanted(names, news):
            message = {"interactionID": interaction.id, "attributes": chosen(news, wanted), "isDelta": True}
            session.messages.put({"__type": _INTERACTIONS + "interactionChangedMessage", **message})

    def contents(self, interaction: Interaction) -> None:
        """Tell e-mail subscribers what the mail says now."""
        for session in self._sessions:
            if interaction.id in session.emails:
                session.messages.put(contents_message(interaction, self._base(session), mailbox=self._mailbox, delta=True))

    def first_contents(self, session: Session, interaction: Interaction) -> None:
        """The first message of an e-mail subscription."""
        session.messages.put(contents_message(interaction, self._base(session), mailbox=self._mailbox, delta=False))

    def first_queue(self, session: Session, subscription: QueueSubscription, interactions: Iterable[Interaction]) -> None:
        """The first message of a queue subscription: everything that is in its queues."""
        found = [i for i in interactions if any(queue in i.queues() for queue in subscription.queues)]
        subscription.known = {i.id for i in found}
        added = [_entry(i, subscription.attributes) for i in found]
        session.messages.put(_contents(subscription, added=added, delta=False))

    def queue_state(self, session: Session, subscription: str, state: int, error: IcwsError | None = None) -> None:
        """A queue subscription is normal, suspended or, with *error*, faulted."""
        told: dict[str, object] = {"isDelta": False, "subscriptionId": subscription, "state": state}
        if error is not None:
            told["error"] = error.body
        session.messages.put({"__type": _QUEUES + "queueSubscriptionStateMessage", **told})

    def first_direct(self, session: Session, interaction: Interaction, names: tuple[str, ...]) -> None:
        """The first message of an interaction subscription."""
        attributes = chosen(interaction.attributes(), names)
        message = {"interactionID": interaction.id, "attributes": attributes, "isDelta": False}
        session.messages.put({"__type": _INTERACTIONS + "interactionChangedMessage", **message})

    def alert(self, interaction: Interaction, users: Iterable[str], *, start: bool) -> None:
        """Tell those it is offered to, if they subscribed to alerts, that alerting starts or stops."""
        wanted = set(users)
        for session in self._sessions:
            if session.user in wanted and session.alerting is not None:
                session.messages.put(
                    {
                        "__type": _INTERACTIONS + "interactionAlertingMessage",
                        "isDelta": True,
                        "alertingInteractionDetails": [_alert(interaction, session, start=start)],
                    }
                )

    def deallocated(self, interaction: Interaction) -> None:
        """Tell direct watchers that the interaction is no more, and queue watchers that it left."""
        for session in self._sessions:
            for subscription in session.queues.values():
                if interaction.id in subscription.known:
                    subscription.known.discard(interaction.id)
                    session.messages.put(_contents(subscription, removed=[interaction.id], delta=True))
            session.emails.discard(interaction.id)
            if session.interactions.pop(interaction.id, None) is not None:
                session.messages.put(
                    {"__type": _INTERACTIONS + "interactionDeallocatedMessage", "interactionID": interaction.id, "isDelta": True}
                )

    def morphed(self, interaction: Interaction, old: str) -> None:
        """
        Tell direct watchers under which id the interaction goes on, and queue watchers that one left and one came. Subscriptions to the
        old id are over.
        """
        for session in self._sessions:
            for subscription in session.queues.values():
                if old in subscription.known and not subscription.suspended:
                    subscription.known = subscription.known - {old} | {interaction.id}
                    entry = _entry(interaction, subscription.attributes)
                    session.messages.put(_contents(subscription, added=[entry], removed=[old], delta=True))
            session.emails.discard(old)
            if session.interactions.pop(old, None) is not None:
                told = {"isDelta": True, "interactionID": old, "newInteractionID": interaction.id}
                session.messages.put({"__type": _INTERACTIONS + "interactionMorphedMessage", **told})

    def lost_rights(self, interaction: Interaction, sees: Callable[[Person, Interaction], bool]) -> None:
        """Tell direct watchers who may no longer look; their subscriptions end."""
        for session in self._sessions:
            if sees(session.person, interaction):
                continue
            if session.interactions.pop(interaction.id, None) is not None:
                session.messages.put(
                    {"__type": _INTERACTIONS + "interactionLostRightsMessage", "interactionID": interaction.id, "isDelta": True}
                )
            if interaction.id in session.emails:
                session.emails.discard(interaction.id)
                session.messages.put({"__type": URN + "emailSubscriptionStateMessage", "isDelta": True, "state": FAULTED})

    def status(self, user: str, told: dict[str, object]) -> None:
        """Tell those who watch *user*'s status."""
        for session in self._sessions:
            if user in session.statuses:
                self.statuses(session, [told], delta=True)

    def statuses(self, session: Session, told: list[dict[str, object]], *, delta: bool) -> None:
        """The statuses of users, to one session."""
        session.messages.put({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": delta, "userStatusList": told})

    def done(self, session: Session, request_id: str, kind: str, **members: object) -> None:
        """An asynchronous operation of *session* ended well."""
        session.messages.put({"__type": kind, "isDelta": False, "requestId": request_id, "error": None, **members})

    def connection_down(self, session: Session, reason: str, *, reconnect: bool) -> None:
        """The server ended the session."""
        session.messages.put(
            {
                "__type": _CONNECTION + "connectionStateChangeMessage",
                "isDelta": False,
                "previousConnectionState": UP,
                "newConnectionState": DOWN,
                "reason": reason,
                "shouldReconnect": reconnect,
            }
        )


def _wanted(names: Iterable[str], news: dict[str, str]) -> list[str]:
    folded = {k.lower() for k in news}
    return [name for name in names if name.lower() in folded]


def _entry(interaction: Interaction, names: tuple[str, ...]) -> dict[str, object]:
    return {"interactionId": interaction.id, "attributes": chosen(interaction.attributes(), names)}


def _contents(
    subscription: QueueSubscription,
    *,
    delta: bool,
    added: list[dict[str, object]] | None = None,
    changed: list[dict[str, object]] | None = None,
    removed: list[str] | None = None,
) -> dict[str, object]:
    return {
        "__type": _QUEUES + "queueContentsMessage",
        "isDelta": delta,
        "subscriptionId": subscription.id,
        "interactionsAdded": added or [],
        "interactionsChanged": changed or [],
        "interactionsRemoved": removed or [],
    }


def _alert(interaction: Interaction, session: Session, *, start: bool) -> dict[str, object]:
    return {
        "interactionId": interaction.id,
        "interactionType": interaction.object_type,
        "name": interaction.content.sender.name,
        "address": interaction.content.sender.address,
        "alertType": 1,
        "alertAction": 1 if start else 2,
        "autoAnswer": False,
        "monitoredQueue": {"queueType": 1, "queueName": session.person.user},
        "attributes": chosen(interaction.attributes(), session.alerting or ()),
    }
