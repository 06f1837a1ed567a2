"""Where partners keep pictures, and choose one while they write."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.actions.pictures import InUse, remove, used_by
from pages.forms import PictureForm, UploadForm
from pages.models import Picture

OFFERED = 60  # of the newest; whoever wants an older one searches


@admin.register(Picture)
class PictureAdmin(admin.ModelAdmin):
    list_display = ["shown", "name", "alternative_text", "pixels", "uploaded_at"]
    list_display_links = ["name"]
    search_fields = ["name", "alternative_text"]
    list_per_page = 50
    actions = None

    class Media:
        css = {"all": ["staff-pictures.css"]}
        js = ["staff-upload.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return Picture.objects.with_files()

    def get_form(self, request: HttpRequest, obj: Picture | None = None, *args: Any, **kwargs: Any) -> Any:
        return super().get_form(request, obj, form=PictureForm if obj else UploadForm)

    def get_fieldsets(self, request: HttpRequest, obj: Picture | None = None) -> Any:
        if obj:
            return [(None, {"fields": ["large", "alternative_text", "name", "pixels", "where"]})]
        return [(None, {"fields": ["upload", "alternative_text", "name"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Picture | None = None) -> list[str]:
        return ["large", "pixels", "where"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "alternative_text":
            kwargs["widget"] = AdminTextareaWidget({"rows": 2})
        if db_field.name == "name":
            kwargs["widget"] = AdminTextInputWidget({"class": "vLargeTextField"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """An upload is kept at once; the admin's own transaction holds all."""
        if change:
            return super().save_form(request, form, change)
        picture, is_new = form.keep(by=request.user, now=timezone.now())
        picture.is_new = is_new  # for what is said and logged of it
        form.save_m2m = lambda: None
        return picture

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, message) if obj.is_new else None

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if obj.is_new:
            return super().response_add(request, obj, *args, **kwargs)
        messages.info(request, f"This picture was here already, as “{obj}”. It stays as it was.")
        return redirect("admin:pages_picture_change", obj.pk)

    def save_model(self, request: HttpRequest, obj: Picture, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask, and delete; what is shown somewhere, or once was, stays."""
        picture = self.get_object(request, object_id)
        try:
            if picture and self.has_delete_permission(request, picture) and (shown := used_by(picture)):
                raise InUse(shown)
            return super().delete_view(request, object_id, extra_context)
        except InUse as use:
            where = in_words(use.where)
            messages.error(request, f"It stays: it is, or was in an earlier version, on {where}.")
            return redirect("admin:pages_picture_change", object_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The picture alone: its files need not be read in order to be counted."""
        return [str(picture) for picture in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Picture) -> None:
        remove(picture=obj, by=request.user)  # type: ignore[arg-type]

    def get_urls(self) -> list[URLPattern]:
        choose = self.admin_site.admin_view(self.choose)
        return [path("choose/", choose, name="pages_picture_choose"), *super().get_urls()]

    def choose(self, request: HttpRequest) -> JsonResponse:
        """For the editor: which pictures there are (GET, `q` to search); or take one in (POST)."""
        if request.method == "POST":
            return self._take_in(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = request.GET.get("q", "").strip()
        found = self.get_queryset(request).filter(
            Q(name__icontains=words) | Q(alternative_text__icontains=words)
        )
        return JsonResponse({"pictures": [as_choice(picture) for picture in found[:OFFERED]]})

    def _take_in(self, request: HttpRequest) -> JsonResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse({"errors": form.errors}, status=422)
        picture, is_new = form.keep(by=request.user, now=timezone.now())  # type: ignore[arg-type]
        if is_new:
            super().log_addition(request, picture, "Uploaded while writing.")
        return JsonResponse(as_choice(picture), status=201)

    @admin.display(description="Picture")
    def shown(self, picture: Picture) -> SafeString:
        return format_html(
            '<img class="picture-thumbnail" src="{}" alt="" loading="lazy">', picture.thumbnail
        )

    @admin.display(description="Picture")
    def large(self, picture: Picture) -> SafeString:
        return format_html('<img class="picture-large" src="{}" alt="">', picture.path)

    @admin.display(description="Pixels")
    def pixels(self, picture: Picture) -> str:
        return f"{picture.width} × {picture.height}"

    @admin.display(description="On the pages")
    def where(self, picture: Picture) -> str:
        return in_words(used_by(picture)) or "None, and in no earlier version of one."


class PictureSelect(forms.Select):
    """A list of pictures, which static/staff-pictures.js makes one with thumbnails."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["data-thumbnail"] = value.instance.thumbnail
        return option


class ShowsPictures(admin.ModelAdmin):
    """The admin of what has a portrait, and a text with pictures."""

    class Media:
        css = {"all": ["staff-pictures.css"]}
        js = ["staff-upload.js"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Picture:
            kwargs["queryset"] = Picture.objects.with_files()
            kwargs["widget"] = PictureSelect({"data-pictures": reverse("admin:pages_picture_choose")})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def as_choice(picture: Picture) -> dict[str, Any]:
    """What the editor is told of a picture."""
    return {
        "id": picture.pk,
        "name": picture.name,
        "alternative_text": picture.alternative_text,
        "src": picture.path,
        "thumbnail": picture.thumbnail,
    }


def in_words(titles: list[str]) -> str:
    """“A”, “B” and “C”; '' for none."""
    quoted = [f"“{title}”" for title in titles]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))
