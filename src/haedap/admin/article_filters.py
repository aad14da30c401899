"""By what the list of articles can be narrowed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from haedap.admin.people import shown_name
from haedap.kb.models import Article, Category, Revision, Service, User
from haedap.kb.stages import Stage, in_stage, overdue

NONE = "none"
"""The value that asks for articles without a service or category."""
SOON = timedelta(days=30)
UNTOUCHED = timedelta(days=365)


class ChoiceFilter(DropdownFilter):
    """A list to choose from, under its own name: the theme's "By …" reads badly in Korean."""

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        for choice in super().choices(changelist):
            choice["form"].fields[self.parameter_name].label = self.title
            yield choice


class StageFilter(ChoiceFilter):
    """Where an article stands in the editors' work; ``?stage=``."""

    title = _("상태")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("draft", _("초안")),
            ("review", _("검토 대기")),
            ("scheduled", _("예약")),
            ("published", _("발행")),
            ("changed", _("발행됨, 고친 내용 있음")),
            ("archived", _("보관")),
        ]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        stage: Any = self.value()
        return articles.filter(in_stage(stage)) if stage in get_args(Stage) else articles


class CareFilter(ChoiceFilter):
    """What somebody has to look at; ``?care=``."""

    title = _("챙길 글")
    parameter_name = "care"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("확인 기한 지남")),
            ("soon", _("30일 안에 확인")),
            ("untouched", _("1년 넘게 고치지 않음")),
        ]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        today = timezone.localdate()
        kept = articles.exclude(status=Article.Status.ARCHIVED)
        match self.value():
            case "overdue":
                return articles.filter(overdue())
            case "soon":
                return kept.filter(review_by__gt=today, review_by__lte=today + SOON)
            case "untouched":
                return kept.filter(updated_at__lt=timezone.now() - UNTOUCHED)
        return articles


class VisibilityFilter(ChoiceFilter):
    """Who may read it; ``?visibility=``."""

    title = _("공개 범위")
    parameter_name = "visibility"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Article.Visibility.choices)

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        return articles.filter(visibility=self.value()) if self.value() else articles


class ServiceFilter(ChoiceFilter):
    """The service; ``?service=``."""

    title = _("서비스")
    parameter_name = "service"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        services = [(str(pk), name) for pk, name in Service.objects.values_list("pk", "name")]
        return [*services, (NONE, _("서비스 없음"))] if services else []

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        return _related(articles, "service", self.value())


class CategoryFilter(ChoiceFilter):
    """The category, first or further; those of the chosen service, if one is chosen; ``?category=``."""

    title = _("카테고리")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        categories = Category.objects.select_related("service")
        service = request.GET.get(ServiceFilter.parameter_name, "")
        if service.isdecimal() or service == NONE:
            categories = categories.filter(service=int(service) if service.isdecimal() else None)
            found = [(str(category.pk), category.name) for category in categories]
        else:
            found = [
                (str(one.pk), f"{one.service.name} › {one.name}" if one.service else one.name) for one in categories
            ]
        return [*found, (NONE, _("카테고리 없음"))] if found else []

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        value = self.value()
        if value is None or not value.isdecimal():
            return _related(articles, "category", value)
        further = Article.extra_categories.through.objects.filter(article=OuterRef("pk"), category=value)
        return articles.filter(Q(category=value) | Exists(further))


class AuthorFilter(ChoiceFilter):
    """Who wrote any revision of it; ``?author=``."""

    title = _("작성자")
    parameter_name = "author"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        wrote = User.objects.filter(Exists(Revision.objects.filter(author=OuterRef("pk")))).order_by("username")
        return [(str(user.pk), shown_name(user)) for user in wrote]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        value = self.value()
        if value is None or not value.isdecimal():
            return articles
        return articles.filter(pk__in=Revision.objects.filter(author=value).values("article"))


def _related(articles: QuerySet[Article], field: str, value: str | None) -> QuerySet[Article]:
    if value == NONE:
        return articles.filter(**{f"{field}__isnull": True})
    return articles.filter(**{field: value}) if value and value.isdecimal() else articles
