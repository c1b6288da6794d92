"""The style guide shows every part, and the parts say what they should to everybody."""

import datetime as dt
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django import forms
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import path, reverse
from django.utils import translation

from badges.enums import ApplicationState, Mark
from badges.models import Application
from techvet import icons
from techvet.forms import ChipsField, HoursField, PortalForm
from techvet.styleguide import sample_context
from techvet.templatetags import portal
from tests.architecture.source import ROOT


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


NAMES = [
    *("home", "about", "accessibility", "privacy", "start", "desk", "link_resend"),
    *("set_language", "account_login", "account_logout", "badges_map", "placements_list"),
    *("materials_list", "organisations_list"),
]
ADDRESSES = tuple(path(f"{name}/", nothing, name=name) for name in NAMES)


@pytest.fixture(autouse=True)
def addresses(settings: Any) -> None:
    """The frame is tested with its own addresses, whatever pages exist."""
    settings.ROOT_URLCONF = ADDRESSES


def asked(address: str = "/", **actor: Any) -> HttpRequest:
    request = RequestFactory().get(address)
    request.session = SessionStore()
    usual = {"link": None, "is_anonymous": True, "user": None, "organisation": None}
    request.actor = SimpleNamespace(**{**usual, **actor})
    return request


def show(template: str, context: dict[str, Any] | None = None, **actor: Any) -> str:
    return render_to_string(template, context or {}, asked(**actor))


def show_text(text: str, **context: Any) -> str:
    return Template(text).render(Context(context))


class DayForm(PortalForm):
    name = forms.CharField(label="Your name")
    hours = HoursField(label="Hours worked", help_text="For example 7.5", max_value=24)
    mark = forms.ChoiceField(
        label="Mark", choices=Mark.choices, widget=forms.RadioSelect(attrs={"class": "segments"})
    )
    tasks = ChipsField(label="Tasks", choices=[("a", "Turning")], required=False)
    text = forms.CharField(
        label="Text",
        max_length=20,
        required=False,
        widget=forms.Textarea(attrs={"data-editor": True, "data-preview-url": "/preview/"}),
    )
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


# ---------------------------------------------------------------- the style guide
def test_style_guide_shows_every_part() -> None:
    page = show("styleguide.html", sample_context())
    assert page.count('data-theme="light"') == page.count('data-theme="dark"') == 1
    identifiers = re.findall(r'\sid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    shown = "".join(
        each.read_text(encoding="utf-8")
        for folder in ("styleguide", "components", "django/forms")
        for each in (ROOT / "templates" / folder).rglob("*.html")
    )
    frame = (ROOT / "templates" / "base.html").read_text(encoding="utf-8")
    for component in (ROOT / "templates" / "components").glob("_*.html"):
        assert f"components/{component.name}" in shown + frame, component.name


