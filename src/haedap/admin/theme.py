"""The look of the admin and the ways through it: what :mod:`haedap.settings` gives to the theme as ``UNFOLD``.

Settings import this module, so it imports no model and asks for addresses only when a page is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the sidebar; shown to who has one of the permissions."""

    title: Text
    address: str
    icon: str
    permissions: tuple[str, ...]

    def link(self, request: HttpRequest) -> str | None:
        """Its address, or None for who may not go there."""
        user: Any = request.user
        return reverse(self.address) if any(map(user.has_perm, self.permissions)) else None


def _list(title: Text, icon: str, model: str, app: str = "kb") -> Place:
    may = tuple(f"{app}.{verb}_{model}" for verb in ("view", "change"))
    return Place(title, f"admin:{app}_{model}_changelist", icon, may)


SECTIONS: tuple[tuple[Text, tuple[Place, ...]], ...] = (
    (
        _("도움말"),
        (
            _list(_("도움말"), "article", "article"),
            _list(_("올린 파일"), "perm_media", "upload"),
            _list(_("삭제한 도움말"), "auto_delete", "tombstone"),
            Place(_("끊어진 링크"), "desk:links", "link_off", ("kb.view_article",)),
        ),
    ),
    (
        _("구조"),
        (
            _list(_("서비스"), "apps", "service"),
            _list(_("카테고리"), "category", "category"),
            _list(_("기기"), "devices", "platform"),
            _list(_("옛 주소 연결"), "alt_route", "legacylink"),
        ),
    ),
    (
        _("검색"),
        (
            _list(_("동의어"), "sync_alt", "synonym"),
            _list(_("사용자 단어"), "dictionary", "userword"),
            _list(_("추천 결과"), "keep", "pinnedresult"),
            _list(_("제한 검색어"), "block", "restrictedterm"),
            Place(_("검색해 보기"), "desk:try", "manage_search", ("kb.view_article", "kb.change_article")),
            _list(_("검색 기록"), "history", "searchlog", "insights"),
        ),
    ),
    (
        _("운영"),
        (
            _list(_("서비스 공지"), "campaign", "servicenotice"),
            Place(_("가져오기·내보내기"), "desk:transfer", "import_export", ("kb.add_job", "kb.change_job")),
            Place(_("색인 상태"), "desk:index", "monitor_heart", ("kb.view_job", "kb.add_job", "kb.change_job")),
            _list(_("작업"), "pending_actions", "job"),
        ),
    ),
    (
        _("사람"),
        (
            _list(_("사용자"), "person", "user"),
            _list(_("그룹"), "groups", "group", "auth"),
            _list(_("감사 기록"), "policy", "logentry", "auditlog"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar for this user, as the theme wants it: sections with what is there and may be seen."""
    first = {"title": _("첫 화면"), "icon": "home", "link": reverse("admin:index")}
    sections: list[dict[str, Any]] = [{"items": [first]}]
    for title, places in SECTIONS:
        items = [
            {"title": place.title, "icon": place.icon, "link": link}
            for place in places
            if (link := place.link(request))
        ]
        if items:
            sections.append({"title": title, "items": items})
    return sections


def _site_name(request: HttpRequest) -> str:
    return str(settings.HAEDAP_SITE_NAME)


def _icon(request: HttpRequest) -> str:
    return static("haedap/favicon.svg")


def _style(request: HttpRequest) -> str:
    return static("haedap_admin/theme.css")


def _script(request: HttpRequest) -> str:
    return static("haedap_admin/theme.js")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _site_name,
    "SITE_HEADER": _site_name,
    "SITE_SUBHEADER": lambda request: _("관리"),
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SITE_URL": lambda request: reverse("web:home"),
    "STYLES": [_style],
    "SCRIPTS": [_script],
    "BORDER_RADIUS": "8px",
    "SHOW_BACK_BUTTON": False,
    "DASHBOARD_CALLBACK": "haedap.admin.dashboard.filled",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": navigation},
    "COLORS": {
        "base": {
            "50": "#f8f9f7", "100": "#f0f2ef", "200": "#e1e5e0", "300": "#cdd3ce", "400": "#98a29d", "500": "#67736e",
            "600": "#4a5551", "700": "#38413e", "800": "#252c2a", "900": "#171c1b", "950": "#0e1211",
        },
        "primary": {
            "50": "#eef7f3", "100": "#d9efe6", "200": "#b3ddcd", "300": "#82c5af", "400": "#57b399", "500": "#3a9d84",
            "600": "#0f6b57", "700": "#0c5848", "800": "#0a473b", "900": "#083a31", "950": "#04211c",
        },
    },
}  # fmt: skip
