"""What people change about themselves."""

from techvet.actor import Actor


def set_language(*, by: Actor, language: str) -> None:
    """Keeps the language of pages and messages in the account."""
    assert by.user is not None
    by.user.language = language
    by.user.save(update_fields=["language"])
