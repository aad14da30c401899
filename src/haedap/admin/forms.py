"""One form for an article: its place, and all its bodies in one text with platform markers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from haedap.kb.bodies import join_bodies, split_bodies
from haedap.kb.drafts import ArticleDraft, DraftError, checked
from haedap.kb.models import Article, Variant
from haedap.kb.publishing import current_draft
from haedap.kb.taxonomy import Taxonomy


class ArticleForm(forms.ModelForm):
    """Reads the newest revision, gives a checked :class:`ArticleDraft` as ``draft``."""

    title = forms.CharField(label=_("제목"), max_length=500, widget=forms.TextInput(attrs={"size": 80}))
    body = forms.CharField(
        label=_("본문"),
        widget=forms.Textarea(attrs={"rows": 30, "cols": 100}),
        help_text=_("기기별 본문은 <!-- platform: ios, mac --> 줄 아래에 씁니다. 그 위는 공통 본문입니다."),
    )
    body_format = forms.ChoiceField(label=_("형식"), choices=Variant.Format.choices)
    tag_text = forms.CharField(label=_("태그"), required=False, help_text=_("쉼표로 나눕니다."))
    note = forms.CharField(label=_("개정 메모"), required=False, max_length=300)
    publish = forms.BooleanField(label=_("저장하면서 발행"), required=False)

    class Meta:
        model = Article
        fields = ["service", "category", "extra_categories", "visibility", "updated_at"]

    draft: ArticleDraft

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            draft = current_draft(self.instance)
            self._formats = {variant.body_format for variant in draft.variants} or {"markdown"}
            self.initial = {
                **self.initial,
                "title": draft.title,
                "body": join_bodies(draft.variants),
                "body_format": sorted(self._formats)[0],
                "tag_text": ", ".join(draft.tags),
            }
        else:
            self._formats = set()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        service, category = data.get("service"), data.get("category")
        if category and not service:
            service = data["service"] = category.service
        if category and category.service != service:
            self.add_error("category", gettext("고른 서비스의 카테고리가 아닙니다."))
        if len(self._formats) > 1:
            self.add_error("body_format", gettext("본문마다 형식이 달라 여기서는 고칠 수 없습니다."))
        if self.errors:
            return data
        try:
            self.draft = checked(self._draft(data))
            taxonomy = Taxonomy()
            for variant in self.draft.variants:
                for platform in variant.platforms:
                    taxonomy.platform(platform)
        except DraftError as error:
            self.add_error("body", str(error))
        return data

    def _draft(self, data: dict[str, Any]) -> ArticleDraft:
        return ArticleDraft(
            title=data["title"],
            variants=split_bodies(data["body"].replace("\r\n", "\n"), data["body_format"]),
            service=data["service"].slug if data["service"] else None,
            category=data["category"].slug if data["category"] else None,
            extra_categories=tuple(category.path for category in data["extra_categories"]),
            tags=tuple(data["tag_text"].split(",")),
            updated_at=data["updated_at"],
            visibility=data["visibility"],
        )
