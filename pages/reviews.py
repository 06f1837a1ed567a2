"""Which guides somebody should have read again by now, and telling the partners so."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from firm_site.details import mail_from
from firm_site.models import User
from firm_site.roles import PARTNERS
from pages.models import Publication
from pages.models.publication import PublicationQuerySet


def overdue(now: datetime) -> PublicationQuerySet:
    """The live guides whose next review was due before the day of `now` (aware) in London, oldest first."""
    live = Publication.objects.live(now).guides()
    return live.filter(version__review_due__lt=timezone.localdate(now)).order_by("version__review_due")


def remind(*, now: datetime) -> int:
    """E-mail the partners which guides are overdue for review; return how many were named, 0 where there
    is none, or nobody to write to."""
    partners = User.objects.filter(groups__name=PARTNERS, is_active=True).exclude(email="").order_by("pk")
    to, guides = list(partners.values_list("email", flat=True)), list(overdue(now))
    if not guides or not to:
        return 0
    many = "1 guide is" if len(guides) == 1 else f"{len(guides)} guides are"
    lines = [
        f"{guide.version.title}\nwas due by {date_format(guide.version.review_due, 'j F Y')}\n"
        f"{settings.SITE_URL}{reverse('admin:pages_page_change', args=[guide.page_id])}"
        for guide in guides
    ]
    text = "\n\n".join(["Somebody should read again what we say here:", *lines]) + "\n"
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(f"{many} due for review", text, mail_from(), to, headers=headers).send()
    return len(guides)
