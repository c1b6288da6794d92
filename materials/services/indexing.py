"""Makes a published version findable."""

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from materials.markdown import plain
from materials.models import MaterialVersion, SearchWord
from materials.selectors.search import configuration, words_of

LEAST_LENGTH = 4  # shorter words are too like each other to be offered instead


def index_version(version: MaterialVersion) -> None:
    """Writes the search vector (title A, summary B, text C) and keeps the words."""
    text = plain(version.body)
    config = configuration(version.language)
    vector = (
        SearchVector(Value(version.title), weight="A", config=config)
        + SearchVector(Value(version.summary), weight="B", config=config)
        + SearchVector(Value(text), weight="C", config=config)
    )
    MaterialVersion.objects.filter(pk=version.pk).update(search=vector)
    words = words_of(f"{version.title}\n{version.summary}\n{text}")
    SearchWord.objects.bulk_create(
        [
            SearchWord(plain=plain, word=word)
            for plain, word in sorted(words.items())
            if len(plain) >= LEAST_LENGTH
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
