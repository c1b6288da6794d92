"""The field's terms, in the five languages of the portal; the catalogues carry the translations.

Shown on the page "Words we use", so that people who share no language can point at a word.
"""

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

TERMS: tuple[Promise, ...] = (
    pgettext_lazy("glossary", "work-based learning"),
    pgettext_lazy("glossary", "placement"),
    pgettext_lazy("glossary", "apprenticeship"),
    pgettext_lazy("glossary", "training agreement"),
    pgettext_lazy("glossary", "apprenticeship contract"),
    pgettext_lazy("glossary", "framework agreement"),
    pgettext_lazy("glossary", "amendment"),
    pgettext_lazy("glossary", "party to the agreement"),
    pgettext_lazy("glossary", "signatory"),
    pgettext_lazy("glossary", "guardian"),
    pgettext_lazy("glossary", "workplace instructor"),
    pgettext_lazy("glossary", "responsible workplace instructor"),
    pgettext_lazy("glossary", "teacher in charge"),
    pgettext_lazy("glossary", "learning ambassador"),
    pgettext_lazy("glossary", "coordinator"),
    pgettext_lazy("glossary", "guidance counsellor"),
    pgettext_lazy("glossary", "manager"),
    pgettext_lazy("glossary", "student"),
    pgettext_lazy("glossary", "apprentice"),
    pgettext_lazy("glossary", "VET institution"),
    pgettext_lazy("glossary", "company"),
    pgettext_lazy("glossary", "approved learning workplace"),
    pgettext_lazy("glossary", "approval"),
    pgettext_lazy("glossary", "contact person"),
    pgettext_lazy("glossary", "registry number"),
    pgettext_lazy("glossary", "capacity"),
    pgettext_lazy("glossary", "guidance"),
    pgettext_lazy("glossary", "career guidance"),
    pgettext_lazy("glossary", "workplace guidance"),
    pgettext_lazy("glossary", "digital guidance"),
    pgettext_lazy("glossary", "induction"),
    pgettext_lazy("glossary", "safety instruction"),
    pgettext_lazy("glossary", "personal protective equipment"),
    pgettext_lazy("glossary", "insurance"),
    pgettext_lazy("glossary", "individual plan"),
    pgettext_lazy("glossary", "placement programme"),
    pgettext_lazy("glossary", "learning goal"),
    pgettext_lazy("glossary", "learning outcome"),
    pgettext_lazy("glossary", "vocational requirement"),
    pgettext_lazy("glossary", "work process"),
    pgettext_lazy("glossary", "qualification"),
    pgettext_lazy("glossary", "qualification unit"),
    pgettext_lazy("glossary", "credit"),
    pgettext_lazy("glossary", "diary"),
    pgettext_lazy("glossary", "report"),
    pgettext_lazy("glossary", "hours"),
    pgettext_lazy("glossary", "hours registration"),
    pgettext_lazy("glossary", "absence"),
    pgettext_lazy("glossary", "part-time share"),
    pgettext_lazy("glossary", "to confirm"),
    pgettext_lazy("glossary", "return for changes"),
    pgettext_lazy("glossary", "visit"),
    pgettext_lazy("glossary", "three-party meeting"),
    pgettext_lazy("glossary", "feedback"),
    pgettext_lazy("glossary", "assessment"),
    pgettext_lazy("glossary", "self-assessment"),
    pgettext_lazy("glossary", "assessor"),
    pgettext_lazy("glossary", "assessment criterion"),
    pgettext_lazy("glossary", "competence demonstration"),
    pgettext_lazy("glossary", "acquiring competence"),
    pgettext_lazy("glossary", "testimonial"),
    pgettext_lazy("glossary", "early end"),
    pgettext_lazy("glossary", "concern"),
    pgettext_lazy("glossary", "open badge"),
    pgettext_lazy("glossary", "badge criteria"),
    pgettext_lazy("glossary", "evidence"),
    pgettext_lazy("glossary", "application"),
    pgettext_lazy("glossary", "reviewer"),
    pgettext_lazy("glossary", "review queue"),
    pgettext_lazy("glossary", "badge constellation"),
    pgettext_lazy("glossary", "meta badge"),
    pgettext_lazy("glossary", "endorsement"),
    pgettext_lazy("glossary", "issuer"),
    pgettext_lazy("glossary", "earner"),
    pgettext_lazy("glossary", "revoked"),
    pgettext_lazy("glossary", "expired"),
    pgettext_lazy("glossary", "guidance material"),
    pgettext_lazy("glossary", "best practice"),
    pgettext_lazy("glossary", "collection"),
    pgettext_lazy("glossary", "licence"),
    pgettext_lazy("glossary", "needs survey"),
    pgettext_lazy("glossary", "wave"),
    pgettext_lazy("glossary", "accessibility statement"),
    pgettext_lazy("glossary", "privacy notice"),
    pgettext_lazy("glossary", "personal link"),
    pgettext_lazy("glossary", "one-time code"),
    pgettext_lazy("glossary", "reminder"),
    pgettext_lazy("glossary", "minor"),
)


def in_all_languages() -> list[list[tuple[str, str]]]:
    """One row for each term: pairs of language code and word, English first."""
    codes = [code for code, _name in settings.LANGUAGES]
    words = {}
    for code in codes:
        with translation.override(code):
            words[code] = [str(term) for term in TERMS]
    return [[(code, words[code][i]) for code in codes] for i in range(len(TERMS))]
