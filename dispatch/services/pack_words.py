"""What a pack's rules may speak about: its kinds, their questions and answers, the classes of its lines."""

from dataclasses import dataclass

from city.services.pack.files import Block

_YES_NO = frozenset({"yes", "no"})
# What OpenStreetMap calls roads and waterways; `street` is a road that is known by its name alone.
LINE_CLASSES = frozenset(
    {
        *("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "street", "unclassified"),
        *("river", "stream", "canal", "drain", "ditch"),
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    group: str
    network: str
    questions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """`choices`: question → its values."""

    kinds: tuple[Kind, ...]
    choices: dict[str, frozenset[str]]
    line_classes: frozenset[str] = LINE_CLASSES

    @classmethod
    def of(cls, pack) -> "Words":
        """Read categories.yaml leniently: the city's own section reports what is wrong with it."""
        content = pack.files.yaml("categories.yaml") or {}
        return cls(tuple(_kinds(content)), _choices(content))

    def kinds_of(self, categories: list[str]) -> list[Kind]:
        """The kinds that a rule's categories cover; all for none."""
        wanted = set(categories)
        return [kind for kind in self.kinds if not wanted or wanted & {kind.code, kind.group}]


def _list(block, key: str) -> list:
    value = block.get(key) if isinstance(block, dict) else None
    return value if isinstance(value, list) else []


def _kinds(content: dict):
    for group in _list(content, "groups"):
        for kind in _list(group, "kinds"):
            if isinstance(kind, dict) and isinstance(kind.get("code"), str):
                asked = [*_list(group, "ask"), *_list(kind, "ask")]
                network = kind.get("network")
                yield Kind(
                    code=kind["code"],
                    group=str(group.get("code")),
                    network=network if network in ("road", "water") else "",
                    questions=frozenset(str(question) for question in asked),
                )


def _choices(content: dict) -> dict[str, frozenset[str]]:
    questions = content.get("questions")
    if not isinstance(questions, Block):
        return {}
    return {
        code: _YES_NO
        if isinstance(block, dict) and block.get("kind") == "yes_no"
        else frozenset(str(c.get("value")) for c in _list(block, "choices") if isinstance(c, dict))
        for code, block in questions.items()
    }
