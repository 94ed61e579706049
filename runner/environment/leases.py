"""
Who has which account, when several processes share a run? A file for each account, locked by the process that has it.

The lock is the operating system's, so it ends with the process, however that ends: nobody has to clean up after one that was killed.
Asked by :class:`runner.environment.actors.ActorPool`; the folder comes from whoever started the processes.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["Leases", "is_locked", "lock", "unlock"]

# Where Windows locks a byte nobody else can read it: it is one that no file has.
_BEYOND = 1 << 30
# vendor and user name
Account = tuple[str, str]


class Leases:
    """The accounts that this process has, among those of the processes that share *folder*, which is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._held: dict[Account, int] = {}

    def take(self, accounts: Collection[Account]) -> Account | None:
        """Take all of *accounts* at once and give None; or take none, and give one that another process has."""
        taken: list[Account] = []
        for account in sorted(accounts):
            held = lock(self._file(account))
            if held is None:
                self.give_back(taken)
                return account
            self._held[account] = held
            taken.append(account)
        return None

    def give_back(self, accounts: Collection[Account]) -> None:
        """Let other processes have them."""
        for account in accounts:
            held = self._held.pop(account, None)
            if held is not None:
                unlock(held)

    def _file(self, account: Account) -> Path:
        """User names may hold anything, and are nobody's business: the file is called by a hash."""
        return self._folder / f"{hashlib.sha256(chr(0).join(account).encode()).hexdigest()[:32]}.lock"


def lock(path: Path) -> int | None:
    """Lock the file at *path*, which is made when it is not there; None when somebody has it. It stays locked until :func:`unlock`."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            os.lseek(file, _BEYOND, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


def unlock(file: int) -> None:
    """Give up a lock."""
    os.close(file)


def is_locked(path: Path) -> bool:
    """Whether a living process has the file at *path*."""
    if not path.exists():
        return False
    held = lock(path)
    if held is None:
        return True
    unlock(held)
    return False
