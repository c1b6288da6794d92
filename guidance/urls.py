"""Addresses of the guidance app, each with who may come in."""

from django.urls import URLPattern

from guidance.views import decisions, desk, diary, placements, weeks
from partners.enums import Role
from techvet.access import LINK, link_roles, roles, route

instructor = link_roles(Role.INSTRUCTOR)
student = roles(Role.STUDENT)
asks = roles(Role.STUDENT, Role.TEACHER, Role.COORDINATOR)

urlpatterns: list[URLPattern] = [
    route("desk/", desk.desk, name="desk", access=LINK),
    route("desk/log/", desk.placement_log, name="placement_log", access=instructor),
    route("desk/hand-over/", desk.hand_over, name="hand_over", access=instructor),
    route("placements/", placements.placements_list, name="placements_list", access=LINK),
    route("placements/new/", placements.placement_propose, name="placement_propose", access=asks),
    route(
        "placements/<uuid:public_id>/",
        placements.placement_show,
        name="placement_show",
        access=LINK,
    ),
    route(
        "placements/<uuid:public_id>/accept/",
        decisions.placement_accept,
        name="placement_accept",
        access=LINK,
    ),
    route(
        "placements/<uuid:public_id>/confirm/",
        decisions.placement_confirm,
        name="placement_confirm",
        access=LINK,
    ),
    route(
        "placements/<uuid:public_id>/decline/",
        decisions.placement_decline,
        name="placement_decline",
        access=LINK,
    ),
    route(
        "placements/<uuid:public_id>/cancel/",
        decisions.placement_cancel,
        name="placement_cancel",
        access=LINK,
    ),
    route(
        "placements/<uuid:public_id>/instructor/",
        desk.instructor_change,
        name="instructor_change",
        access=LINK,
    ),
    route("placements/<uuid:public_id>/goals/", decisions.goal_add, name="goal_add", access=LINK),
    route(
        "goals/<uuid:public_id>/progress/",
        decisions.goal_progress,
        name="goal_progress",
        access=LINK,
    ),
    route(
        "placements/<uuid:public_id>/diary/",
        diary.diary_write,
        name="diary_write",
        access=student,
    ),
    route("photos/<uuid:public_id>/", diary.photo_show, name="photo_show", access=LINK),
    route("my-code/", diary.student_code, name="student_code", access=student),
    route("weeks/<uuid:public_id>/", weeks.week_show, name="week_show", access=LINK),
    route("weeks/<uuid:public_id>/confirm/", weeks.week_confirm, name="week_confirm", access=LINK),
    route("weeks/<uuid:public_id>/return/", weeks.week_return, name="week_return", access=LINK),
    route("weeks/<uuid:public_id>/undo/", weeks.week_undo, name="week_undo", access=LINK),
]
