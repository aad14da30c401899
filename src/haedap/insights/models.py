"""The search log: one row for each settled search, without personal data."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SearchLog(models.Model):
    """One settled search. ``query`` is masked before it is stored; filters are slugs."""

    created_at = models.DateTimeField(_("때"), default=timezone.now, db_index=True)
    query = models.CharField(_("검색어"), max_length=200)
    total = models.PositiveIntegerField(_("결과 수"))
    notice = models.CharField(max_length=20, blank=True)
    service = models.CharField(_("서비스"), max_length=60, blank=True)
    category = models.CharField(_("카테고리"), max_length=130, blank=True)
    platform = models.CharField(_("기기"), max_length=40, blank=True)
    sort = models.CharField(max_length=10, default="relevance")
    page = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=10, choices=[("web", "web"), ("api", "api")])

    class Meta:
        verbose_name = _("검색 기록")
        verbose_name_plural = _("검색 기록")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.query