@pytest.mark.django_db
def test_style_guide_answers_in_development(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "techvet.urls"
    response = client.get("/styleguide/")
    assert response.status_code == 200
    page = response.content.decode()
    assert "Style guide – NextSteps" in page
    assert 'name="language" value="fi"' in page
    for name in ("/badges/", "/accounts/login/"):
        assert f'href="{name}"' in page


def test_every_entry_of_the_menu_leads_somewhere(settings: Any) -> None:
    settings.ROOT_URLCONF = "techvet.urls"
    for entry in (*portal.NAVIGATION, portal.DESK):
        assert reverse(entry[2]).startswith("/")


@pytest.mark.django_db
def test_style_guide_is_not_for_production(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "techvet.urls"
    settings.PRODUCTION = True
    assert client.get("/styleguide/").status_code == 404


# ---------------------------------------------------------------- the frame
def test_visitor_sees_the_menu_and_the_way_in() -> None:
    page = show("base.html")
    assert 'href="/account_login/"' in page
    assert 'href="/badges_map/"' in page
    assert "Sign out" not in page
    assert page.index('href="#main"') < page.index("<header")
    assert '<main id="main"' in page


def test_signed_in_person_sees_their_menu() -> None:
    page = show("base.html", is_anonymous=False, user="Līga Kalniņa", organisation="Demo school")
    assert ">LK<" in page
    assert "Menu of Līga Kalniņa" in page
    assert 'action="/account_logout/"' in page
    assert "Sign in" not in page


def test_person_on_a_link_sees_their_desk() -> None:
    page = show("base.html", is_anonymous=False, link=object(), user="Priit Saar")
    assert 'href="/desk/"' in page
    assert "Sign out" not in page
    assert 'href="/placements_list/"' not in page


def test_menu_marks_the_section() -> None:
    page = show("base.html", {"section": "materials"})
    assert re.findall(r'href="(\S+)" aria-current', page) == ["/materials_list/"] * 2
    assert "aria-current" not in show("base.html").replace('lang="en" aria-current="true"', "")


def test_frame_needs_no_request() -> None:
    page = render_to_string("errors/500.html")
    assert "Something went wrong on our side" in page
    assert "csrfmiddlewaretoken" not in page


def test_languages_stand_in_their_own_words() -> None:
    page = show("base.html")
    for name in ("English", "Suomi", "Latviešu", "Eesti", "Nederlands"):
        assert f">{name}</button>" in page


def test_title_says_that_something_is_wrong() -> None:
    good, bad = DayForm(), DayForm({})
    assert "<title>Error:" not in show("base.html", {"form": good})
    assert "<title>Error:" in show("base.html", {"form": bad})
    assert "<title>Error:" in show("base.html", {"has_errors": True})


@pytest.mark.parametrize("status", [403, 404, 409, 410, 422, 429, 500, 503])
def test_error_pages_have_one_heading_and_a_way_on(status: int) -> None:
    refusal = SimpleNamespace(message="The week is <closed>.", code="closed")
    page = show(f"errors/{status}.html", {"refusal": refusal})
    assert page.count("<h1") == 1
    assert 'class="btn" href=' in page
    if status in (403, 409, 410, 422):
        assert "The week is &lt;closed&gt;." in page


# ---------------------------------------------------------------- forms
def test_refused_form_keeps_answers_and_leads_to_the_fields() -> None:
    form = DayForm({"hours": "75", "mark": "met", "text": "a" * 30})
    page = show("components/_form.html", {"form": form, "submit": "Save the day"})
    assert "novalidate" in page
    assert page.count('class="btn"') == 1
    assert 'role="alert"' in page
    for target in ("id_name", "id_hours", "id_text"):
        assert f'href="#{target}"' in page
        assert f'id="{target}"' in page
    assert 'value="75"' in page
    assert "Fill in “Your name”." in page
    assert 'aria-describedby="id_hours_helptext id_hours_error"' in page
    hint, error, control = (
        page.index(f'id="id_hours{part}"') for part in ("_helptext", "_error", "")
    )
    assert hint < error < control
    assert 'value="met" aria-invalid' not in page
    assert re.search(r'value="met"[^>]* checked', page)
    assert "maxlength" not in page
    assert "a" * 30 in page


def test_group_is_named_by_its_legend_and_focused_at_its_first_control() -> None:
    form = DayForm({})
    page = show("components/_form.html", {"form": form, "submit": "Save"})
    assert 'href="#id_mark_0"' in page
    assert 'class="segments"' in page
    assert re.search(r"<legend>Mark</legend>", page)
    assert 'class="chips"' in page
    assert re.search(r"<legend>Tasks <span[^>]*>\(optional\)</span></legend>", page)


def test_fresh_form_has_no_summary() -> None:
    page = show("components/_form.html", {"form": DayForm(), "submit": "Save"})
    assert "error-summary" not in page
    assert "field-bad" not in page


def test_editor_works_without_script() -> None:
    page = show("components/_form.html", {"form": DayForm(), "submit": "Save"})
    assert "data-editor-bar hidden" in page
    assert 'formaction="/preview/?field=text"' in page
    assert 'hx-post="/preview/?field=text"' in page
    assert 'data-count-max="20"' in page


def test_summary_reads_formsets_and_lists_of_forms() -> None:
    formset_class = forms.formset_factory(DayForm, extra=0, min_num=1, validate_min=True)
    formset = formset_class({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"})
    targets = [item["target"] for item in portal.error_items(formset)]
    assert "id_form-0-name" in targets
    assert len(portal.error_items([DayForm({}), DayForm({})])) == 6
    assert portal.error_items("") == []


# ---------------------------------------------------------------- parts
def test_state_tag_of_a_member_and_of_a_row() -> None:
    member = show_text("{% state_tag state %}", state=ApplicationState.APPROVED)
    assert "tag-ok" in member
    assert "Approved" in member
    row = Application(state="returned")
    assert "tag-attention" in show_text("{% state_tag row %}", row=row)
    assert "Returned with notes" in show_text('{% state_tag row "state" %}', row=row)
    assert show_text("{% state_tag nothing %}").strip() == ""


def test_icons_are_silent() -> None:
    for name in icons.NAMES:
        assert 'aria-hidden="true"' in icons.icon(name)
    with pytest.raises(KeyError):
        icons.icon("unknown")


def test_parts_escape_what_people_wrote() -> None:
    evil = "<script>alert(1)</script>"
    parts = {
        "_timeline": {"moves": [{"what": evil, "who": evil, "note": evil}]},
        "_row_list": {"rows": [{"url": "/", "title": evil, "text": evil, "facts": [evil]}]},
        "_criterion": {"name": evil, "evidence": evil, "note": evil},
        "_checks": {"checks": [{"tone": "ok", "name": evil, "word": evil, "text": evil}]},
        "_badge_picture": {"name": evil},
        "_empty": {"title": evil, "text": evil},
        "_notice": {"title": evil, "text": evil},
        "_copy": {"text": evil},
    }
    for name, context in parts.items():
        page = show(f"components/{name}.html", context)
        assert "&lt;script&gt;" in page, name
        assert evil not in page, name


def test_ball_says_whose_turn_it_is() -> None:
    with time_machine.travel(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC), tick=False):
        since = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
        page = show("components/_ball.html", {"who": "Sanne de Vries", "since": since})
        yours = show("components/_ball.html", {"yours": True, "since": since})
    assert "It is the turn of Sanne de Vries." in page
    assert "Waiting for 3 days." in page
    assert "It is your turn." in yours


def test_pages_keep_the_filters() -> None:
    request = asked("/?tag=a&page=2")
    page = Paginator(range(300), 25).page(2)
    html = render_to_string("components/_pagination.html", {"page_obj": page}, request)
    assert 'href="?tag=a&amp;page=3"' in html
    assert 'aria-current="page"' in html
    one = render_to_string(
        "components/_pagination.html", {"page_obj": Paginator([1], 25).page(1)}, request
    )
    assert "<nav" not in one


@pytest.mark.parametrize(
    ("number", "expected"), [(1, [1, 2, 0, 12]), (6, [1, 0, 5, 6, 7, 0, 12]), (12, [1, 0, 11, 12])]
)
def test_page_numbers_leave_gaps(number: int, expected: list[int]) -> None:
    assert portal.page_numbers(Paginator(range(300), 25).page(number)) == expected


def test_bars_share_one_scale() -> None:
    days = [
        {"label": "Mon", "hours": Decimal("8"), "planned": Decimal("8"), "state": "confirmed"},
        {"label": "Tue", "hours": Decimal("4"), "planned": Decimal("8"), "state": "waiting"},
        {"label": "Wed", "hours": None, "planned": Decimal("8"), "state": "open"},
        {"label": "Thu", "hours": None, "planned": None, "state": "off"},
    ]
    chart = portal.hours_bars(days)
    heights = [bar["height"] for bar in chart["bars"]]
    assert heights == [116, 58, 116, 0]
    assert all(bar["y"] + bar["height"] == chart["base"] for bar in chart["bars"])
    assert portal.hours_bars([])["bars"] == []


# ---------------------------------------------------------------- words and figures
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["24 November 2026", "7.5", "Tuesday"]),
        ("fi", ["24. marraskuuta 2026", "7,5", "tiistai"]),
        ("et", ["24. november 2026", "7,5", "teisipäev"]),
        ("lv", ["2026. gada 24. novembris", "7,5", "otrdiena"]),
        ("nl", ["24 november 2026", "7,5", "dinsdag"]),
    ],
)
def test_days_and_hours_follow_the_language(language: str, expected: list[str]) -> None:
    date = dt.date(2026, 11, 24)
    with translation.override(language):
        assert portal.day(date) == expected[0]
        assert portal.hours(Decimal("7.50")) == expected[1]
        assert expected[2] in portal.day(date, "weekday").lower() + portal.day(date, "weekday")
        assert "2026" not in portal.day(date, "short")


def test_moments_are_told_in_the_readers_zone() -> None:
    assert portal.moment(dt.datetime(2026, 11, 24, 12, 32, tzinfo=dt.UTC)).endswith("14:32")
    assert portal.moment(None) == portal.day(None) == portal.hours(None) == portal.since(None) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Līga Kalniņa", "LK"), ("Sanne de Vries", "SV"), ("Mart", "M"), ("", ""), (None, "")],
)
def test_initials(name: str | None, expected: str) -> None:
    assert portal.initials(name) == expected
