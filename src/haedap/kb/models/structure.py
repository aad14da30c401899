"""What keeps addresses alive: places that were renamed, articles that were removed, links of an earlier system."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.articles import Article
from haedap.kb.models.taxonomy import Category, Platform, Service
from haedap.kb.models.users import User


class OldPlace(models.Model):
    """A path of a service or category before it was renamed, moved or merged; its address redirects to the place."""

    path = models.CharField(max_length=130, unique=True, help_text="``service`` or ``service/category``.")
    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="old_places")
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="old_places")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("이름이 바뀐 곳")
        verbose_name_plural = _("이름이 바뀐 곳")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(service__isnull=True) ^ Q(category__isnull=True), name="kb_old_place_one_target"
            )
        ]

    def __str__(self) -> str:
        return self.path


class OldPlatform(models.Model):
    """A platform slug that was merged into another platform; links and remembered choices still name it."""

    slug = models.SlugField(max_length=40, unique=True)
    platform = models.ForeignKey(Platform, models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class Tombstone(models.Model):
    """What is left of a removed article: where its readers go instead. ``article_id`` is no foreign key.

    ``public`` says that anybody could read it once, so that its title may be told.
    """

    article_id = models.BigIntegerField(_("도움말 번호"), unique=True)
    title = models.CharField(_("제목"), max_length=500)
    target = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("대신 보여 줄 도움말")
    )
    reason = models.CharField(_("이유"), max_length=300, blank=True)
    public = models.BooleanField(_("공개했던 도움말"), default=True, editable=False)
    deleted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    deleted_at = models.DateTimeField(_("삭제한 때"), default=timezone.now)

    class Meta:
        verbose_name = _("삭제한 도움말")
        verbose_name_plural = _("삭제한 도움말")
        ordering = ["-deleted_at"]

    def __str__(self) -> str:
        return f"{self.article_id} {self.title}"


class RemovedRecord(models.Model):
    """A record of a source that had become a removed article: links by its number there still find the tombstone."""

    source = models.CharField(max_length=100)
    external_id = models.CharField(max_length=200)
    tombstone = models.ForeignKey(Tombstone, models.CASCADE, related_name="records")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="kb_removed_record_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class SourcePlace(models.Model):
    """What a service, category or platform was called where the center comes from: its number there."""

    class Kind(models.TextChoices):
        SERVICE = "service", _("서비스")
        CATEGORY = "category", _("카테고리")
        PLATFORM = "platform", _("기기")

    source = models.CharField(_("출처"), max_length=100)
    kind = models.CharField(_("종류"), max_length=10, choices=Kind.choices)
    external_id = models.CharField(_("원본 번호"), max_length=200)
    service = models.ForeignKey(
        Service, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("서비스")
    )
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("카테고리")
    )
    platform = models.ForeignKey(
        Platform, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("기기")
    )

    class Meta:
        verbose_name = _("원본 번호 짝")
        verbose_name_plural = _("원본 번호 짝")
        ordering = ["source", "kind", "external_id"]
        constraints = [models.UniqueConstraint(fields=["source", "kind", "external_id"], name="kb_source_place_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.external_id}"

    def clean(self) -> None:
        """Exactly the field that ``kind`` names is set."""
        for name in ("service", "category", "platform"):
            if (getattr(self, f"{name}_id") is None) == (name == self.kind):
                raise ValidationError({name: gettext("고른 종류에 맞는 칸 하나만 채우세요.")})


class LegacyLink(models.Model):
    """A shape of address of an earlier system.

    ``{article}``, ``{service}``, ``{category}`` and ``{platform}`` stand for its numbers, ``{query}`` for a search
    text; parameters that the pattern does not name are ignored.
    """

    class Target(models.TextChoices):
        ARTICLE = "article", _("도움말")
        SEARCH = "search", _("검색 결과")
        PLACE = "place", _("서비스·카테고리")
        ADDRESS = "address", _("정한 주소")

    pattern = models.CharField(
        _("옛 주소"), max_length=300, unique=True, help_text=_("예: /helps?articleId={article}&device={platform}")
    )
    target = models.CharField(_("보낼 곳"), max_length=10, choices=Target.choices)
    source = models.CharField(
        _("출처"), max_length=100, blank=True, help_text=_("번호를 찾을 가져오기 출처. 비우면 모든 출처에서 찾습니다.")
    )
    address = models.CharField(_("정한 주소"), max_length=500, blank=True)
    active = models.BooleanField(_("사용"), default=True)
    order = models.IntegerField(_("순서"), default=0)

    class Meta:
        verbose_name = _("옛 주소 연결")
        verbose_name_plural = _("옛 주소 연결")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.pattern
