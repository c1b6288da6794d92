"""Addresses of the Open Badges API and of its OAuth server, each with who may come in."""

from allauth.idp.oidc import views as allauth
from django.urls import include, path

from badges.api.openbadges import oauth, views
from techvet.access import PUBLIC, TOKEN, route

# The names that allauth's views reverse: idp:oidc:token and so on.
_oauth = [
    route(
        ".well-known/openid-configuration",
        allauth.configuration,
        name="configuration",
        access=PUBLIC,
    ),
    route(
        ".well-known/oauth-authorization-server",
        allauth.configuration,
        name="oauth_metadata",
        access=PUBLIC,
    ),
    route(".well-known/jwks.json", allauth.jwks, name="jwks", access=PUBLIC),
    route("identity/o/authorize", oauth.consent, name="authorization", access=PUBLIC),
    route("identity/o/api/token", oauth.token, name="token", access=PUBLIC),
    route("identity/o/api/revoke", oauth.revoke, name="revoke", access=PUBLIC),
    route(
        "identity/o/api/clients",
        allauth.client_registration,
        name="client_registration",
        access=PUBLIC,
    ),
    route("identity/o/logout", oauth.not_offered, name="logout", access=PUBLIC),
    route("identity/o/api/device/code", oauth.not_offered, name="device_code", access=PUBLIC),
    route("identity/o/api/userinfo", oauth.not_offered, name="userinfo", access=PUBLIC),
]

urlpatterns = [
    path("", include((([path("", include((_oauth, "oidc")))]), "idp"))),
    route(
        "ims/ob/v3p0/credentials",
        views.CredentialsView.as_view(),
        name="openbadges_credentials",
        access=TOKEN,
    ),
    route(
        "ims/ob/v3p0/profile",
        views.ProfileView.as_view(),
        name="openbadges_profile",
        access=TOKEN,
    ),
    route(
        "ims/ob/v3p0/discovery",
        views.DiscoveryView.as_view(),
        name="openbadges_discovery",
        access=PUBLIC,
    ),
]
