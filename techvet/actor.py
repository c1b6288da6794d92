"""Who is asking, for whom they act, and how surely we know it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partners.models import AccessLink, Membership, Organisation, User


class Assurance(enum.IntEnum):
    """How surely we know the person; a higher value includes what a lower one may do."""

    ANONYMOUS = 0
    LINK = 1
    CODE = 2
    PASSWORD = 3  # a password, an e-mail code or a passkey
    SECOND_FACTOR = 4


@dataclass(frozen=True)
class Actor:
    """One person in one request; `memberships` are valid today, `membership` is the acting one."""

    user: User | None = None
    membership: Membership | None = None
    memberships: tuple[Membership, ...] = field(default=())
    assurance: Assurance = Assurance.ANONYMOUS
    link: AccessLink | None = None
    is_system: bool = False

    @classmethod
    def system(cls) -> Actor:
        """The portal itself: commands, workers, the sweeper."""
        return cls(assurance=Assurance.SECOND_FACTOR, is_system=True)

    @property
    def is_anonymous(self) -> bool:
        return self.user is None and not self.is_system

    @property
    def is_read_only(self) -> bool:
        """An expired link still shows what it showed, but changes nothing."""
        return self.link is not None and self.link.is_expired

    @property
    def organisation(self) -> Organisation | None:
        return self.membership.organisation if self.membership else None

    def has_role(self, *roles: str, organisation: Organisation | int | None = None) -> bool:
        wanted = getattr(organisation, "pk", organisation)
        return any(
            m.role in roles and (wanted is None or m.organisation_id == wanted)
            for m in self.memberships
        )

    def organisation_ids(self, *roles: str) -> tuple[int, ...]:
        """Keys of the organisations where the person has one of the roles, or any role."""
        return tuple({m.organisation_id for m in self.memberships if not roles or m.role in roles})
