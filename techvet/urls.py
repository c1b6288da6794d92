"""All addresses. Each app's `urls.py` is its access table."""

from django.urls import include, path

from techvet import views
from techvet.access import LINK, PUBLIC, route

urlpatterns = [
    route("", views.home, name="home", access=PUBLIC),
    route("start/", views.start, name="start", access=LINK),
    route("about/", views.about, name="about", access=PUBLIC),
    route("words/", views.glossary, name="glossary", access=PUBLIC),
    route("accessibility/", views.accessibility, name="accessibility", access=PUBLIC),
    route("privacy/", views.privacy, name="privacy", access=PUBLIC),
    route("styleguide/", views.styleguide, name="styleguide", access=PUBLIC),
    route("language/", views.language_set, name="set_language", access=PUBLIC),
    route("healthz", views.healthz, name="healthz", access=PUBLIC),
    route("readyz", views.readyz, name="readyz", access=PUBLIC),
    path("accounts/", include("allauth.urls")),
    path("", include("partners.urls")),
    path("", include("materials.urls")),
    path("", include("guidance.urls")),
    path("", include("badges.urls")),
]

handler400 = "techvet.views.bad_request"
handler403 = "techvet.views.not_allowed"
handler404 = "techvet.views.not_found"
handler500 = "techvet.views.broken"
