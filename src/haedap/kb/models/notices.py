"""What every page says at the top while it lasts: an outage, a maintenance."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.taxonomy import Service


class ServiceNotice(models.Model):
    """A notice with its period; one without an end lasts until it is ended or deleted."""

    class Level(models.TextChoices):
        INFO = "info", _("안내")
        MAINTENANCE = "maintenance", _("점검")
        OUTAGE = "outage", _("장애")

    level = models.CharField(_("종류"), max_length=12, choices=Level.choices, default=Level.INFO)
    text = models.CharField(_("내용"), max_length=300)
    text_en = models.CharField(_("영어 내용"), max_length=300, blank=True)
    link = models.CharField(_("자세히 볼 주소"), max_length=500, blank=True)
    service = models.ForeignKey(
        Service, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("서비스")
    )
    starts_at = models.DateTimeField(_("시작"), default=timezone.now)
    ends_at = models.DateTimeField(_("끝"), null=True, blank=True)

    class Meta:
        verbose_name = _("서비스 공지")
        verbose_name_plural = _("서비스 공지")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="kb_notice_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.text

    @classmethod
    def current(cls, now: datetime | None = None) -> models.QuerySet[ServiceNotice]:
        """Those that are shown now."""
        now = now or timezone.now()
        return cls.objects.filter(starts_at__lte=now).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
