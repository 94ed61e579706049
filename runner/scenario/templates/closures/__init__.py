"""An expression carried out: each node of Jinja2's tree becomes a closure of ours."""

from runner.scenario.templates.closures.understanding import understand

__all__ = ["understand"]
