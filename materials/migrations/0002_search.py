"""Text search per language, deaf to accents. Estonian and Latvian words are taken as they are.

PostgreSQL 17 stems English, Finnish and Dutch; Estonian came with 18, Latvian is unknown to all.
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

STEMMERS = {"en": "english", "fi": "finnish", "lv": "simple", "et": "simple", "nl": "dutch"}
CREATE = "".join(
    f"""
    CREATE TEXT SEARCH CONFIGURATION portal_{code} (COPY = {stemmer});
    ALTER TEXT SEARCH CONFIGURATION portal_{code}
      ALTER MAPPING FOR hword, hword_part, word
      WITH unaccent, {stemmer if stemmer == "simple" else stemmer + "_stem"};
    """
    for code, stemmer in STEMMERS.items()
)
DROP = "".join(f"DROP TEXT SEARCH CONFIGURATION portal_{code};" for code in STEMMERS)

# Outside the model's state: its operator class exists only after the extension is there.
WORDS = """
    CREATE INDEX materials_searchword_trigrams
      ON materials_searchword USING gin (plain gin_trgm_ops);
"""
DROP_WORDS = "DROP INDEX materials_searchword_trigrams;"


class Migration(migrations.Migration):
    dependencies = [("materials", "0001_initial")]
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunSQL(WORDS, DROP_WORDS),
    ]
