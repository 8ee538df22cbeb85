"""The city as plain, frozen values: what the snapshot holds and the rules look at."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class ChoiceInfo:
    """`severity` lifts the report to at least that level; `danger` means: call 112 first."""

    value: str
    label: str
    label_en: str = ""
    severity: int | None = None
    danger: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True)
class QuestionInfo:
    code: str
    text: str
    text_en: str = ""
    kind: str = "choice"  # choice | yes_no | text
    is_required: bool = False
    choices: tuple[ChoiceInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryInfo:
    """A group (no parent_code) or a kind; a kind's questions include those of its group."""

    id: int
    code: str
    parent_code: str | None
    name: str
    name_en: str = ""
    hint: str = ""
    hint_en: str = ""
    icon: str = ""
    synonyms: tuple[str, ...] = ()
    severity: int = 3  # 1 planned … 5 danger to life
    network: str = ""  # "" | road | water
    nearby_radius_m: int = 100
    similar: tuple[str, ...] = ()  # other kinds people may have chosen for the same trouble
    similar_within_days: int = 365
    is_private_by_default: bool = False
    needs_repair_photo: bool = False
    order: int = 0
    questions: tuple[QuestionInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class DepartmentInfo:
    id: int
    code: str
    name: str
    name_en: str = ""
    short_name: str = ""
    kind: str = "city"  # city | subdistrict | external
    is_external: bool = False
    calendar_code: str | None = None
    area_code: str | None = None  # the kecamatan a sub-district office looks after
    handles: str = ""
    handles_en: str = ""
    website: str = ""
    phone: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class AreaInfo:
    """`bbox` is west, south, east, north in degrees."""

    id: int
    code: str
    name: str
    level: str  # city | kecamatan | kelurahan | neighbour
    parent_code: str | None
    centre_latitude: float
    centre_longitude: float
    population: int | None = None
    slum_hectares: float | None = None
    area_km2: float | None = None
    bbox: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    regency: str = ""
    portal_url: str = ""


@dataclass(frozen=True, slots=True)
class CityInfo:
    """What a city is called and where it lies; from its pack.yaml."""

    pack: str = ""
    name: str = ""
    name_en: str = ""
    title: str = ""
    title_en: str = ""
    time_zone: str = "Asia/Jakarta"
    default_calendar: str = ""
    centre_latitude: float = 0.0
    centre_longitude: float = 0.0
    zoom: int = 12
    bounds: tuple[float, float, float, float] = (-180.0, -90.0, 180.0, 90.0)
    emergency_numbers: tuple[dict, ...] = ()
    attributions: tuple[str, ...] = ()
    extra: dict = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Located:
    """Inside the city. `distance_m` is 0 inside the boundary, more in a gap or just off the coast."""

    area_code: str
    distance_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Outside:
    """Outside the city: whose it is if known, and how far the city is (None for impossible coordinates)."""

    regency: str | None = None
    kecamatan: str | None = None
    portal_url: str | None = None
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class LineHit:
    """A road or waterway near a point. No owner_code: nobody has yet said whose it is."""

    code: str
    name: str
    line_class: str
    owner_code: str | None
    owner_basis: str
    distance_m: float
    accuracy_m: float
    quality: str


@dataclass(frozen=True, slots=True)
class NamedRoad:
    """A road known by name and kecamatan only."""

    code: str
    name: str
    kecamatan_code: str | None
    owner_code: str | None
    owner_basis: str
    condition: str = ""
    length_m: float | None = None
    valid_from: date | None = None  # the first and the last day of this owner
    valid_to: date | None = None

    def is_owned_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Landmark:
    """A well-known place. `accuracy_m`: how far it may lie from its point; `basis`: how we know."""

    code: str
    name: str
    kind: str  # market, station, hospital …
    latitude: float
    longitude: float
    accuracy_m: float
    aliases: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """What is at a point: the nearest named road if one is near, the areas, or that it is `outside` the city.

    `landmark`: a well-known place at hand. `street_distance_m` is 0 without a street. `distance_m` as in
    Located: the point may lie off the coast.
    """

    street: str = ""
    street_distance_m: float = 0.0
    kelurahan_code: str | None = None
    kecamatan_code: str | None = None
    distance_m: float = 0.0
    outside: Outside | None = None
    landmark: str = ""
