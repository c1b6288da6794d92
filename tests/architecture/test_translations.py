"""Texts are translatable, catalogues are sound, and the glossary is complete in five languages."""

import re

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from techvet.glossary import TERMS, in_all_languages
from tests.architecture.source import ROOT, templates

CODES = [code for code, _name in settings.LANGUAGES]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize("code", CODES)
def test_each_language_has_its_catalogue(code: str) -> None:
    path = ROOT / "techvet" / "locale" / code / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    for message in catalogue:
        if not message.id or not message.string:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(" ".join(ids)))
        for text in filter(None, strings):
            assert set(PLACEHOLDER.findall(text)) <= wanted, f"{code}: {ids[0]}"


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_nothing_in_a_catalogue_is_left_open(code: str) -> None:
    path = ROOT / "techvet" / "locale" / code / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    forms = [
        (message.id, message.string if isinstance(message.string, tuple) else (message.string,))
        for message in catalogue
        if message.id
    ]
    assert len(forms) > 1500
    assert not [text for text, strings in forms if not all(strings)]


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_the_glossary_is_translated(code: str) -> None:
    with translation.override("en"):
        english = [str(term) for term in TERMS]
    with translation.override(code):
        local = [str(term) for term in TERMS]
    same = [word for word, own in zip(english, local, strict=True) if word == own]
    allowed = {"nl": {"student", "feedback", "open badge", "endorsement"}}.get(code, set())
    allowed |= {"licence"} if code == "lv" else set()
    assert set(same) <= allowed


def test_the_glossary_page_has_a_word_in_each_column() -> None:
    for row in in_all_languages():
        assert [code for code, _word in row] == CODES
        assert all(word for _code, word in row)


# Text between tags that is not inside a template tag: at least one word of three letters.
LOOSE = re.compile(r">\s*([A-Z][a-z]{2,}[^<>{}]*)<")
NAMES = {"NextSteps", "Creative Commons", "Erasmus+"}


@pytest.mark.parametrize("path", templates(), ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_hold_no_untranslated_sentence(path) -> None:
    if "styleguide" in path.parts or path.name == "styleguide.html":
        return  # for developers, in English
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", text, flags=re.S)
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", text, flags=re.S)
    loose = [m for m in LOOSE.findall(text) if m.strip() not in NAMES]
    assert not loose, loose
