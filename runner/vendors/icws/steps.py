"""
Every step that ICWS offers: the shared words, and its own.
"""

from __future__ import annotations

from runner.plugins.contract import StepType
from runner.vendors.icws import agent_steps, attachment_steps, draft_steps, interaction_steps, looking_steps, recording_steps, server_steps

__all__ = ["STEPS"]

STEPS: tuple[StepType, ...] = (
    *agent_steps.STEPS,
    *draft_steps.STEPS,
    *attachment_steps.STEPS,
    *looking_steps.STEPS,
    *interaction_steps.STEPS,
    *recording_steps.STEPS,
    *server_steps.STEPS,
)
