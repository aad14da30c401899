"""Images and attachments of articles. The file is named by its content, so it never changes under its address."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.users import User


class Upload(models.Model):
    """One stored file, as it is served: images re-encoded. Its address is ``/uploads/{digest}.{extension}``."""

    digest = models.CharField(max_length=64, help_text="SHA-256 of the stored bytes, hexadecimal.")
    extension = models.CharField(max_length=8)
    name = models.CharField(_("파일 이름"), max_length=200)
    content_type = models.CharField(_("형식"), max_length=100)
    size = models.PositiveBigIntegerField(_("크기"), help_text="Bytes.")
    width = models.PositiveIntegerField(_("너비"), null=True, blank=True)
    height = models.PositiveIntegerField(_("높이"), null=True, blank=True)
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("올린 사람")
    )
    created_at = models.DateTimeField(_("올린 때"), default=timezone.now)

    class Meta:
        verbose_name = _("올린 파일")
        verbose_name_plural = _("올린 파일")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["digest", "extension"], name="kb_upload_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def file_name(self) -> str:
        """``{digest}.{extension}``: its name under MEDIA_ROOT and the last part of its address."""
        return f"{self.digest}.{self.extension}"
