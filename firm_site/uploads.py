"""How much may be uploaded at once. Without it Django would write any body to the disk, whoever sends it."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 12_000_000  # a picture of 10 MB and the form around it
READ_OUT = 100_000_000  # so much is read and dropped, since a browser hears no answer while it sends


class RefuseWhatIsTooLarge(FileUploadHandler):
    """Judges a multipart body by the length that its head tells, before anything of it is kept."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > MOST_BYTES:
            while content_length <= READ_OUT and input_data.read(65536):
                pass
            raise RequestDataTooBig(f"An upload of {content_length} bytes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
