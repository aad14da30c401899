"""Work in progress: who has an article open, and long jobs that the admin started."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haedap.kb.models.articles import Article
from haedap.kb.models.users import User


class EditSession(models.Model):
    """Someone has an article open in the editor; ``seen_at`` is the last sign of life."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="edit_sessions")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "user"], name="kb_edit_session_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.article_id}"


class Job(models.Model):
    """A long piece of work started in the admin and done by another process."""

    class Kind(models.TextChoices):
        IMPORT = "import", _("가져오기")
        EXPORT = "export", _("내보내기")
        REBUILD = "rebuild", _("색인 다시 만들기")

    class State(models.TextChoices):
        WAITING = "waiting", _("대기")
        RUNNING = "running", _("진행")
        DONE = "done", _("완료")
        FAILED = "failed", _("실패")

    kind = models.CharField(_("종류"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("상태"), max_length=10, choices=State.choices, default=State.WAITING)
    options = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    message = models.TextField(_("알림"), blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("시작한 사람")
    )
    created_at = models.DateTimeField(_("시작한 때"), default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life of the process that does it.")
    finished_at = models.DateTimeField(_("끝난 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("작업")
        verbose_name_plural = _("작업")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def percent(self) -> int:
        """How much of it is done; 0 where its size is not known."""
        return min(100, round(100 * self.done / self.total)) if self.total else 0
