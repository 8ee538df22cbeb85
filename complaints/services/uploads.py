"""Photos in a request: read within the caps, or read over where the request as a whole is too large."""

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from complaints.services import photos


class _ReadOver(FileUploadHandler):
    """Lets a form's texts through and keeps none of its files, in memory or on disk."""

    def new_file(self, *arguments, **options):
        raise SkipFile

    def receive_data_chunk(self, raw_data, start):
        return None

    def file_complete(self, file_size):
        return None


def read_over(request: HttpRequest) -> None:
    """Take the texts of a form whose photos are too large together, so that nothing typed is lost.

    To be called before the body is read; `received` then refuses the photos.
    """
    request.upload_handlers = [_ReadOver(request)]
    request.photos_are_read_over = True


def received(request: HttpRequest) -> list[UploadedFile]:
    """The photos that came with a form. Raises PhotoRefused if they were too large together."""
    if getattr(request, "photos_are_read_over", False):
        raise photos.refusal("too_large_together")
    return request.FILES.getlist("photos")


def read(upload: UploadedFile) -> bytes:
    """An upload's bytes, the file closed. Raises PhotoRefused; what is too large is not read."""
    with upload:
        if upload.size > photos.MAX_BYTES:
            raise photos.refusal("too_large")
        return upload.read()
