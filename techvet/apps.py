from django.apps import AppConfig


class TechvetConfig(AppConfig):
    """Installed for its commands and template tags; it has no tables."""

    name = "techvet"
