"""Headings that mean something: in the language of the entry, not in that of the reader."""

# What a section is, by the words of its heading; the card is followed by a colon and its name.
SECTIONS: dict[str, dict[str, str]] = {
    "five": {
        "en": "At the workplace in five minutes",
        "fi": "Työpaikalla viidessä minuutissa",
        "lv": "Darba vietā piecās minūtēs",
        "et": "Töökohal viie minutiga",
        "nl": "Op de werkplek in vijf minuten",
    },
    "card": {"en": "Card", "fi": "Kortti", "lv": "Kartīte", "et": "Kaart", "nl": "Kaart"},
    "teacher": {
        "en": "As the teacher sees it",
        "fi": "Opettajan silmin",
        "lv": "Skolotāja skatījumā",
        "et": "Õpetaja pilgu läbi",
        "nl": "Door de ogen van de docent",
    },
    "workplace": {
        "en": "As the workplace sees it",
        "fi": "Työpaikan silmin",
        "lv": "Darba vietas skatījumā",
        "et": "Töökoha pilgu läbi",
        "nl": "Door de ogen van de werkplek",
    },
    "student": {
        "en": "As the student sees it",
        "fi": "Opiskelijan silmin",
        "lv": "Audzēkņa skatījumā",
        "et": "Õpilase pilgu läbi",
        "nl": "Door de ogen van de student",
    },
}
PERSPECTIVES = ("teacher", "workplace", "student")

# The frame of a best practice, before the three perspectives.
_BEST_PRACTICE: dict[str, tuple[str, ...]] = {
    "en": ("Context", "Challenge", "Steps", "Roles", "Effort", "Proof", "How to transfer"),
    "fi": (
        "Lähtötilanne",
        "Haaste",
        "Vaiheet",
        "Roolit",
        "Työmäärä",
        "Mistä tuloksen näkee",
        "Miten tämän voi ottaa käyttöön muualla",
    ),
    "lv": (
        "Konteksts",
        "Izaicinājums",
        "Soļi",
        "Lomas",
        "Laiks un darbs",
        "Pierādījumi",
        "Kā to pārņemt",
    ),
    "et": ("Taust", "Väljakutse", "Sammud", "Rollid", "Ajakulu", "Tõendus", "Kuidas üle võtta"),
    "nl": (
        "Context",
        "Uitdaging",
        "Stappen",
        "Rollen",
        "Tijd en moeite",
        "Bewijs",
        "Zo neem je het over",
    ),
}

_KIND_OF_HEADING = {
    words.casefold(): kind
    for kind, languages in SECTIONS.items()
    if kind != "card"
    for words in languages.values()
}
_CARD_WORDS = {words.casefold() for words in SECTIONS["card"].values()}


def kind_of(heading: str) -> str:
    """`five`, `card`, a perspective, or `text` for any other heading."""
    words = heading.strip().casefold()
    if words.partition(":")[0] in _CARD_WORDS and ":" in words:
        return "card"
    return _KIND_OF_HEADING.get(words, "text")


def best_practice_frame(language: str) -> str:
    """An empty best practice in Markdown: its headings, a list of steps and a checklist."""
    frame = _BEST_PRACTICE.get(language, _BEST_PRACTICE["en"])
    parts = [f"## {heading}\n\n" + ("1. \n" if place == 2 else "") for place, heading in _n(frame)]
    for kind in PERSPECTIVES:
        parts.append(f"## {_word(kind, language)}\n\n")
    parts.append(f"## {_word('five', language)}\n\n- [ ] \n")
    return "\n".join(parts)


def _n(frame: tuple[str, ...]) -> list[tuple[int, str]]:
    return list(enumerate(frame))


def _word(kind: str, language: str) -> str:
    return SECTIONS[kind].get(language, SECTIONS[kind]["en"])
