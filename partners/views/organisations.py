"""The public directory and the cards of institutions and companies."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.enums import FieldOfStudy
from partners.forms import DirectoryFilter
from partners.models import Organisation
from partners.permissions import can_see_people, roles_to_invite
from partners.selectors.organisations import organisations
from partners.selectors.people import in_order, people_visible_to
from techvet.errors import get_visible_or_404
from techvet.pages import invalid, page, paginate


@require_safe
def organisations_list(request: HttpRequest) -> HttpResponse:
    form = DirectoryFilter(request.GET if request.GET else None)
    if form.is_bound and not form.is_valid():
        return invalid(request, "partners/organisations_list.html", {"form": form})
    wanted = form.cleaned_data if form.is_bound else {}
    rows = paginate(request, organisations(**wanted))
    context = {"form": form, "page_obj": rows, "is_filtered": any(wanted.values())}
    return page(request, "partners/organisations_list.html", context)


@require_safe
def organisation_show(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = get_visible_or_404(organisations(), slug=slug)
    actor = request.actor
    people = in_order(people_visible_to(actor, organisation))
    context = {
        "organisation": organisation,
        "sites": list(organisation.sites.all()),
        "fields": _fields(organisation),
        "sees_people": can_see_people(actor, organisation),
        "people": [m for m in people if m.role != "student"],
        "may_invite": bool(roles_to_invite(actor, organisation)),
        "crumbs": [{"url": reverse("organisations_list"), "name": _("Partners")}],
    }
    return page(request, "partners/organisation_show.html", context)


def _fields(organisation: Organisation) -> list[dict[str, str]]:
    """Codes and labels by ISCED-F 2013; a code that the list has lost stays readable."""
    labels = dict(FieldOfStudy.choices)
    return [
        {"code": code, "name": str(labels.get(code, code))} for code in organisation.fields_of_study
    ]
