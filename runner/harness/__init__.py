"""
The one place that knows everybody: paths + environment + sinks → a result. It wires, and decides nothing else.

    result = await run(Request(paths=("scenarios",)), [ConsoleReporter(...)])

Faces call :func:`check`, :func:`run` and :func:`report`; everything they hand over is in a :class:`Request`. One that meets its files one
by one and asks for more while the run goes on keeps a :class:`Checker` and calls :func:`carry_out`.
"""

from __future__ import annotations

from runner.harness.carrying import carry_out, run
from runner.harness.checking import Checked, Checker, check, registry, vocabulary
from runner.harness.reporting import report
from runner.harness.request import SIMULATOR, Request

__all__ = ["SIMULATOR", "Checked", "Checker", "Request", "carry_out", "check", "registry", "report", "run", "vocabulary"]
