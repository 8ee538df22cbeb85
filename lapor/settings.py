"""Settings, read from the environment (12-factor). Every variable is listed in .env.example.

Two ways to run on one code path: with no variables at all the portal runs on SQLite and a
Redis-compatible server that pip installed; with DATABASE_URL and REDIS_URL it runs on real servers.
"""

import os
from contextlib import suppress
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from lapor import embedded, logs, messaging, signin
from lapor.bundles import SCRIPT_BUNDLES, STYLE_BUNDLES  # noqa: F401 - for storage and tags

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
# An empty variable is an unset one: a copied .env.example changes nothing.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("PRODUCTION", default=False)


def _local_secret() -> str:
    """A key made once and kept in DATA_DIR, so that a newcomer needs no configuration."""
    from django.core.management.utils import get_random_secret_key

    path = DATA_DIR / "secret_key"
    if not path.exists():
        # Written whole beside its place, then linked: of two processes that start at once one wins.
        draft = path.with_name(f"secret_key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


SECRET_KEY = env("SECRET_KEY") if PRODUCTION else env("SECRET_KEY", default="") or _local_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Keys the reporters' private links are derived from: the first signs, all verify.
REPORT_LINK_KEYS = env.list("REPORT_LINK_KEYS", default=[]) or [SECRET_KEY, *SECRET_KEY_FALLBACKS]

# --- Addresses -------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_BASE_URL = env("PUBLIC_BASE_URL", default=f"http://localhost:{env('PORT', default='8000')}")
CSRF_FAILURE_VIEW = "complaints.web.errors.csrf_failure"
ADMIN_PREFIX = "/admin/"
ACCEPT_LANGUAGE_PREFIXES = ("/api/", "/open311/")  # programs are taken at their word, see LanguageMiddleware

# --- Django ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "lapor.apps.LaporConfig",  # first: guards django-leaflet where GDAL is absent
    "unfold.apps.BasicAppConfig",  # the site of the admin is ours, see StaffAdminConfig
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "lapor.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "leaflet",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "city.apps.CityConfig",
    "complaints.apps.ComplaintsConfig",
    "dispatch.apps.DispatchConfig",
]

MIDDLEWARE = [
    "lapor.middleware.ProbeMiddleware",
    "lapor.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lapor.middleware.BrowserPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lapor.middleware.MetricsMiddleware",
    "complaints.api.middleware.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "lapor.middleware.AdminCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lapor.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "complaints.web.devices.DeviceMiddleware",
    "lapor.middleware.RequestSizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lapor.staff_auth.StaffAuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "lapor.urls"
WSGI_APPLICATION = "lapor.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- Database, broker, cache, mail -----------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", default="")
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "lapor.sqlite3"}}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "lapor.db.sqlite"
    # Kept open: whoever closes a file's last connection must first copy its whole log into it.
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis by REDIS_URL; else the embedded server that `make run` starts; else, where pip has no server for
# the platform, kombu's files (slower, and a message can get lost: the outbox sweep makes up for that).
REDIS_URL = env("REDIS_URL", default="")
_embedded_socket = embedded.socket_path(DATA_DIR) if embedded.valkey_program() else None
BROKER_TRANSPORT_OPTIONS = {}
if REDIS_URL:
    BROKER_URL = REDIS_URL
elif _embedded_socket:
    BROKER_URL = f"redis+socket://{_embedded_socket}"
else:
    BROKER_URL = "filesystem://"
    _queue_dir = str(DATA_DIR / "queue")
    BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _queue_dir,
        "data_folder_out": _queue_dir,
        "control_folder": str(DATA_DIR / "queue-control"),
        "polling_interval": 0.1,
    }

# Seconds a worker may hold a row of the outbox; a lost worker's rows are taken over after that.
OUTBOX_LEASE_S = env.float("OUTBOX_LEASE_S", default=30.0)

if REDIS_URL or _embedded_socket:
    CACHES = {
        "default": {
            "BACKEND": "lapor.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL or f"unix://{_embedded_socket}",
            "KEY_PREFIX": "lapor",
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

EMAIL_URL = env("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:  # nobody is written to by accident: messages become files
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Lapor <lapor@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
vars().update(messaging.read(env))

# --- People, languages -----------------------------------------------------------------------------

AUTH_USER_MODEL = "city.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

SESSION_COOKIE_NAME = "sesi"
vars().update(signin.read(env, production=PRODUCTION))
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]  # what Django and the admin theme leave in English
LANGUAGE_COOKIE_NAME = "bahasa"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
USE_TZ = True

# --- Files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
# Hashed, compressed files with far-future caching after `collectstatic`; else straight from their folders.
HASHED_STATIC = env.bool("HASHED_STATIC", default=PRODUCTION)
WHITENOISE_USE_FINDERS = not HASHED_STATIC
_static_storage = (
    "lapor.storage.HashedStaticFilesStorage"
    if HASHED_STATIC
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(DATA_DIR / "media")))
S3_BUCKET = env("S3_BUCKET", default="")  # any S3-compatible store; needs requirements-s3.txt
if S3_BUCKET:
    _media_storage = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env("S3_ENDPOINT_URL", default=None),
            "region_name": env("S3_REGION", default=None),
            "access_key": env("S3_ACCESS_KEY", default=None),
            "secret_key": env("S3_SECRET_KEY", default=None),
            "default_acl": "private",  # photos pass through Django, which knows who may see them
            "file_overwrite": False,
        },
    }
else:
    _media_storage = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STORAGES = {"default": _media_storage, "staticfiles": {"BACKEND": _static_storage}}
