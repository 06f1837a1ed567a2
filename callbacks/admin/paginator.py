"""Pages of a list that may be of a million: it is counted as far as anybody reads, and no further."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

MOST_COUNTED = 1000
BEFORE = "before"


class BoundedPaginator(Paginator):
    """Of a list in order of time it knows up to a thousand rows, and whether there are more. One in the
    order of the desk is of what is open or was found: short enough to be shown to its end."""

    object_list: Any
    most = MOST_COUNTED

    @cached_property
    def _counted(self) -> int:
        found = self.object_list
        if time_column(found) is None:
            return int(found.count())
        # In its order, so that the index that gives the page is the one that is counted along.
        return int(found.values("pk")[: MOST_COUNTED + 1].count())

    @property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED) if time_column(self.object_list) else self._counted

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are counted."""
        return self._counted > MOST_COUNTED


class LongList(ChangeList):
    """A list that goes on, after its first thousand, with those before the last that was shown: however
    far back, a page is found by the index and nothing before it is read."""

    def get_filters_params(self, params: Any = None) -> Any:
        """What narrows the list down, without where it begins."""
        return {name: value for name, value in super().get_filters_params(params).items() if name != BEFORE}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        found = super().get_queryset(request, exclude_parameters)
        column = time_column(found)
        pk = self.params.get(BEFORE, "")
        if column is None or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return found
        at = self.root_queryset.order_by().filter(pk=pk).values_list(column, flat=True).first()
        return _before(found, column, at, int(pk)) if at else found

    @property
    def further_back(self) -> str:
        """The address of what comes after the last of the pages; "" on any other page, or at the end."""
        is_last = self.paginator.is_cut and self.page_num == self.paginator.num_pages
        if not is_last or time_column(self.queryset) is None:
            return ""
        return str(self.get_query_string({BEFORE: list(self.result_list)[-1].pk}))

    @property
    def newest(self) -> str:
        """The address of the list from its beginning; "" there."""
        return str(self.get_query_string({BEFORE: None})) if BEFORE in self.params else ""


def time_column(requests: QuerySet[Any]) -> str | None:
    """By which column, the newest first, requests are in order; None in the order of the desk."""
    first = requests.query.order_by[0]
    return first.removeprefix("-") if isinstance(first, str) else None


def _before(requests: QuerySet[Any], column: str, at: datetime, pk: int) -> QuerySet[Any]:
    """Those after this one, in order of the column and then of the primary key, both falling."""
    return requests.filter(Q(**{f"{column}__lt": at}) | Q(pk__lt=pk), **{f"{column}__lte": at})
