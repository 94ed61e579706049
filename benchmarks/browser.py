"""
What a page costs in a browser: Chromium opens it, and is asked over its own debugging protocol when it painted first and what it holds.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

BROWSER = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
_SECONDS = 60
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--remote-debugging-port=0")
# when the first thing was painted, in milliseconds, once the page is whole and has been drawn
_PAINTED = """new Promise((done) => {
  const told = () => requestAnimationFrame(() => setTimeout(() => done(performance.getEntriesByName("first-paint")[0].startTime), 500));
  document.readyState === "complete" ? told() : addEventListener("load", told); })"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that was opened: seconds to its first paint, and the memory of the process that shows it, in MB, what it shares counted in part."""

    first_paint: float
    memory: float


def opened(page: Path) -> Opened:
    """Open *page* in a browser of its own."""
    assert BROWSER is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [BROWSER, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            return asyncio.run(_open(page, Path(profile)))
        finally:
            process.terminate()
            process.wait()


async def _open(page: Path, profile: Path) -> Opened:
    async with asyncio.timeout(_SECONDS), aiohttp.ClientSession() as http:
        address = f"ws://127.0.0.1:{await asyncio.to_thread(_address, profile)}"
        async with http.ws_connect(address, max_msg_size=0) as socket:
            numbers = count(1)

            async def ask(method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
                number = next(numbers)
                await socket.send_json({"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {}))
                while (told := json.loads((await socket.receive()).data)).get("id") != number:
                    pass
                return dict(told.get("result", {}))

            target = (await ask("Target.createTarget", url=page.as_uri()))["targetId"]
            session = (await ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
            # what was asked of the blank page gets no answer when the report takes its place
            while "result" not in (painted := await ask("Runtime.evaluate", session, expression=_PAINTED, awaitPromise=True)):
                pass
            processes = (await ask("SystemInfo.getProcessInfo"))["processInfo"]
            memory = max(_held(process["id"]) for process in processes if process["type"] == "renderer")
            return Opened(painted["result"]["value"] / 1000, memory)


def _address(profile: Path) -> str:
    """``40123/devtools/browser/…``, which the browser writes down when it is ready."""
    file = profile / "DevToolsActivePort"
    while not file.is_file() or len(lines := file.read_text(encoding="utf-8").split()) < 2:
        time.sleep(0.05)
    return "".join(lines)


def _held(process: int) -> float:
    """Its share of memory in MB."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) / 1024 if found is not None else 0.0
