"""The pictures themselves, at addresses that never mean anything else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response

from firm_site.reading import only_read
from pages.models import EXTENSIONS, PictureFile
from pages.picture_markup import MIME_TYPES

FORMATS = {extension: kind for kind, extension in EXTENSIONS.items()}


@only_read
def picture_file(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """One file of a picture, by its hash; whoever has it need never ask again."""
    file = get_object_or_404(PictureFile, hash=name, format=FORMATS[extension])
    content = bytes(file.content)
    response = HttpResponse(b"" if request.method == "HEAD" else content)
    response["Content-Type"] = MIME_TYPES[file.format]
    response["Content-Length"] = len(content)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["ETag"] = etag = f'"{file.hash}"'
    return get_conditional_response(request, etag=etag, response=response) or response
