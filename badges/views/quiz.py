"""Where to begin: the start test for everybody, the quiz of badge 0 for people we know."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from badges.forms.earning import QuizForm, StartForm
from badges.permissions import can_apply
from badges.selectors import achievements as select
from badges.selectors.quizzes import attempts_of, explained, quiz_of, suggestions
from badges.services.quizzing import answer_quiz, open_quiz_badge
from techvet.errors import InvalidInput, get_visible_or_404
from techvet.pages import invalid, page


@require_GET
def start_here(request: HttpRequest) -> HttpResponse:
    """Eight questions; the answers are in the address, so that a result can be shared."""
    asked = any(key.startswith("q") for key in request.GET)
    form = StartForm(request.GET if asked else None)
    if not asked:
        return page(request, "badges/start_here.html", {"form": form})
    if not form.is_valid():
        return invalid(request, "badges/start_here.html", {"form": form})
    found = suggestions(form.answers())
    context = {"form": form, "suggestions": found, "first": found[0] if found else None}
    return page(request, "badges/start_here.html", context)


@require_http_methods(["GET", "POST"])
def quiz_show(request: HttpRequest, code: str) -> HttpResponse:
    """All questions on one page; each try is kept."""
    achievement = get_visible_or_404(select.achievements(), code=code)
    quiz = quiz_of(achievement)
    if quiz is None:
        raise Http404
    actor = request.actor  # type: ignore[attr-defined]
    form = QuizForm(request.POST if request.method == "POST" else None, quiz=quiz)
    context = {
        "achievement": achievement,
        "form": form,
        "quiz": quiz,
        "tries": attempts_of(actor).filter(version__achievement=achievement).count(),
        "can_apply": can_apply(actor),
    }
    if request.method == "GET":
        return page(request, "badges/quiz_show.html", context)
    if form.is_valid():
        try:
            attempt = answer_quiz(by=actor, achievement=achievement, answers=form.cleaned_data)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return redirect("quiz_result", public_id=attempt.public_id)
    return invalid(request, "badges/quiz_show.html", context)


@require_GET
def quiz_result(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was right, and why; after a passed try the way to the own badge page."""
    actor = request.actor  # type: ignore[attr-defined]
    attempt = get_visible_or_404(attempts_of(actor), public_id=public_id)
    context = {
        "attempt": attempt,
        "achievement": attempt.version.achievement,
        "questions": explained(attempt),
        "award": select.award_for(actor, attempt.version.achievement),
        "pass_mark": (quiz_of(attempt.version.achievement) or {}).get("pass_mark", 0),
    }
    return page(request, "badges/quiz_result.html", context)


@require_POST
def quiz_open(request: HttpRequest, public_id: str) -> HttpResponse:
    """Opening the own badge page is the last criterion: the badge is made with it."""
    actor = request.actor  # type: ignore[attr-defined]
    attempt = get_visible_or_404(attempts_of(actor), public_id=public_id)
    award = open_quiz_badge(by=actor, attempt=attempt)
    return redirect("award_show", public_id=award.public_id)
