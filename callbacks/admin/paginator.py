"""Pages of a list that may be of a million: it is counted as far as anybody reads, and no further."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

MOST_COUNTED = 1000


class BoundedPaginator(Paginator):
    """Knows up to a thousand rows; of more it says that there are more, and shows the first thousand."""

    @cached_property
    def _counted(self) -> int:
        found: Any = self.object_list
        return found.order_by()[: MOST_COUNTED + 1].count()

    @property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than are counted and shown."""
        return self._counted > MOST_COUNTED
