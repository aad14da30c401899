"""What the editor's page asks for while someone writes: articles to link to, and who else has the article open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from haedap.admin.people import may_view, shown_name
from haedap.kb.drafts import clean_line
from haedap.kb.models import Article, EditSession, Revision, User

STALE = timedelta(seconds=60)
"""Who gave no sign of life for so long has closed the page; the page gives one every 20 seconds."""
FOUND = 10


def seen(article_id: int, user: User) -> None:
    """Note that the user has the article open."""
    EditSession.objects.bulk_create(
        [EditSession(article_id=article_id, user=user, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["article", "user"],
        update_fields=["seen_at"],
    )


def others(article_id: int, user: User) -> list[str]:
    """The names of the others who have the article open now."""
    alive = EditSession.objects.filter(article_id=article_id, seen_at__gt=timezone.now() - STALE).exclude(user=user)
    return [shown_name(session.user) for session in alive.select_related("user").order_by("user_id")]


@require_POST
def editing(request: HttpRequest, pk: int) -> JsonResponse:
    """A sign of life of an open editor, or with ``leave`` its last one.

    Answers ``others`` (names), and the number of the newest ``revision`` with the name of who wrote it (``saved_by``).
    """
    user: Any = request.user
    if not user.has_perm("kb.change_article"):
        raise PermissionDenied
    if request.POST.get("leave"):
        EditSession.objects.filter(article_id=pk, user=user).delete()
        return JsonResponse({})
    newest = Revision.objects.filter(article=pk).select_related("author").order_by("-number").first()
    if newest is None:
        raise Http404
    seen(pk, user)
    saved_by = shown_name(newest.author)
    return JsonResponse({"others": others(pk, user), "revision": newest.number, "saved_by": saved_by})


@require_GET
def article_search(request: HttpRequest) -> JsonResponse:
    """The articles whose newest or published title holds every word of ``q``, or whose number it is; at most ten."""
    user: Any = request.user
    if not may_view(user):
        raise PermissionDenied
    words = clean_line(request.GET.get("q", ""))[:200].split()
    if not words:
        return JsonResponse({"articles": []})
    articles = Article.objects.annotate(
        name=Coalesce("published_revision__title", Revision.newest("title"), output_field=CharField())
    ).exclude(status=Article.Status.ARCHIVED)
    wanted = Q()
    for word in words:
        wanted &= Q(name__icontains=word)
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 18:
        wanted |= Q(pk=int(words[0]))
    found = articles.filter(wanted).select_related("service").order_by("-status", "-hits", "-pk")[:FOUND]
    return JsonResponse(
        {
            "articles": [
                {
                    "id": article.pk,
                    "title": article.name,
                    "status": article.status,
                    "status_name": article.get_status_display(),
                    "service": article.service.name if article.service else "",
                }
                for article in found
            ]
        }
    )
