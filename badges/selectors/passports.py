"""Passports: one's own, whatever it shows; those of others only when public."""

from django.db.models import Q, QuerySet

from badges.enums import AwardBasis, AwardState
from badges.models import Award, Passport
from techvet.actor import Actor
from techvet.clock import now


def passport_of(actor: Actor) -> Passport | None:
    """One's own page; None before it was saved for the first time."""
    return Passport.objects.filter(person=actor.user).first() if actor.user else None


def public_passports() -> QuerySet[Passport]:
    """For everybody who has the address; a private one is not there for others."""
    return Passport.objects.filter(is_public=True, person__is_active=True).select_related("person")


def showable_awards(person_id: int) -> QuerySet[Award]:
    """Issued and valid today: only these can be on a public page."""
    return (
        Award.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=now()),
            recipient_id=person_id,
            state=AwardState.ISSUED,
            revoked_at__isnull=True,
            suspended_at__isnull=True,
        )
        .exclude(basis=AwardBasis.TEST)
        .select_related("version__achievement", "issuer")
        .order_by("-issued_at", "-pk")
    )


def shown_awards(person_id: int) -> QuerySet[Award]:
    """The valid ones that the person chose."""
    return showable_awards(person_id).filter(is_shown=True)
