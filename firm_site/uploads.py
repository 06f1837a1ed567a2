"""How much may be uploaded at once. Without it Django would write any body to the disk, whoever sends it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.urls import reverse

MOST_BYTES = 12_000_000  # a picture of 10 MB and the form around it


class RefuseWhatIsTooLarge(FileUploadHandler):
    """Judges a multipart body by the length that its head tells, before anything of it is kept. Only staff
    have anything to upload."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        is_staff_page = META["PATH_INFO"].startswith(reverse("admin:index"))
        if content_length > (MOST_BYTES if is_staff_page else settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            raise RequestDataTooBig(f"An upload of {content_length} bytes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
