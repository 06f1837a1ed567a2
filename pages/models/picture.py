"""The pictures that pages show, kept as rows: a backup is whole, and every machine has them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q


class Format(models.TextChoices):
    WEBP = "webp", "WebP"
    JPEG = "jpeg", "JPEG"


EXTENSIONS = {Format.WEBP: "webp", Format.JPEG: "jpg"}


class PictureQuerySet(models.QuerySet["Picture"]):
    def with_files(self) -> Self:
        """Each picture with its files, narrow to wide, without their content."""
        files = PictureFile.objects.defer("content").order_by("width", "pk")
        return self.prefetch_related(Prefetch("files", files))


class Picture(models.Model):
    """A picture that a partner uploaded. Its files never change; pages name one of them."""

    name = models.CharField(max_length=120, help_text="What you find it by. Visitors never see this.")
    alternative_text = models.CharField(
        max_length=250,
        help_text="What the picture shows, in a sentence, for people who cannot see it. A page takes it over "
        "when the picture is put there, and keeps it.",
    )
    width = models.PositiveIntegerField(help_text="In pixels, of what was uploaded, upright.")
    height = models.PositiveIntegerField()
    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of its pixels: the same picture twice is one."
    )
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = PictureQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(alternative_text__regex=r"\S"), name="a_picture_has_an_alternative_text"
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="a_picture_has_a_name"),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0), name="a_picture_has_a_width_and_a_height"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The address by which the body of a page names it: that of its widest JPEG."""
        return self._jpegs()[-1].path

    @property
    def thumbnail(self) -> str:
        """The address of a small JPEG of it, at most 400 pixels wide unless it has no such."""
        jpegs = self._jpegs()
        return ([file for file in jpegs if file.width <= 400] or jpegs)[-1].path

    def _jpegs(self) -> list["PictureFile"]:
        return [file for file in self.files.all() if file.format == Format.JPEG]


class PictureFileQuerySet(models.QuerySet["PictureFile"]):
    def to_show(self, *, hashes: Collection[str] = (), pictures: Collection[int] = ()) -> Self:
        """All files, narrow to wide and without their content, of each picture that has a file of
        one of `hashes` or is one of `pictures` (their ids)."""
        named = PictureFile.objects.filter(hash__in=hashes).values("picture")
        wanted = self.filter(Q(picture__in=named) | Q(picture__in=pictures))
        return wanted.defer("content").select_related("picture").order_by("picture_id", "width", "pk")

    def by_picture(self) -> dict[int, Sequence["PictureFile"]]:
        """These files, gathered under the id of their picture."""
        found = defaultdict(list)
        for file in self:
            found[file.picture_id].append(file)
        return dict(found)


class PictureFile(models.Model):
    """A picture in one width and one format, at an address of its own for ever."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="files", db_index=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=4, choices=Format)
    hash = models.CharField(max_length=32, unique=True)
    content = models.BinaryField()

    objects = PictureFileQuerySet.as_manager()

    class Meta:
        constraints = [
            # Its index is also the one by which the files of a picture are found.
            models.UniqueConstraint(
                fields=["picture", "width", "format"], name="a_picture_has_one_file_of_a_width_and_format"
            ),
            models.CheckConstraint(
                condition=Q(format__in=Format.values), name="a_file_of_a_picture_is_webp_or_jpeg"
            ),
            models.CheckConstraint(
                condition=Q(hash__regex=r"^[0-9a-f]{32}$"), name="a_file_of_a_picture_is_named_by_a_hash"
            ),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0), name="a_file_of_a_picture_has_a_width_and_a_height"
            ),
            models.CheckConstraint(condition=~Q(content=b""), name="a_file_of_a_picture_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/img/{self.hash}.{EXTENSIONS[Format(self.format)]}"
