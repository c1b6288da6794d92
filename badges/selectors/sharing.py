"""What an earner takes elsewhere by copying: an address, a line for a page or a letter.

No script of any other site is involved: the link to LinkedIn is a plain link that the person
follows, and nothing is sent before.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from badges.models import Award
from techvet.origin import address

# "Add to profile" of LinkedIn takes the facts of a certificate as a query.
ADD_TO_PROFILE = "https://www.linkedin.com/profile/add"


@dataclass(frozen=True)
class Snippet:
    """Text to copy: `name` says where it fits."""

    name: str
    text: str


def page_address(award: Award) -> str:
    return address("award_show", public_id=award.public_id)


def add_to_profile_link(award: Award) -> str:
    issued = localtime(award.issued_at)
    facts: dict[str, object] = {
        "startTask": "CERTIFICATION_NAME",
        "name": award.version.name,
        "organizationName": award.issuer.name,
        "issueYear": issued.year,
        "issueMonth": issued.month,
        "certUrl": page_address(award),
        "certId": award.public_id,
    }
    if award.valid_until:
        until = localtime(award.valid_until)
        facts |= {"expirationYear": until.year, "expirationMonth": until.month}
    return f"{ADD_TO_PROFILE}?{urlencode(facts)}"


def snippets_of(award: Award) -> list[Snippet]:
    url = page_address(award)
    name = award.version.name
    picture = address("achievement_picture", public_id=award.version.public_id, form="png")
    line = _("%(badge)s, open badge by %(issuer)s: %(url)s") % {
        "badge": name,
        "issuer": award.issuer.name,
        "url": url,
    }
    html = format_html(
        '<a href="{}"><img src="{}" alt="{}" width="120" height="120"></a>',
        url,
        picture,
        _("Badge: %(name)s") % {"name": name},
    )
    return [
        Snippet(_("For an e-mail signature or a CV"), line),
        # Plain again: `str` would stay marked as safe, and the page would show the picture.
        Snippet(_("For a web page (HTML)"), "".join(html)),
        Snippet(_("For a text in Markdown"), f"[{_markdown(name)}]({url})"),
    ]


def _markdown(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\[]*_`<>" else char for char in text)
