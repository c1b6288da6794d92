"""A badge on paper: a tagged PDF (PDF/UA-1, PDF/A-2a) with a code that leads to the badge's page.

Nothing is kept: the file holds a name and takes about 0.2 s, so it is made for whoever asks.
"""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from babel.dates import format_date
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from badges.models import Award
from partners.services.qr import qr_svg
from techvet.origin import address

TEMPLATE = Path(__file__).parent.parent / "pdf" / "certificate.typ"
FONTS = TEMPLATE.parent / "fonts"
# The strictest first. A name in letters that none of our fonts has cannot be archived (PDF/A asks
# for every letter), and is still a certificate.
STANDARDS: tuple[list[Any] | None, ...] = (["a-2a", "ua-1"], ["ua-1"], None)
logger = logging.getLogger("portal.certificates")


def certificate_pdf(*, award: Award, language: str) -> bytes:
    """The certificate of an issued award, with its sentences in this language."""
    facts = json.dumps(_facts(award, language), ensure_ascii=False)
    for standards in STANDARDS:
        try:
            return _compiled(facts, standards)
        except typst.TypstError as error:
            if standards is None:
                raise
            logger.info("a certificate without %s: %s", standards, str(error)[:200])
    raise AssertionError("the last try raises or returns")


def _compiled(facts: str, standards: list[Any] | None) -> bytes:
    return bytes(
        typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"facts": facts},
            pdf_standards=standards,
        )
    )


def _facts(award: Award, language: str) -> dict[str, Any]:
    version = award.version
    page = address("award_show", public_id=award.public_id)
    issued = localtime(award.issued_at)
    with translation.override(language):
        return {
            "language": language,
            "title": _("%(badge)s: certificate of %(name)s")
            % {"badge": version.name, "name": award.recipient_name},
            "kind": _("Certificate of an open badge"),
            "person": award.recipient_name,
            "person_size": _size(award.recipient_name, 24),
            "has_earned": _("has earned the badge"),
            "badge": version.name,
            "name_size": _size(version.name, 20),
            "picture": version.picture_svg,
            "picture_words": _("Badge: %(name)s") % {"name": version.name},
            "objective": version.competence_objective,
            "issuer": award.issuer.name,
            "date": {"year": issued.year, "month": issued.month, "day": issued.day},
            "details": _details(award),
            "criteria_heading": _("Criteria met"),
            "criteria": [one.title for one in version.criteria.all()],
            "code": str(qr_svg(page, "")),
            "code_words": _("Code that leads to %(url)s") % {"url": page},
            "check_heading": _("Check this certificate"),
            "check": _(
                "Scan the code or open the address. The page says whether the badge is valid today."
                " This sheet alone proves nothing."
            ),
            "address": page,
            "portal": _("NextSteps@TechVET. Open Badges 3.0. A badge is not a qualification."),
        }


def _details(award: Award) -> list[tuple[str, str]]:
    """What stands beside what, in the language that is set."""
    rows = [
        (_("Issuer"), award.issuer.name),
        (_("Issued"), _day(award.issued_at)),
    ]
    if award.valid_until:
        rows.append((_("Valid until"), _day(award.valid_until)))
    if award.version.eqf_level:
        rows.append(
            (
                _("Comparable level of the learning outcome"),
                _("EQF %(level)s") % {"level": award.version.eqf_level},
            )
        )
    if award.version.workload_hours:
        rows.append(
            (_("Workload"), _("About %(hours)s hours") % {"hours": award.version.workload_hours})
        )
    return rows


def _day(moment: datetime) -> str:
    return format_date(localtime(moment), "long", locale=translation.get_language() or "en")


def _size(text: str, largest: int) -> int:
    """Points for a line of at most some 100 mm; long names get smaller and may still wrap."""
    return max(13, min(largest, largest * 26 // max(len(text), 1)))
