"""The files of articles: pictures to show, attachments to save."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls.converters import StringConverter
from django.utils.cache import get_conditional_response

from haedap.kb import uploads
from haedap.web.reading import read_only

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Whatever a file may hold, nothing in it runs."""
FOREVER = "public, max-age=31536000, immutable"


class UploadNameConverter(StringConverter):
    """``{digest}.{extension}`` of an upload: nothing else is an address, least of all a path."""

    regex = uploads.NAME


@read_only
def upload(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file of an address; attachments are saved under the name they were uploaded with, never opened here."""
    found = uploads.find(name)
    if found is None:
        raise Http404("No such upload.")
    etag = f'"{found.digest}"'
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        return _with_headers(unchanged, etag)
    path = uploads.path_of(found)
    if not path.is_file():
        raise Http404("The file of this upload is missing.")
    saved = found.width is None
    # Closed by the response, once it is sent.
    file = path.open("rb")
    response = FileResponse(file, as_attachment=saved, filename=found.name, content_type=found.content_type)
    response["Content-Length"] = str(found.size)
    return _with_headers(response, etag)


def _with_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = FOREVER
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
