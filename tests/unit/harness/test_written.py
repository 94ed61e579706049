"""Secrets that somebody wrote into a YAML file: found, told at their place, never shown."""

from __future__ import annotations

import pytest

from runner.errors import Diagnostic
from runner.harness.written import unseen, written_secrets
from runner.scenario.yaml.document import parse
from runner.source import Source, Span

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJxYTEifQ.c2lnbmF0dXJlLW9mLXFhMQ"


def found(text: str) -> list[Diagnostic]:
    return written_secrets(parse(Source("a.scenario.yaml", text)).root)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("login: {as: agent, password: hunter2pass}", "hunter2pass"),
        ("login: {as: agent, password: 'it is, {long}'}", "it is, {long}"),
        ("login: {as: agent, password: 48291357}", "48291357"),
        ("http: {url: /a, headers: {Authorization: Bearer abcdef123}}", "Bearer abcdef123"),
        ("http: {url: /a, headers: {X-CSRF-Token: abcdef123}}", "abcdef123"),
        ("http: {url: /a, headers: [Bearer abcdef12345]}", "Bearer abcdef12345"),
        ("http: {url: 'https://qa:hunter2pass@host.example'}", "https://qa:hunter2pass@host.example"),
        ("http: {url: /a, json: {key: xK9mP2vQ7wR4tY6uZ1aB3cD5eF8g}}", "xK9mP2vQ7wR4tY6uZ1aB3cD5eF8g"),
        (f"set: {{kept: {JWT}}}", JWT),
        ("set: {kept: ghp_abcdefghijklmnopqrst1234}", "ghp_abcdefghijklmnopqrst1234"),
        ("set: {api_key: four-words-and-more}", "four-words-and-more"),
    ],
)
def test_a_secret_in_the_file_is_told_and_not_shown(line: str, value: str) -> None:
    """By the name beside it, by the head of a token, or because nobody could have thought of it."""
    (told,) = found(f"vendor: gws\nsteps:\n  - {line}\n")
    assert (told.code, told.severity) == ("E515", "warning")
    assert told.span is not None
    assert (told.span.line, "secret('" in told.hint) == (3, True)
    assert value not in told.render()
    assert "^" * min(len(value), 8) in told.render()


@pytest.mark.parametrize(
    "line",
    [
        "login: {as: agent}",
        "login: {as: agent, password: \"{{ secret('QA1') }}\"}",
        "login: {as: agent, password: wrong-on-purpose}\n    refused: unauthenticated",
        "http: {url: /a, headers: {Authorization: \"Bearer {{ secret('QA1') }}\"}}",
        "http: {url: /a}\n    save: {token: body.token}",
        "http: {url: /a}\n    expect: {token: {is: text}, password: null, secret: false}",
        "http: {url: /a, headers: {X-CSRF-Token: 00000000-0000-0000}}",
        "verify_attachments: [{name: a.pdf, sha256: d908f34d42d989a7bfa63b29534ee1407569d0172efa332cfc4d72a609b4b78b}]",
        "create: {to: joe@example.com, subject: Your new password policy, text: Token count and cookies}",
        "create: {to: joe@example.com, text: Donaudampfschifffahrtsgesellschaftskapitaen2030}",
        "http: {url: '/api/v2/me/interactions/f47ac10b-58cc-4372-a567-0e02b2c3d479'}",
        "http: {url: /a, json: {content: SGVsbG8gSm9lLCB5b3VyIGludm9pY2UgaXMgcmVhZHku}}",
    ],
)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    """Templates, wrong passwords that must be refused, hashes, ordinary words and texts in base64."""
    assert found(f"vendor: gws\nsteps:\n  - {line}\n") == []


def test_two_in_one_line_hide_each_other() -> None:
    """The excerpt of one shows the other no more than itself."""
    first, second = found("a: {password: hunter2pass, token: abcdef123}\n")
    assert [told.span and told.span.column for told in (first, second)] == [15, 35]
    assert "hunter2pass" not in second.render()
    assert "abcdef123" not in first.render()


def test_another_mistake_on_the_line_does_not_show_it() -> None:
    """The excerpt of any message has stars, and the caret stays where it was."""
    source = Source("a.scenario.yaml", "  - login: {password: hunter2pass, ass: agent}\n")
    told = unseen(Diagnostic("E202", "`login` has no parameter `ass`", Span(source, 1, 36, 1, 39)))
    assert told.render().splitlines()[3:] == [
        " 1 |   - login: {password: ***********, ass: agent}",
        "   |                                    ^^^",
    ]
