"""
What it costs to check 1,000 files of ten steps: nothing is sent, every mistake would be found. CPU seconds of the whole process.

``python benchmarks/checking.py``
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from figures import RUNNER, Figure, cost_of

FILES = 1000
# Ten steps as a tester writes them: values with templates, saved names, expectations with matchers, clean-up.
FILE = """\
scenario: Order {n} is answered
vendors: [gws, icws, egain]
tags: [mail, orders]
variables:
  order: "{{{{ unique('ORD-') }}}}"
  subject: "Your order {{{{ order }}}}"
steps:
  - login: {{as: agent}}
  - ready
  - receive: {{subject: "Question about {{{{ order }}}}", text: "Where is my order {n}?"}}
    save: incoming
  - accept: {{mail: "{{{{ incoming.id }}}}"}}
  - reply: {{text: "It is on its way: {{{{ order }}}}"}}
    save: answer
    expect: {{id: {{matches: ".+"}}}}
  - attach: {{file: files/receipt.txt}}
  - verify_attachments: [receipt.txt]
  - send
  - verify_status: {{is: sent, within: 10s}}
  - check: {{that: "{{{{ answer.id }}}}", is: {{matches: ".+"}}}}
cleanup:
  - logout
"""


def write_files(folder: Path, files: int) -> None:
    """So many files, in folders of a hundred, and the one that they attach."""
    (folder / "scenarios" / "files").mkdir(parents=True)
    (folder / "scenarios" / "files" / "receipt.txt").write_text("Thank you.\n", encoding="utf-8")
    for n in range(files):
        path = folder / "scenarios" / f"area{n // 100}" / f"order-{n}.scenario.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILE.format(n=n), encoding="utf-8")


def measure() -> list[Figure]:
    """The figure."""
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), FILES)
        cost = cost_of([RUNNER, "check", "scenarios"], times=3, folder=folder)
    return [Figure(f"runner check of {FILES:,} files of ten steps, for three vendors", cost.cpu, "s CPU", 2.0)]


if __name__ == "__main__":
    print(*measure(), sep="\n")
