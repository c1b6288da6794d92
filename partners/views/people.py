"""Members of an organisation, and ending a membership."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partners.models import Organisation
from partners.permissions import can_end_membership, can_see_people, roles_to_invite
from partners.selectors.invitations import open_invitations_visible_to
from partners.selectors.organisations import organisations
from partners.selectors.people import in_order, memberships_visible_to, people_visible_to
from partners.services.memberships import end_membership
from partners.views.ways import second_factor_first
from techvet.actor import Actor
from techvet.errors import get_visible_or_404
from techvet.pages import page, paginate


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """The members of the acting organisation; `?at=<slug>` shows another one that one may see."""
    actor = request.actor
    organisation = _organisation(request, actor)
    if organisation is None or not can_see_people(actor, organisation):
        raise Http404
    people = in_order(people_visible_to(actor, organisation))
    rows = paginate(request, people, per_page=50)
    context = {
        "organisation": organisation,
        "page_obj": rows,
        "rows": [{"membership": m, "may_end": can_end_membership(actor, m)} for m in rows],
        "invitations": list(open_invitations_visible_to(actor, organisation)),
        "may_invite": bool(roles_to_invite(actor, organisation)),
    }
    return page(request, "partners/people_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def membership_end(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Asks once more on a page of its own, then ends the role."""
    refused = second_factor_first(request)
    if refused:
        return refused
    actor = request.actor
    membership = get_visible_or_404(memberships_visible_to(actor), public_id=public_id)
    is_own = membership.user_id == actor.user.pk
    if request.method == "POST":
        end_membership(by=actor, membership=membership)
        text = _("%(name)s no longer has this role: %(role)s.")
        words = {"name": membership.user, "role": membership.get_role_display()}
        messages.success(request, text % words)
        return redirect("start" if is_own else _list_of(membership.organisation))
    context = {
        "membership": membership,
        "may_end": can_end_membership(actor, membership),
        "is_own": is_own,
        "back": reverse("profile") if is_own else _list_of(membership.organisation),
    }
    return page(request, "partners/membership_end.html", context)


def _organisation(request: HttpRequest, actor: Actor) -> Organisation | None:
    slug = request.GET.get("at")
    if slug:
        return organisations().filter(slug=slug[:60].replace("\0", "")).first()
    return actor.organisation


def _list_of(organisation: Organisation) -> str:
    return f"{reverse('people_list')}?at={organisation.slug}"
