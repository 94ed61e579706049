"""
Steps that belong to no vendor: any HTTP request, names, checks, waiting, notes.
"""

from __future__ import annotations

from runner.plugins.contract import Vendor
from runner.vendors.general.steps import STEPS, open_session

__all__ = ["VENDOR"]

VENDOR = Vendor(name="general", title="General steps", steps=STEPS, open=open_session)
