"""The sentences that explain a decision, in both languages, since they are stored with it."""

from typing import Protocol

from dispatch.domain.facts import Facts, Line, Party, When

Pair = tuple[str, str]  # Indonesian, English

# Nearer than this a place lies on the line, as far as a citizen is concerned.
ON_IT_WITHIN_M = 5.0
# What a line without a name is called, by its class; else by its kind.
_UNNAMED = {
    "motorway": ("jalan tol tanpa nama", "a toll road without a name"),
    "river": ("sungai tanpa nama", "a river without a name"),
    "stream": ("anak sungai tanpa nama", "a stream without a name"),
    "canal": ("kanal tanpa nama", "a canal without a name"),
    "drain": ("saluran tanpa nama", "a drain without a name"),
    "ditch": ("saluran tanpa nama", "a drain without a name"),
    "road": ("jalan tanpa nama", "a road without a name"),
    "water": ("aliran air tanpa nama", "a waterway without a name"),
}


def place(facts: Facts) -> Pair:
    where = facts.area_name or facts.area
    around = facts.kecamatan_name or facts.kecamatan
    if facts.is_vague:
        return (
            f"Pelapor menyebut Kelurahan {where}, Kecamatan {around}, tanpa titik di peta.",
            f"The reporter named kelurahan {where} in kecamatan {around}, without a point on the map.",
        )
    return (
        f"Titik ini berada di Kelurahan {where}, Kecamatan {around}.",
        f"This place lies in kelurahan {where}, kecamatan {around}.",
    )


def line_name(line: Line) -> Pair:
    if line.name:
        return line.name, line.name
    return _UNNAMED.get(line.line_class) or _UNNAMED[line.kind]


def line(line: Line | None, facts: Facts) -> Pair | None:
    """Where the place lies on the map of owners; None for a category that does not look at lines."""
    if line is None:
        return _no_line(facts)
    name, name_en = line_name(line)
    if line.owner:
        owner = f"pemiliknya {line.owner.name}"
        owner_en = f"it belongs to {name_of(line.owner)[1]}"
    else:
        owner, owner_en = "pemiliknya belum diketahui", "its owner is not known yet"
    if line.distance_m is None:
        return (
            f"Pelapor menyebut {name}; {owner}.",
            f"The reporter named {name_en}; {owner_en}.",
        )
    if line.distance_m < ON_IT_WITHIN_M:
        return f"Titik ini berada di {name}; {owner}.", f"This place lies on {name_en}; {owner_en}."
    distance = round(line.distance_m)
    return (
        f"Titik ini {distance} m dari {name}; {owner}.",
        f"This place is {distance} m from {name_en}; {owner_en}.",
    )


def _no_line(facts: Facts) -> Pair | None:
    if facts.network == "road":
        return (
            "Tidak ada jalan besar yang pemiliknya tercatat di dekat titik ini.",
            "No main road with a recorded owner lies near this place.",
        )
    if facts.network == "water":
        return (
            "Tidak ada sungai atau saluran yang pemiliknya tercatat di dekat titik ini.",
            "No river or drain with a recorded owner lies near this place.",
        )
    return None


def name_of(party: Party) -> Pair:
    return party.name, party.name_en or party.name


def answer(facts: Facts, question: str) -> Pair:
    label, label_en = facts.labels.get(question, (f"{question}: {facts.answers.get(question)}",) * 2)
    return f"Jawaban pelapor: {label}.", f"The reporter's answer: {label_en}."


class _WithReason(Protocol):
    reason: str
    reason_en: str


def reason(rule: _WithReason) -> Pair:
    return rule.reason, rule.reason_en or rule.reason


def words(phrase: str) -> Pair:
    return f"Laporan menyebut “{phrase}”.", f"The report says “{phrase}”."


_DAYS = (
    *(("Senin", "Monday"), ("Selasa", "Tuesday"), ("Rabu", "Wednesday"), ("Kamis", "Thursday")),
    *(("Jumat", "Friday"), ("Sabtu", "Saturday"), ("Minggu", "Sunday")),
)


def time(when: When) -> Pair:
    """When it was reported, by the city's clock."""
    day, day_en = _DAYS[when.at.weekday()]
    return (
        f"Dilaporkan hari {day}, {when.at:%d-%m-%Y}, pukul {when.at:%H.%M}.",
        f"Reported on {day_en}, {when.at:%Y-%m-%d}, at {when.at:%H:%M}.",
    )


