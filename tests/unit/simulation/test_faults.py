"""What faults are, how they are written, and when they strike."""

from __future__ import annotations

import pytest

from runner.simulation.faults import Fault, Faults, parse_fault
from runner.simulation.world import World


def faults(*texts: str, seed: int = 1) -> Faults:
    made = Faults(World([], seed=seed))
    for text in texts:
        made.add(text)
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("503", Fault("503")),
        ("503:3", Fault("503", 3)),
        ("429:2=Retry-After:3", Fault("429", 2, parameter="Retry-After:3")),
        ("429=Retry-After:Wed, 21 Oct 2030 07:28:00 GMT", Fault("429", parameter="Retry-After:Wed, 21 Oct 2030 07:28:00 GMT")),
        ("429=Retry-After:", Fault("429", parameter="Retry-After:")),
        ("500@*/email/send", Fault("500", path="*/email/send")),
        ("500@POST */send", Fault("500", path="POST */send")),
        (" Latency = 200ms ", Fault("latency", parameter="200ms")),
        ("reset:1@/a=", Fault("reset", 1, "/a")),
        ("drip", Fault("drip")),
        ("expire:0", Fault("expire", 0)),
        ("forget:3", Fault("forget", 3)),
        ("restart:5=2s", Fault("restart", 5, parameter="2s")),
        ("lost:1@/v2/me/*", Fault("lost", 1, "/v2/me/*")),
    ],
)
def test_how_a_fault_is_written(text: str, expected: Fault) -> None:
    """Kind, count, path and parameter are read, and the fault writes itself so that it is read the same again."""
    assert parse_fault(text) == expected
    assert parse_fault(str(expected)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'' is no kind of fault"),
        ("latencyy=1s", "did you mean 'latency'"),
        ("200", "'200' is no kind of fault"),
        ("600", "'600' is no kind of fault"),
        ("503:", "'' is not a number of requests"),
        ("503:x", "'x' is not a number of requests"),
        ("503:-1", "'-1' is not a number of requests"),
        ("503:0", "0 times does nothing"),
        ("latency", "latency needs a length of time, like latency=200ms"),
        ("drip=slow", "drip needs a length of time"),
        ("429=3", "'3' is not a header; write it like 429=Retry-After:3"),
        ("429=Bad Name:3", "is not a header"),
        ("429=X:a\r\nY: b", "is not a header"),
        ("reset=1s", "reset takes nothing after `=`"),
        ("jitter=99999999999999999999 h", "jitter needs a length of time"),
    ],
)
def test_what_is_no_fault(text: str, told: str) -> None:
    """The message says what is wrong and how it is written."""
    with pytest.raises(ValueError, match=r".") as caught:
        parse_fault(text)
    assert told in str(caught.value)


def test_a_counted_fault_ends_by_itself() -> None:
    """It strikes so often, and is gone."""
    made = faults("503:2")
    assert [strike.fault.kind if (strike := made.strike("GET", "/")).fault else "" for _ in range(3)] == ["503", "503", ""]
    assert not made


def test_a_fault_without_a_count_stays() -> None:
    """Until it is removed."""
    made = faults()
    id = made.add("500")
    assert [bool(made.strike("GET", "/").fault) for _ in range(3)] == [True] * 3
    assert (made.remove(id), made.remove(id), bool(made)) == (True, False, False)


def test_a_path_says_which_requests() -> None:
    """A glob over the path, or over method and path when it has a space."""
    made = faults("500@*/send", "404@DELETE /x/*")
    struck = [made.strike(*request).fault for request in [("POST", "/a/send"), ("POST", "/a/sent"), ("DELETE", "/x/1"), ("GET", "/x/1")]]
    assert [fault.kind if fault else "" for fault in struck] == ["500", "", "404", ""]


def test_the_first_that_answers_is_counted_alone() -> None:
    """Of two that would answer the earlier one does; the later one waits for its turn."""
    made = faults("503:1", "reset:1")
    assert [strike.fault.kind for _ in range(2) if (strike := made.strike("GET", "/")).fault] == ["503", "reset"]


def test_delays_add_up() -> None:
    """Latency and jitter come on top of one another and of an answer."""
    made = faults("latency=200ms", "jitter=50ms", "503")
    strike = made.strike("GET", "/")
    assert 0.2 <= strike.delay <= 0.25
    assert strike.fault == Fault("503")


