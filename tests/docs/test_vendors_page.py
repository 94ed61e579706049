"""docs/vendors.md is what its generator writes, and every status of the given pages stands in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

DOCS = Path(__file__).parents[2] / "docs"
# What the pages name, counted by hand there.
STATUSES = {
    "email/send": {200, 400, 401, 403, 404, 410, 500},
    "email/attachments/response-management/insert": {200, 400, 401, 403, 404, 410, 500},
    "recordings/{recordingId}/send-as-email": {204, 400, 401, 403, 410, 500},
    "activity/send": {201, 400, 401, 403, 406, 500},
}
GWS = {"Accept", "Reject", "Reply", "ReplyAll", "Cancel", "Send", "Transfer", "Complete", "PlaceInQueue", "Create"}
ATTACHMENTS = {"POST attachments": {200, 400}, "GET attachments": {200, 404}, "DELETE attachments": {200, 404}}


def test_the_page_is_up_to_date() -> None:
    """The generator has nothing to write: no test, scenario or status it names is missing."""
    done = subprocess.run([sys.executable, str(DOCS / "generate_vendors.py"), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_cell_is_empty() -> None:
    """Each row has six cells with something in them."""
    rows = [line for line in (DOCS / "vendors.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
    assert len(rows) == sum(map(len, STATUSES.values())) + 2 * len([*GWS, *ATTACHMENTS])
    assert [row for row in cells if len(row) != 6 or not all(row)] == []


def test_every_status_of_every_page_is_there() -> None:
    """Three pages of ICWS, one of eGain, and GWS' nine operations with Create and the three of attachments."""
    pages = yaml.safe_load((DOCS / "vendors.yaml").read_text(encoding="utf-8"))
    told = {page["operation"]: set(page["statuses"]) for page in pages}
    assert told == STATUSES | {operation: {200, 400} for operation in GWS} | ATTACHMENTS
