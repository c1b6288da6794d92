"""Rows of the partners app for tests, made by the app's own services where there is one."""

from partners.enums import Role
from partners.models import AccessLink, Invitation, Organisation, OutgoingMessage, User
from partners.services.invitations import invite_person
from partners.services.links import make_link
from techvet.actor import Actor


def link_for(person: User, *, days: int = 90) -> tuple[AccessLink, str]:
    """A personal link and its token."""
    return make_link(person=person, by=Actor.system(), days=days)


def invitation_into(
    organisation: Organisation,
    *,
    by: Actor,
    email: str = "new.person@example.org",
    role: str = Role.TEACHER,
    **more: str,
) -> tuple[Invitation, str]:
    """An invitation and the token that its letter carries."""
    invitation = invite_person(by=by, organisation=organisation, email=email, role=role, **more)
    return invitation, token_in(newest_letter("invitation"))


def newest_letter(kind: str) -> OutgoingMessage:
    return OutgoingMessage.objects.filter(kind=kind).latest("pk")


def token_in(letter: OutgoingMessage) -> str:
    """The token of the address in a letter."""
    address = next(word for word in letter.body.split() if word.startswith("http"))
    return address.rstrip("/").rsplit("/", 1)[-1]
