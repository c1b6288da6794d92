"""Samples for the style guide: every part in every state, shown in light and in dark."""

import datetime as dt
from typing import Any

import qrcode
import qrcode.image.svg
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from techvet import icons
from techvet.choices import TONES
from techvet.forms import ChipsField, DayField, HoursField, PortalForm

# Unbound choices of the small forms that stand alone on the page.
MARKS = [("met", "Met"), ("not_yet", "Not yet")]
HOURS = [("6", "6"), ("7.5", "7½"), ("8", "8"), ("other", "…")]


class SampleForm(PortalForm):
    """One field of each kind."""

    name = forms.CharField(label="Your name", max_length=60)
    hours = HoursField(label="Hours worked", help_text="For example 7.5", min_value=0, max_value=24)
    day = DayField(label="Which day")
    country = forms.ChoiceField(
        label="Country", choices=[("fi", "Finland"), ("ee", "Estonia"), ("lv", "Latvia")]
    )
    turn = forms.ChoiceField(
        label="Who answers the student",
        choices=[("instructor", "The instructor"), ("deputy", "The deputy")],
        widget=forms.RadioSelect,
    )
    mark = forms.ChoiceField(
        label="Gives feedback during work",
        choices=MARKS,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
    )
    today = forms.ChoiceField(
        label="Hours of today", choices=HOURS, widget=forms.RadioSelect(attrs={"class": "hours"})
    )
    tasks = ChipsField(
        label="What was done",
        choices=[("turning", "Turning"), ("milling", "Milling"), ("measuring", "Measuring")],
        required=False,
    )
    text = forms.CharField(
        label="What changed",
        max_length=600,
        required=False,
        help_text="Two or three sentences are enough.",
        widget=forms.Textarea(attrs={"data-editor": True, "data-preview-url": "/styleguide/"}),
    )
    note = forms.CharField(label="Note", max_length=30, required=False, widget=forms.Textarea)
    code = forms.CharField(
        label="Code from the message",
        widget=forms.TextInput(
            attrs={
                "class": "input-code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
            }
        ),
    )
    plan = forms.FileField(label="Induction plan", required=False)
    agreed = forms.BooleanField(label="The student has read this with me")


def _answers(prefix: str) -> dict[str, str]:
    return {
        f"{prefix}-name": "Priit Saar",
        f"{prefix}-hours": "75",
        f"{prefix}-day": "2026-11-24",
        f"{prefix}-mark": "not_yet",
        f"{prefix}-today": "7.5",
        f"{prefix}-tasks": "milling",
        f"{prefix}-note": "A note that has become too long to keep.",
    }


def _week(states: str) -> list[dict[str, Any]]:
    """Five days from letters: c confirmed, w waiting, d disputed, x off, o open."""
    names = {"c": "confirmed", "w": "waiting", "d": "disputed", "x": "off", "o": "open"}
    worked = ("7.5", "7", "7.5", "6.5", "7.5")
    days = []
    for label, letter, amount in zip(
        ("Mon", "Tue", "Wed", "Thu", "Fri"), states, worked, strict=True
    ):
        known = letter in "cwd"
        days.append(
            {
                "label": label,
                "state": names[letter],
                "word": names[letter],
                "hours": amount if known else None,
                "planned": "7.5",
                "today": label == "Thu",
            }
        )
    return days


def _moves(now: dt.datetime) -> list[dict[str, Any]]:
    day = dt.timedelta(days=1)
    return [
        {"what": "Sent for review", "who": "Līga Kalniņa", "when": now - 6 * day},
        {
            "what": "Returned with notes",
            "who": "Sanne de Vries",
            "when": now - 3 * day,
            "note": "Describe one situation and what the learner did differently afterwards.",
        },
        {"what": "Sent again", "who": "Līga Kalniņa", "when": now - day, "now": True},
        {"what": "The second reviewer decides", "ahead": True},
    ]


