"""What is printed while a run goes on becomes lines of the scenario that printed it, and nothing else is changed."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from runner.record.events import Event, Logged
from runner.record.printed import PRINTING, Overheard, Printed, overheard


def lines(told: list[Event]) -> list[tuple[str, str]]:
    """Whose they are, and what they say."""
    return [(event.scenario, event.message) for event in told if isinstance(event, Logged)]


def test_a_line_is_told_when_it_ends() -> None:
    """Pieces are put together, a rest is told at the end, and what comes after the end belongs to the run."""

    async def work() -> list[Event]:
        told: list[Event] = []
        printed = Printed(told.append, scenario="a")
        for text in ("one", " line\ntwo ", "more\r\n", "\n", "rest"):
            printed.take("stdout", text)
        printed.close()
        printed.take("stdout", "late\n")
        return told

    assert lines(asyncio.run(work())) == [("a", "one line"), ("a", "two more"), ("a", ""), ("a", "rest"), ("", "late")]


def test_streams_of_one_scenario_are_not_mixed() -> None:
    """A line begun on one stream is not ended by the other."""

    async def work() -> list[Event]:
        told: list[Event] = []
        printed = Printed(told.append, scenario="a")
        printed.take("stdout", "out ")
        printed.take("stderr", "err\n")
        printed.take("stdout", "again\n")
        return told

    assert lines(asyncio.run(work())) == [("a", "err"), ("a", "out again")]


@pytest.mark.parametrize(
    ("text", "kept", "last"),
    [
        ("x\n" * 1_500, 1_001, "... and 500 more lines, 500 characters, which were not kept"),
        ("x" * 16_000 + "\n", 1, "x" * 16_000),
        (("x" * 16_000 + "\n") * 8, 7, "... and 2 more lines, 32,000 characters, which were not kept"),
    ],
    ids=["lines", "one", "characters"],
)
def test_what_is_kept_is_bounded(text: str, kept: int, last: str) -> None:
    """A thousand lines and a hundred thousand characters; what is missing is counted."""

    async def work() -> list[Event]:
        told: list[Event] = []
        printed = Printed(told.append, scenario="a")
        printed.take("stdout", text)
        printed.close()
        return told

    told = lines(asyncio.run(work()))
    assert (len(told), told[-1][1]) == (kept, last)


def test_a_long_line_is_cut_and_its_size_told() -> None:
    """However many pieces it comes in."""

    async def work() -> list[Event]:
        told: list[Event] = []
        printed = Printed(told.append, scenario="a")
        for _ in range(40):
            printed.take("stdout", "x" * 1_000)
        printed.take("stdout", "\n")
        return told

    (event,) = asyncio.run(work())
    assert isinstance(event, Logged)
    assert (len(event.message), event.size) == (16_384, 40_000)


def test_what_is_written_in_a_scenario_is_overheard_and_the_rest_passes() -> None:
    """Tasks and threads that a scenario starts are its own; others write to the stream as ever, and in their own order."""

    async def work(stream: io.TextIOWrapper) -> list[Event]:
        told: list[Event] = []
        stream.write("before ")
        context = PRINTING.set(Printed(told.append, scenario="a"))
        print("mine", file=stream, flush=True)
        stream.buffer.write(b"bytes\n")
        task = asyncio.create_task(asyncio.to_thread(print, "task", file=stream))
        thread = threading.Thread(target=print, args=("thread",), kwargs={"file": stream})
        PRINTING.reset(context)
        await task
        thread.start()
        thread.join()
        stream.write("after")
        return told

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    with overheard(stream, None):
        told = asyncio.run(work(stream))
    stream.flush()
    assert lines(told) == [("a", "mine"), ("a", "bytes"), ("a", "task")]
    assert stream.buffer.getvalue() == b"before thread\nafter"  # type: ignore[attr-defined]  # a BytesIO


def test_a_thread_that_works_for_several_tells_them_apart() -> None:
    """A pool's thread prints in the name of whoever gave it the work, not of whoever it was started for."""

    async def work(stream: io.StringIO, pool: ThreadPoolExecutor) -> list[Event]:
        told: list[Event] = []
        for name in ("a", "b", ""):
            context = PRINTING.set(Printed(told.append, scenario=name) if name else None)
            await asyncio.get_running_loop().run_in_executor(pool, lambda: print("here", file=stream))
            PRINTING.reset(context)
        return told

    stream = io.StringIO()
    with overheard(stream, None), ThreadPoolExecutor(1) as pool:
        told = asyncio.run(work(stream, pool))
    assert lines(told) == [("a", "here"), ("b", "here")]
    assert stream.getvalue() == "here\n"


def test_who_kept_a_stream_is_overheard_as_well() -> None:
    """A logger's handler holds on to what once was stderr."""
    stream = io.StringIO()
    logger = logging.Logger("kept")  # noqa: LOG001 - one that nobody else knows
    logger.addHandler(logging.StreamHandler(stream))

    async def work() -> list[Event]:
        told: list[Event] = []
        PRINTING.set(Printed(told.append, scenario="a"))
        logger.warning("careful")
        return told

    with overheard(None, stream):
        told = asyncio.run(work())
    assert [(event.message, event.stream) for event in told if isinstance(event, Logged)] == [("careful", "stderr")]
    assert stream.getvalue() == ""


def test_everything_is_put_back() -> None:
    """Streams that were listened to twice, threads and pools are as before."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    before = (dict(vars(stream)), threading.Thread.start, ThreadPoolExecutor.submit)
    with overheard(stream, stream), overheard(stream, None) as inner:
        inner.add("stdout", stream)
        assert "write" in vars(stream)
    assert (dict(vars(stream)), threading.Thread.start, ThreadPoolExecutor.submit) == before


def test_a_stream_that_lets_nothing_be_covered_is_left_alone() -> None:
    """Nothing breaks; what is written there goes there."""

    class Fixed:
        __slots__ = ("__weakref__", "written")

        def __init__(self) -> None:
            self.written = ""

        def write(self, text: str) -> int:
            self.written += text
            return len(text)

        def flush(self) -> None:
            pass

    stream = Fixed()
    listening = Overheard()
    listening.add("stdout", stream)
    print("hello", file=stream)
    listening.close()
    assert stream.written == "hello\n"


def test_who_debugs_a_plugin_talks_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """``breakpoint()`` in a scenario ends the listening there, so that the prompt is seen."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.breakpointhook", lambda: print("(Pdb)", file=stream))

    async def work() -> list[Event]:
        told: list[Event] = []
        PRINTING.set(Printed(told.append, scenario="a"))
        breakpoint()  # noqa: T100 - what is tested
        return told

    with overheard(stream, None):
        assert asyncio.run(work()) == []
    assert stream.getvalue() == "(Pdb)\n"
