"""The tables are those of the models, and the database's own rules are really there."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection


def test_no_migration_is_missing(db: Any) -> None:
    out = StringIO()
    call_command("makemigrations", check_changes=True, dry_run=True, stdout=out)
    assert "No changes detected" in out.getvalue()


def test_text_search_knows_every_language(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config WHERE cfgname LIKE 'portal_%%'")
        assert {row[0] for row in cursor.fetchall()} == {
            "portal_en",
            "portal_fi",
            "portal_lv",
            "portal_et",
            "portal_nl",
        }
