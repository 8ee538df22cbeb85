"""Signing, and leaving a failing receiver alone, as tables."""

from datetime import timedelta

import pytest

from dispatch.domain import breaker, signature
from tests.conftest import NOW


def test_a_signature_is_what_anybody_can_work_out():
    # printf '1789437600.{"id":"1"}' | openssl dgst -sha256 -hmac rahasia
    expected = "150db678307919b2fb6dd777443b25149a6380727e21abd59b1722c0cb5bb109"
    assert signature.sign("rahasia", "1789437600", b'{"id":"1"}') == expected
    assert signature.header(["rahasia", "lama"], "1", b"x") == (
        f"v1={signature.sign('rahasia', '1', b'x')},v1={signature.sign('lama', '1', b'x')}"
    )
    assert signature.sign("rahasia", "2", b"x") != signature.sign("rahasia", "1", b"x")


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0), (2, 0), (3, 30), (4, 60), (5, 120), (9, 1920), (10, 3600), (500, 3600)]
)
def test_a_receiver_is_left_alone_ever_longer(failures, seconds):
    assert breaker.pause(failures, 0.5) == timedelta(seconds=seconds)
    assert breaker.pause(failures, 0.0) == timedelta(seconds=seconds * 0.75)


@pytest.mark.parametrize(
    ("failures", "hours", "hopeless"), [(10, 72, True), (9, 72, False), (10, 71.9, False), (500, 100, True)]
)
def test_switched_off_after_long_and_often(failures, hours, hopeless):
    since = NOW - timedelta(hours=hours)
    assert breaker.is_hopeless(failures, since, NOW, timedelta(hours=72)) is hopeless