_LEVELS = {
    5: ("darurat", "danger to life"),
    4: ("berat", "severe"),
    3: ("sedang", "moderate"),
    2: ("ringan", "minor"),
    1: ("terencana", "needs planning"),
}


def severity(before: int, after: int) -> Pair | None:
    """What the rules made of the severity; None if nothing."""
    if before == after or before not in _LEVELS:
        return None
    (old, old_en), (new, new_en) = _LEVELS[before], _LEVELS[after]
    verb, verb_en = ("dinaikkan", "raised") if after > before else ("diturunkan", "lowered")
    return (
        f"Tingkat bahaya {verb} dari {old} menjadi {new}.",
        f"The severity is {verb_en} from {old_en} to {new_en}.",
    )


def check() -> Pair:
    return (
        "Petugas diminta memeriksa dahulu sebelum menangani.",
        "Staff are asked to check it first, before they act.",
    )


def outcome(party: Party) -> Pair:
    name, name_en = name_of(party)
    if party.is_external:
        return (
            f"Karena itu laporan ini dirujuk ke {name}, di luar kewenangan kota, dan tetap terbuka "
            "sampai tuntas.",
            f"So this report is referred to {name_en}, outside the city's authority, and stays open "
            "until it is done.",
        )
    return f"Karena itu laporan ini diteruskan ke {name}.", f"So this report goes to {name_en}."


def ambiguous(results: list[tuple[Line | None, str, str]]) -> Pair:
    """`results`: each possible line with where it would lead, in both languages."""
    parts, parts_en = [], []
    for line, to, to_en in results:
        if line is None:
            parts.append(f"jalan atau saluran yang belum ada di peta ({to})")
            parts_en.append(f"a road or drain that is not on the map ({to_en})")
        else:
            name, name_en = line_name(line)
            parts.append(f"{name} ({to})")
            parts_en.append(f"{name_en} ({to_en})")
    return (
        f"Peta tidak dapat memastikan letaknya: {' atau '.join(parts)}. Petugas akan memutuskan.",
        f"The map cannot tell which it is: {' or '.join(parts_en)}. A person will decide.",
    )


TRIAGE = {
    "no_rule": (
        "Belum ada aturan untuk keadaan ini. Petugas akan memutuskan.",
        "There is no rule for this situation yet. A person will decide.",
    ),
    "tie": (
        "Dua aturan sama kuat: {codes}. Petugas akan memutuskan.",
        "Two rules are equally strong: {codes}. A person will decide.",
    ),
    "rule_failed": (
        "Sebuah aturan tidak dapat dibaca: {codes}. Petugas akan memutuskan dan aturannya diperbaiki.",
        "A rule could not be read: {codes}. A person will decide, and the rule will be mended.",
    ),
    "unknown_owner": (
        "Pemilik jalan atau saluran ini belum diketahui. Petugas akan memutuskan.",
        "Whose road or waterway this is, is not known yet. A person will decide.",
    ),
    "no_subdistrict": (
        "Kecamatan untuk tempat ini belum terdaftar sebagai instansi. Petugas akan memutuskan.",
        "The sub-district of this place is not registered as a department. A person will decide.",
    ),
    "by_rule": ("Petugas akan memutuskan.", "A person will decide."),
    "routing_failed": (
        "Penentuan otomatis gagal. Petugas akan memutuskan.",
        "The automatic decision failed. A person will decide.",
    ),
}


def triage(reason: str, codes: tuple[str, ...] = ()) -> Pair:
    sentence, sentence_en = TRIAGE[reason]
    return sentence.format(codes=", ".join(codes)), sentence_en.format(codes=", ".join(codes))


def lost(points: int, order: int, won_points: int, won_order: int) -> Pair:
    """Why a rule that also holds did not win."""
    if points < won_points:
        return (
            f"Kurang khusus ({points} angka, pemenang {won_points}).",
            f"Less specific ({points} points, the winner has {won_points}).",
        )
    return (
        f"Sama khusus ({points} angka), tetapi urutannya {order}, pemenang {won_order}.",
        f"Equally specific ({points} points), but its order is {order}, the winner's {won_order}.",
    )