def _process(now: dt.datetime) -> dict[str, Any]:
    return {
        "moves": _moves(now),
        "waiting_since": now - dt.timedelta(days=3),
        "tasks": [
            {
                "name": "Explains criteria in own words",
                "url": "#t1",
                "tone": "ok",
                "word": "Completed",
            },
            {"name": "Observes and notes facts", "url": "#t2", "tone": "info", "word": "To do"},
            {
                "name": "Check your answers",
                "url": "",
                "tone": "quiet",
                "word": "Cannot start yet",
                "hint": "Complete the two tasks above first.",
            },
        ],
        "steps": [
            {"name": "Approved", "state": "done", "word": "done"},
            {"name": "Being signed", "state": "now", "word": "now"},
            {"name": "Sent to you", "state": "next", "word": "still to come"},
        ],
        "failed_steps": [
            {"name": "Approved", "state": "done", "word": "done"},
            {"name": "Not signed yet", "state": "failed", "word": "failed"},
        ],
    }


def _badges() -> dict[str, Any]:
    return {
        "sky": render_to_string("styleguide/_sky.html"),
        "stars": [
            {"name": "Workplace guidance", "url": "#s1", "state": "lit", "word": "Earned 12 May"},
            {"name": "Career guidance", "url": "#s2", "state": "lit", "word": "Earned 3 June"},
            {
                "name": "Digital guidance",
                "url": "#s3",
                "state": "lit",
                "word": "Earned 20 November",
            },
            {"name": "Assessment at work", "url": "#s4", "state": "part", "word": "Under way"},
            {"name": "WBL cooperation", "url": "#s5", "state": "open", "word": "Not begun"},
            {"name": "Guidance expert", "state": "goal", "word": "Comes with the other five"},
        ],
        "checks": [
            {
                "tone": "ok",
                "name": "Signature",
                "word": "Passed",
                "text": "Made with the issuer's key; nothing has been changed since.",
            },
            {"tone": "ok", "name": "Status", "word": "Passed", "text": "Not revoked."},
            {
                "tone": "attention",
                "name": "Recipient",
                "word": "Not checked",
                "text": "Not checked.",
                "url": "#check",
                "action": "Enter the e-mail address to see whether the badge is theirs",
            },
        ],
    }


def _lists() -> dict[str, Any]:
    return {
        "crumbs": [{"url": "#m", "name": "Materials"}, {"url": "#f", "name": "Feedback"}],
        "rows": [
            {
                "url": "#r1",
                "title": "Feedback in five minutes every Friday",
                "text": "Three questions, what not to say, and how to reach a quiet student.",
                "facts": ["Workplace, school", "English, suomi, eesti", "Used by 14"],
                "end": "5 min",
            },
            {
                "url": "#r2",
                "title": "Mart Tamm, Demo Metall OÜ",
                "facts": ["Metalwork", "12 October to 18 December"],
                "tone": "wait",
                "word": "3 days to confirm",
            },
        ],
        "page_obj": Paginator(range(300), 25).page(6),
        "tones": [(tone, icons.OF_TONE[tone]) for tone in TONES],
        "icon_names": icons.NAMES,
    }


def _code() -> str:
    drawing = qrcode.make(
        "https://portal.example/d/k3v9", image_factory=qrcode.image.svg.SvgPathImage, border=0
    )
    text = drawing.to_string(encoding="unicode").replace(' id="qr-path"', "")
    return mark_safe(text)  # noqa: S308 - drawn here


def sample_context() -> dict[str, Any]:
    now = timezone.now()
    themes = []
    for theme in ("light", "dark"):
        bad = SampleForm(_answers(theme), prefix=theme)
        bad.is_valid()
        forms_of_theme = {
            name: SampleForm(prefix=f"{theme}-{name}", initial={"mark": mark, "today": "7.5"})
            for name, mark in (("first", "met"), ("second", "not_yet"))
        }
        fresh = SampleForm(prefix=f"{theme}-fresh")
        themes.append({"name": theme, "bad": bad, "fresh": fresh, **forms_of_theme})
    return {
        "themes": themes,
        "now": now,
        "code": _code(),
        "week": _week("cccco"),
        "week_waiting": _week("cwwdx"),
        **_process(now),
        **_badges(),
        **_lists(),
    }
