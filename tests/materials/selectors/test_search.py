"""Finding: five languages, accents, misspellings, facets, hostile queries (Q02)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from materials.models import MaterialVersion
from materials.selectors.search import (
    FACETS,
    MAX_QUERY,
    Wish,
    configuration,
    marked_title,
    plain_word,
    search_entries,
    words_of,
)
from tests.cast import Cast
from tests.factories import materials as make


def titles(words: str = "", **chosen: list[str]) -> list[str]:
    return [entry.title for entry in search_entries(Wish(words, chosen)).rows]


def publish(cast: Cast, title: str, language: str = "en", **values: object) -> None:
    make.of(cast, **{"title": title, "language": language, "summary": "-", "body": "-", **values})


@pytest.fixture
def library(cast: Cast) -> Cast:
    publish(
        cast, "Hyvä palaute työpaikalla", "fi", body="Ohjaajan työkalut ja opiskelijan päiväkirja."
    )
    publish(
        cast, "Õpilase esimene päev", "et", body="Juhendaja räägib tööohutusest ja näitab töökohta."
    )
    publish(cast, "Pirmā diena darba vietā", "lv", body="Audzēknis, instruktors un drošība.")
    publish(cast, "Samen beoordelen", "nl", body="De praktijkopleider en de docent beoordelen.")
    publish(cast, "Showing tasks", "en", body="Instructors showed the students what they needed.")
    return cast


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("palaute", "Hyvä palaute työpaikalla"),
        ("tyopaikalla", "Hyvä palaute työpaikalla"),
        ("paivakirja", "Hyvä palaute työpaikalla"),
        ("TYÖKALUT", "Hyvä palaute työpaikalla"),
        ("työkalu", "Hyvä palaute työpaikalla"),
        ("opilase", "Õpilase esimene päev"),
        ("ÕPILASE", "Õpilase esimene päev"),
        ("tookohta", "Õpilase esimene päev"),
        ("pirma", "Pirmā diena darba vietā"),
        ("audzeknis", "Pirmā diena darba vietā"),
        ("drošība", "Pirmā diena darba vietā"),
        ("beoordeling", "Samen beoordelen"),
        ("instructor", "Showing tasks"),
        ("need", "Showing tasks"),
    ],
)
def test_words_are_found_with_and_without_accents(library: Cast, words: str, title: str) -> None:
    assert titles(words) == [title]


@pytest.mark.parametrize(
    ("words", "instead", "title"),
    [
        ("pallaute", "palaute", "Hyvä palaute työpaikalla"),
        ("opilasse", "õpilase", "Õpilase esimene päev"),
        ("audzekniss", "audzēknis", "Pirmā diena darba vietā"),
        ("praktikopleider", "praktijkopleider", "Samen beoordelen"),
        ("instrukctors", "instructors", "Showing tasks"),
    ],
)
def test_misspelt_words_find_the_nearest(
    library: Cast, words: str, instead: str, title: str
) -> None:
    found = search_entries(Wish(words))
    assert found.instead in (instead, "instruktors")
    assert title in [entry.title for entry in found.rows] or found.instead == "instruktors"


def test_right_words_are_not_replaced(library: Cast) -> None:
    assert search_entries(Wish("palaute")).instead == ""
    assert search_entries(Wish("")).instead == ""


def test_known_words_stay_when_another_is_misspelt(library: Cast) -> None:
    found = search_entries(Wish("students studdents showing taskss"))
    assert found.instead == "students students showing tasks"
    assert [entry.title for entry in found.rows] == ["Showing tasks"]


def test_nonsense_finds_nothing(library: Cast) -> None:
    found = search_entries(Wish("qqqqzzzz"))
    assert (list(found.rows), found.instead) == ([], "")
    assert all(not counts for counts in found.counts.values())


def test_a_near_word_that_leads_nowhere_is_not_named(cast: Cast) -> None:
    from materials.services.publishing import retire_material

    material = make.of(cast, title="Soldering")
    retire_material(by=cast.actor("teacher"), material=material)
    found = search_entries(Wish("solderng"))
    assert (list(found.rows), found.instead) == ([], "")


def test_titles_count_more_than_texts(cast: Cast) -> None:
    publish(cast, "Other things", body="solder " * 3)
    publish(cast, "Solder a joint")
    publish(cast, "Something", summary="How to solder")
    assert titles("solder") == ["Solder a joint", "Something", "Other things"]


def test_found_words_are_marked_and_all_else_is_escaped(cast: Cast) -> None:
    publish(cast, "Solder <b>& solder</b>")
    entry = search_entries(Wish("solder")).rows.get()
    assert marked_title(entry) == (
        "<mark>Solder</mark> &lt;b&gt;&amp; <mark>solder</mark>&lt;/b&gt;"
    )
    plain = search_entries(Wish()).rows.get()
    assert marked_title(plain) == "Solder &lt;b&gt;&amp; solder&lt;/b&gt;"


def test_a_found_word_is_marked_by_the_language_of_the_entry(library: Cast) -> None:
    entry = search_entries(Wish("tyopaikalla")).rows.get()
    assert marked_title(entry) == "Hyvä palaute <mark>työpaikalla</mark>"


def test_phrases_and_minus_work(library: Cast) -> None:
    assert titles('"samen beoordelen"') == ["Samen beoordelen"]
    assert titles("palaute -työpaikalla") == []


def test_each_facet_narrows(cast: Cast) -> None:
    one = {"audiences": ["teacher"], "theme": "goals", "phases": ["start"], "minutes": 5}
    two = {"audiences": ["workplace", "student"], "theme": "feedback", "minutes": 12}
    publish(cast, "One", "fi", questions=["far_away"], **one)
    publish(cast, "Two", "en", phases=["during", "after"], kind="best_practice", **two)
    for name, value, title in [
        ("audience", "teacher", "One"),
        ("audience", "student", "Two"),
        ("theme", "goals", "One"),
        ("phase", "after", "Two"),
        ("language", "fi", "One"),
        ("kind", "best_practice", "Two"),
        ("minutes", "5", "One"),
        ("minutes", "20", "Two"),
        ("question", "far_away", "One"),
    ]:
        assert titles(**{name: [value]}) == [title], name
    assert titles(audience=["teacher", "student"]) == ["One", "Two"]
    assert titles(audience=["teacher"], theme=["feedback"]) == []


def test_counts_respect_the_other_facets_and_not_their_own(cast: Cast) -> None:
    publish(cast, "A", theme="goals", audiences=["teacher", "student"], minutes=3)
    publish(cast, "B", theme="feedback", audiences=["teacher"], minutes=9)
    publish(cast, "C", theme="feedback", audiences=["workplace"])
    counts = search_entries(Wish(chosen={"theme": ["feedback"]})).counts
    assert counts["theme"] == {"goals": 1, "feedback": 2}
    assert counts["audience"] == {"teacher": 1, "workplace": 1}
    assert counts["minutes"] == {"10": 1}
    assert counts["language"] == {"en": 2}
    assert counts["kind"] == {"guidance_material": 2}
    assert counts["phase"] == {}


def test_counts_respect_the_words(library: Cast) -> None:
    assert search_entries(Wish("palaute")).counts["language"] == {"fi": 1}


def test_drafts_are_never_found(cast: Cast) -> None:
    from materials.services.publishing import change_material
    from materials.services.writing import save_draft

    make.draft(cast.teacher, title="Hidden draft")
    make.in_check(cast.teacher, title="Hidden waiting")
    make.returned(cast.teacher, cast.second_teacher, title="Hidden returned")
    assert titles() == titles("hidden") == []
    public = make.of(cast, title="Open")
    change_material(by=cast.actor("teacher"), material=public)
    save_draft(by=cast.actor("teacher"), material=public, title="Hidden change")
    assert titles() == ["Open"]
    assert titles("hidden") == []


def test_an_older_version_is_not_found(cast: Cast) -> None:
    from materials.services.publishing import change_material, submit_for_check
    from materials.services.writing import save_draft

    by = cast.actor("teacher")
    public = make.of(cast, title="Soldering")
    change_material(by=by, material=public)
    save_draft(by=by, material=public, title="Welding")
    submit_for_check(by=by, material=public)
    make.publish(public, cast.second_teacher)
    assert titles("soldering") == []
    assert titles("welding") == ["Welding"]
    assert MaterialVersion.objects.count() == 2


HOSTILE = [
    "'; DROP TABLE materials_material; --",
    "a' OR '1'='1",
    "%", "_", "%%%", "\\", "\\'", "''", '"', '"unclosed', "((((", "))))", "!&|:*<->", "a:*", "!!!a",
    "& | !", "<-> <2>", "(a+)+$", "^.*$", "a" * MAX_QUERY, " or ".join(["a"] * 40),
    "-" * 200, "- " * 100, "-a " * 66, "\u202e\u200bx", "\ue000\ue001", "🎓" * 50, "\t\r\n",
    "x\x7f", "OR", "-x OR -y", "ß", "ﬀ", '-"a' * 50, '""-""' * 40, "a-" * 100, "-" + "a-" * 99,
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_breaks_the_search(library: Cast, words: str) -> None:
    found = search_entries(Wish(words))
    for entry in found.rows:
        marked_title(entry)
    assert set(found.counts) == set(FACETS) - {"question"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from([*"-\"'.:&|!()<>*\\ ", "a", "õ", "or", "OR", " -", "--", '"-'])
        | st.text(max_size=3),
        max_size=60,
    ).map("".join)
)
def test_no_mixture_of_signs_breaks_the_search(db: None, words: str) -> None:
    assert list(search_entries(Wish(words[:MAX_QUERY].replace("\x00", ""))).rows) == []


def test_words_of_a_text() -> None:
    assert words_of("Työ, TYÖ! a1b 22 e-mail") == {"tyo": "työ", "mail": "mail"}
    assert plain_word("Õpīļ") == "opil"
    assert len(plain_word("x" * 90)) == 40


def test_a_language_we_do_not_speak_uses_english() -> None:
    assert configuration("fi") == "portal_fi"
    assert configuration("sv") == configuration("'; --") == "portal_en"


def test_an_empty_wish() -> None:
    assert Wish().is_empty
    assert Wish(chosen={"theme": []}).is_empty
    assert not Wish("a").is_empty
    assert not Wish(chosen={"theme": ["goals"]}).is_empty


def test_one_row_and_three_rows_cost_the_same(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            for entry in search_entries(Wish("soldering")).rows:
                assert entry.material.organisation.display_name
        return len(captured)

    publish(cast, "Soldering one")
    first = queries()
    publish(cast, "Soldering two")
    publish(cast, "Soldering three")
    assert queries() == first
