"""Registers the pages of the admin: those that listen in every process at once, the others with the addresses."""

from importlib import import_module

from django.apps import AppConfig

LISTENERS = ("audit", "transfer_files")
"""Pages with something to do in every process, also where nobody asks for a page."""
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
    "uploads",
)


def register_pages() -> None:
    """Register every page; ``haedap.admin.urls`` asks for it, so that a command starts in half the time."""
    for page in PAGES:
        import_module(f"haedap.admin.{page}")


class HaedapAdminConfig(AppConfig):
    """The admin of the center."""

    name = "haedap.admin"
    label = "haedap_admin"
    verbose_name = "Haedap"

    def ready(self) -> None:
        for page in LISTENERS:
            import_module(f"haedap.admin.{page}")
