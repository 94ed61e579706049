"""
The state machine of an e-mail interaction: what each operation makes of each state (icws.md §8). Pure; used by :mod:`.desk`.

States are the letters of ``Eic_State``; ``D`` stands for a connected draft, which the attribute shows as ``C``.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.vendors.icws.simulator.settings import Operation

__all__ = ["ENDED", "OPERATIONS", "StateTable"]

ENDED = frozenset({"I", "E"})

_STAYS = dict.fromkeys("OACDHXPIE", "")
_HANDED_ON = {"O": "O", "A": "O", "C": "O", "H": "O", "X": "O", "P": "O"}

# operation → state → new state ("" keeps it); a state that is not named refuses
OPERATIONS: Mapping[str, Mapping[str, str]] = {
    "pickup": {"O": "C", "A": "C", "C": "", "D": "", "H": "C", "X": "C", "P": "C"},
    "disconnect": dict.fromkeys("OACDHXP", "I"),
    "hold": {"C": "H", "D": "H", "H": ""},
    "unhold": {"C": "", "D": "", "H": "C"},
    "transfer": _HANDED_ON,
    "park": dict.fromkeys("OACHXP", "P"),
    "suspend": {"C": "X", "D": "X"},
    "release": {"X": "C"},
    "alert": {"O": "A", "A": ""},
    "alert_over": {"A": "O"},
    "respond": {"C": ""},
    "save": {"D": ""},
    "attach": {"D": ""},
    "send": {"D": "I"},
    "read": _STAYS,
}


class StateTable:
    """The table with a server's own *changes*: operation → state → new state, "-" keeps the state, "" refuses."""

    def __init__(self, changes: Mapping[Operation, Mapping[str, str]] | None = None) -> None:
        self._table: dict[str, dict[str, str | None]] = {
            operation: {**OPERATIONS[operation], **_read(cells)} for operation, cells in (changes or {}).items()
        }

    def after(self, operation: str, state: str) -> str | None:
        """The state that *operation* leads to from *state*; None when it is refused."""
        found = self._table.get(operation, OPERATIONS[operation]).get(state)
        return state if found == "" else found


def _read(cells: Mapping[str, str]) -> dict[str, str | None]:
    return {state: None if new == "" else "" if new == "-" else new for state, new in cells.items()}
