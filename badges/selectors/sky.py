"""The map as one person sees it: drawing, list, and what to do next."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from badges.constellation import DrawnStar, draw
from badges.models import Application
from badges.selectors.achievements import FamilyProgress, progress_of
from badges.selectors.catalogue import Catalogue, Star, catalogue
from techvet.actor import Actor

GOAL_KINDS = ("track", "meta")


@dataclass(frozen=True)
class Sky:
    svg: SafeString
    stars: list[dict[str, Any]]  # for the list beside the drawing
    rows: list[FamilyProgress]
    lit: int
    ahead: int
    next_url: str
    next_name: str
    is_under_way: bool  # the next step is an application already begun


def sky_for(actor: Actor, new_family: str = "") -> Sky:
    """`new_family` is the star that has just been lit."""
    content = catalogue()
    rows = progress_of(actor)
    next_row = _next(rows)
    drawn = _drawn(content, rows, next_row if actor.user else None, new_family)
    application = next_row.application if next_row else None
    return Sky(
        svg=draw(drawn, content.lines, content.width, content.height),
        stars=[_listed(row, is_next=bool(actor.user) and row is next_row) for row in rows],
        rows=rows,
        lit=sum(row.state == "lit" for row in rows),
        ahead=sum(row.state != "lit" for row in rows),
        next_url=_url_of(next_row) if next_row else "",
        next_name=next_row.family.short_name if next_row else "",
        is_under_way=application is not None,
    )


def _next(rows: list[FamilyProgress]) -> FamilyProgress | None:
    """What is under way, else the first family with something open."""
    for row in rows:
        if row.application is not None:
            return row
    ahead = [row for row in rows if row.state == "open" and row.next_achievement is not None]
    return ahead[0] if ahead else next((r for r in rows if r.next_achievement is not None), None)


def _url_of(row: FamilyProgress) -> str:
    if row.application is not None:
        return reverse("application_show", kwargs={"public_id": row.application.public_id})
    return _page_of(row)


def _page_of(row: FamilyProgress) -> str:
    """The badge to read about: the next one, else the first of the family."""
    one = row.next_achievement or row.achievements[0]
    return reverse("achievement_show", kwargs={"code": one.code})


def _drawn(
    content: Catalogue, rows: list[FamilyProgress], here: FamilyProgress | None, new_family: str
) -> list[DrawnStar]:
    by_code = {row.family.code: row for row in rows}
    return [
        _drawn_star(star, by_code[star.family], here, new_family)
        for star in content.stars
        if star.family in by_code
    ]


def _drawn_star(
    star: Star, row: FamilyProgress, here: FamilyProgress | None, new_family: str
) -> DrawnStar:
    return DrawnStar(
        key=row.family.code,
        name=row.family.short_name,
        url=_page_of(row),
        x=star.x,
        y=star.y,
        label_above=star.label_above,
        state=row.state,
        is_goal=row.family.kind in GOAL_KINDS,
        share=_share(row.application),
        here=_("You are here") if row is here else "",
        is_new=row.family.code == new_family,
    )


def _share(application: Application | None) -> float:
    """How many of the criteria have evidence."""
    if application is None:
        return 0.0
    total = getattr(application, "total", 0)
    return getattr(application, "answered", 0) / total if total else 0.0


def _listed(row: FamilyProgress, is_next: bool) -> dict[str, Any]:
    word = words_of(row)
    if is_next and row.state == "open":
        word = _("Your next step")
    return {
        "name": row.family.short_name,
        "url": _page_of(row),
        "state": row.state,
        "word": word,
    }


def words_of(row: FamilyProgress) -> str:
    """How far the person is with a family, in a few words."""
    if row.state == "lit" and row.level:
        return _("Earned, level %(level)s") % {"level": row.level}
    if row.state == "lit":
        return _("Earned")
    if row.application is not None:
        return str(row.application.get_state_display())
    if row.family.kind in GOAL_KINDS:
        return _("Opens when its parts are earned")
    if row.next_achievement is None:
        return _("Not open yet")
    return _("Open")
