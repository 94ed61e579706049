"""
What a step costs: the six-request flow as ``http`` steps with saves and checks, beside the bare aiohttp loop that sends the same requests.

Both run in this process, in turn, against one fast server in another. Figures are CPU seconds of this process; the ratio is what lasts.
``python benchmarks/steps.py [--scenarios 500] [--rounds 5] [--uvloop] [--profile]``
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from figures import Figure

from runner import harness
from runner.transport.http import AiohttpTransport

HERE = Path(__file__).parent
STEPS = 6
SCENARIO = """\
scenario: Six requests
vendor: gws
cases: cases.csv
steps:
  - http: {{method: POST, url: "{url}/login", json: {{user: mara, password: s3cret-pass}}}}
    save: {{token: body.token, user_id: body.user.id}}
    expect: {{http: 200, body: {{user: {{name: Mara Agent}}}}}}
  - http: {{method: POST, url: "{url}/mails", headers: {{Authorization: "Bearer {{{{ token }}}}"}}, json: {{to: joe@example.com, subject: Your order}}}}
    save: {{mail: body.id, queue: body.queue}}
    expect: {{http: 201, body: {{status: draft}}}}
  - http:
      method: POST
      url: "{url}/mails/{{{{ mail }}}}/reply"
      headers: {{Authorization: "Bearer {{{{ token }}}}"}}
      json: {{text: "Hello, your order is on its way.", by: "{{{{ user_id }}}}"}}
    save: {{reply: body.id, reply_status: body.status}}
    expect: {{http: 201, body: {{subject: Your order}}}}
  - http: {{method: POST, url: "{url}/mails/{{{{ mail }}}}/attachments", headers: {{Authorization: "Bearer {{{{ token }}}}"}}, text: hello world}}
    save: {{attachment: body.id, size: body.size}}
    expect: {{http: 201, body: {{name: invoice.txt}}}}
  - http: {{method: POST, url: "{url}/mails/{{{{ mail }}}}/send", headers: {{Authorization: "Bearer {{{{ token }}}}"}}, json: {{queue: "{{{{ queue }}}}"}}}}
    save: {{sent: body.status, took: took}}
    expect: {{http: 200, body: {{status: ok}}}}
  - http: {{url: "{url}/mails/{{{{ mail }}}}", headers: {{Authorization: "Bearer {{{{ token }}}}"}}}}
    save: {{status: body.status, files: body.attachments}}
    expect: {{http: 200, body: {{status: sent}}}}
