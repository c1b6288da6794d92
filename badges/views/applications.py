"""The applicant's pages: the task list, the last look, sending and withdrawing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.forms.applications import SendForm
from badges.models import Application
from badges.permissions import can_edit_application, can_withdraw_application
from badges.selectors.applications import applications_of, criteria_of
from badges.selectors.promise import answer_by
from badges.selectors.records import records_by_criterion
from badges.selectors.renewals import open_renewals_of
from badges.selectors.scaffolding import help_of, sent_revisions_of
from badges.selectors.selfcheck import check_of
from badges.selectors.timeline import moves_of, tasks_of, turn_of
from badges.services.applying import submit_application, withdraw_application
from techvet.clock import today
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page, paginate


@require_GET
def applications_list(request: HttpRequest) -> HttpResponse:
    rows = paginate(request, applications_of(request.actor))  # type: ignore[attr-defined]
    renewals = open_renewals_of(request.actor)  # type: ignore[attr-defined]
    context = {"page_obj": rows, "renewals": renewals}
    return page(request, "badges/applications_list.html", context)


@require_GET
def application_show(request: HttpRequest, public_id: str) -> HttpResponse:
    """The task list while it can be changed, afterwards what was sent and what was answered."""
    application = _own(request, public_id)
    actor = request.actor  # type: ignore[attr-defined]
    rows = criteria_of(application)
    can_edit = can_edit_application(actor, application)
    context = {
        "application": application,
        "version": application.version,
        "rows": rows,
        "can_edit": can_edit,
        "can_withdraw": can_withdraw_application(actor, application),
        "tasks": tasks_of(application, rows) if can_edit else [],
        "records": records_by_criterion(actor.user, rows) if can_edit else [],
        "turn": turn_of(application),
        "moves": moves_of(application),
        "decision": application.decisions.order_by("-made_at").first(),
        "award": getattr(application, "award", None),
        "answer_by": answer_by(today()),
        "help": help_of(application),
        "revisions": sent_revisions_of(application),
        "is_return": can_edit and application.revision > 0,
    }
    return page(request, "badges/application_show.html", context)


@require_http_methods(["GET", "POST"])
def application_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Check your answers, then send."""
    application = _own(request, public_id)
    actor = request.actor  # type: ignore[attr-defined]
    if not can_edit_application(actor, application) and request.method == "GET":
        return redirect("application_show", public_id=application.public_id)
    rows = criteria_of(application)
    missing = [row for row in rows if not row.is_answered] if not application.renews_id else []
    checks = check_of(application, rows)
    form = SendForm(
        request.POST if request.method == "POST" else None,
        ask_unfinished=bool(missing) and application.revision == 0,
    )
    context = {
        "application": application,
        "version": application.version,
        "changed": [one for one in checks if one.row.changed],
        "checks": checks,
        "remarks": sum(bool(one.remarks) for one in checks),
        "missing": missing,
        "form": form,
        "answer_by": answer_by(today()),
    }
    if request.method == "GET":
        return page(request, "badges/application_check.html", context)
    try:
        sent = submit_application(
            by=actor,
            application=application,
            send_unfinished=form.is_valid() and bool(form.cleaned_data.get("send_unfinished")),
        )
    except InvalidInput as refusal:
        form.is_valid()
        form.refuse(refusal)
        return invalid(request, "badges/application_check.html", context)
    messages.success(request, _sent_words(sent))
    return redirect("application_show", public_id=application.public_id)


@require_POST
def application_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    application = _own(request, public_id)
    withdraw_application(by=request.actor, application=application)  # type: ignore[attr-defined]
    messages.success(request, _("You have withdrawn the application."))
    return redirect("application_show", public_id=application.public_id)


def _own(request: HttpRequest, public_id: str) -> Application:
    return get_visible_or_404(
        applications_of(request.actor),  # type: ignore[attr-defined]
        public_id=public_id,
    )


def _sent_words(application: Application) -> str:
    from techvet.templatetags.portal import day

    return _("Sent. You will have an answer by %(day)s.") % {
        "day": day(application.answer_by, "weekday")
    }
