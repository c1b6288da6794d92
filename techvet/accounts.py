"""How allauth behaves here: by invitation only, our addresses, our message queue."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils import translation

from partners.selectors.actors import CODE_SESSION_KEY, LINK_SESSION_KEY
from partners.services.messages import queue_secret_message
from techvet.origin import absolute


class PortalAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People join by invitation."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Who signs in acts as themselves from now on, no longer from an opened personal link."""
        for key in (LINK_SESSION_KEY, CODE_SESSION_KEY):
            request.session.pop(key, None)
        super().login(request, user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Writes the message as a row; codes are wiped from it once it is sent."""
        user = context.get("user")
        language = user.language if user else translation.get_language() or "en"
        with translation.override(language):
            message = self.render_mail(template_prefix, email, context)
        queue_secret_message(
            address=email,
            kind=template_prefix.rsplit("/", 1)[-1],
            subject=message.subject,
            body=str(message.body),
            language=language,
        )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return absolute(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        return absolute(super().get_reset_password_from_key_url(key))
