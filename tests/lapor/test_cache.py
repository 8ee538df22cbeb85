"""The cache that may disappear."""

import pytest
from django.core.cache.backends.redis import RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError

from lapor.cache import ForgivingRedisCache


@pytest.fixture
def cache(tmp_path):
    """A cache whose server does not exist."""
    return ForgivingRedisCache(f"unix://{tmp_path}/nobody.sock", {"KEY_PREFIX": "lapor"})


def test_without_a_server_reads_find_nothing_and_writes_do_no_harm(cache):
    assert cache.get("a", "otherwise") == "otherwise"
    assert cache.set("a", 1) is None
    assert cache.add("a", 1) is True
    assert cache.get_many(["a", "b"]) == {}
    assert cache.set_many({"a": 1}) == []
    assert cache.incr("a") == 1
    assert cache.touch("a") is False
    assert cache.delete("a") is False
    assert cache.delete_many(["a"]) is None
    assert "a" not in cache
    assert cache.clear() is False
    assert cache.get_or_set("a", lambda: 5) == 5


def test_after_a_failure_the_server_is_left_alone_for_a_while(cache, monkeypatch):
    calls = []

    def fail(self, key, default):
        calls.append(key)
        raise RedisConnectionError

    monkeypatch.setattr(RedisCacheClient, "get", fail)
    assert [cache.get("a"), cache.get("b"), cache.get("c")] == [None, None, None]
    assert len(calls) == 1
    cache._cache._resting_until = 0.0
    cache.get("d")
    assert len(calls) == 2


def test_mistakes_in_our_own_code_are_not_hidden(cache):
    with pytest.raises(TypeError):
        cache.get_many(None)
