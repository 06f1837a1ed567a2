"""The staff's pages about requests: the list, the page of one, its verbs; and the opening hours;
complaints about data protection."""

from callbacks.admin import (  # noqa: F401 (they register themselves)
    complaints,
    kept_by_partners,
    opening_hours,
    requests,
    retention,
)
