"""Articles with their revisions and bodies.

Invariants: an id is never used again; a revision never changes once written; public pages and the indexer read only
``published_revision``; ``index_version`` rises with every change that the index must see, ``edit_version`` with every
change that an editor makes, so that two editors of one article cannot overwrite each other unseen.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.taxonomy import Category, Platform, Service
from haedap.kb.models.users import User


class Article(models.Model):
    """One help article. Change it through :mod:`haedap.kb.publishing` only, or the index will not know."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("초안")
        PUBLISHED = "published", _("발행")
        ARCHIVED = "archived", _("보관")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("모두")
        STAFF = "staff", _("직원만")

    status = models.CharField(_("상태"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    visibility = models.CharField(_("공개 범위"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("서비스")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("카테고리")
    )
    extra_categories = models.ManyToManyField(
        Category, blank=True, related_name="extra_articles", verbose_name=_("추가 카테고리")
    )
    slug = models.CharField(_("주소 이름"), max_length=60, blank=True)
    tags = models.JSONField(_("태그"), default=list, blank=True)
    questions = models.JSONField(_("유사 질문"), default=list, blank=True)
    created_at = models.DateTimeField(_("작성일"), default=timezone.now)
    updated_at = models.DateTimeField(_("수정일"), default=timezone.now, help_text=_("내용이 마지막으로 크게 바뀐 때"))
    published_at = models.DateTimeField(_("발행일"), null=True, blank=True)
    hits = models.PositiveBigIntegerField(_("조회수"), default=0)
    indexed_hits = models.PositiveBigIntegerField(default=0, editable=False)
    published_revision = models.ForeignKey(
        "kb.Revision", models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("발행된 개정")
    )
    index_version = models.PositiveBigIntegerField(default=1, editable=False)
    edit_version = models.PositiveBigIntegerField(default=1, editable=False)
    review_revision = models.ForeignKey(
        "kb.Revision", models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("검토할 개정")
    )
    publish_at = models.DateTimeField(_("예약 발행"), null=True, blank=True)
    scheduled_revision = models.ForeignKey(
        "kb.Revision", models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("예약한 개정")
    )
    unpublish_at = models.DateTimeField(_("예약 발행 취소"), null=True, blank=True)
    review_by = models.DateField(_("다시 확인할 날"), null=True, blank=True)

    class Meta:
        verbose_name = _("도움말")
        verbose_name_plural = _("도움말")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "visibility", "service", "-hits"], name="kb_article_browse"),
            models.Index(fields=["status", "visibility", "-updated_at"], name="kb_article_recent"),
            models.Index(fields=["publish_at"], name="kb_article_publish_at", condition=Q(publish_at__isnull=False)),
            models.Index(
                fields=["unpublish_at"], name="kb_article_unpublish_at", condition=Q(unpublish_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_revision__isnull=False),
                name="kb_article_published_has_revision",
            ),
            models.CheckConstraint(
                condition=Q(publish_at__isnull=True) ^ Q(scheduled_revision__isnull=False),
                name="kb_article_schedule_has_revision",
            ),
        ]
        permissions = [
            ("publish_article", _("도움말을 발행하고 내릴 수 있음")),
            ("archive_article", _("도움말을 보관할 수 있음")),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.title}"

    @property
    def title(self) -> str:
        """The title the public sees, or of the newest revision before the first publication."""
        revision = self.published_revision or self.latest_revision
        return revision.title if revision else ""

    @property
    def latest_revision(self) -> Revision | None:
        """The revision with the highest number, published or not."""
        return self.revisions.order_by("-number").first()

    def shows(self, revision: Revision | None) -> bool:
        """True if the public sees that revision."""
        return (
            revision is not None and self.status == self.Status.PUBLISHED and self.published_revision_id == revision.pk
        )

    @classmethod
    def readable(cls, *, staff: bool = False) -> models.QuerySet[Article]:
        """Published articles: all of them for ``staff``, else those that anybody may read."""
        published = cls.objects.filter(status=cls.Status.PUBLISHED)
        return published if staff else published.filter(visibility=cls.Visibility.PUBLIC)

    @property
    def is_public(self) -> bool:
        """True if anybody may read it."""
        return self.status == self.Status.PUBLISHED and self.visibility == self.Visibility.PUBLIC

    @property
    def key(self) -> str:
        """``{id}-{slug}``, the last part of its address; the id decides."""
        return f"{self.pk}-{self.slug}" if self.slug else str(self.pk)


class Revision(models.Model):
    """What an article said at one time: a title and its variants. Immutable."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions", verbose_name=_("도움말"))
    number = models.PositiveIntegerField(_("번호"), validators=[MinValueValidator(1)])
    title = models.CharField(_("제목"), max_length=500)
    created_at = models.DateTimeField(_("작성일"), default=timezone.now)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("작성자"))
    note = models.CharField(_("메모"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("개정")
        verbose_name_plural = _("개정")
        ordering = ["article_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="kb_revision_number")]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    @classmethod
    def newest(cls, column: str = "pk", article: str = "pk") -> Subquery:
        """A column of the revision with the highest number, in a query whose rows name their article by ``article``."""
        return Subquery(cls.objects.filter(article=OuterRef(article)).order_by("-number").values(column)[:1])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new revision. Raises :class:`ImmutableError` for one that is already written."""
        if not self._state.adding:
            raise ImmutableError("A revision cannot be changed; write a new one with publishing.revise_article().")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always raises :class:`ImmutableError`: history goes only together with its article."""
        raise ImmutableError("A revision cannot be deleted; archive the article with publishing.archive().")


class ImmutableError(Exception):
    """Something that is kept as it was written was about to be changed."""


class Variant(models.Model):
    """One body of a revision, for some platforms or, as the fallback (공통), for all that have no body of their own."""

    class Format(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        TEXT = "text", _("글")
        HTML = "html", "HTML"

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="variants", verbose_name=_("개정"))
    language = models.CharField(_("언어"), max_length=10, default="ko")
    body = models.TextField(_("본문"))
    body_format = models.CharField(_("형식"), max_length=10, choices=Format.choices, default=Format.MARKDOWN)
    is_fallback = models.BooleanField(_("공통"), default=False)
    platforms = models.ManyToManyField(Platform, through="VariantPlatform", related_name="+", verbose_name=_("기기"))

    class Meta:
        verbose_name = _("기기별 본문")
        verbose_name_plural = _("기기별 본문")
        ordering = ["-is_fallback", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "language"], condition=Q(is_fallback=True), name="kb_variant_one_fallback"
            )
        ]


class Translation(models.Model):
    """The title of a revision in a language other than Korean; its bodies are the variants of that language."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="translations", verbose_name=_("개정"))
    language = models.CharField(_("언어"), max_length=10)
    title = models.CharField(_("제목"), max_length=500)

    class Meta:
        verbose_name = _("번역 제목")
        verbose_name_plural = _("번역 제목")
        ordering = ["language"]
        constraints = [models.UniqueConstraint(fields=["revision", "language"], name="kb_translation_once")]

    def __str__(self) -> str:
        return f"{self.language} {self.title}"


class VariantPlatform(models.Model):
    """A platform served by a variant; within a revision and language each platform has at most one."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="placements")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="ko")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["platform__order"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "language", "platform"], name="kb_variant_platform_once")
        ]


class OldSlug(models.Model):
    """A slug an article had before; its address redirects to the present one."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="old_slugs")
    slug = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "slug"], name="kb_old_slug_once")]

    def __str__(self) -> str:
        return self.slug
