"""Who may sign in, and their roles.

Invariant: nobody gives away more than they have. Only a superuser makes, changes or removes a superuser, changes what
a group may do, or gives a group that is no role; nobody touches who may more than they do; single permissions are
given to nobody.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminRadioSelectWidget

from haedap.admin.readonly import RemovedSingly
from haedap.kb import roles
from haedap.kb.models import User

admin.site.unregister(Group)
admin.site.login_template = "haedap_admin/login.html"
NAMES = {
    "writer": _("작성자: 도움말을 쓰고 고칩니다."),
    "reviewer": _("검토자: 도움말을 발행하고 내리고 보관합니다."),
    "manager": _("관리자: 고객센터 전체를 맡습니다."),
}
"""What a role may do, told where one is given."""


class _RoleField(forms.ModelForm):
    role = forms.ChoiceField(
        label=_("역할"),
        required=False,
        choices=[("", _("없음: 관리 화면에 들어올 수 없습니다.")), *NAMES.items()],
        widget=UnfoldAdminRadioSelectWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = roles.role_of(self.instance) if self.instance.pk else None
        self.initial["role"] = role.name if role else ""

    def clean(self) -> dict[str, Any]:
        """The chosen role counts among the groups, which are written first."""
        data = super().clean() or self.cleaned_data
        if "groups" in data and "role" in data:
            role = roles.BY_NAME.get(data["role"])
            data["groups"] = [*data["groups"], *Group.objects.filter(name=role.group if role else "")]
        return data


class RoleChangeForm(_RoleField, UserChangeForm):
    """Of a user who is there."""


class RoleCreationForm(_RoleField, UserCreationForm):
    """Of a new user."""


@admin.register(User)
class UserAdmin(RemovedSingly, DjangoUserAdmin, ModelAdmin):
    """Django's own, in the look of the theme, with roles."""

    form = RoleChangeForm
    add_form = RoleCreationForm
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined", "oidc_subject"]
    list_display = ["username", "full_name", "email", "role", "is_active", "last_login"]
    list_filter = ["groups", "is_active", "is_superuser"]
    add_fieldsets = [(None, {"fields": ["username", "password1", "password2", "role"], "classes": ["wide"]})]

    @admin.display(description=_("이름"))
    def full_name(self, user: User) -> str:
        return f"{user.last_name}{user.first_name}"

    @admin.display(description=_("역할"))
    def role(self, user: User) -> str:
        if user.is_superuser:
            return str(_("최고 관리자"))
        return ", ".join(sorted(group.name for group in user.groups.all())) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        rights = ["is_active", "role", *(["is_staff", "is_superuser", "groups"] if _is_superuser(request) else [])]
        dates = ["last_login", "date_joined", *(["oidc_subject"] if obj.oidc_subject else [])]
        return [
            (None, {"fields": ["username", "password"]}),
            (_("사람"), {"fields": ["last_name", "first_name", "email"]}),
            (_("할 수 있는 일"), {"fields": rights}),
            (_("날짜"), {"fields": dates}),
        ]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups are few: boxes to tick. The roles are chosen above them."""
        if db_field.name == "groups":
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
            kwargs["queryset"] = Group.objects.exclude(name__in=roles.GROUPS)
            return db_field.formfield(**kwargs, label=_("다른 그룹"), help_text="")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the groups, and then the role among them."""
        super().save_related(request, form, formsets, change)
        user, chosen = form.instance, form.cleaned_data.get("role", "")
        if chosen or "role" in form.changed_data:
            staff = user.is_staff
            roles.set_role(user, roles.BY_NAME.get(chosen))
            if form.cleaned_data.get("is_staff") and staff and not user.is_staff:
                user.is_staff = True
                user.save(update_fields=["is_staff"])

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


@admin.register(Group)
class GroupAdmin(RemovedSingly, DjangoGroupAdmin, ModelAdmin):
    """What a group may do is changed by superusers alone; what a role may do, by nobody: `migrate` writes it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_superuser(request) and not _is_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_superuser(request) and not _is_role(obj)


def _is_role(group: Any) -> bool:
    return getattr(group, "name", "") in roles.GROUPS


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _may_touch(request: HttpRequest, user: Any) -> bool:
    """Whoever may change a user could sign in as that user."""
    if user is None or _is_superuser(request):
        return True
    editor: Any = request.user
    return not user.is_superuser and (user.pk == editor.pk or _permissions(user) <= _permissions(editor))


def _permissions(user: Any) -> set[str]:
    """Also of one who is not active now."""
    groups = user.groups.values_list("permissions__pk", flat=True)
    return {*map(str, groups), *map(str, user.user_permissions.values_list("pk", flat=True))} - {"None"}
