"""The portal's own key for web push: made once, kept for the owner alone, derived without loading much."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from complaints.services import push_keys

RFC_8291_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"  # appendix A: as_private and as_public
RFC_8291_PUBLIC = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR, settings.VAPID_PRIVATE_KEY = tmp_path, ""
    push_keys._kept.cache_clear()
    push_keys._public.cache_clear()
    yield
    push_keys._kept.cache_clear()
    push_keys._public.cache_clear()


def test_one_key_is_made_and_kept_for_the_owner_alone(tmp_path):
    first = push_keys.private_key()
    push_keys._kept.cache_clear()
    assert push_keys.private_key() == first
    assert len(base64.urlsafe_b64decode(first + "=")) == 32
    assert (tmp_path / "vapid_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["vapid_key"]


def test_the_setting_counts_more_and_gives_the_public_key_of_the_standard(settings, tmp_path):
    settings.VAPID_PRIVATE_KEY = RFC_8291_PRIVATE
    assert push_keys.public_key() == RFC_8291_PUBLIC
    assert not (tmp_path / "vapid_key").exists()


def test_what_was_derived_once_is_read(settings, monkeypatch):
    settings.VAPID_PRIVATE_KEY = RFC_8291_PRIVATE
    push_keys.public_key()
    push_keys._public.cache_clear()
    monkeypatch.setattr(push_keys, "_derived", None)
    assert push_keys.public_key() == RFC_8291_PUBLIC


def test_a_folder_that_cannot_be_written_to_is_no_trouble(settings, tmp_path):
    settings.VAPID_PRIVATE_KEY = RFC_8291_PRIVATE
    settings.DATA_DIR = tmp_path / "missing"
    assert push_keys.public_key() == RFC_8291_PUBLIC


def test_a_new_key_is_a_key_of_the_curve():
    raw = base64.urlsafe_b64decode(push_keys.new_private_key() + "=")
    assert ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
