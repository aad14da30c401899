"""The Django app of the search log."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    """Label ``insights``; starts listening for settled searches."""

    name = "haedap.insights"
    label = "insights"
    verbose_name = _("검색 기록")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from haedap.insights.recording import on_hourly, on_search_settled
        from haedap.kb.signals import hourly, search_settled

        search_settled.connect(on_search_settled)
        hourly.connect(on_hourly)
