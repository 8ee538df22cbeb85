"""Fixtures for every room: a database that holds the real city, reports filed through the real service."""

import io
import itertools
import random
import shutil
import tempfile
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pillow_heif
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from PIL import Image
from pytest_django.plugin import blocking_manager_key

WIB = ZoneInfo("Asia/Jakarta")
# A Tuesday morning in office hours, outside Ramadan and away from every holiday.
NOW = datetime(2026, 9, 15, 9, 0, tzinfo=WIB)
# A point on a city road in Semarang Selatan.
HERE = (-6.9903, 110.4229)
MEDIA = tempfile.mkdtemp(prefix="lapor-test-")
CITY_GONE = pytest.StashKey[bool]()
CITY_BEFORE = pytest.StashKey[object]()


def pytest_configure():
    """Tests write their files into a folder of their own and never reach a broker by accident."""
    settings.MEDIA_ROOT = MEDIA
    settings.CITY_VERSION_MAX_AGE_S = 0.0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure():
    shutil.rmtree(MEDIA, ignore_errors=True)


def _allow_emptying_the_timeline() -> None:
    """Between transactional tests Django empties all tables. PostgreSQL truncates, which the append-only
    trigger does not see; SQLite deletes row by row, so there the trigger is put aside for that moment."""
    from django.db.backends.sqlite3.operations import DatabaseOperations

    from city import triggers as city_triggers
    from complaints import triggers
    from dispatch import triggers as dispatch_triggers

    original = DatabaseOperations.sql_flush
    statements = [
        *triggers.timeline_sql("sqlite"),
        *triggers.incident_sql("sqlite"),
        *triggers.taken_back_sql("sqlite"),
        *dispatch_triggers.rule_versions_sql("sqlite"),
        *dispatch_triggers.attempts_sql("sqlite"),
        *dispatch_triggers.text_versions_sql("sqlite"),
        *city_triggers.record_sql("sqlite"),
        *city_triggers.boundaries_sql("sqlite"),
    ]
    create = [sql for sql in statements if "BEFORE DELETE" in sql]
    names = (
        *("complaints_events", "complaints_merges", "complaints_taken_back"),
        *("dispatch_rule_versions", "dispatch_attempts"),
        *("dispatch_text_versions", "city_record", "city_boundaries"),
    )
    drop = [f"DROP TRIGGER {name}_kept" for name in names]

    def sql_flush(self, style, tables, **options):
        return [*drop, *original(self, style, tables, **options), *create]

    DatabaseOperations.sql_flush = sql_flush


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database holds the city pack, loaded once."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            _allow_emptying_the_timeline()
        call_command("load_city", "semarang", verbosity=0)


def _load_city() -> None:
    from city import snapshot

    call_command("load_city", "semarang", verbosity=0)
    snapshot.invalidate()  # the version starts from 1 again, the ids do not


