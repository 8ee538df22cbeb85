"""Reports that go from hand to hand: from the third hand-over on a person at the complaints desk decides."""

from collections.abc import Iterable, Sequence

# "Not ours" twice is a disagreement between offices; the third time the citizen must not pay for it.
DESK_DECIDES_FROM = 3


def goes_to_desk(earlier_hand_overs: int) -> bool:
    """Whether the next hand-over leads to the complaints desk, whatever department was named."""
    return earlier_hand_overs + 1 >= DESK_DECIDES_FROM


def chain(departments: Iterable[str | None]) -> list[str | None]:
    """The hands a report went through, oldest first; the same hand twice in a row is one. None: the desk."""
    hands: list[str | None] = []
    for department in departments:
        if not hands or hands[-1] != department:
            hands.append(department)
    return hands


def goes_in_circles(hands: Sequence[str | None]) -> bool:
    """Whether a department that gave it away got it back."""
    named = [hand for hand in hands if hand is not None]
    return len(named) != len(set(named))
