"""SQLite with one writer at a time, queued fairly by a lock instead of by sleeping.

SQLite's own busy handler sleeps with a growing back-off, which ruins the 95th percentile as soon as
several web processes write. Here every transaction takes an operating-system lock (`flock` between
processes, a mutex between the threads of one) before its `BEGIN IMMEDIATE`, so a waiting writer goes on
the moment the lock is free. Reads outside a transaction take no lock: WAL lets them run beside a writer.

One code path: callers use `transaction.atomic()` as on PostgreSQL and never see this.
"""

import fcntl
import threading
from contextlib import suppress

from django.db.backends.sqlite3 import base

_INIT_COMMAND = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-20000; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY"
)


class _WriterLock:
    """The lock beside one database file, shared by all connections of this process to it."""

    def __init__(self, path: str):
        self.path = path
        self.mutex = threading.Lock()
        self.handle = None

    def acquire(self) -> None:
        self.mutex.acquire()
        try:
            if self.handle is None:
                self.handle = open(self.path, "a")  # noqa: SIM115 - kept open for the process's life
            fcntl.flock(self.handle, fcntl.LOCK_EX)
        except BaseException:
            self.mutex.release()
            raise

    def release(self) -> None:
        fcntl.flock(self.handle, fcntl.LOCK_UN)
        self.mutex.release()


_locks: dict[str, _WriterLock] = {}
_locks_guard = threading.Lock()


def _lock_for(database_name: str) -> _WriterLock | None:
    if database_name == ":memory:" or "mode=memory" in database_name:
        return None
    with _locks_guard:
        return _locks.setdefault(database_name, _WriterLock(f"{database_name}.lock"))


def forget_locks() -> None:
    """Start afresh in a forked child: a mutex copied while held would never be released there."""
    _locks.clear()


import os  # noqa: E402

os.register_at_fork(after_in_child=forget_locks)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite backend, with the writer lock held from BEGIN to COMMIT or ROLLBACK."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._held: _WriterLock | None = None

    def get_connection_params(self):
        self.settings_dict["OPTIONS"].setdefault("transaction_mode", "IMMEDIATE")
        self.settings_dict["OPTIONS"].setdefault("init_command", _INIT_COMMAND)
        self.settings_dict["OPTIONS"].setdefault("timeout", 30)
        return super().get_connection_params()

    def _start_transaction_under_autocommit(self):
        lock = _lock_for(str(self.settings_dict["NAME"]))
        if lock is not None and self._held is None:
            lock.acquire()
            self._held = lock
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        lock, self._held = self._held, None
        if lock is not None:
            with suppress(RuntimeError, ValueError):
                lock.release()

    def _commit(self):
        # A failed COMMIT keeps the transaction, and so the lock, until the ROLLBACK that follows.
        super()._commit()
        self._release()

    def _rollback(self):
        try:
            super()._rollback()
        finally:
            self._release()

    def _close(self):
        try:
            super()._close()
        finally:
            self._release()