def _empties_the_tables(item) -> bool:
    mark = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(mark and mark.kwargs.get("transaction"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """The tests of several files share a worker: bring back the city that an earlier file's tests emptied."""
    from city import snapshot

    item.stash[CITY_BEFORE] = snapshot._snapshot
    uses_database = "db" in item.fixturenames or item.get_closest_marker("django_db")
    if item.config.stash.get(CITY_GONE, False) and uses_database and not _empties_the_tables(item):
        with item.config.stash[blocking_manager_key].unblock():
            _load_city()
        item.config.stash[CITY_GONE] = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Look at the city again after a test that changed it: its change is rolled back by now, and the picture
    that the process keeps of it would show it to the next tests for as long as they may use it unasked."""
    from city import snapshot

    result = yield
    if nextitem is None:  # nobody comes after, and the database is gone
        return result
    if _empties_the_tables(item):
        item.config.stash[CITY_GONE] = True
    elif snapshot._snapshot is not item.stash.get(CITY_BEFORE, None) and not item.config.stash.get(
        CITY_GONE, False
    ):
        with item.config.stash[blocking_manager_key].unblock():
            snapshot.recheck()
            snapshot.current()
    return result


@pytest.fixture
def committed_city(transactional_db):
    """For tests that need real commits (threads, processes): the city again after the tables were emptied."""
    from city.models import Area

    if not Area.objects.exists():
        _load_city()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def draft():
    """A factory of complete, valid drafts; keyword arguments replace what they name."""
    from complaints.domain.draft import ReportDraft

    def make(**changes):
        values = {
            "category": "jalan-lubang",
            "description": "Ada lubang di depan halte, motor sering oleng.",
            "latitude": HERE[0],
            "longitude": HERE[1],
        }
        return ReportDraft(**(values | changes))

    return make


@pytest.fixture
def make_report(db, draft):
    """File a report through the service; keyword arguments as for `draft`, and `now`."""
    from complaints.services.submit import submit_report

    def make(*, now=NOW, **changes):
        return submit_report(draft(**changes), now=now).report

    return make


@pytest.fixture
def staff(db):
    """A factory of staff: `staff("handler", "DPU")`."""
    from city.models import Department, User
    from city.services.staff import create_staff

    numbers = itertools.count(1)

    def make(role: str, department: str | None = None) -> User:
        if department:
            assert Department.objects.filter(code=department).exists()
        name = f"{role}{next(numbers)}"
        user, _password = create_staff(
            name, role=role, department_code=department, password="rahasia-sekali-9"
        )
        return user

    return make


@pytest.fixture
def route():
    """Route one report as the worker does."""
    from dispatch.services.route import route_report

    def run(report, now=NOW):
        route_report(report.pk, now=now)
        report.refresh_from_db()
        return report

    return run


@pytest.fixture
def jpeg():
    """A factory of JPEG bytes: `jpeg(size=(64, 48), gps=(lat, lon), orientation=6)`."""
    return make_jpeg


def make_jpeg(size=(64, 48), gps=None, orientation=None, colour="slategray") -> bytes:
    image = Image.new("RGB", size, colour)
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    if gps:
        exif.get_ifd(0x8825).update(_gps_tags(*gps))
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def make_proof(place=HERE, taken=None, *, seed=1, software="", size=(640, 480)) -> bytes:
    """A photo as a camera on the spot writes it: with a place and a time. `taken` None: just now."""
    image = scenery(seed, size)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Kamera", "K-1"
    if software:
        exif[0x0131] = software
    if place:
        exif.get_ifd(0x8825).update(_gps_tags(*place))
    if taken is not False:
        at = (taken or timezone.now()).astimezone(WIB)
        exif.get_ifd(0x8769)[0x9003] = at.strftime("%Y:%m:%d %H:%M:%S")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def scenery(seed: int, size=(640, 480)) -> Image.Image:
    """A picture with soft shapes in many sizes, as photos have; another one for every seed."""
    dice = random.Random(seed)
    layers = []
    for _channel in range(3):
        layer = Image.new("L", size, 128)
        for octave in range(5):
            side = 3 * 2**octave
            dots = Image.new("L", (side, side * 3 // 4 or 2))
            dots.putdata([dice.randint(0, 255) for _ in range(dots.width * dots.height)])
            layer = Image.blend(layer, dots.resize(size, Image.Resampling.BICUBIC), 0.5 / (1 + octave / 2))
        layers.append(layer)
    grey = layers[0]
    return Image.merge("RGB", [grey, *(Image.blend(grey, layer, 0.3) for layer in layers[1:])])


def make_heic() -> bytes:
    """What an iPhone sends."""
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(out, "HEIF")
    return out.getvalue()


def _gps_tags(latitude: float, longitude: float) -> dict:
    def parts(value):
        value = abs(value)
        return (int(value), int(value % 1 * 60), round(value * 60 % 1 * 60, 4))

    return {
        1: "S" if latitude < 0 else "N",
        2: parts(latitude),
        3: "W" if longitude < 0 else "E",
        4: parts(longitude),
    }


@pytest.fixture
def new_key():
    return uuid.uuid4
