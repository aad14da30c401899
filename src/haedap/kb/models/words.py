"""The center's own words: synonyms and nouns that stay whole. Change them through :mod:`haedap.kb.words` only, or no
process will know."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Synonym(models.Model):
    """An everyday expression and what the center's articles call it, in the syntax of :mod:`haedap.search.lexicon`."""

    expression = models.CharField(
        _("표현"),
        max_length=100,
        unique=True,
        help_text=_(
            "손님이 검색창에 치는 말입니다. 한 낱말에서 세 낱말까지 씁니다. 예: 비번 까먹다. "
            "‘비번을 까먹었어요’, ‘비번 또 까먹음’처럼 조사와 어미가 달라도 찾습니다."
        ),
    )
    targets = models.CharField(
        _("도움말에서 쓰는 말"),
        max_length=500,
        help_text=_(
            "도움말에 적힌 말을 씁니다. 여럿이면 | 로 나누고 가장 맞는 것을 앞에 둡니다. "
            "예: 비밀번호 찾기|비밀번호 재설정"
        ),
    )
    two_way = models.BooleanField(
        _("양방향"),
        default=False,
        help_text=_(
            "켜면 모두가 서로 같은 말이 됩니다. 예: ‘손님’과 ‘고객|구매자’를 양방향으로 두면 ‘고객’으로 검색해도 "
            "‘손님’과 ‘구매자’가 적힌 도움말을 찾습니다. 끄면 표현으로 검색할 때만 씁니다."
        ),
    )
    active = models.BooleanField(_("사용"), default=True, help_text=_("끄면 지우지 않고 쓰지 않습니다."))
    note = models.CharField(_("메모"), max_length=300, blank=True, help_text=_("왜 넣었는지 적어 두는 곳입니다."))
    created_at = models.DateTimeField(_("만든 때"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("고친 때"), auto_now=True)

    class Meta:
        verbose_name = _("동의어")
        verbose_name_plural = _("동의어")
        ordering = ["expression"]

    def __str__(self) -> str:
        return f"{self.expression} {'=' if self.two_way else '→'} {self.targets}"

    @property
    def line(self) -> str:
        """The row as a line of a lexicon."""
        return f"{self.expression}\t{'=' * self.two_way}{self.targets}"


class UserWord(models.Model):
    """A noun of the center's own, a product or a menu, that search must not take apart."""

    word = models.CharField(
        _("단어"),
        max_length=30,
        unique=True,
        help_text=_(
            "나누지 말아야 할 상품·메뉴·서비스 이름을 띄어쓰기 없이 씁니다. 예: 여울페이머니. "
            "저장하면 이 단어가 들어 있는 도움말만 다시 색인합니다."
        ),
    )
    note = models.CharField(_("메모"), max_length=300, blank=True, help_text=_("왜 넣었는지 적어 두는 곳입니다."))

    class Meta:
        verbose_name = _("사용자 단어")
        verbose_name_plural = _("사용자 단어")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class WordsStamp(models.Model):
    """A row whose value is another whenever a synonym or a user word changed, and one for pins and restricted terms;
    written in the same transaction."""

    value = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.value
