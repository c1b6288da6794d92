"""allauth's forms in our words: a label says what a field is, so no placeholder repeats it.

Named by ACCOUNT_FORMS and MFA_FORMS in the settings.
"""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "remember": _("Stay signed in on this device"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password again"),
    "code": _("Code"),
}
_PASSWORD_HINT = _("At least 10 characters. A short sentence is easy to remember.")


class _InOurWords(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = _LABELS.get(name, field.label)
            if name == "code":
                field.widget.attrs.update({"class": "input-code", "autocomplete": "one-time-code"})
            if name == "password1":
                field.help_text = _PASSWORD_HINT


class LoginForm(_InOurWords, account.LoginForm):
    pass


class AddEmailForm(_InOurWords, account.AddEmailForm):
    pass


class ChangePasswordForm(_InOurWords, account.ChangePasswordForm):
    pass


class SetPasswordForm(_InOurWords, account.SetPasswordForm):
    pass


class ResetPasswordForm(_InOurWords, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_InOurWords, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(_InOurWords, account.ReauthenticateForm):
    pass


class RequestLoginCodeForm(_InOurWords, account.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(_InOurWords, account.ConfirmLoginCodeForm):
    pass


class SecondFactorForm(_InOurWords, mfa.AuthenticateForm):
    pass


class SecondFactorAgainForm(_InOurWords, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(_InOurWords, totp.ActivateTOTPForm):
    pass


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A passkey by default; without the tick it is only a second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = gettext("My device")
        self.fields["name"].label = _("Name of this device")
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].help_text = ""
        self.fields["passwordless"].initial = True
