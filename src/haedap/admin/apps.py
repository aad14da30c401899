"""Registers every page of the admin once all models are known."""

from importlib import import_module

from django.apps import AppConfig

PAGES = (
    "articles",
    "places",
    "words",
    "searches",
    "dashboard",
    "curation",
    "index_health",
    "structure",
    "notices",
    "users",
    "audit",
    "uploads",
    "transfer_files",
)


class HaedapAdminConfig(AppConfig):
    """The admin of the center."""

    name = "haedap.admin"
    label = "haedap_admin"
    verbose_name = "Haedap"

    def ready(self) -> None:
        for page in PAGES:
            import_module(f"haedap.admin.{page}")
