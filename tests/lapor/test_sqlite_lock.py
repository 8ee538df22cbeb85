"""The writer lock of the SQLite backend, on a database file of its own, whatever the suite runs on."""

import multiprocessing
import os
import threading

import pytest
from django.db import transaction
from django.db.utils import IntegrityError, OperationalError

from lapor.db.sqlite import base


def connect(path) -> base.DatabaseWrapper:
    settings = {
        "ENGINE": "lapor.db.sqlite",
        "NAME": str(path),
        "OPTIONS": {},
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "USER": "",
        "PASSWORD": "",
        "HOST": "",
        "PORT": "",
        "TEST": {"NAME": None},
    }
    return base.DatabaseWrapper(settings, alias="sqlite-lock-test")


class Alias:
    """Lets `transaction.atomic()` find one connection under the name it asks for."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        from django.db import connections

        connections["sqlite-lock-test"] = self.connection
        return self.connection

    def __exit__(self, *exc_info):
        from django.db import connections

        self.connection.close()
        del connections["sqlite-lock-test"]


def atomic():
    return transaction.atomic(using="sqlite-lock-test")


@pytest.fixture
def path(tmp_path, django_db_blocker):
    """A fresh database with one table of one counter."""
    path = tmp_path / "lock.sqlite3"
    with django_db_blocker.unblock():
        with Alias(connect(path)) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE counter (value integer NOT NULL CHECK (value >= 0))")
            cursor.execute("INSERT INTO counter VALUES (0)")
        yield path


def is_free(path) -> bool:
    """Whether another process could take the lock now."""
    import fcntl

    with open(f"{path}.lock", "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def count_up(path, times: int) -> None:
    """Read, then write: only correct if no other transaction comes in between."""
    with Alias(connect(path)) as connection:
        for _ in range(times):
            with atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT value FROM counter")
                (value,) = cursor.fetchone()
                cursor.execute("UPDATE counter SET value = %s", [value + 1])


def read(path) -> int:
    with Alias(connect(path)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT value FROM counter")
        return cursor.fetchone()[0]


def test_threads_and_processes_lose_no_update(path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=count_up, args=(path, 50)) for _ in range(2)]
    threads = [threading.Thread(target=count_up, args=(path, 50)) for _ in range(4)]
    for worker in [*processes, *threads]:
        worker.start()
    for worker in [*processes, *threads]:
        worker.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert read(path) == 300


def test_the_lock_is_held_for_the_outermost_block_only(path):
    with Alias(connect(path)) as connection:
        with atomic():
            assert not is_free(path)
            with atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE counter SET value = 7")
            assert not is_free(path)
        assert is_free(path)
    assert read(path) == 7


def test_an_inner_failure_keeps_the_lock_and_rolls_back_to_the_savepoint(path):
    with Alias(connect(path)) as connection:
        with atomic():
            with connection.cursor() as cursor:
                cursor.execute("UPDATE counter SET value = 1")
            with pytest.raises(IntegrityError), atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE counter SET value = -1")
            assert not is_free(path)
        assert is_free(path)
    assert read(path) == 1


def write_and_fail(connection) -> None:
    with atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE counter SET value = 5")
        raise ZeroDivisionError


def test_a_failure_frees_the_lock_and_changes_nothing(path):
    with Alias(connect(path)) as connection:
        with pytest.raises(ZeroDivisionError):
            write_and_fail(connection)
        assert is_free(path)
        assert not connection.in_atomic_block
    assert read(path) == 0


def test_closing_inside_a_transaction_frees_the_lock(path):
    with Alias(connect(path)) as connection:
        with atomic():
            connection.close()
            assert is_free(path)
        assert is_free(path)


def test_a_begin_that_fails_frees_the_lock(path, monkeypatch):
    def refuse(self):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(base.base.DatabaseWrapper, "_start_transaction_under_autocommit", refuse)
    with Alias(connect(path)):
        with pytest.raises(OperationalError, match="disk"), atomic():
            pass
        assert is_free(path)


def test_a_commit_that_fails_is_rolled_back_and_frees_the_lock(path, monkeypatch):
    def refuse(self):
        raise OperationalError("disk full")

    with Alias(connect(path)) as connection:
        monkeypatch.setattr(base.base.DatabaseWrapper, "_commit", refuse)
        with pytest.raises(OperationalError, match="full"), atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE counter SET value = 9")
        monkeypatch.undo()
        assert is_free(path)
    assert read(path) == 0


def test_reads_and_single_writes_outside_a_transaction_take_no_lock(path):
    with Alias(connect(path)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT value FROM counter")
        assert is_free(path)
        cursor.execute("UPDATE counter SET value = 3")
        assert is_free(path)
    assert read(path) == 3


def test_a_thread_that_keeps_the_lock_does_not_hang_the_others_for_ever(path, monkeypatch):
    monkeypatch.setattr(base, "WAIT_S", 0.05)
    lock = base.lock_for(str(path))
    lock.acquire()
    try:
        with Alias(connect(path)), pytest.raises(OperationalError, match="locked"), atomic():
            pass
    finally:
        lock.release()
    assert is_free(path)


def test_a_forked_child_does_not_free_its_parents_lock(path):
    with Alias(connect(path)) as connection, atomic():
        child = os.fork()
        if not child:
            try:
                connection._release()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert not is_free(path)
    assert is_free(path)


def test_a_process_that_is_killed_inside_a_transaction_leaves_no_lock(path):
    child = os.fork()
    if not child:
        try:
            with Alias(connect(path)), atomic():
                os.kill(os.getpid(), 9)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == 9
    assert is_free(path)
    count_up(path, 1)
    assert read(path) == 1


def test_databases_in_memory_have_no_lock():
    assert base.lock_for(":memory:") is None
    assert base.lock_for("file:memorydb_default?mode=memory&cache=shared") is None


def test_a_commit_is_synced_to_disk(path):
    with Alias(connect(path)) as connection, connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)  # FULL
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
