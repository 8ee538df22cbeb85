"""How people write places: folding spellings, abbreviations and directions to one form.

Indonesian names are written in three ages of spelling (Soekarno, Sukarno), with Javanese consonants or
without (Dhuwur, Duwur), abbreviated freely (Jl., Jln., Gg., Psr., Brigjend.) and with Javanese or Indonesian
directions (Wetan, Timur). A word is folded the same way in the gazetteer and in what is typed, so only the
typed side needs to know the alternatives.
"""

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[0-9a-z]+")
_DOUBLED = re.compile(r"([a-z])\1+")
# Older spellings and Javanese consonants → today's spelling. Order matters: `sj` before `j`.
_SPELLING = (
    ("oe", "u"),
    ("dj", "j"),
    ("tj", "c"),
    ("sj", "sy"),
    ("nj", "ny"),
    ("dh", "d"),
    ("th", "t"),
    ("kh", "k"),
    ("ph", "f"),
    ("v", "f"),
    ("q", "k"),
    ("x", "ks"),
)
# Initials and numbers in which these pairs are no spelling.
_AS_WRITTEN = frozenset({"kh", "th", "dh"})
_NUMERALS = "ii iii iv vi vii viii ix xi xii xiii xiv xv"
_ROMAN = dict(zip(_NUMERALS.split(), "2 3 4 6 7 8 9 11 12 13 14 15".split(), strict=True))  # noqa: SIM905
_ABBREVIATIONS = {
    **dict.fromkeys(("jl", "jln", "jalan", "dalan", "jalane", "dalane"), "jalan"),
    **dict.fromkeys(("gg", "gang"), "gang"),
    **dict.fromkeys(("kel", "kelurahan", "desa", "ds"), "kelurahan"),
    **dict.fromkeys(("kec", "kecamatan"), "kecamatan"),
    **dict.fromkeys(("psr", "ps", "peken"), "pasar"),
    **dict.fromkeys(("kp", "kpg", "kmp", "kampong"), "kampung"),
    **dict.fromkeys(("perum", "prum", "perumnas", "komplek", "kompleks"), "perumahan"),
    **dict.fromkeys(("sta", "st", "stsn"), "stasiun"),
    **dict.fromkeys(("trm", "term", "terminl"), "terminal"),
    **dict.fromkeys(("univ", "unv"), "universitas"),
    **dict.fromkeys(("mesjid", "msjd", "msj"), "masjid"),
    **dict.fromkeys(("jbt", "jemb", "jmbtn", "kreteg"), "jembatan"),
    **dict.fromkeys(("tmn",), "taman"),
    **dict.fromkeys(("lap", "lapngan"), "lapangan"),
    **dict.fromkeys(("bdr", "bndr"), "bandara"),
    **dict.fromkeys(("ktr", "kntr"), "kantor"),
    **dict.fromkeys(("smg", "smrg"), "semarang"),
    **dict.fromkeys(("jend", "jen", "jendral", "jnd"), "jenderal"),
    **dict.fromkeys(("kol",), "kolonel"),
    **dict.fromkeys(("kapt",), "kapten"),
    **dict.fromkeys(("dr", "dokter"), "dokter"),
    **dict.fromkeys(("prof",), "profesor"),
    **dict.fromkeys(("mgr",), "monsinyur"),
    **dict.fromkeys(("brigjen", "brigjend"), "brigadir jenderal"),
    **dict.fromkeys(("mayjen", "mayjend"), "mayor jenderal"),
    **dict.fromkeys(("letjen", "letjend"), "letnan jenderal"),
    **dict.fromkeys(("letkol",), "letnan kolonel"),
    **dict.fromkeys(
        ("prapatan", "perempatan", "pertigaan", "protelon", "simpangan", "persimpangan"), "simpang"
    ),
    **dict.fromkeys(("fo", "flayover"), "flyover"),
}
_PAIRS = {("rumah", "sakit"): "rs", ("r", "s"): "rs", ("fly", "over"): "flyover"}
# Either word stands for the other: Javanese and Indonesian.
_SAME = (
    ("utara", "lor"),
    ("selatan", "kidul"),
    ("timur", "wetan"),
    ("barat", "kulon"),
    ("baru", "anyar"),
    ("sungai", "kali"),
    ("besar", "gede"),
    ("atas", "duwur"),
    ("bawah", "ngisor"),
    ("kauman", "kaoman"),
)
SYNONYMS: dict[str, str] = {**dict(_SAME), **{second: first for first, second in _SAME}}
# They say what kind of place is meant, or nothing that a map knows. word → kinds of entries it speaks for
HINTS: dict[str, tuple[str, ...]] = {
    "jalan": ("road", "street", "crossing"),
    "gang": ("street",),
    "kelurahan": ("kelurahan",),
    "kecamatan": ("kecamatan",),
    "simpang": ("crossing",),
    "sungai": ("water",),
    "kali": ("water",),
}
_DROPPED = frozenset({"jalan", "kelurahan", "kecamatan"})
_OPTIONAL = frozenset({"simpang", "gang", "perumahan", "kampung", "kantor"})
NOISE = frozenset(
    {
        *("di", "ke", "dari", "dan", "yang", "dekat", "depan", "samping", "belakang", "seberang", "sebelah"),
        *("sekitar", "daerah", "area", "kawasan", "wilayah", "no", "nomor", "rt", "rw", "kota", "antara"),
        *("ngarep", "mburi", "cedak", "arah", "menuju", "pojok", "ujung", "blok"),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed: the words that must be found, those that may be, and the kinds it speaks of."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    kinds: frozenset[str]
    is_last_open: bool  # the last required word may be the beginning of a longer one


def fold(text: str) -> list[str]:
    """`Jl. Soekarno-Hatta II` becomes [`jalan`, `sukarno`, `hata`, `2`]."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    words: list[str] = []
    for raw in _WORD.findall(plain.replace("'", "").replace("`", "")):
        for word in _ABBREVIATIONS.get(raw, raw).split():
            if words and (words[-1], word) in _PAIRS:
                words[-1] = _PAIRS[words[-1], word]
            else:
                words.append(_ROMAN.get(word) or _spelled(word))
    return words


def _spelled(word: str) -> str:
    if word in _AS_WRITTEN:
        return word
    for old, new in _SPELLING:
        if old in word:
            word = word.replace(old, new)
    return _DOUBLED.sub(r"\1", word)


def name_words(name: str) -> list[str]:
    """The words of a place's name that tell it from others."""
    words = fold(name)
    return [word for word in words if word not in _DROPPED] or words


def read(query: str, most_words: int = 10) -> Wanted:
    """What somebody who typed this may be looking for. Words beyond `most_words` are ignored."""
    folded = fold(query)[: 3 * most_words]
    words = ([word for word in folded if word not in NOISE] or folded)[:most_words]
    kinds = {kind for word in words for kind in HINTS.get(word, ())}
    named = [word for word in words if word not in _DROPPED]
    required = [word for word in named if word not in _OPTIONAL]
    optional = [word for word in named if word in _OPTIONAL]
    if not required:
        required, optional = optional, []
    is_open = bool(required) and not query[-1:].isspace() and bool(words) and words[-1] == required[-1]
    return Wanted(tuple(required), tuple(optional), frozenset(kinds), is_open)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def one_edit(word: str) -> set[str]:
    """Every word that is one slip away: a letter too many, too few, another one, or two changed about."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {left + right[1:] for left, right in cuts if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
    found |= {left + letter + right for left, right in cuts for letter in _LETTERS}
    found.discard(word)
    return found
