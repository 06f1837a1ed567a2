"""What partners do to pictures. Only these verbs write one."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from firm_site.models import User
from pages.models import Draft, Page, Picture, PictureFile
from pages.pictures import Prepared


class InUse(Exception):
    """A page or a saved version shows the picture; `where` names the pages, each once."""

    def __init__(self, where: list[str]) -> None:
        super().__init__(", ".join(where))
        self.where = where


@transaction.atomic
def keep(
    *, prepared: Prepared, name: str, alternative_text: str, by: User, now: datetime
) -> tuple[Picture, bool]:
    """Keep a picture that `pages.pictures.prepare` has made; it, and whether it is new. One that is
    here already, pixel for pixel, stays as it is, with the name and the text that it had."""
    picture, is_new = Picture.objects.get_or_create(
        fingerprint=prepared.fingerprint,
        defaults={
            "name": name,
            "alternative_text": alternative_text,
            "width": prepared.width,
            "height": prepared.height,
            "uploaded_at": now,
            "uploaded_by": by,
        },
    )
    if is_new:
        PictureFile.objects.bulk_create(
            PictureFile(
                picture=picture,
                width=file.width,
                height=file.height,
                format=file.format,
                content=file.content,
                hash=file.hash,
            )
            for file in prepared.files
        )
    return picture, is_new


def used_by(picture: Picture) -> list[str]:
    """The titles of pages that show it, or of which a saved version does: what the site once said
    can always be shown again. A page that somebody is typing it into is among them."""
    hashes = list(picture.files.values_list("hash", flat=True))
    named = f"/img/({'|'.join(hashes) or 'none'})\\."
    shows = Q(portrait_id=picture.pk) | Q(body__regex=named)
    versions = Page.history.filter(shows).order_by().values("id")
    typed = Draft.objects.filter(Q(fields__body__regex=named) | Q(fields__portrait=str(picture.pk)))
    pages = Page.objects.filter(shows | Q(pk__in=versions) | Q(pk__in=typed.values("page")))
    new = ["a page that is still to be"] if typed.filter(page=None).exists() else []
    return list(pages.values_list("title", flat=True)) + new


@transaction.atomic
def remove(*, picture: Picture, by: User) -> None:
    """Delete a picture that nothing shows. Raises InUse. (Who did it stands in the admin's log.)"""
    picture = Picture.objects.select_for_update().get(pk=picture.pk)
    if where := used_by(picture):
        raise InUse(where)
    picture.delete()
