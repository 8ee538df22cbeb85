"""What of an address may be kept as a view."""

import pytest

from dispatch.admin import filters
from dispatch.domain import queue_query


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", "status=open"),
        ("status=open", "status=open"),
        ("?tenggat=overdue&status=open", "tenggat=overdue"),
        ("tingkat=4&status=new", "status=new&tingkat=4"),
        ("q=+lubang+besar+&p=3&next=//evil.example", "q=lubang+besar"),
        ("dinas=DPU&dinas=DLH", "dinas=DLH"),
        ("tingkat=&kanal=api", "kanal=api"),
        ("e=1&_changelist_filters=x", "status=open"),
        ("q=" + "a" * 300, "q=" + "a" * 200),
        ("q=%00%26p%3D2", "q=%00%26p%3D2"),
    ],
)
def test_known_parameters_once_each_in_one_order(query, kept):
    assert queue_query.clean(query) == kept
    assert queue_query.clean(kept) == kept


def test_every_filter_of_the_list_is_known():
    assert {filters.SEARCH, *(item.parameter_name for item in filters.ALL)} == set(queue_query.PARAMETERS)
