"""A body as the public will see it, before it is saved."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from haedap.admin.requests import limited
from haedap.kb.drafts import FORMATS, LANGUAGE, clean_line, clean_text
from haedap.kb.markdown import render
from haedap.web.middleware import POLICY
from haedap.web.rendering import page

MOST = 2**20
"""Bytes of a body."""
# In a form every byte of Korean text takes three.
MOST_SENT = 3 * MOST + 2**16
PREVIEW_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
_LINK = re.compile(r'<a (?=[^>]*href="(?!#))')


def _too_large() -> HttpResponse:
    return HttpResponse(gettext("본문이 1MB를 넘어 미리 볼 수 없습니다."), "text/plain; charset=utf-8", status=413)


def _refused(request: HttpRequest) -> HttpResponse:
    said = gettext("도움말을 볼 권한이 없거나 로그인이 풀렸습니다. 다시 로그인해 주세요.")
    return HttpResponse(said, "text/plain; charset=utf-8", status=403)


@limited(MOST_SENT, permission="kb.view_article", too_large=_too_large, refused=_refused)
def preview(request: HttpRequest) -> HttpResponse:
    """The page of ``body`` (``body_format``, ``language``, ``title``), to stand in a frame of the editor.

    Rendered by the template, the walk and the stylesheet of the public page, under its policy: nothing in it runs.
    400 for a format there is none of, 413 for a body of more than :data:`MOST` bytes.
    """
    body = clean_text(request.POST.get("body", ""))
    if len(body.encode()) > MOST:
        return _too_large()
    body_format = request.POST.get("body_format") or "markdown"
    if body_format not in FORMATS:
        return HttpResponse(f"body_format: {', '.join(FORMATS)}", "text/plain; charset=utf-8", status=400)
    language = request.POST.get("language") or LANGUAGE
    known = language if language in dict(settings.LANGUAGES) else LANGUAGE
    with translation.override(known):
        html = _LINK.sub('<a target="_blank" ', render(body, body_format))
        title = clean_line(request.POST.get("title", ""))
        context = {"title": title, "language": language, "body": mark_safe(html), "notices": ()}
        response = page("web/preview.html", context)
    response["Content-Security-Policy"] = PREVIEW_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
