"""`manage.py first_admin EMAIL`: invites somebody who can invite everybody else."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, transaction
from django.urls import reverse

from badges.selectors.issuers import LEAD_SLUG
from partners.enums import Role
from partners.models import Invitation, Organisation, OutgoingMessage, User
from partners.selectors.actors import current_memberships
from partners.selectors.invitations import open_invitations
from partners.services.addresses import parse_email
from partners.services.demo_facts import EDITORS_EMAIL
from partners.services.invitations import invite_person, resend_invitation
from techvet.actor import Actor
from techvet.errors import Refused
from techvet.origin import absolute

NAME_LENGTH = 120


class Command(BaseCommand):
    help = (
        "Invites a project administrator and prints the address of the invitation once. Run again "
        "for the same mailbox, it makes a new address and the earlier one stops working."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="their own mailbox; the invitation is sent there, too")
        parser.add_argument("--name", default="", help="their name, for the greeting")
        parser.add_argument(
            "--language",
            default="en",
            choices=[code for code, _name in settings.LANGUAGES],
            help="the language of the letter and the first pages",
        )

    def handle(self, *, email: str, name: str, language: str, **options: Any) -> None:
        if len(name) > NAME_LENGTH:
            raise CommandError(f"Use at most {NAME_LENGTH} characters for the name.")
        try:
            invitation, address = _invite(parse_email(email), name, language)
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        except ProgrammingError:
            raise CommandError("The database has no tables yet: run prepare first.") from None
        organisation = invitation.organisation.display_name
        self.stdout.write(
            f"{invitation.email} may become project administrator of {organisation} within a week "
            f"at this address, which is shown only now:\n{address}"
        )


@transaction.atomic
def _invite(email: str, name: str, language: str) -> tuple[Invitation, str]:
    """The invitation and its address, before any worker can send the letter and wipe it."""
    organisation = Organisation.objects.filter(slug=LEAD_SLUG).first()
    # An invitation names somebody who invited; for the portal itself that is the editors' account.
    editors = User.objects.filter(email=EDITORS_EMAIL).first()
    if organisation is None or editors is None:
        raise CommandError(
            f"The organisation {LEAD_SLUG} does not exist yet: run seed --without-demo first."
        )
    admins = current_memberships().filter(role=Role.PROJECT_ADMIN)
    if admins.filter(user__email__iexact=email).exists():
        raise CommandError(f"{email} is a project administrator already.")
    by = replace(Actor.system(), user=editors)
    invitation = (
        open_invitations(organisation).filter(email__iexact=email, role=Role.PROJECT_ADMIN).first()
    )
    if invitation is not None:
        resend_invitation(by=by, invitation=invitation)
    else:
        invitation = invite_person(
            by=by,
            organisation=organisation,
            email=email,
            role=Role.PROJECT_ADMIN,
            name=name,
            language=language,
        )
    return invitation, _address_for(invitation)


def _address_for(invitation: Invitation) -> str:
    """Read from the letter: of the token itself only the hash is kept."""
    letter = OutgoingMessage.objects.filter(kind="invitation", address=invitation.email).latest(
        "pk"
    )
    start = absolute(reverse("invitation_accept", args=["-"])).removesuffix("-/")
    return next(word for word in letter.body.split() if word.startswith(start))
