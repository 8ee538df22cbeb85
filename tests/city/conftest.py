import pytest

from city import snapshot
from tests.city.tiny import write_tiny_pack


@pytest.fixture
def tiny(tmp_path):
    """The folder of a valid pack of a very small city."""
    return write_tiny_pack(tmp_path / "mini")


@pytest.fixture
def city(db):
    """The city that the database holds. Tests that change it call `versions.bump`, as the admin does: after
    the rollback the versions differ and the next look builds anew."""
    snapshot.recheck()
    return snapshot.current()
