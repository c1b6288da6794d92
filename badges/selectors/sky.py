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
from badges.selectors.ways import Way, path_between, shortest_way
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
    way: str  # the shortest way to the next badge, in one sentence; empty for visitors
    goal: str  # how near the nearest track badge is


def sky_for(actor: Actor, new_family: str = "") -> Sky:
    """`new_family` is the star that has just been lit."""
    content = catalogue()
    rows = progress_of(actor)
    way = shortest_way(actor, rows)
    here = _here(rows, way) if actor.user else None
    drawn = _drawn(content, rows, here, way.row if way and actor.user else None, new_family)
    ends = (here.family.code, way.row.family.code) if here and way else None
    path = path_between(content.lines, *ends) if ends else ()
    return Sky(
        svg=draw(drawn, content.lines, content.width, content.height, path),
        stars=[_listed(row, is_next=bool(actor.user and way and row is way.row)) for row in rows],
        rows=rows,
        lit=sum(row.state == "lit" for row in rows),
        ahead=sum(row.state != "lit" for row in rows),
        next_url=_url_of(way) if way else "",
        next_name=way.row.family.short_name if way else "",
        is_under_way=way is not None and way.row.application is not None,
        way=way.sentence if way and actor.user else "",
        goal=_goal_words(rows) if actor.user else "",
    )


def _here(rows: list[FamilyProgress], way: Way | None) -> FamilyProgress | None:
    """Where somebody stands: what is under way, else the last star lit, else where to begin."""
    if way is not None and way.row.application is not None:
        return way.row
    lit = [row for row in rows if row.state == "lit" and row.family.kind not in GOAL_KINDS]
    return lit[-1] if lit else way.row if way else None


def _goal_words(rows: list[FamilyProgress]) -> str:
    """The track or meta badge that is nearest among those begun."""
    begun = [
        row for row in rows if row.parts and row.state != "lit" and 0 < row.parts[0] < row.parts[1]
    ]
    if not begun:
        return ""
    best = max(begun, key=lambda row: row.parts[0] / row.parts[1])  # type: ignore[index]
    assert best.parts is not None
    return _("For “%(name)s” you have %(met)s of %(total)s parts.") % {
        "name": best.family.short_name,
        "met": best.parts[0],
        "total": best.parts[1],
    }


def _url_of(way: Way) -> str:
    application = way.row.application
    if application is not None:
        return reverse("application_show", kwargs={"public_id": application.public_id})
    return reverse("achievement_show", kwargs={"code": way.achievement.code})


def _page_of(row: FamilyProgress) -> str:
    """The badge to read about: the next one, else the highest earned, else the first."""
    earned = [one for one in row.achievements if row.state == "lit" and one.level <= row.level]
    one = row.next_achievement or (earned[-1] if earned else row.achievements[0])
    return reverse("achievement_show", kwargs={"code": one.code})


def _drawn(
    content: Catalogue,
    rows: list[FamilyProgress],
    here: FamilyProgress | None,
    ahead: FamilyProgress | None,
    new_family: str,
) -> list[DrawnStar]:
    by_code = {row.family.code: row for row in rows}
    return [
        _drawn_star(star, by_code[star.family], here, ahead, new_family)
        for star in content.stars
        if star.family in by_code
    ]


def _drawn_star(
    star: Star,
    row: FamilyProgress,
    here: FamilyProgress | None,
    ahead: FamilyProgress | None,
    new_family: str,
) -> DrawnStar:
    is_goal = row.family.kind in GOAL_KINDS
    share = _share(row.application)
    note = ""
    if row.parts and row.parts[0] and row.state != "lit":
        note = words_of(row)
    if is_goal and row.parts and row.application is None:
        share = row.parts[0] / row.parts[1]
    here_words = _("You are here") if row is here else ""
    if row is ahead and row is not here:
        here_words = _("Next")
    return DrawnStar(
        key=row.family.code,
        name=row.family.short_name,
        url=_page_of(row),
        x=star.x,
        y=star.y,
        label_above=star.label_above,
        state=row.state,
        is_goal=is_goal,
        share=share,
        here=here_words or note,
        is_new=row.family.code == new_family,
        levels=max((one.level for one in row.achievements), default=0),
        level=row.level,
        words=words_of(row),
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
    if row.parts is not None and row.parts[0] < row.parts[1]:
        return _("%(met)s of %(total)s parts") % {"met": row.parts[0], "total": row.parts[1]}
    if row.family.kind in GOAL_KINDS and row.next_achievement is None:
        return _("Opens when its parts are earned")
    if row.next_achievement is None:
        return _("Not open yet")
    return _("Open")
