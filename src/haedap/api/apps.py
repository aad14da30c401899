"""The Django app ``api``."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Label ``api``."""

    name = "haedap.api"
    label = "api"
