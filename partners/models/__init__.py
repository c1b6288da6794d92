from partners.models.audit import AuditEvent, AuditSeal
from partners.models.messages import OutgoingMessage
from partners.models.organisations import Membership, Organisation, Site
from partners.models.people import AccessLink, Invitation, OneTimeCode, User

__all__ = [
    "AccessLink",
    "AuditEvent",
    "AuditSeal",
    "Invitation",
    "Membership",
    "OneTimeCode",
    "Organisation",
    "OutgoingMessage",
    "Site",
    "User",
]
