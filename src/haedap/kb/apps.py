"""The Django app of the knowledge base."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    """Label ``kb``."""

    name = "haedap.kb"
    label = "kb"
    verbose_name = _("고객센터")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from haedap.kb import numbers, roles

        numbers.connect(self)
        roles.connect(self)
