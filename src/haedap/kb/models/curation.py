"""What a manager says about searches: results recommended for a query, and words that are not searched."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.articles import Article


class PinnedResult(models.Model):
    """An article recommended for a query, for a time. ``key`` is the query as compared (folded, without spaces)."""

    query = models.CharField(_("검색어"), max_length=200)
    key = models.CharField(max_length=200, editable=False, db_index=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="pins", verbose_name=_("도움말"))
    order = models.IntegerField(_("순서"), default=0)
    starts_at = models.DateTimeField(_("시작"), default=timezone.now)
    ends_at = models.DateTimeField(_("끝"), null=True, blank=True)
    active = models.BooleanField(_("사용"), default=True)
    note = models.CharField(_("메모"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("추천 결과")
        verbose_name_plural = _("추천 결과")
        ordering = ["query", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["key", "article"], name="kb_pinned_once")]

    def __str__(self) -> str:
        return f"{self.query} → {self.article_id}"

    @classmethod
    def current(cls, now: datetime | None = None) -> models.QuerySet[PinnedResult]:
        """Those in use now."""
        now = now or timezone.now()
        return cls.objects.filter(active=True, starts_at__lte=now).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))


class RestrictedTerm(models.Model):
    """A word that is not searched for: a query that holds it is answered with the notice ``restricted``."""

    term = models.CharField(_("단어"), max_length=60, unique=True)
    active = models.BooleanField(_("사용"), default=True)
    note = models.CharField(_("메모"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("제한 검색어")
        verbose_name_plural = _("제한 검색어")
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term
