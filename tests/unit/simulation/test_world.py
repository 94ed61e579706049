"""People, mail and chance behind a simulator."""

from __future__ import annotations

from runner.clock import ManualClock
from runner.simulation.world import Attachment, Mail, World, default_password, default_people


def test_everybody_starts_with_the_same_people() -> None:
    """Two hundred agents, two supervisors, two who may do nothing, all with different names."""
    people = default_people()
    assert len({person.user for person in people}) == 204
    assert [sum(person.pool == pool for person in people) for pool in ("agent", "supervisor", "restricted")] == [200, 2, 2]
    assert {tuple(sorted(person.rights)) for person in people if person.pool == "restricted"} == {()}


def test_a_name_does_not_mind_its_case() -> None:
    """A password does."""
    world = World(default_people(1))
    assert world.person("AGENT1", default_password("agent1")) is not None
    assert world.person("agent1", default_password("agent1").upper()) is None
    assert world.person("stranger", "") is None


def test_one_seed_gives_the_same_ids() -> None:
    """Ids come out of the seed and nothing else."""
    one, other, third = World([], seed=3), World([], seed=3), World([], seed=4)
    assert [one.guid() for _ in range(3)] == [other.guid() for _ in range(3)]
    assert one.guid() != third.guid()


def test_a_mail_that_leaves_is_dated_and_kept() -> None:
    """The outbox has it as it was sent, with the moment."""
    world = World([], clock=ManualClock())
    world.deliver(Mail("help@shop.example", ["ana@example.com"], "Hello", attachments=[Attachment("a.txt", b"abc", "text/plain")]))
    told = world.outbox[0].told()
    assert (told["from"], told["at"]) == ("help@shop.example", "2030-01-02T09:00:00+00:00")
    assert told["attachments"] == [
        {
            "name": "a.txt",
            "type": "text/plain",
            "size": 3,
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "content_id": "",
            "content": "YWJj",
        }
    ]


def test_an_outbox_has_a_size() -> None:
    """The oldest mails are forgotten beyond ten thousand."""
    world = World([])
    for number in range(10_001):
        world.deliver(Mail("a@b.c", ["d@e.f"], str(number)))
    assert (len(world.outbox), world.outbox[0].subject) == (10_000, "1")
