"""
An editor, as far as a language server can tell: it opens files, and asks what may stand at a place and what is wrong.

It speaks the Language Server Protocol 3.17 over the pipes of a child process: messages of JSON-RPC, each with its length before it.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

__all__ = ["Editor", "editing"]

_SECONDS = 60


class Editor:
    """Talks to one language server; *schemas* say which of our documents is for which files."""

    def __init__(self, process: Process, schemas: Mapping[str, str]) -> None:
        self._process = process
        self._settings = {"schemas": dict(schemas), "schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
        self._next = 0
        self._told: dict[str, list[dict[str, Any]]] = {}

    async def diagnostics(self, uri: str, text: str) -> list[dict[str, Any]]:
        """What the server finds wrong in *text*, opened as *uri*; the file stays open."""
        return (await self.examined({uri: text}))[uri]

    async def examined(self, files: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        """The same for many files at once, address → text: the server waits a while for each before it looks."""
        for uri, text in files.items():
            self._told.pop(uri, None)
            document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
            self.tell("textDocument/didOpen", {"textDocument": document})
        while not files.keys() <= self._told.keys():
            await self._take()
        return {uri: self._told[uri] for uri in files}

    async def completions(self, uri: str, text: str) -> list[dict[str, Any]]:
        """What may stand at the ``¦`` in *text*. (Before its first diagnostics the server answers with nothing.)"""
        before, _, after = text.partition("¦")
        await self.diagnostics(uri, before + after)
        lines = before.split("\n")
        place = {"line": len(lines) - 1, "character": len(lines[-1])}
        answer = await self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": place})
        found: list[dict[str, Any]] = answer["items"] if isinstance(answer, dict) else answer
        return found

    async def hover(self, uri: str, text: str) -> str:
        """What is told about the word before the ``¦``."""
        before, _, after = text.partition("¦")
        await self.diagnostics(uri, before + after)
        lines = before.split("\n")
        place = {"line": len(lines) - 1, "character": len(lines[-1]) - 1}
        answer = await self.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        return "" if answer is None else str(answer["contents"]["value"])

    async def ask(self, method: str, params: object) -> Any:
        """One request and its answer."""
        self._next += 1
        number = self._next
        self._send({"id": number, "method": method, "params": params})
        while (message := await self._take()).get("id") != number or "method" in message:
            pass
        assert "error" not in message, message["error"]
        return message["result"]

    def tell(self, method: str, params: object) -> None:
        """A notification."""
        self._send({"method": method, "params": params})

    async def _take(self) -> dict[str, Any]:
        """The next message; what the server asks is answered, what it finds wrong is kept."""
        assert self._process.stdout is not None
        length = 0
        while line := (await self._process.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(await self._process.stdout.readexactly(length))
        match message.get("method"):
            case "workspace/configuration":
                found = [self._settings if item.get("section") == "yaml" else {} for item in message["params"]["items"]]
                self._send({"id": message["id"], "result": found})
            case "textDocument/publishDiagnostics":
                self._told[message["params"]["uri"]] = message["params"]["diagnostics"]
            case str() if "id" in message:
                self._send({"id": message["id"], "result": None})
        return message

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


@asynccontextmanager
async def editing(folder: Path, schemas: Mapping[str, str]) -> AsyncIterator[Editor]:
    """An editor with the language server that is installed in *folder*; it has to end by itself, with exit code 0."""
    program = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    process = await asyncio.create_subprocess_exec("node", str(program), "--stdio", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    editor = Editor(process, schemas)
    snippets = {"completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}}}
    capabilities = {"workspace": {"configuration": True}, "textDocument": snippets}
    try:
        async with asyncio.timeout(_SECONDS):
            await editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
            editor.tell("initialized", {})
            yield editor
            await editor.ask("shutdown", None)
            editor.tell("exit", None)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
