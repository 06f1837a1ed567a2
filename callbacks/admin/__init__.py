"""The staff's pages about requests: the list, the page of one, its verbs; and the opening hours."""

from callbacks.admin import kept_by_partners, opening_hours, requests, retention  # noqa: F401 (they register themselves)
