from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from partners.services.second_factor import remember_new_factor

        authenticator_added.connect(remember_new_factor, dispatch_uid="partners.new_factor")
