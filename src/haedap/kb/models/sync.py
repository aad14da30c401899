"""What connects articles with the outside: records they were imported from, and changes the index has yet to see."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.articles import Article


class ImportRecord(models.Model):
    """One record of a source as it was last imported, so that importing it again changes nothing.

    ``variant_key`` names the body of the article it became: its platform slugs, sorted and joined by commas, or empty
    for the fallback.
    """

    source = models.CharField(_("출처"), max_length=100)
    external_id = models.CharField(_("원본 번호"), max_length=200)
    article = models.ForeignKey(Article, models.CASCADE, related_name="import_records", verbose_name=_("도움말"))
    raw_hash = models.CharField(max_length=64)
    raw = models.JSONField()
    variant_key = models.CharField(max_length=300, blank=True)
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("가져온 기록")
        verbose_name_plural = _("가져온 기록")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="kb_import_record_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Outbox(models.Model):
    """An article whose present state the index has yet to take. Written in the transaction that changed the article.

    ``article_id`` is no foreign key: the row outlives a deleted article, so that the index forgets it too.
    """

    class Priority(models.IntegerChoices):
        EDITOR = 0, _("편집")
        IMPORT = 10, _("가져오기")
        REFRESH = 20, _("갱신")

    article_id = models.BigIntegerField()
    index_version = models.PositiveBigIntegerField()
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.EDITOR)
    not_before = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("색인 대기")
        verbose_name_plural = _("색인 대기")
        indexes = [
            models.Index(fields=["priority", "id"], name="kb_outbox_order"),
            models.Index(fields=["article_id"], name="kb_outbox_article"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} v{self.index_version}"
