"""The Django app of the knowledge base."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    """Label ``kb``."""

    name = "haedap.kb"
    label = "kb"
    verbose_name = _("도움말")
    default_auto_field = "django.db.models.BigAutoField"
