"""Finding published entries: by words in five languages, by facets, by questions.

Each language has its own configuration of PostgreSQL's text search (migration 0002); all are deaf
to accents. `websearch_to_tsquery` takes almost any text, but fails on a long row of minus signs:
it only gets words, quoted phrases, and a minus directly before one of them.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import (
    SearchHeadline,
    SearchQuery,
    SearchRank,
    TrigramSimilarity,
)
from django.db.models import Case, Count, F, Func, Q, QuerySet, TextField, Value, When
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from materials.enums import Audience, MaterialKind, Phase, Question, Reading, Theme
from materials.models import MaterialVersion, SearchWord
from materials.selectors.entries import published_entries

MAX_QUERY = 200  # characters
MAX_WORDS = 8  # as many words of a misspelt search are looked up
LEAST_SIMILARITY = 0.3
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
# The choices of each facet; a name is also that of the parameter in the address.
FACETS: dict[str, tuple[str, ...]] = {
    "audience": tuple(Audience.values),
    "phase": tuple(Phase.values),
    "theme": tuple(Theme.values),
    "minutes": tuple(Reading.values),
    "kind": tuple(MaterialKind.values),
    "language": LANGUAGES,
    "question": tuple(Question.values),
}
_ARRAYS = {"audience": "audiences", "phase": "phases", "question": "questions"}
# Characters of private use that no text has: the marks around a found word.
_START, _STOP = "\ue000", "\ue001"
_ASKED = re.compile(r"-?\"[^\"]*\"|(?<![\w-])-?\w+(?:[-'’.]\w+)*")
_WORD = re.compile(r"[^\W\d_]{2,40}")


@dataclass(frozen=True)
class Wish:
    """What somebody looks for: words, and the chosen values of each facet."""

    words: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.words and not any(self.chosen.values())


@dataclass(frozen=True)
class Found:
    """The rows, the counts of each facet, and the words searched instead of misspelt ones."""

    rows: QuerySet[MaterialVersion]
    counts: dict[str, dict[str, int]]
    instead: str = ""


def search_entries(wish: Wish) -> Found:
    """Published entries that fit. A facet's counts respect the other facets, not itself."""
    words = " ".join(_ASKED.findall(wish.words))
    base, instead = _by_words(words) if words or not wish.words else (_nothing(), "")
    wish = replace(wish, words=instead or words)
    rows = base.filter(_chosen(wish))
    if wish.words:
        rows = rows.annotate(rank=_rank(wish.words), shown_title=_headline(wish.words))
        rows = rows.order_by("-rank", "title", "pk")
    else:
        rows = rows.order_by("title", "pk")
    counts = {name: _counts(base, wish, name) for name in FACETS if name != "question"}
    return Found(rows.select_related("material__organisation"), counts, instead)


def marked_title(entry: MaterialVersion) -> SafeString:
    """The title with the found words in <mark>; everything else escaped."""
    shown = str(escape(getattr(entry, "shown_title", None) or entry.title))
    title = shown.replace(_START, "<mark>").replace(_STOP, "</mark>")
    return mark_safe(title)  # noqa: S308 - escaped before the marks were put in


def words_of(text: str) -> dict[str, str]:
    """The words of a text by their plain form: lower case, without accents."""
    return {plain_word(word): word.lower() for word in _WORD.findall(text)}


def plain_word(word: str) -> str:
    """Lower case without accents, at most 40 characters: Työpaikka is tyopaikka."""
    split = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in split if not unicodedata.combining(c))[:40]


def configuration(language: str) -> str:
    """The text search configuration of a language."""
    return f"portal_{language if language in LANGUAGES else 'en'}"


def _nothing() -> QuerySet[MaterialVersion]:
    """For a search with no word in it, only signs."""
    return published_entries().none()


def _by_words(words: str) -> tuple[QuerySet[MaterialVersion], str]:
    """Entries with the words; when there are none, entries with the nearest words known."""
    if not words:
        return published_entries(), ""
    rows = published_entries().filter(_match(words))
    if rows.exists():
        return rows, ""
    nearest = _nearest(words)
    if nearest:
        other = published_entries().filter(_match(nearest))
        if other.exists():
            return other, nearest
    return rows, ""


def _match(words: str) -> Q:
    matches = Q()
    for code in LANGUAGES:
        matches |= Q(language=code, search=_query(words, code))
    return matches


def _query(words: str, code: str) -> SearchQuery:
    return SearchQuery(words, config=configuration(code), search_type="websearch")


def _rank(words: str) -> Case:
    whens = [When(language=c, then=SearchRank(F("search"), _query(words, c))) for c in LANGUAGES]
    return Case(*whens, default=Value(0.0))


def _headline(words: str) -> Case:
    whens = [
        When(
            language=code,
            then=SearchHeadline(
                "title",
                _query(words, code),
                config=configuration(code),
                start_sel=_START,
                stop_sel=_STOP,
                highlight_all=True,
            ),
        )
        for code in LANGUAGES
    ]
    return Case(*whens, default=F("title"), output_field=TextField())


def _nearest(words: str) -> str:
    """The same search with each unknown word replaced by the most similar known one."""
    asked = _WORD.findall(words)[:MAX_WORDS]
    known = {
        w.plain: w.word
        for w in SearchWord.objects.filter(plain__in=[plain_word(word) for word in asked])
    }
    changed = False
    result = []
    for word in asked:
        plain = plain_word(word)
        similar = known.get(plain) or _most_similar(plain)
        changed = changed or (bool(similar) and similar != known.get(plain))
        result.append(similar or word)
    return " ".join(result) if changed else ""


def _most_similar(plain: str) -> str:
    nearest = (
        SearchWord.objects.filter(plain__trigram_similar=plain)
        .annotate(similarity=TrigramSimilarity("plain", plain))
        .filter(similarity__gte=LEAST_SIMILARITY)
        .order_by("-similarity", "plain")
        .first()
    )
    return nearest.word if nearest else ""


def _chosen(wish: Wish, without: str = "") -> Q:
    wanted = Q()
    for name, values in wish.chosen.items():
        if values and name != without:
            wanted &= _one_of(name, values)
    return wanted


def _one_of(name: str, values: list[str]) -> Q:
    if name in _ARRAYS:
        return Q(**{f"{_ARRAYS[name]}__overlap": values})
    if name == "minutes":
        spans = Q()
        for value in values:
            spans |= Q(minutes__range=Reading(value).span)
        return spans
    return Q(**{f"{name}__in": values})


def _counts(base: QuerySet[MaterialVersion], wish: Wish, name: str) -> dict[str, int]:
    rows = base.filter(_chosen(wish, without=name)).select_related(None).order_by()
    value: Any = F(name)
    if name in _ARRAYS:
        value = Func(F(_ARRAYS[name]), function="unnest")
    elif name == "minutes":
        value = Case(*[When(minutes__range=r.span, then=Value(r.value)) for r in Reading])
    grouped = rows.annotate(facet=value).values("facet").annotate(number=Count("pk"))
    return {row["facet"]: row["number"] for row in grouped if row["facet"]}