"""


async def bare(url: str, scenarios: int, parallel: int) -> None:
    """The yardstick: the same requests, nothing else."""
    limit = asyncio.Semaphore(parallel)

    async def ask(session: aiohttp.ClientSession, method: str, path: str, token: str, **body: object) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token}"} if token else None
        async with session.request(method, url + path, headers=headers, **body) as response:  # type: ignore[arg-type]  # body is json or data
            assert response.status in (200, 201)
            return await response.json()  # type: ignore[no-any-return]  # an object, by the server

    async def one(session: aiohttp.ClientSession) -> None:
        async with limit:
            login = await ask(session, "POST", "/login", "", json={"user": "mara", "password": "s3cret-pass"})
            token = str(login["token"])
            mail = (await ask(session, "POST", "/mails", token, json={"to": "joe@example.com", "subject": "Your order"}))["id"]
            await ask(session, "POST", f"/mails/{mail}/reply", token, json={"text": "Hello, your order is on its way.", "by": 17})
            await ask(session, "POST", f"/mails/{mail}/attachments", token, data=b"hello world")
            await ask(session, "POST", f"/mails/{mail}/send", token, json={"queue": "Outbound"})
            await ask(session, "GET", f"/mails/{mail}", token)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(session) for _ in range(scenarios)))


async def ours(folder: Path, parallel: int) -> None:
    """The same through the engine, with journal, redaction, events and checks on."""
    request = harness.Request(paths=(str(folder / "scenarios"),), reports=folder / "reports", parallel=parallel, seed=1, start=folder)
    result = await harness.run(request)
    assert result.exit_code == 0, result.counts


def write_scenario(folder: Path, url: str, scenarios: int) -> None:
    """The flow, as one file with a table of so many rows."""
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "cases.csv").write_text("\n".join(["case", *(f"c{n}" for n in range(scenarios))]) + "\n", encoding="utf-8")
    (folder / "scenarios" / "six.scenario.yaml").write_text(SCENARIO.format(url=url), encoding="utf-8")


@contextmanager
def server(latency: float = 0.0) -> Iterator[str]:
    """The fast server, in a process of its own; gives its URL. It answers so many seconds late."""
    command = [sys.executable, str(HERE / "server.py"), str(latency)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait(timeout=10)


def cpu(work: object, runner: asyncio.Runner) -> float:
    """CPU seconds of this process, all its threads."""
    before = time.process_time()
    runner.run(work)  # type: ignore[arg-type]  # a coroutine
    return time.process_time() - before


async def wire(url: str, scenarios: int, parallel: int) -> None:
    """The same requests by our transport alone: no engine, nothing recorded."""
    transport = AiohttpTransport()
    limit = asyncio.Semaphore(parallel)

    async def one() -> None:
        async with limit:
            client = transport.client(url)
            plain = {"Content-Type": "application/json"}
            login = (await client.request("POST", "/login", headers=plain, body=b'{"user":"mara","password":"s3cret-pass"}')).json()
            known = {"Authorization": f"Bearer {login['token']}"}  # type: ignore[index]  # an object, by the server
            typed = known | plain
            mail = (await client.request("POST", "/mails", headers=typed, body=b'{"to":"joe@example.com","subject":"Your order"}')).json()
            path = f"/mails/{mail['id']}"  # type: ignore[index]  # as above
            text = b'{"text":"Hello, your order is on its way.","by":17}'
            (await client.request("POST", f"{path}/reply", headers=typed, body=text)).json()
            (await client.request("POST", f"{path}/attachments", headers=typed, body=b"hello world")).json()
            (await client.request("POST", f"{path}/send", headers=typed, body=b'{"queue":"Outbound"}')).json()
            (await client.request("GET", path, headers=known)).json()

    await asyncio.gather(*(one() for _ in range(scenarios)))
    await transport.close()


@dataclass(frozen=True, slots=True)
class Rounds:
    """CPU seconds a request, one number a round: of the bare loop, of our transport, and of the whole runner."""

    bare: list[float]
    wire: list[float]
    whole: list[float]

    def ratios(self, of: list[float]) -> list[float]:
        """How many times the bare loop of the same round each is."""
        return [one / bare for one, bare in zip(of, self.bare, strict=True)]


def measure(scenarios: int, rounds: int, parallel: int, *, uvloop: bool) -> Rounds:
    """All three in turn, so many rounds."""
    factory = None
    if uvloop:
        import uvloop as fast

        factory = fast.new_event_loop
    with server() as url, tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=factory) as runner:
        write_scenario(Path(folder), url, scenarios)
        works: tuple[Callable[[], Awaitable[None]], ...] = (
            lambda: bare(url, scenarios, parallel),
            lambda: wire(url, scenarios, parallel),
            lambda: ours(Path(folder), parallel),
        )
        for work in works:
            cpu(work(), runner)
        measured = [[cpu(work(), runner) / scenarios / STEPS for work in works] for _ in range(rounds)]
    return Rounds(*(list(one) for one in zip(*measured, strict=True)))


def figures(scenarios: int = 500, rounds: int = 5, parallel: int = 20, *, uvloop: bool = False) -> list[Figure]:
    """The medians, and their ratios to the bare loop."""
    told = measure(scenarios, rounds, parallel, uvloop=uvloop)
    loop = "uvloop" if uvloop else "asyncio"
    median = statistics.median
    return [
        Figure(f"bare aiohttp loop, {loop}, a request", median(told.bare) * 1e6, "µs CPU"),
        Figure(f"our transport alone, {loop}, a request", median(told.wire) * 1e6, "µs CPU"),
        Figure(f"a step with everything on, {loop}", median(told.whole) * 1e6, "µs CPU"),
        Figure(f"our transport alone, {loop}", median(told.ratios(told.wire)), "× bare"),
        Figure(f"a step with everything on, {loop}", median(told.ratios(told.whole)), "× bare", 1.3),
    ]


def profile(scenarios: int, parallel: int) -> None:
    """Where the CPU time of our side goes."""
    with server() as url, tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        write_scenario(Path(folder), url, scenarios)
        cpu(ours(Path(folder), parallel), runner)
        profiler = cProfile.Profile(time.process_time)
        profiler.enable()
        runner.run(ours(Path(folder), parallel))
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parallel", type=int, default=20)
    parser.add_argument("--uvloop", action="store_true")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    if asked.profile:
        profile(asked.scenarios, asked.parallel)
        return
    print(*figures(asked.scenarios, asked.rounds, asked.parallel, uvloop=asked.uvloop), sep="\n")


if __name__ == "__main__":
    main()
