"""
Secrets that stand in a YAML file by mistake are not shown again.
"""

from __future__ import annotations

import pytest

from runner.environment.handwritten import mask_written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("password: hunter2", "password: ***"),
        ("{password: 'hunter2', user: joe}", "{password: '***', user: joe}"),
        ("url: https://qa:hunter2@host/x", "url: https://qa:***@host/x"),
        ('- http: {url: "http://qa:hunter2@127.0.0.1:9/x?a={{ b }}"}', '- http: {url: "http://qa:***@127.0.0.1:9/x?a={{ b }}"}'),
        ("url: https://qa:{{ secret('QA') }}@host", "url: https://qa:{{ secret('QA') }}@host"),
        ("url: https://host:8080/joe@example.com", "url: https://host:8080/joe@example.com"),
        ("at: 12:30 joe@example.com", "at: 12:30 joe@example.com"),
    ],
)
def test_secret_in_a_file_is_taken_out(written: str, shown: str) -> None:
    """A value under a secret name, and a password inside an address, are taken out; templates and everything else stay."""
    assert mask_written(written, lambda name: name == "password") == shown
