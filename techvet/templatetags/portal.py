"""What templates need and Django does not give: icons, state tags, dates, small geometry.

A builtin of the template engine, so no `{% load %}` is needed.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from django import forms, template
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from techvet import icons
from techvet.choices import StateChoices
from techvet.forms import ChipsField

register = template.Library()

# Section, name, url name, and whether somebody on a personal link sees it.
NAVIGATION = (
    ("badges", pgettext_lazy("navigation", "Badges"), "badges_map", True),
    ("placements", pgettext_lazy("navigation", "Placements"), "placements_list", False),
    ("materials", pgettext_lazy("navigation", "Materials"), "materials_list", True),
    ("partners", pgettext_lazy("navigation", "Partners"), "organisations_list", False),
)
DESK = ("desk", _("My desk"), "desk")
# The app of a view tells the section, unless the view names one in its context as `section`.
_SECTION_OF_APP = {
    "badges": "badges",
    "guidance": "placements",
    "materials": "materials",
    "partners": "partners",
}


# ---------------------------------------------------------------- icons and states
@register.simple_tag
def icon(name: str) -> SafeString:
    return icons.icon(name)


@register.simple_tag
def state_tag(thing: Any, field: str = "state") -> str:
    """A tag of an enumeration's member, or of a row's state field: `{% state_tag placement %}`."""
    member = _member(thing, field) if isinstance(thing, Model) else thing
    if not hasattr(member, "label"):
        return ""
    tone = getattr(member, "tone", "quiet")
    return render_to_string(
        "components/_tag.html",
        {"tone": tone, "icon": getattr(member, "icon", ""), "word": member.label},
    )


def _member(row: Model, field: str) -> Any:
    """Rows hold the plain value; the enumeration is found by the choices of the field."""
    value = getattr(row, field)
    if hasattr(value, "label"):
        return value
    values = tuple(choice[0] for choice in row._meta.get_field(field).flatchoices)
    enum = _enumeration(row._meta.app_label, values)
    return enum(value) if enum and value in enum.values else None


@functools.lru_cache
def _enumeration(app: str, values: tuple[str, ...]) -> Any:
    known = [each for each in StateChoices.__subclasses__() if tuple(each.values) == values]
    own = [each for each in known if each.__module__.partition(".")[0] == app]
    return next(iter(own or known), None)


@register.filter
def tone_icon(tone: str) -> str:
    return icons.OF_TONE.get(tone, "ring")


# ---------------------------------------------------------------- the frame
@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[dict[str, Any]]:
    """The entries of the header for this person; `current` marks where we are."""
    request = context.get("request")
    section = context.get("section") or _section_of(request)
    actor = getattr(request, "actor", None)
    on_link = bool(actor and actor.link)
    entries = [DESK] if on_link else []
    entries += [entry[:3] for entry in NAVIGATION if entry[3] or not on_link]
    shown = []
    for key, name, url_name in entries:
        try:
            url = reverse(url_name)
        except NoReverseMatch:
            continue
        shown.append({"name": name, "url": url, "current": key == section})
    return shown


def _section_of(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    if match is None:
        return ""
    if match.url_name == DESK[2]:
        return DESK[0]
    return _SECTION_OF_APP.get(match.func.__module__.partition(".")[0], "")


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The present query string with changes; `None` or an empty text takes a key away."""
    request = context.get("request")
    if request is None:
        return "?"
    params = request.GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value not in (None, ""):
            params[key] = value
    return f"?{params.urlencode()}"


# ---------------------------------------------------------------- forms
@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """The control of a field, with the class that its kind of answer needs."""
    own = field.field.widget.attrs.get("class")
    extra = "" if own else _class_of(field.field)
    return field.as_widget(attrs={"class": extra} if extra else None)


def _class_of(field: forms.Field) -> str:
    if isinstance(field, ChipsField):
        return "chips"
    inputmode = field.widget.attrs.get("inputmode")
    return "w-8" if inputmode in ("decimal", "numeric") else ""


