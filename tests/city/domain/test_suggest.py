"""From people's own words to kinds of problem, on Semarang's pack, without a database."""

import csv
import time
from pathlib import Path

import pytest
import yaml

from city.domain import affixes
from city.domain.info import CategoryInfo
from city.domain.suggest import MAX_CHARS, SearchWords, Suggester

HERE = Path(__file__).parent
PACK = HERE.parents[2] / "city" / "packs" / "semarang"
CASES = [
    (text, kind)
    for kind, texts in yaml.safe_load((HERE / "suggest_cases.yaml").read_text()).items()
    for text in texts
]


def semarang() -> Suggester:
    groups = yaml.safe_load((PACK / "categories.yaml").read_text())["groups"]
    words = yaml.safe_load((PACK / "words.yaml").read_text())
    kinds = [
        CategoryInfo(
            id=0,
            code=kind["code"],
            parent_code=group["code"],
            name=kind["name"],
            name_en=kind["name_en"],
            hint=kind["hint"],
            hint_en=kind["hint_en"],
            synonyms=tuple(map(str, kind["synonyms"])),
            order=order,
        )
        for group in groups
        for order, kind in enumerate(group["kinds"])
    ]
    return Suggester(kinds, SearchWords(frozenset(words["stop_words"]), words["short_forms"]))


SUGGESTER = semarang()


def codes(text: str, limit: int = 3) -> list[str]:
    return [item.code for item in SUGGESTER.suggest(text, limit)]


def test_the_table_is_large_enough():
    assert len(CASES) >= 120
    assert len({kind for _text, kind in CASES}) == 34


@pytest.mark.parametrize(("text", "kind"), CASES)
def test_what_is_meant_is_among_the_first_three(text, kind):
    assert kind in codes(text)


def test_phrases_that_were_set_aside_are_understood_too():
    lines = (HERE / "suggest_held_out.tsv").read_text().splitlines()[1:]
    rows = [(row["text"], row["kind"]) for row in csv.DictReader(lines, delimiter="\t")]
    assert len(rows) == 40
    first = sum(codes(text, 1) == [kind] for text, kind in rows)
    among_three = sum(kind in codes(text) for text, kind in rows)
    assert first >= 34
    assert among_three >= 38


def test_every_kind_has_at_least_twenty_search_words():
    groups = yaml.safe_load((PACK / "categories.yaml").read_text())["groups"]
    few = {
        k["code"]: len(set(k["synonyms"])) for g in groups for k in g["kinds"] if len(set(k["synonyms"])) < 20
    }
    assert few == {}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("lubnag", "jalan-lubang"),  # two letters exchanged
        ("lubanng", "jalan-lubang"),  # one too many
        ("lubag", "jalan-lubang"),  # one missing
        ("lupang", "jalan-lubang"),  # one other
        ("SAMPAAAHHH!!!", "lain-sampah"),
        ("b4njir", "banjir-banjir"),
        ("lubang2", "jalan-lubang"),
        ("smph", "lain-sampah"),  # consonants only, as in a text message
        ("pothole", "jalan-lubang"),  # English
        ("gedhé banjiré", "banjir-banjir"),
    ],
)
def test_ways_of_writing(written, kind):
    assert codes(written)[0] == kind


@pytest.mark.parametrize(
    "text", ["", "   ", "!?", "🙏🙏", "xyzzy qwrtp", "yang di ke dari", "a" * 5000, "\x00\u202e"]
)
def test_nothing_is_suggested_for_nothing(text):
    assert SUGGESTER.suggest(text) == []


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("lubangnya", "lubang"),
        ("sampahe", "sampah"),
        ("dalane", "dalan"),
        ("banyune", "banyu"),
        ("berlubang", "lubang"),
        ("menggenang", "genang"),
        ("tersumbat", "sumbat"),
        ("mbuwak", "buwak"),
        ("nyumbat", "sumbat"),
        ("kebanjiran", "banjir"),
        ("ditutupi", "tutup"),
    ],
)
def test_affixes(word, form):
    assert form in affixes.bare(word)


def test_no_snake_in_a_beginning():
    assert "ula" not in affixes.bare("mulai")


def test_scores_fall_and_lie_between_nought_and_one():
    found = SUGGESTER.suggest("sampah numpuk di got mampet", 5)
    scores = [item.score for item in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert {"lain-sampah", "banjir-saluran"} <= {item.code for item in found}


def test_a_long_story_is_read_in_a_few_milliseconds():
    story = ("Pak tolong di depan rumah saya ada got jebol, air meluap ke jalan, sampah menumpuk. " * 60)[
        :20_000
    ]
    assert len(story) > 5000
    started = time.thread_time()
    for _run in range(20):
        SUGGESTER.suggest(story)
    assert (time.thread_time() - started) / 20 < 0.02
    assert SUGGESTER.suggest(story) == SUGGESTER.suggest(story[:MAX_CHARS])


def test_a_city_without_search_words_still_finds_names():
    kinds = [
        CategoryInfo(1, "a-lampu", "a", "Lampu mati", synonyms=("peteng",)),
        CategoryInfo(2, "a-air", "a", "Air keruh"),
    ]
    plain = Suggester(kinds)
    assert [item.code for item in plain.suggest("lampune peteng")] == ["a-lampu"]
    assert Suggester([]).suggest("lampu") == []
