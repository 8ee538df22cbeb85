import pytest

from city import snapshot
from tests.city.tiny import write_tiny_pack


@pytest.fixture
def tiny(tmp_path):
    """The folder of a valid pack of a very small city."""
    return write_tiny_pack(tmp_path / "mini")


@pytest.fixture
def city(db):
    """The city that the database holds."""
    snapshot.invalidate()
    yield snapshot.current()
    snapshot.invalidate()
