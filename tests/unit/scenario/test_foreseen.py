"""What an output can never be is told when the file is checked; what it may be is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import harness

FILE = """\
scenario: A place without a session
vendor: icws
steps:
  - http: {{method: GET, url: /icws/17/connection}}
    expect: {{http: 401, headers: {{WWW-Authenticate: {wanted}}}}}
"""


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ("Basic", []),
        ("{starts_with: Basic}", []),
        ("{contains: 'realm=\"ICWS\"'}", []),
        ("{is: text}", []),
        ("{equals: {a: b}}", ["E214"]),
        ("[Basic]", ["E214"]),
        ("{realm: ICWS}", ["E214"]),
    ],
)
def test_a_header_is_looked_at_by_value_or_matcher(wanted: str, codes: list[str], tmp_path: Path) -> None:
    """Under free keys stands what stands anywhere: a value or a matcher; a list or an object no header ever is."""
    (tmp_path / "one.scenario.yaml").write_text(FILE.format(wanted=wanted), encoding="utf-8")
    checked = harness.check(harness.Request(paths=(str(tmp_path),), start=tmp_path))
    assert [told.code for told in checked.diagnostics] == codes
