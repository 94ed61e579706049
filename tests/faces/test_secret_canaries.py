"""
A secret in every form in which a server may send it back, through every sink, whatever comes of the run: not one byte of it is left.

What is searched for is worked out here anew, without looking at the code that takes secrets out. ``runner leakcheck`` must say the same.
"""

from __future__ import annotations

import base64
import html
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from runner.cli.main import main

ROOT = Path(__file__).parents[2]
RUNNER = [sys.executable, "-m", "runner"]
CANARY = 'c4nary/Pa$$ w0rd+"x"&<ü>'
REPORTERS = ("console", "junit", "html", "json", "ctrf", "markdown", "github", "azure", "teamcity", "gitlab", "allure")
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper case": str.upper,
    "URL": lambda s: quote(s, safe=""),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "HTML": html.escape,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 after one byte": lambda s: base64.b64encode(b"a" + s.encode() + b"zz").decode(),
    "base64 after two bytes": lambda s: base64.b64encode(b"ab" + s.encode() + b"zz").decode(),
    "Basic pair": lambda s: base64.b64encode(f"qa1:{s}".encode()).decode(),
    "hex": lambda s: s.encode().hex(),
    "upper hex": lambda s: s.encode().hex().upper(),
}
ECHOED = " | ".join(form(CANARY) for form in FORMS.values())
ENDS = {
    "passed": "note: all is well",
    "failed": 'check: {that: "{{ echoed.body }}", is: something else}',
    "errored": "http: {url: \"http://127.0.0.1:9/{{ secret('CANARY') }}?token={{ secret('CANARY') | urlencode }}\"}",
    "killed": "wait: 100s",
}
SCENARIO = """\
scenario: A secret comes back in every form
vendor: gws
steps:
  - login: {as: agent}
  - create: {to: joe@example.com, subject: "{{ secret('CANARY') }}", text: "{{ secret('CANARY') | upper }} {{ secret('CANARY') | base64 }}"}
  - name: It comes back
    http:
      url: "ECHO?key={{ secret('CANARY') | urlencode }}"
      headers: {X-Api-Key: "{{ secret('CANARY') }}", X-Twice: "{{ secret('CANARY') | base64 }}"}
    save: echoed
  - note: "{{ echoed.body }}"
  - END
cleanup:
  - logout
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with the secret in every form, in the body and in headers."""

    def do_GET(self) -> None:
        """Answer."""
        body = ECHOED.encode()
        self.send_response(200)
        for number, form in enumerate(FORMS.values()):
            self.send_header(f"X-Form-{number}", quote(form(CANARY), safe='/$+&<>| \\"%;#='))
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of a server that sends the secret back."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def stable(form: str) -> str:
    """The part of a form that must be gone: of base64 the ends also depend on what stands beside it."""
    made = FORMS[form](CANARY)
    return made[4:-6] if "base64" in form else made


def hits(texts: dict[str, bytes]) -> Iterator[str]:
    """Where a form stands, in any letter case."""
    for name, data in texts.items():
        folded = data.lower()
        yield from (f"{form} in {name}" for form in FORMS if stable(form).encode().lower() in folded)


def left_behind(place: Path) -> dict[str, bytes]:
    """Every file below *place*, each with its name in front of what is in it."""
    return {str(path): str(path).encode() + path.read_bytes() for path in place.rglob("*") if path.is_file()}


def call(place: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, "CANARY": CANARY, "PYTHONUTF8": "1"}
    return subprocess.run([*RUNNER, *arguments], cwd=place, env=environ, capture_output=True, check=False, timeout=100)


@pytest.fixture
def project(tmp_path: Path, echo: str) -> Callable[[str], Path]:
    """A project whose scenario handles the secret in every form, and ends in some way."""

    def make(end: str) -> Path:
        text = SCENARIO.replace("END", ENDS[end]).replace("ECHO", echo)
        (tmp_path / "scenarios").mkdir()
        (tmp_path / "scenarios" / "forms.scenario.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def asked() -> list[str]:
    """Every reporter there is."""
    return [part for name in REPORTERS for part in ("--reporter", name)]


@pytest.mark.parametrize(("end", "code"), [("passed", 0), ("failed", 1), ("errored", 6)])
def test_no_trace_in_any_sink(project: Callable[[str], Path], end: str, code: int) -> None:
    """Console at each verbosity, journal, every report, curl commands, and what is printed elsewhere: 0 hits, and leakcheck agrees."""
    place = project(end)
    ran = call(place, "run", "-vv", *asked())
    assert ran.returncode == code, ran.stdout.decode() + ran.stderr.decode()
    printed = {"run -vv": ran.stdout + ran.stderr}
    for verbosity in ("-q", "-v", "-vv"):
        told = call(place, "report", verbosity, "--reporter", "console")
        printed[f"report {verbosity}"] = told.stdout + told.stderr
    assert b"***" in printed["run -vv"]
    assert list(hits(printed | left_behind(place / "reports"))) == []
    checked = call(place, "leakcheck", "reports", "--secret", "CANARY")
    assert checked.returncode == 0, checked.stdout.decode()


@pytest.mark.skipif(os.name == "nt", reason="what is killed here is killed by a signal")
def test_no_trace_after_kill(project: Callable[[str], Path]) -> None:
    """A run that is killed while the secret is on its way leaves none in its journal, nor do the reports made of it."""
    place = project("killed")
    first = place / "scenarios" / "a.scenario.yaml"
    first.write_text("scenario: First\nvendor: gws\nsteps:\n  - login: {as: agent}\n  - note: it began\n", encoding="utf-8")
    environ = {**os.environ, "CANARY": CANARY, "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [*RUNNER, "run", "-j", "2", *asked()], cwd=place, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    told = b""
    journal = None
    while b"It comes back" not in (journal.read_bytes() if journal is not None else b""):
        told += process.stdout.readline() if not told.count(b"\xe2\x9c\x93") else b""
        journal = next(place.glob("reports/2*/journal.jsonl"), None)
        assert process.poll() is None, told
    process.kill()
    rest, _ = process.communicate()
    again = call(place, "report", *asked())
    assert again.returncode == 2, again.stderr
    printed = {"run": told + rest, "report": again.stdout + again.stderr}
    assert list(hits(printed | left_behind(place / "reports"))) == []
    assert call(place, "leakcheck", "reports", "--secret", "CANARY").returncode == 0


@pytest.mark.parametrize("form", FORMS)
def test_leakcheck_finds_every_form_and_shows_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """A form that stands in a file is found at its line, with exit code 1, under the secret's name and without its value."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY", CANARY)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "log.txt").write_text(f"one\ntwo {FORMS[form](CANARY)} three\n", encoding="utf-8")
    assert main(["leakcheck", "out", "--secret", "CANARY"]) == 1
    said = capsys.readouterr()
    assert "out/log.txt:2: CANARY" in said.out
    assert list(hits({"output": (said.out + said.err).encode()})) == []
