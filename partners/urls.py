"""Addresses of the partners app, each with who may come in."""

from partners.enums import Role
from partners.views import invitations, links, organisations, people, profile
from techvet.access import LINK, PUBLIC, SIGNED_IN, link_roles, roles, route

SEES_PEOPLE = link_roles(
    Role.TEACHER,
    Role.COORDINATOR,
    Role.PROJECT_ADMIN,
    Role.INSTRUCTOR,
    Role.MANAGER,
    Role.SIGNATORY,
)
# Coordinators and project administrators are asked for their second factor in the views, since
# managers of companies do not need one.
INVITES = roles(Role.COORDINATOR, Role.MANAGER, Role.PROJECT_ADMIN)

urlpatterns = [
    route("partners/", organisations.organisations_list, name="organisations_list", access=PUBLIC),
    route(
        "partners/<slug:slug>/",
        organisations.organisation_show,
        name="organisation_show",
        access=PUBLIC,
    ),
    route("people/", people.people_list, name="people_list", access=SEES_PEOPLE),
    route(
        "people/invite/", invitations.invitation_create, name="invitation_create", access=INVITES
    ),
    route(
        "people/invitations/<uuid:public_id>/withdraw/",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
        access=INVITES,
    ),
    route(
        "people/invitations/<uuid:public_id>/resend/",
        invitations.invitation_resend,
        name="invitation_resend",
        access=INVITES,
    ),
    route(
        "people/<uuid:public_id>/end/",
        people.membership_end,
        name="membership_end",
        access=SIGNED_IN,
    ),
    route(
        "invitations/<str:token>/",
        invitations.invitation_accept,
        name="invitation_accept",
        access=PUBLIC,
    ),
    route("d/<str:token>/", links.link_open, name="link_open", access=PUBLIC),
    route("desk/code/", links.code_ask, name="code_ask", access=LINK),
    route("desk/leave/", links.link_leave, name="link_leave", access=LINK),
    route("desk/link/", links.link_show, name="link_show", access=LINK),
    route("send-my-link/", links.link_resend, name="link_resend", access=PUBLIC),
    route("profile/", profile.profile, name="profile", access=SIGNED_IN),
    route("profile/acting/", profile.acting_set, name="acting_set", access=LINK),
    route(
        "second-factor/",
        profile.second_factor_needed,
        name="second_factor_needed",
        access=SIGNED_IN,
    ),
]
