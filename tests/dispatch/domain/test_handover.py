"""From hand to hand, as tables."""

import pytest

from dispatch.domain import handover


@pytest.mark.parametrize(("earlier", "to_desk"), [(0, False), (1, False), (2, True), (7, True)])
def test_the_third_hand_over_goes_to_the_desk(earlier, to_desk):
    assert handover.goes_to_desk(earlier) is to_desk


@pytest.mark.parametrize(
    ("departments", "hands", "in_circles"),
    [
        ([], [], False),
        (["DPU"], ["DPU"], False),
        (["DPU", "DPU"], ["DPU"], False),
        (["DPU", "DISHUB", "DPU"], ["DPU", "DISHUB", "DPU"], True),
        (["DPU", None, "DISHUB"], ["DPU", None, "DISHUB"], False),
        ([None, "DPU", None], [None, "DPU", None], False),
    ],
)
def test_the_chain_of_hands(departments, hands, in_circles):
    assert handover.chain(departments) == hands
    assert handover.goes_in_circles(handover.chain(departments)) is in_circles
