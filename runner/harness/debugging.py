"""
What may be written down of a fault of ours? A traceback tells what an exception says, and that may hold what nobody may see.

Used by the faces when a bug is caught that no run was there to record, so no gate knows yet which secrets there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runner.environment.redaction import Redactor
from runner.environment.sources import SecretSources
from runner.errors import RunnerError
from runner.scenario.project import Project, find_files

__all__ = ["ASKS", "without_secrets"]

# in the text of a file, where quotes may be escaped or written twice for YAML
ASKS = re.compile(r"""\bsecret\s*\(\s*[\\"']+(?P<name>[^\\"'\n]+)["'\\]""")
_MOST_FILES = 2_000


def without_secrets(text: str, start: Path) -> str:
    """*text* without any secret that the project around *start* can reach: those its files ask for, all of ``.env``, and of the folder."""
    project = Project.around(start)
    sources = SecretSources(project.root)
    redactor = Redactor()
    for name in {*sources.names(), *_asked_for(project)}:
        with suppress(RunnerError):
            secret = sources.find(name)
            if secret is not None:
                redactor.know(secret)
    return redactor.text(text)


def _asked_for(project: Project) -> Iterator[str]:
    """The names that files of the project give to ``secret()``."""
    for number, path in enumerate(find_files(project.scenarios, "*.y*ml")):
        if number >= _MOST_FILES:
            return
        with suppress(OSError):
            yield from ASKS.findall(path.read_text(encoding="utf-8", errors="replace"))