def test_chance_comes_out_of_the_seed() -> None:
    """The same seed gives the same delays."""
    one, other = (faults("jitter=1s", seed=5) for _ in range(2))
    assert [one.strike("GET", "/").delay for _ in range(5)] == [other.strike("GET", "/").delay for _ in range(5)]


def test_sessions_expire_after_so_many_requests() -> None:
    """Five requests pass, the sixth meets expired sessions, once."""
    made, expired = faults("expire:5"), []
    made.on_expire = lambda: expired.append(1)
    seen = []
    for _ in range(8):
        made.strike("GET", "/")
        seen.append(len(expired))
    assert seen == [0, 0, 0, 0, 0, 1, 1, 1]


def test_listeners_are_forgotten_after_so_many_requests() -> None:
    """Once, and the requests before and after it are answered."""
    made, forgotten = faults("forget:1"), []
    made.on_forget = lambda: forgotten.append(1)
    strikes = [made.strike("GET", "/") for _ in range(4)]
    assert (len(forgotten), {strike.restart for strike in strikes}, made.told()) == (1, {None}, [])


def test_a_restart_comes_after_so_many_requests() -> None:
    """The request that meets it is told, and it happens once."""
    made = faults("restart:1=2s")
    assert [made.strike("GET", "/").restart for _ in range(3)] == [None, Fault("restart", 1, parameter="2s"), None]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), [(0.0, 1)]),
        (("late=500ms",), [(0.5, 1)]),
        (("lost:1",), []),
        (("duplicate",), [(0.0, 1), (0.0, 1)]),
        (("late=1s", "duplicate"), [(1.0, 1), (1.0, 1)]),
        (("duplicate", "lost"), []),
        (("lost@/other/*",), [(0.0, 1)]),
        (("lost@/v2/*",), []),
        (("503",), [(0.0, 1)]),
    ],
)
def test_what_becomes_of_a_notification(texts: tuple[str, ...], expected: list[tuple[float, int]]) -> None:
    """Late, lost, doubled, for the topics that are meant; faults of requests leave it alone."""
    assert faults(*texts).notification(1, "/v2/me") == expected


def test_notifications_overtake_one_another() -> None:
    """Each is held back by chance within the time that is given."""
    made = faults("reorder=200ms")
    delays = [made.notification(n)[0][0] for n in range(20)]
    assert delays != sorted(delays)
    assert max(delays) <= 0.2


def test_a_lost_notification_is_counted() -> None:
    """The first is lost, the second comes."""
    made = faults("lost:1")
    assert [len(made.notification(n)) for n in range(2)] == [0, 1]


def test_faults_tell_themselves() -> None:
    """The control API shows each with its id and how often it still happens."""
    made = faults("503:2", "latency=20ms", "expire:4")
    made.strike("GET", "/")
    assert made.told() == [
        {"id": 1, "fault": "503:2", "left": 1},
        {"id": 2, "fault": "latency=20ms", "left": None},
        {"id": 3, "fault": "expire:4", "left": 3},
    ]
    made.clear()
    assert made.told() == []


def test_a_fault_can_ask_for_a_header() -> None:
    """Where a path does not tell whose request it is, a header does, whatever the others are; without it the request is let through."""
    made = faults("500:1@POST */send;X-Session:abc")

    mine: dict[str, str] = {"X-Session": "abc"}
    struck = [made.strike("POST", "/a/send", headers).fault for headers in ({}, {"X-Session": "b"}, mine, mine)]

    assert [fault is not None for fault in struck] == [False, False, True, False]
    assert str(struck[2]) == "500:1@POST */send;X-Session:abc"


def test_a_fault_can_ask_for_an_operation() -> None:
    """Where one path takes several operations, a fault names one, with a header or without; the others are let through."""
    made = faults("500:2@POST */me/*#Send", "503:1@POST */me/*#Send;X-Session:abc")

    mine: dict[str, str] = {"X-Session": "abc"}
    struck = [made.strike("POST", "/me/1", mine, asked).fault for asked in ("Accept", "", "Send", "SendAll", "Send", "Send", "Send")]

    assert [fault.kind if fault else "" for fault in struck] == ["", "", "500", "", "500", "503", ""]
