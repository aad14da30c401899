"""Where an article stands: its service and category; and the platforms a body may be written for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """Something with a Korean name and, where it is given, an English one."""

    name = models.CharField(_("이름"), max_length=100)
    name_en = models.CharField(_("영어 이름"), max_length=100, blank=True)
    order = models.IntegerField(_("순서"), default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def local_name(self) -> str:
        """The name in the active language; the Korean one where no other is given."""
        return self.name_en if self.name_en and (get_language() or "ko").startswith("en") else self.name


class Service(Named):
    """A product or business the center answers for."""

    slug = models.SlugField(_("주소 이름"), max_length=60, unique=True, allow_unicode=True)
    description = models.TextField(_("설명"), blank=True)

    class Meta:
        verbose_name = _("서비스")
        verbose_name_plural = _("서비스")
        ordering = ["order", "id"]


class Category(Named):
    """A topic, of one service or of none. Its slug is unique within its service."""

    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="categories", verbose_name=_("서비스")
    )
    slug = models.SlugField(_("주소 이름"), max_length=60, allow_unicode=True)

    class Meta:
        verbose_name = _("카테고리")
        verbose_name_plural = _("카테고리")
        ordering = ["service__order", "service_id", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["service", "slug"], name="kb_category_slug_in_service"),
            # NULLs count as distinct in a unique constraint, so categories without a service need their own.
            models.UniqueConstraint(
                fields=["slug"], condition=Q(service__isnull=True), name="kb_category_slug_without_service"
            ),
        ]

    @property
    def path(self) -> str:
        """``service/category``, as the index and the filters know it; ``/category`` without a service."""
        return f"{self.service.slug if self.service else ''}/{self.slug}"


class Platform(Named):
    """A device a body may be written for; ``common`` (공통) stands for the fallback body. Made by a migration."""

    slug = models.SlugField(_("주소 이름"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("기기")
        verbose_name_plural = _("기기")
        ordering = ["order", "id"]
