"""
Who can be asked: the installed vendors and their steps, by name.

Called by the harness once per run. Which vendors there are is known without importing one; a vendor is imported and checked when it is
first asked for, so a run pays for the vendors that its scenarios name and for no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from runner.discovery import Provided, provided
from runner.errors import BadScenario, BrokenPlugin, Diagnostic, nearest
from runner.plugins.contract import StepType, Vendor
from runner.plugins.verify import verify
from runner.source import Span

__all__ = ["GENERAL", "GROUP", "Registry"]

# The entry points that vendors come from.
GROUP = "runner.vendors"
# The vendor whose steps every scenario may use, whatever its vendor.
GENERAL = "general"
# Vendors from here were tried by our own tests.
_OURS = "runner.vendors."


class Registry:
    """
    The vendors that are installed.

    ``Registry.load()`` finds them by their entry points, ``Registry.of(vendor, …)`` takes them as they are.
    """

    def __init__(self, found: Iterable[Provided | Vendor]) -> None:
        self._found = _by_name(found)
        self._vendors: dict[str, Vendor] = {}
        self._steps: dict[str, Mapping[str, StepType]] = {}

    @classmethod
    def load(cls) -> Registry:
        """
        Find the installed vendors.

        Raises: ``BrokenPlugin`` – two of them have one name.
        """
        return cls(provided(GROUP))

    @classmethod
    def of(cls, *vendors: Vendor) -> Registry:
        """A registry of exactly these."""
        return cls(vendors)

    @property
    def names(self) -> tuple[str, ...]:
        """The vendors that a scenario can name, sorted."""
        return tuple(sorted(name for name in self._found if name != GENERAL))

    def vendor(self, name: str, span: Span | None = None) -> Vendor:
        """
        The declaration of one vendor, checked; *span* is where a file names it.

        Raises: ``BadScenario`` – nobody of this name is installed; ``BrokenPlugin`` – it does not keep the contract.
        """
        if name not in self._vendors:
            self._vendors[name] = self._loaded(name, span)
        return self._vendors[name]

    def steps_of(self, vendor: str) -> Mapping[str, StepType]:
        """
        Every step that a scenario for *vendor* can use: the vendor's, and the general ones.

        Raises: as :meth:`vendor`.
        """
        if vendor not in self._steps:
            own = {step.name: step for step in self.vendor(vendor).steps}
            general = {step.name: step for step in self.vendor(GENERAL).steps} if GENERAL in self._found else {}
            if vendor != GENERAL:
                _no_clash(vendor, own, general)
            self._steps[vendor] = MappingProxyType({**general, **own})
        return self._steps[vendor]

    def words(self) -> Mapping[str, Mapping[str, StepType]]:
        """
        Every step there is: word → vendor → the step as that vendor does it; general steps stand under ``general`` alone.

        Raises: ``BrokenPlugin`` – a vendor does not keep the contract.
        """
        words: dict[str, dict[str, StepType]] = {}
        for name in self._found:
            for step in self.vendor(name).steps:
                words.setdefault(step.name, {})[name] = step
        return words

    def _loaded(self, name: str, span: Span | None) -> Vendor:
        found = self._found.get(name)
        if found is None:
            raise BadScenario([_unknown(name, self.names, span)])
        if isinstance(found, Provided):
            return verify(found.load(), name=name, package=found.package, tried=found.target.startswith(_OURS))
        return verify(found, name=name, package="this project")


def _by_name(found: Iterable[Provided | Vendor]) -> dict[str, Provided | Vendor]:
    by_name: dict[str, Provided | Vendor] = {}
    for one in found:
        if one.name in by_name:
            raise BrokenPlugin(
                f"two vendors are called `{one.name}`: one of {_package(by_name[one.name])}, one of {_package(one)}",
                plugin=one.name,
                code="E602",
                hint="remove one of them with pip uninstall",
            )
        by_name[one.name] = one
    return by_name


def _package(found: Provided | Vendor) -> str:
    return found.package if isinstance(found, Provided) else "this project"


def _no_clash(vendor: str, own: Mapping[str, StepType], general: Mapping[str, StepType]) -> None:
    for word in own:
        if word in general:
            raise BrokenPlugin(
                f"plugin `{vendor}` offers the step `{word}`, which is a general step",
                plugin=vendor,
                code="E602",
                hint=f"call it `{vendor}.{word}`",
            )


def _unknown(name: str, known: tuple[str, ...], span: Span | None) -> Diagnostic:
    close = nearest(name, known)
    return Diagnostic(
        "E202",
        f"unknown vendor `{name}`",
        span,
        label=f"did you mean `{close}`?" if close else "no vendor of this name is installed",
        hint=f"write `{close}`" if close else f"install the plugin that has it, or write one of: {', '.join(known)}",
        notes=(f"installed: {', '.join(known) or 'none'}",),
    )