FILE_UPLOAD_PERMISSIONS = 0o640

MAX_PHOTOS_PER_REPORT = 5
MAX_PHOTO_BYTES = 15 * 1024 * 1024
MAX_UPLOAD_REQUEST_BYTES = MAX_PHOTOS_PER_REPORT * MAX_PHOTO_BYTES + 1024 * 1024
# A form larger than that is still read for what was typed, its photos thrown away as they come.
MAX_READ_OVER_BYTES = 4 * MAX_UPLOAD_REQUEST_BYTES
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of a body that holds no files
DATA_UPLOAD_MAX_NUMBER_FILES = 100  # whoever chooses a whole album gets the form back, with what to do
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # the admin's lists send one field a row

# --- Security --------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # a private link's secret never leaves in a Referer header
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = {"camera": "self", "geolocation": "self"}  # what the form asks for; all else nobody gets
PERMISSIONS_REFUSED = ("microphone", "payment", "usb", "serial", "display-capture", "midi")
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:  # only then: a client could set the header itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
# Preloading binds a whole domain for years: its owner decides that, with HSTS_PRELOAD.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# No public tile server by default: the map draws the city's own boundaries, waterways and roads.
TILE_URL = env("TILE_URL", default="")  # https://…/{z}/{x}/{y}.png
TILE_ATTRIBUTION = env("TILE_ATTRIBUTION", default="")
# Browsers may load pictures from where the tiles are: the address's origin, `*.` for its subdomains.
_tile_origin = "/".join(TILE_URL.split("/")[:3]).replace("{s}", "*")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *([_tile_origin] if _tile_origin else [])],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# What AdminCSPMiddleware puts in place of these under /admin/. No nonce: it would void 'unsafe-inline'.
ADMIN_CSP = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
METRICS_TOKEN = env("METRICS_TOKEN", default="")

LOGGING = logs.config(as_json=env.bool("LOG_JSON", default=False), level=env("LOG_LEVEL", default="INFO"))

# --- Map -------------------------------------------------------------------------------------------

LEAFLET_CONFIG = {
    "TILES": [("", TILE_URL, {"attribution": TILE_ATTRIBUTION})] if TILE_URL else [],
    "DEFAULT_CENTER": (-6.9903, 110.4229),
    "DEFAULT_ZOOM": 12,
    "MIN_ZOOM": 9,
    "MAX_ZOOM": 19,
    "RESET_VIEW": False,
    "SCALE": "metric",
    "ATTRIBUTION_PREFIX": "",
}

# Where the search for a place looks. Any other class must keep `city.services.geocoding.Geocoder`.
GAZETTEER = "city.services.geocoding.GazetteerGeocoder"
GEOCODER = env("GEOCODER", default=GAZETTEER)
GEOCODER_URL = env("GEOCODER_URL", default="")  # of a Nominatim server, without /search

# --- API -------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lapor API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",  # the schemas are JSON Schema 2020-12
    "POSTPROCESSING_HOOKS": [],
}

# --- Staff pages -----------------------------------------------------------------------------------

UNFOLD = {  # names of functions are called with the request
    "SITE_TITLE": "dispatch.admin.home.title",
    "SITE_HEADER": "dispatch.admin.home.title",
    "SITE_SUBHEADER": _("Staff"),
    "SITE_ICON": "dispatch.admin.home.logo",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "dispatch.admin.home.favicon"}],
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "ENVIRONMENT": "dispatch.admin.home.environment",
    "ACCOUNT": {"navigation": "dispatch.admin.home.account_links"},
    "DASHBOARD_CALLBACK": "dispatch.admin.home.my_work",
    "STYLES": [f"dispatch.admin.home.{name}_css" for name in ("tokens", "staff", "mends")],
    "SCRIPTS": ["dispatch.admin.home.theme_js", "dispatch.admin.home.forget_js"],
    "SIDEBAR": {"navigation": "dispatch.admin.home.menu"},
    "BORDER_RADIUS": "8px",
    "COLORS": {  # the tokens' accent and paper, as the theme's scales
        "primary": {
            "50": "#eef6f6",
            "100": "#dbebea",
            "200": "#b6d8d8",
            "300": "#93dfdf",
            "400": "#67c7c9",
            "500": "#3a9aa0",
            "600": "#0a5660",
            "700": "#084a53",
            "800": "#063d45",
            "900": "#073b43",
            "950": "#04262a",
        },
        "base": {
            "50": "#f5f4ef",
            "100": "#ebe9e1",
            "200": "#d8d5ca",
            "300": "#c3c6c0",
            "400": "#98a6a6",
            "500": "#627277",
            "600": "#47585d",
            "700": "#2b3c40",
            "800": "#1f2e32",
            "900": "#152124",
            "950": "#0d1618",
        },
    },
}

# --- City ------------------------------------------------------------------------------------------

# How many of a hundred repairs without findings a second person looks at, where the admin says nothing.
SECOND_LOOK_PERCENT = env.float("SECOND_LOOK_PERCENT", default=10.0)
# Where "maps on the web" leads from the field page ({latitude}, {longitude}); empty: it is not offered.
_MAPS = "https://www.google.com/maps/dir/?api=1&destination={latitude},{longitude}"
NAVIGATION_URL = env("NAVIGATION_URL", default=_MAPS)
CITY_PACK = env("CITY_PACK", default="semarang")
# Seconds for which a process may use its snapshot of the city before asking for the version again.
CITY_VERSION_MAX_AGE_S = env.float("CITY_VERSION_MAX_AGE_S", default=1.0)
