"""
What happened before: the results of earlier runs, and what is new since.

Stands beside the reporters, on the record only. :mod:`runner.history.past` reads ``result.json`` of the runs in a folder,
:mod:`runner.history.changes` sets a run against them.
"""

from runner.history.changes import Change, Changes, compare
from runner.history.past import PastRun, PastScenario, past_runs

__all__ = ["Change", "Changes", "PastRun", "PastScenario", "compare", "past_runs"]
