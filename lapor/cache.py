"""A Redis cache that may disappear: a page never breaks because its cache is down."""

import logging
import time

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# After a failure nothing is asked for this long, so that a dead server costs one time-out, not one a call.
REST_AFTER_FAILURE_S = 1.0


class _ForgivingClient(RedisCacheClient):
    """Answers "not there" (reads) or "done" (writes) while the server cannot be reached."""

    _resting_until = 0.0

    def _ask(self, method, *arguments, otherwise):
        if time.monotonic() < self._resting_until:
            return otherwise
        try:
            return method(*arguments)
        except (RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_AFTER_FAILURE_S
            logger.warning("The cache does not answer: %s", error)
            return otherwise

    def add(self, key, value, timeout):
        return self._ask(super().add, key, value, timeout, otherwise=True)

    def get(self, key, default):
        return self._ask(super().get, key, default, otherwise=default)

    def set(self, key, value, timeout):
        return self._ask(super().set, key, value, timeout, otherwise=None)

    def touch(self, key, timeout):
        return self._ask(super().touch, key, timeout, otherwise=False)

    def delete(self, key):
        return self._ask(super().delete, key, otherwise=False)

    def get_many(self, keys):
        return self._ask(super().get_many, keys, otherwise={})

    def has_key(self, key):
        return self._ask(super().has_key, key, otherwise=False)

    def incr(self, key, delta):
        return self._ask(super().incr, key, delta, otherwise=delta)

    def set_many(self, data, timeout):
        return self._ask(super().set_many, data, timeout, otherwise=None)

    def delete_many(self, keys):
        return self._ask(super().delete_many, keys, otherwise=None)

    def clear_prefix(self, prefix):
        return self._ask(self._clear_prefix, prefix, otherwise=False)

    def _clear_prefix(self, prefix):
        client = self.get_client(None, write=True)
        for key in client.scan_iter(match=f"{prefix}*", count=500):
            client.delete(key)
        return True


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache with time-outs that a page can bear; shares its database with the broker."""

    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = _ForgivingClient
        self._options = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25, **self._options}

    def clear(self):
        # Not FLUSHDB: the broker's queues may live in the same database.
        return self._cache.clear_prefix(f"{self.key_prefix}:")
