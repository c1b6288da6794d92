"""What authors are told by message, in their own language."""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from materials.models import Material
from partners.models import OutgoingMessage
from partners.services.messages import queue_message
from techvet.origin import absolute, address


def tell_author(*, material: Material, verb: str) -> OutgoingMessage:
    """Tells the author of a decision: `publish`, `return` or `retire`."""
    author = material.author
    with translation.override(author.language):
        subject, sentence = _words(verb)
        if verb == "publish":
            where = address("material_show", material.slug)
        else:
            where = absolute(reverse("material_draft", args=[material.public_id]))
        body = "\n\n".join(
            [
                _("Hello %(name)s,") % {"name": author.name},
                sentence % {"title": material.title},
                where,
                _("NextSteps@TechVET"),
            ]
        )
        return queue_message(
            recipient=author,
            kind=f"material_{verb}",
            subject=subject % {"title": material.title},
            body=body,
            unique_key=f"material_{verb}:{material.public_id}:{material.state_since.isoformat()}",
        )


def _words(verb: str) -> tuple[str, str]:
    words = {
        "publish": (
            _("Published: %(title)s"),
            _("A colleague has checked “%(title)s”, and now everybody can read it here:"),
        ),
        "return": (
            _("Please look again: %(title)s"),
            _("A colleague has checked “%(title)s” and left notes for you. Read them here:"),
        ),
        "retire": (
            _("Retired: %(title)s"),
            _("“%(title)s” was taken out of the library. You can change and send it again here:"),
        ),
    }
    return words[verb]
