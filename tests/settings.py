"""The settings under test: the real ones, without servers, hashed files or real messages."""

import tempfile

from lapor.settings import *  # noqa: F403
from lapor.settings import DATABASES, REDIS_URL

SECRET_KEY = "not-a-secret-only-for-tests"
SECRET_KEY_FALLBACKS = []
REPORT_LINK_KEYS = [SECRET_KEY]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
HASHED_STATIC = False
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CITY_VERSION_MAX_AGE_S = 0.0
SECOND_LOOK_PERCENT = 0.0  # no lot falls by chance; the tests of the lot set it
if not REDIS_URL:
    BROKER_URL = "memory://"
    BROKER_TRANSPORT_OPTIONS = {}

# A file, not memory: threads then meet the same locks as in production (see lapor.db.sqlite).
if DATABASES["default"]["ENGINE"] == "lapor.db.sqlite":
    _folder = tempfile.TemporaryDirectory(prefix="lapor-test-")  # goes with the process
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder.name}/test.sqlite3"}