@register.filter
def focus_id(field: BoundField) -> str:
    """The id of what a link in the error summary must focus: the first control of a group."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label


@register.simple_tag
def error_items(form: Any) -> list[dict[str, str]]:
    """All errors of a form, of a formset or of several forms, in the order of the fields."""
    if form is None or form == "":
        return []
    if hasattr(form, "management_form"):
        own = [{"target": "", "message": message} for message in form.non_form_errors()]
        return own + [item for each in form.forms for item in error_items(each)]
    if not hasattr(form, "fields"):
        return [item for each in form for item in error_items(each)]
    items = [{"target": "", "message": message} for message in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else focus_id(field)
        items += [{"target": target, "message": _named(field, text)} for text in field.errors]
    return items


def _named(field: BoundField, message: str) -> str:
    """In the summary, away from its field, a general message needs the name of the field."""
    if message != forms.Field.default_error_messages["required"]:
        return message
    return gettext("%(field)s: %(message)s") % {"field": field.label, "message": message}


# ---------------------------------------------------------------- words and figures
def _locale() -> Locale:
    code = get_language() or "en"
    return Locale.parse("en_GB" if code == "en" else code.replace("-", "_"))


def _local(value: Any) -> Any:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def day(value: dt.date | None, form: str = "") -> str:
    """24 November 2026; `weekday` adds the day of the week, `short` leaves out the year."""
    if not value:
        return ""
    value = _local(value)
    if form == "short":
        return format_skeleton("MMMd", value, locale=_locale())
    if form == "weekday-short":
        return format_skeleton("MMMEd", value, locale=_locale())
    return format_date(value, "full" if form == "weekday" else "long", locale=_locale())


@register.filter
def moment(value: dt.datetime | None) -> str:
    """24 November 2026 at 14:32, in the reader's time zone."""
    if not value:
        return ""
    clock = format_time(_local(value), "short", locale=_locale())
    return gettext("%(day)s at %(time)s") % {"day": day(value), "time": clock}


@register.filter
def hours(value: Decimal | float | str | None) -> str:
    """7.5 as the language writes it: 7.5 or 7,5."""
    if value is None or value == "":
        return ""
    return format_decimal(Decimal(str(value)), "#,##0.##", locale=_locale())


@register.filter
def since(value: dt.date | None) -> str:
    """How long something has been waiting, as a whole sentence."""
    if not value:
        return ""
    then = _local(value)
    then = then.date() if isinstance(then, dt.datetime) else then
    days = (timezone.localdate() - then).days
    if days <= 0:
        return gettext("Waiting since today.")
    return ngettext("Waiting for %(days)s day.", "Waiting for %(days)s days.", days) % {
        "days": days
    }


@register.filter
def initials(person: Any) -> str:
    """Two letters at most, for the round picture: Līga Kalniņa is LK."""
    words = [word for word in str(person or "").split() if word[:1].isalpha()]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper()


# ---------------------------------------------------------------- drawing
@register.simple_tag
def hours_bars(days: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Places of the bars of a week, for `_hours_chart.html`.

    A day has `label`, `hours`, `planned` (both hours, may be None) and `state`: confirmed,
    waiting, disputed or open. Heights share one scale that reaches at least eight hours.
    """
    days = list(days)
    top, room, step, bar_width = 6, 116, 70, 52
    tallest = max([8.0] + [float(d.get(k) or 0) for d in days for k in ("hours", "planned")])
    bars = []
    for number, one in enumerate(days):
        is_open = one.get("state", "open") == "open"
        amount = float((one.get("planned") if is_open else one.get("hours")) or 0)
        height = round(room * amount / tallest)
        x, y = 9 + number * step, top + room - height
        bars.append(
            {
                **one,
                "x": x,
                "y": y,
                "height": height,
                "middle": x + bar_width // 2,
                "inside": height >= 40 and not is_open,
                "text_y": y + 26 if height >= 40 else y - 8,
                "text_class": "bar-hours-above"
                if height < 40
                else "bar-hours-dark"
                if one.get("state") == "waiting"
                else "bar-hours",
            }
        )
    base = top + room
    return {"bars": bars, "width": step * max(len(bars), 1), "base": base, "day_y": base + 24}


@register.filter
def has_key(mapping: dict[str, Any], key: str) -> bool:
    return key in mapping


@register.filter
def item(mapping: dict[str, Any], key: str) -> Any:
    """The value under a key that is no name, such as `data-preview-url`."""
    return mapping.get(key, "")


@register.filter
def page_numbers(page: Any) -> list[int]:
    """First, last and the neighbours of this page; 0 stands for a gap."""
    last = page.paginator.num_pages
    wanted = sorted({1, last, *range(max(1, page.number - 1), min(last, page.number + 1) + 1)})
    numbers: list[int] = []
    for number in wanted:
        if numbers and number - numbers[-1] > 1:
            numbers.append(0)
        numbers.append(number)
    return numbers


@register.filter
def words(text: str) -> list[str]:
    return text.split()
