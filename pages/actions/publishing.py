"""What changes the site that visitors read."""

from datetime import datetime

from django.db import transaction

from firm_site.models import User
from pages.actions import AddressTaken
from pages.models import Address, Page, Publication


@transaction.atomic
def publish(*, page: Page, by: User | None, now: datetime, live_from: datetime | None = None) -> Publication:
    """Show visitors the page's newest saved version from `live_from` on (aware; now if None).

    Raises AddressTaken, and ValueError for a `live_from` before `now`: what the site said on a
    past day stays as it was.
    """
    live_from = live_from or now
    if live_from < now:
        raise ValueError("A publication cannot begin in the past.")
    version = page.history.latest("history_id")
    address, _ = Address.objects.get_or_create(path=version.path, defaults={"page": page})
    if address.page_id != page.pk:
        raise AddressTaken(version.path)
    return Publication.objects.create(page=page, version=version, live_from=live_from, by=by)
