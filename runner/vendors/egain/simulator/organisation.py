"""
Who there is and what they may do: departments with their aliases and queues, users with their actions, licences and departments.

A person's ``rights`` are read here. The general words ``email`` and ``supervise`` stand for what an agent and a supervisor have; any other
word is one of eGain's own (an action, a licence), or ``home: NAME``, ``foreign: NAME``, ``folder: NAME`` (may view it), ``link: NAME`` (may
execute it), ``queue: NAME`` (may pull from it); a bare ``folder``, ``link``, ``queue`` stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from runner.simulation.world import Person, World
from runner.vendors.egain.simulator.company import Alias, Department, Queue
from runner.vendors.egain.simulator.errors import WsError, absent, forbidden, invalid
from runner.vendors.egain.simulator.settings import EgainSettings

__all__ = ["AGENT", "MAILPLUS", "SUPERVISOR", "Organisation", "User"]

MAILPLUS = "ECE MailPlus"
CREATE = "Create activity"
EDIT_BCC = "Edit BCC field"
VIEW_CONSOLE = "View Agent Console"
PULL = "Pull activities"
PICK = "Pick activities"
TRANSFER = "Transfer activities"
COMPLETE = "Complete activity"
VIEW_NOTES = "View Notes"
ADD_NOTES = "Add Notes"
EDIT_CUSTOMER = "Edit customer"
CREATE_CUSTOMER = "Create customer"
EDIT_CASE = "Edit case"
UNPIN = "Unpin activity"
MANAGE_COMPLETED = "Manage completed activity"
ADMINISTER = "Administer partition"
# No action: who has it in their rights may not log in.
DISABLED = "disabled"

AGENT = frozenset(
    {
        MAILPLUS,
        CREATE,
        EDIT_BCC,
        VIEW_CONSOLE,
        PULL,
        PICK,
        TRANSFER,
        COMPLETE,
        VIEW_NOTES,
        ADD_NOTES,
        EDIT_CUSTOMER,
        CREATE_CUSTOMER,
        EDIT_CASE,
        "link",
        "queue",
    }
)
SUPERVISOR = AGENT | {UNPIN, MANAGE_COMPLETED, ADMINISTER}
_NOTHING_SAID = frozenset({VIEW_CONSOLE})
_WORDS = {"email": AGENT, "supervise": SUPERVISOR}


class User(Struct, frozen=True):
    """Somebody who can log in: the ``id``, the user ``name``, and what they may do."""

    id: int
    name: str
    first_name: str
    last_name: str
    email: str
    home: str
    foreign: frozenset[str]
    rights: frozenset[str]
    closed_folders: frozenset[str]

    @property
    def departments(self) -> frozenset[str]:
        """Where the user may work."""
        return self.foreign | {self.home}

    def may(self, action: str) -> bool:
        """Whether the user has the action or licence."""
        return action in self.rights

    def need(self, action: str) -> None:
        """
        Raises: ``WsError`` 403 – the user lacks the action.
        """
        if action not in self.rights:
            raise forbidden(f"User {self.name} does not have {action!r}.", action=action)

    def need_licence(self, status: int) -> None:
        """
        Raises: ``WsError`` with *status* – the user has no licence for e-mail.
        """
        if MAILPLUS not in self.rights:
            raise WsError(status, "105", f"User {self.name} does not have {MAILPLUS!r}.", details=(("action", MAILPLUS),))

    def may_view(self, folder: str) -> bool:
        """Whether the user has 'View Folder' on an article folder."""
        return f"folder: {folder}" in self.rights or "folder" in self.rights or folder not in self.closed_folders

    def may_execute(self, link: str) -> bool:
        """Whether the user has 'Execute' on a usage link."""
        return "link" in self.rights or f"link: {link}" in self.rights

    def may_pull(self, queue: str) -> bool:
        """Whether the user has pull permission on a queue."""
        return "queue" in self.rights or f"queue: {queue}" in self.rights


class Organisation:
    """Departments and users, looked up."""

    def __init__(self, world: World, settings: EgainSettings) -> None:
        self._settings = settings
        self.departments = settings.departments
        self._by_name = {d.name: d for d in settings.departments}
        self.users = [self._user(number, person) for number, person in enumerate(world.people.values(), 1010)]
        self._users_by_id = {u.id: u for u in self.users}
        self._users_by_name = {u.name.lower(): u for u in self.users}

    def _user(self, number: int, person: Person) -> User:
        rights = _expanded(person.rights)
        told = {kind: [r.partition(": ")[2] for r in rights if r.startswith(f"{kind}: ")] for kind in ("home", "foreign")}
        first, _, last = person.name.partition(" ")
        return User(
            id=number,
            name=person.user,
            first_name=first,
            last_name=last,
            email=person.address,
            home=told["home"][0] if told["home"] else self._settings.home_department,
            foreign=frozenset(told["foreign"] or self._settings.foreign_departments),
            rights=rights,
            closed_folders=frozenset(self._settings.closed_folders),
        )

    # ── users ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def user(self, id: int) -> User:
        """The user of an id that is known to exist."""
        return self._users_by_id[id]

    def named(self, name: str) -> User | None:
        """The user of a user name, whatever its case."""
        return self._users_by_name.get(name.lower())

    def with_ids(self, ids: Iterable[str]) -> list[User]:
        """
        Raises: ``WsError`` 404 – one is unknown.
        """
        asked = list(ids)
        missing = [i for i in asked if not i.isdigit() or int(i) not in self._users_by_id]
        if missing:
            raise absent("users", missing)
        return [self._users_by_id[int(i)] for i in asked]

    # ── departments ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def department(self, name: str) -> Department:
        """
        Raises: ``WsError`` 400 – there is none of this name.
        """
        found = self._by_name.get(name)
        if found is None:
            raise invalid("department.name", f"department {name!r} does not exist")
        return found

    def department_of(self, user: User, name: str) -> Department:
        """
        Raises: ``WsError`` 400 – unknown; 403 – neither the user's home nor one where they are a foreign user.
        """
        found = self.department(name)
        if name not in user.departments:
            raise forbidden(f"User {user.name} is neither at home nor a foreign user in department {name!r}.")
        return found

    def alias(self, address: str) -> tuple[Department, Alias] | None:
        """The alias of an address with its department, whatever its case."""
        wanted = address.lower()
        pairs = ((d, a) for d in self.departments for a in d.aliases)
        return next(((d, a) for d, a in pairs if a.address.lower() == wanted), None)

    def queue(self, id: int) -> tuple[Department, Queue] | None:
        """The queue of an id with its department."""
        return next(((d, q) for d in self.departments for q in d.queues if q.id == id), None)


def _expanded(rights: frozenset[str]) -> frozenset[str]:
    """The general words replaced by what they stand for; somebody of whom nothing is said may look at the console."""
    if not rights:
        return _NOTHING_SAID
    found = set(rights)
    for word in rights & _WORDS.keys():
        found |= _WORDS[word]
    return frozenset(found | {VIEW_CONSOLE} if rights & _WORDS.keys() else found)
