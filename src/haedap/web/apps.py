"""The Django app ``web``."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Label ``web``."""

    name = "haedap.web"
    label = "web"
