"""The four permissions that the Open Badges API 3.0 knows, in words for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_BASE = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
CREDENTIAL_READ = f"{_BASE}credential.readonly"
CREDENTIAL_UPSERT = f"{_BASE}credential.upsert"
PROFILE_READ = f"{_BASE}profile.readonly"
PROFILE_UPDATE = f"{_BASE}profile.update"
# Lets a program come back without asking the person again (OAuth 2.0 refresh tokens).
OFFLINE = "offline_access"

SCOPES: dict[str, Promise | str] = {
    CREDENTIAL_READ: _("Read your badges"),
    CREDENTIAL_UPSERT: _("Keep badges of other issuers with yours"),
    PROFILE_READ: _("Read your name and e-mail address"),
    PROFILE_UPDATE: _("Change your name and what you say about yourself"),
    OFFLINE: _("Do this also later, while you are away"),
}
