"""Reference data: who works where, on what streets and waters, for which kinds of problem.

Everything here comes from a city pack (`city/packs/<name>/`) through `load_city` and can be edited in
the admin afterwards. Codes, never names, identify things: two kelurahan names occur twice in Semarang.
"""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from city.models.boundaries import AreaBoundary
from city.models.crew import Crew
from city.models.signin import AuditEvent, RecoveryCode, SecondFactor, SignInCounter, StaffSession
from city.roles import ROLE_CHOICES

__all__ = [
    "Area",
    "AreaBoundary",
    "AuditEvent",
    "CalendarPeriod",
    "Category",
    "CityVersion",
    "Crew",
    "Department",
    "OwnedLine",
    "PackRecord",
    "Question",
    "RecoveryCode",
    "Road",
    "SecondFactor",
    "SignInCounter",
    "StaffSession",
    "User",
    "Waterway",
    "WorkCalendar",
]


class Department(models.Model):
    """Somebody who can be responsible: a city department, a sub-district, or an owner outside the city."""

    class Kind(models.TextChoices):
        CITY = "city", _("City department")
        SUBDISTRICT = "subdistrict", _("Sub-district (kecamatan)")
        EXTERNAL = "external", _("Owner outside the city")

    code = models.CharField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160, blank=True)
    short_name = models.CharField(_("short name"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.CITY)
    handles = models.CharField(_("handles"), max_length=300, blank=True)
    handles_en = models.CharField(_("handles, in English"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.URLField(_("website"), blank=True)
    calendar = models.ForeignKey(
        "WorkCalendar", verbose_name=_("work calendar"), null=True, blank=True, on_delete=models.PROTECT
    )
    area = models.ForeignKey(  # for sub-districts: the kecamatan they look after
        "Area", verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_external(self) -> bool:
        return self.kind == self.Kind.EXTERNAL


class Area(models.Model):
    """A piece of the city with a boundary; `neighbour` areas lie around it and only serve to say so."""

    class Level(models.TextChoices):
        CITY = "city", _("City")
        KECAMATAN = "kecamatan", _("Kecamatan")
        KELURAHAN = "kelurahan", _("Kelurahan")
        NEIGHBOUR = "neighbour", _("Neighbouring regency")

    code = models.CharField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    regency = models.CharField(_("regency"), max_length=120, blank=True)  # neighbours only
    portal_url = models.URLField(_("complaint portal"), blank=True)  # neighbours only
    geometry = models.JSONField(_("boundary"))  # GeoJSON Polygon or MultiPolygon, WGS84 lon/lat
    centre_latitude = models.FloatField(_("centre latitude"))  # a point inside, degrees
    centre_longitude = models.FloatField(_("centre longitude"))
    area_km2 = models.FloatField(_("area, km²"), null=True, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    slum_hectares = models.FloatField(_("slum area, hectares"), null=True, blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class OwnedLine(models.Model):
    """A stretch of road or water and who owns it, since when, and on what evidence.

    Sources disagree on some stretches, so ownership is per segment and dated, and an empty owner means
    "unknown": the routing then asks a human instead of guessing.
    """

    class Quality(models.TextChoices):
        OSM = "osm", _("surveyed (OpenStreetMap)")
        JUNCTION = "junction", _("drawn between known junctions")
        STRAIGHT = "straight", _("straight line between its ends")
        APPROXIMATE = "approx", _("approximate")
        NONE = "none", _("name only, no geometry")

    code = models.CharField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=160, blank=True)
    line_class = models.CharField(_("class"), max_length=24, blank=True)  # trunk, tertiary; river, drain …
    owner = models.ForeignKey(
        Department, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_basis = models.CharField(_("basis of ownership"), max_length=200, blank=True)
    valid_from = models.DateField(_("owned since"), null=True, blank=True)
    valid_to = models.DateField(_("owned until"), null=True, blank=True)
    quality = models.CharField(_("quality"), max_length=12, choices=Quality.choices, default=Quality.OSM)
    accuracy_m = models.FloatField(_("accuracy, metres"), default=30)
    geometry = models.JSONField(_("geometry"), null=True, blank=True)  # GeoJSON (Multi)LineString, WGS84
    length_m = models.FloatField(_("length, metres"), null=True, blank=True)
    condition = models.CharField(_("condition"), max_length=40, blank=True)  # as surveyed by the owner
    area = models.ForeignKey(
        Area, verbose_name=_("kecamatan"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name or self.code


class Road(OwnedLine):
    class Meta(OwnedLine.Meta):
        verbose_name = _("road")
        verbose_name_plural = _("roads")


class Waterway(OwnedLine):
    class Meta(OwnedLine.Meta):
        verbose_name = _("waterway")
        verbose_name_plural = _("waterways")


class Category(models.Model):
    """A kind of problem. Two levels: groups (no parent) and the kinds a report can have."""

    class Network(models.TextChoices):
        NONE = "", _("none")
        ROAD = "road", _("roads")
        WATER = "water", _("waterways")

    code = models.SlugField(_("code"), max_length=48, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("group"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    hint = models.CharField(_("hint"), max_length=240, blank=True)
    hint_en = models.CharField(_("hint in English"), max_length=240, blank=True)
    icon = models.CharField(_("icon"), max_length=40, blank=True)  # a symbol id in static/icons.svg
    synonyms = models.JSONField(_("search words"), default=list, blank=True)  # list of strings
    severity = models.PositiveSmallIntegerField(_("severity"), default=3)  # 1 planned … 5 danger to life
    network = models.CharField(_("looks at"), max_length=8, choices=Network.choices, default="", blank=True)
    nearby_radius_m = models.PositiveIntegerField(_("similar reports within, metres"), default=100)
    # Other kinds (codes) people may have chosen for the same trouble, and how long ago it still is the same.
    similar = models.JSONField(_("similar kinds"), default=list, blank=True)
    similar_within_days = models.PositiveSmallIntegerField(_("similar within, days"), default=365)  # 0: none
    is_private_by_default = models.BooleanField(_("private by default"), default=False)
    needs_repair_photo = models.BooleanField(_("resolving needs an after-photo"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """Something a category asks; the answers decide severity and may decide the department.

    `choices` is a list of objects: `value`, `label`, `label_en`, optional `severity` (raises the report to
    at least that level), `danger` (true: show 112 at once) and `picture` (a symbol id).
    """

    class Kind(models.TextChoices):
        CHOICE = "choice", _("one of a list")
        YES_NO = "yes_no", _("yes or no")
        TEXT = "text", _("short text")

    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.CASCADE, related_name="questions"
    )
    code = models.SlugField(_("code"), max_length=40)
    text = models.CharField(_("question"), max_length=200)
    text_en = models.CharField(_("question in English"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.CHOICE)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["category", "order", "code"]
        constraints = [models.UniqueConstraint(fields=["category", "code"], name="city_question_code_once")]

    def __str__(self) -> str:
        return self.text


class WorkCalendar(models.Model):
    """When an office works. `weekly_hours`: seven lists (Monday first) of ["08:00", "16:00"] spans."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("public holidays of"), max_length=2, default="ID", blank=True)
    weekly_hours = models.JSONField(_("weekly hours"))

    class Meta:
        verbose_name = _("work calendar")
        verbose_name_plural = _("work calendars")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class CalendarPeriod(models.Model):
    """Days on which a calendar differs: other hours (Ramadan), closed (local holiday), or open after all."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="periods")
    name = models.CharField(_("name"), max_length=120)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    weekly_hours = models.JSONField(_("weekly hours"), null=True, blank=True)  # null: closed all day
    overrides_holidays = models.BooleanField(_("counts even on public holidays"), default=False)

    class Meta:
        verbose_name = _("calendar period")
        verbose_name_plural = _("calendar periods")
        ordering = ["calendar", "first_day"]

    def __str__(self) -> str:
        return self.name


_TIME_OF_DAY = RegexValidator(r"\A([01]\d|2[0-3]):[0-5]\d\Z", _("Write the time like 21:00."))


class QuietHours(models.Model):
    """When a channel's messages to citizens wait until morning. A channel without a row never waits."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WEB_PUSH = "webpush", _("Notification of a browser")
        WHATSAPP = "whatsapp", _("WhatsApp")
        SMS = "sms", _("SMS")

    code = models.CharField(_("channel"), max_length=10, choices=Channel.choices, unique=True)
    starts_at = models.CharField(_("from"), max_length=5, validators=[_TIME_OF_DAY])  # the city's time
    ends_at = models.CharField(_("until"), max_length=5, validators=[_TIME_OF_DAY])

    class Meta:
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.starts_at}–{self.ends_at}"


class CityVersion(models.Model):
    """One row. A higher `version` tells every process to rebuild its in-memory snapshot of the city."""

    version = models.PositiveBigIntegerField(default=1)  # anything changed
    boundaries_version = models.PositiveBigIntegerField(default=1)  # areas, roads or waterways changed
    pack = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="city_version_single_row")]


class PackRecord(models.Model):
    """What a pack last said about one object, so that a reload can tell the pack's edits from the staff's."""

    pack = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    values = models.JSONField()
    loaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "kind", "key"], name="city_pack_record_once")]


class User(AbstractUser):
    """A member of staff. The role decides what they may do, department and areas decide on which reports."""

    role = models.CharField(_("role"), max_length=20, choices=ROLE_CHOICES, blank=True)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    areas = models.ManyToManyField(Area, verbose_name=_("areas"), blank=True)
    # Who hears first of what is late; the department's head is a role of its own.
    is_section_head = models.BooleanField(_("heads a section"), default=False)
    # Since when a second factor is asked for at sign-in (the secret: SecondFactor); None: there is none.
    second_factor_since = models.DateTimeField(
        _("second factor since"), null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
