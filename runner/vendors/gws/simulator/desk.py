"""
The desk: everything the simulated back end knows about interactions, and the few moves that change it and tell the owner.

The operations (:mod:`.operations`) decide *whether*; the desk does it.
"""

from __future__ import annotations

import random

from runner.simulation.world import Attachment, Mail, World
from runner.vendors.gws.simulator.center import Agent, Center
from runner.vendors.gws.simulator.dialect import Dialect, Happening, Kind, Outgoing
from runner.vendors.gws.simulator.errors import BACKEND_DOWN, INVALID, UNKNOWN, Refusal
from runner.vendors.gws.simulator.interactions import Document, Interaction, Interactions, State
from runner.vendors.gws.simulator.notifier import Background, Notifier
from runner.vendors.gws.simulator.routing import Router
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["Desk"]


class Desk:
    """Interactions, queues and who is told."""

    def __init__(
        self,
        world: World,
        settings: GwsSettings,
        dialect: Dialect,
        center: Center,
        notifier: Notifier,
        background: Background,
        chance: random.Random,
    ) -> None:
        self.world = world
        self.settings = settings
        self.dialect = dialect
        self.center = center
        self.interactions = Interactions(chance)
        self.router = Router(center, self.interactions, settings, world.clock, background, self._tell_state)
        self.workbins: dict[tuple[str, str], list[str]] = {}
        self._notifier = notifier
        # counts the requests that were taken over; the later dialect tells it
        self.reference = 0
        self.backend_up = settings.backend_up

    # ── checks that every operation ends with ────────────────────────────────────────────────────────────────────────────────

    def ready_for(self, agent: Agent) -> None:
        """
        The agent must have started the contact-centre session, and the back end must be up.

        Raises: ``Refusal`` – code 2 or 4.
        """
        self.need_started(agent)
        self.need_backend()

    def need_started(self, agent: Agent) -> None:
        """The agent must have started the contact-centre session; raises ``Refusal`` 2."""
        if not agent.started:
            raise Refusal(INVALID, "The contact center session is not started", cause="not_started")

    def need_backend(self) -> None:
        """The back end must be up; raises ``Refusal`` 4."""
        if not self.backend_up:
            raise Refusal(BACKEND_DOWN, "Interaction Server is not available")

    def queue(self, name: str) -> str:
        """
        A queue by its name, or by a URI that ends in it.

        Raises: ``Refusal`` – code 2.
        """
        wanted = name.rstrip("/").rpartition("/")[2]
        if wanted not in self.settings.queues:
            raise Refusal(INVALID, f"Queue is not known: {name}", cause="unknown_queue")
        return wanted

    # ── moves ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def arrive(self, mail: Mail) -> Interaction:
        """A customer's mail comes in, and is offered. One that is addressed to agents by their own addresses is for them alone."""
        interaction = Interaction(
            id=self.interactions.new_id(),
            inbound=True,
            subtype="InboundNew",
            received=self.world.clock.now(),
            sender=mail.sender,
            reply_to=mail.reply_to,
            to=list(mail.to) or [self.settings.mailbox],
            cc=list(mail.cc),
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            circle=self._addressees(mail),
        )
        for attachment in mail.attachments:
            self.attach(interaction, attachment)
        interaction.user_data = self._user_data(interaction, mail)
        self.interactions.add(interaction)
        self.router.enter(interaction, self.settings.inbound_queue)
        return interaction

    def begin(self, agent: Agent, *, queue: str, type: str, subtype: str, parent: Interaction | None = None) -> Interaction:
        """A new draft of an agent."""
        draft = Interaction(
            id=self.interactions.new_id(),
            inbound=False,
            type=type,
            subtype=subtype,
            received=self.world.clock.now(),
            state="Draft",
            owner=agent.person.user,
            queue=queue,
            parent=parent.id if parent else "",
            circle=parent.circle if parent else frozenset(),
        )
        return self.interactions.add(draft)

    def fill(self, draft: Interaction, contents: Outgoing) -> None:
        """Put into a draft what *contents* bring."""
        draft.sender = draft.sender if contents.sender is None else contents.sender
        draft.to = draft.to if contents.to is None else contents.to
        draft.cc = draft.cc if contents.cc is None else contents.cc
        draft.bcc = draft.bcc if contents.bcc is None else contents.bcc
        draft.subject = draft.subject if contents.subject is None else contents.subject
        draft.text = draft.text if contents.text is None else contents.text
        draft.html = draft.html if contents.html is None else contents.html
        draft.user_data |= contents.user_data

    def clear(self) -> None:
        """Forget every interaction and workbin."""
        self.interactions.clear()
        self.workbins.clear()
        self.backend_up = self.settings.backend_up

    def attach(self, interaction: Interaction, attachment: Attachment) -> Document:
        """A new document of an interaction."""
        document = Document(self.interactions.new_id(), attachment)
        interaction.documents[document.id] = document
        return document

    def deliver(self, draft: Interaction) -> None:
        """The mail leaves for the customer."""
        self.world.deliver(
            Mail(
                sender=draft.sender,
                to=list(draft.to),
                cc=list(draft.cc),
                bcc=list(draft.bcc),
                subject=draft.subject,
                text=draft.text,
                html=draft.html,
                attachments=[d.attachment for d in draft.documents.values()],
                id=draft.id,
            )
        )

    def finish(self, interaction: Interaction, state: State, *, shown: str = "") -> None:
        """The agent's work on it ends; the owner is told (*shown* in place of the state), and nobody has it any more."""
        user = interaction.owner
        interaction.state = state
        interaction.owner = ""
        self.interactions.retire(interaction)
        self._tell_state(interaction, user, shown or state)

    def give_away(self, interaction: Interaction, queue: str, *, wanted: str = "", shown: str = "") -> None:
        """Completed for the giver; queued again for *wanted*, or for anybody else."""
        giver = interaction.owner
        interaction.queue = queue
        self.finish(interaction, "Completed", shown=shown)
        self.interactions.add(interaction)
        self.router.enter(interaction, queue, wanted=wanted, left_by=giver)

    def park(self, interaction: Interaction, workbin: str) -> None:
        """Put it into a workbin of its owner."""
        self.workbins.setdefault((interaction.owner, workbin), []).append(interaction.id)
        interaction.workbin = workbin
        self.finish(interaction, "Completed")
        interaction.state = "Parked"
        self.interactions.add(interaction)

    def workbin(self, named: str) -> str:
        """
        A workbin's id, by id or by name.

        Raises: ``Refusal`` – code 6.
        """
        for id, name in self.settings.workbins.items():
            if named in {id, name}:
                return id
        raise Refusal(UNKNOWN, f"Workbin is not found: {named}")

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def tell(self, interaction: Interaction, kind: Kind = "state", *, error: str = "") -> None:
        """Tell the owner what happened to an interaction."""
        self._notify(interaction, interaction.owner, Happening(kind, interaction.state, self.reference, error))

    def tell_nothing_came(self, agent: Agent, error: str) -> None:
        """Tell an agent that what they began did not come to be."""
        data = {"messageTypeName": "InteractionStateMessage", "channel": "email", self.settings.late_error_field: error}
        if self.dialect.collection == "emails":
            data = {"messageType": "EmailStateChangeMessage", "notificationType": "Error", self.settings.emails_error_field: error}
        self._notifier.tell(agent.person.user, self.dialect.topic, data)

    def _tell_state(self, interaction: Interaction, user: str, state: str) -> None:
        self._notify(interaction, user, Happening("state", state, self.reference))

    def _notify(self, interaction: Interaction, user: str, happening: Happening) -> None:
        self._notifier.tell(user, self.dialect.topic, self.dialect.message(interaction, happening))

    def _addressees(self, mail: Mail) -> frozenset[str]:
        to = {address.lower() for address in mail.to}
        return frozenset(a.person.user for a in self.center.agents.values() if a.person.address.lower() in to)

    def _user_data(self, interaction: Interaction, mail: Mail) -> dict[str, object]:
        """The usual keys (page "New E-mail Interaction")."""
        files = [a.name for a in mail.attachments]
        return {
            "To": ", ".join(interaction.to),
            "FromAddress": interaction.sender,
            "FromPersonal": _personal(interaction.sender),
            "EmailAddress": interaction.sender,
            "Mailbox": self.settings.mailbox.partition("@")[0],
            "ContactId": f"C{interaction.id}",
            "Header_Message-ID": f"<{mail.id or interaction.id}@mail.example>",
            "Header_Date": interaction.received.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "Header_Content-Type": "multipart/mixed" if files else "text/html" if mail.html else "text/plain",
            "_ContainsAttachment": "true" if files else "false",
            "_AttachmentsSize": str(sum(len(a.content) for a in mail.attachments)),
            "_AttachmentFileNames": ";".join(files),
            "_AutoReplyCount": "0",
            "Origination_Source": "Email",
            "RTenant": "Environment",
            "CustomerSegment": "default",
            "ServiceType": "default",
        }


def _personal(sender: str) -> str:
    """The name in ``Ana Cruz <ana@example.com>``; "" where there is none."""
    name, bracket, _ = sender.rpartition("<")
    return name.strip().strip('"') if bracket else ""
