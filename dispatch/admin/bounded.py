"""Counting lists that grow for ever."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from dispatch.services import worklist

COUNT_AT_MOST = worklist.COUNT_AT_MOST


class BoundedPaginator(Paginator):
    """Counts no further than COUNT_AT_MOST: a list longer than that is narrowed, not leafed through.

    The page says so where the count stops, so nothing is cut in silence.
    """

    template_name = "dispatch/admin/_bounded_pages.html"  # for the theme's own lists

    @property
    def at_most(self) -> int:
        return COUNT_AT_MOST

    @cached_property
    def count(self) -> int:
        # The keys alone: what a list shows of each row is not worked out for counting.
        return self.object_list.order_by().values("pk")[: COUNT_AT_MOST + 1].count()

    @property
    def is_bounded(self) -> bool:
        return self.count > COUNT_AT_MOST
