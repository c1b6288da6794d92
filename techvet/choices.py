"""Enumerations whose members know how they are shown: the word, the tone and the icon."""

from django.db import models

TONES = ("ok", "wait", "attention", "info", "quiet")


class StateChoices(models.TextChoices):
    """A state; the subclass says in `tones` how each member is shown."""

    @classmethod
    def tones(cls) -> dict[str, str]:
        """Member value to one of TONES; whatever is left out is quiet."""
        return {}

    @property
    def tone(self) -> str:
        return self.tones().get(self.value, "quiet")
