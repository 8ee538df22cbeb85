"""SQLite with one writer at a time, queued fairly by a lock instead of by sleeping.

SQLite's own busy handler sleeps with a growing back-off, which ruins the 95th percentile as soon as
several web processes write. Here every transaction takes an operating-system lock (`flock` between
processes, a mutex between the threads of one) before its `BEGIN IMMEDIATE`, so a waiting writer goes on
the moment the lock is free. Reads outside a transaction take no lock: WAL lets them run beside a writer.

A single statement outside a transaction takes no lock of ours either: it waits in SQLite's own way, and a
transaction that meets it waits for it in the same way. Both stay correct, only less fair.

One code path: callers use `transaction.atomic()` as on PostgreSQL and never see this.
"""

import fcntl
import os
import threading
from contextlib import suppress

from django.db.backends.sqlite3 import base
from django.db.models.expressions import Col
from django.db.utils import OperationalError

WAIT_S = 30.0  # for the threads of this process, and for SQLite's own locks

# synchronous=FULL: a committed report survives a power cut, which WAL with NORMAL does not promise.
# mmap_size stays small because mapped pages count as the memory of every process.
_INIT_COMMAND = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000; "
    "PRAGMA mmap_size=67108864; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
)


class WriterLock:
    """The lock beside one database file, shared by all connections of this process to it.

    The operating system frees it when the process dies, in whatever way. It belongs to the process that
    took it: a forked child that closes an inherited connection must not free its parent's lock.
    """

    def __init__(self, path: str):
        self.path = path
        self.mutex = threading.Lock()
        self.handle = None
        self.owner_pid = 0

    def acquire(self) -> None:
        """Wait for the lock; raises OperationalError if a thread of this process keeps it for WAIT_S."""
        if not self.mutex.acquire(timeout=WAIT_S):
            raise OperationalError("database is locked by another thread of this process")
        try:
            if self.handle is None:
                self.handle = open(self.path, "a")  # noqa: SIM115 - kept open for the process's life
            fcntl.flock(self.handle, fcntl.LOCK_EX)
            self.owner_pid = os.getpid()
        except BaseException:
            self.mutex.release()
            raise

    def release(self) -> None:
        if self.owner_pid != os.getpid():
            return
        self.owner_pid = 0
        try:
            fcntl.flock(self.handle, fcntl.LOCK_UN)
        finally:
            self.mutex.release()


_locks: dict[str, WriterLock] = {}
_locks_guard = threading.Lock()


def lock_for(database_name: str) -> WriterLock | None:
    """The lock of a database file; None for databases in memory, which no other process can see."""
    if database_name == ":memory:" or "mode=memory" in database_name:
        return None
    with _locks_guard:
        return _locks.setdefault(database_name, WriterLock(f"{database_name}.lock"))


def forget_locks() -> None:
    """Start afresh in a forked child: a mutex copied while held would never be released there, and the
    inherited file handle is the parent's lock itself."""
    global _locks_guard
    _locks_guard = threading.Lock()
    _locks.clear()


os.register_at_fork(after_in_child=forget_locks)


class Operations(base.DatabaseWrapper.ops_class):
    """Django's own, but a boolean column is compared (`is_open = 1`) instead of standing alone (`is_open`,
    `NOT is_private`): SQLite uses an index only for comparisons, and else reads the whole table."""

    def conditional_expression_supported_in_where_clause(self, expression):
        return not isinstance(expression, Col)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite backend, with the writer lock held from BEGIN to COMMIT or ROLLBACK."""

    ops_class = Operations

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._held: WriterLock | None = None

    def get_connection_params(self):
        options = self.settings_dict["OPTIONS"]
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("init_command", _INIT_COMMAND)
        options.setdefault("timeout", WAIT_S)
        return super().get_connection_params()

    def _start_transaction_under_autocommit(self):
        # Called for the outermost atomic block only; inner ones are savepoints of the same transaction.
        lock = lock_for(str(self.settings_dict["NAME"]))
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
            with suppress(OSError, ValueError):  # a handle that is already closed holds no lock
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
