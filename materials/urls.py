"""Addresses of the materials app, each with who may come in."""

from django.urls import URLPattern

from materials import api
from materials.permissions import CHECKERS, WRITERS
from materials.views import browsing, checking, keeping, writing
from techvet.access import PUBLIC, link_roles, roles, route

WRITING = link_roles(*WRITERS)
DRAFT = "materials/drafts/<uuid:public_id>/"

urlpatterns: list[URLPattern] = [
    route("materials/", browsing.materials_list, name="materials_list", access=PUBLIC),
    route("materials/new/", writing.material_create, name="material_create", access=WRITING),
    route("materials/mine/", keeping.materials_mine, name="materials_mine", access=WRITING),
    route(
        "materials/checks/",
        checking.material_checks,
        name="material_checks",
        access=roles(*CHECKERS),
    ),
    route("materials/preview/", writing.material_preview, name="material_preview", access=WRITING),
    route(DRAFT, keeping.material_draft, name="material_draft", access=WRITING),
    route(f"{DRAFT}edit/", writing.material_edit, name="material_edit", access=WRITING),
    route(f"{DRAFT}autosave/", writing.material_autosave, name="material_autosave", access=WRITING),
    route(f"{DRAFT}submit/", writing.material_submit, name="material_submit", access=WRITING),
    route(f"{DRAFT}withdraw/", keeping.material_withdraw, name="material_withdraw", access=WRITING),
    route(f"{DRAFT}change/", keeping.material_change, name="material_change", access=WRITING),
    route(f"{DRAFT}discard/", keeping.material_discard, name="material_discard", access=WRITING),
    route(f"{DRAFT}retire/", keeping.material_retire, name="material_retire", access=WRITING),
    route(
        f"{DRAFT}check/", checking.material_check, name="material_check", access=roles(*CHECKERS)
    ),
    route(f"{DRAFT}files/", writing.attachment_add, name="attachment_add", access=WRITING),
    route(
        f"{DRAFT}files/<uuid:file_id>/remove/",
        writing.attachment_remove,
        name="attachment_remove",
        access=WRITING,
    ),
    route("materials/<slug:slug>/", browsing.material_show, name="material_show", access=PUBLIC),
    route(
        "materials/<slug:slug>/card/", browsing.material_card, name="material_card", access=PUBLIC
    ),
    route(
        "materials/<slug:slug>/versions/<int:number>/",
        browsing.material_version,
        name="material_version",
        access=PUBLIC,
    ),
    route(
        "attachments/<uuid:public_id>/",
        browsing.attachment_show,
        name="attachment_show",
        access=PUBLIC,
    ),
    route("api/v1/materials/", api.api_materials, name="api_materials", access=PUBLIC),
    route("api/v1/materials/<slug:slug>/", api.api_material, name="api_material", access=PUBLIC),
]
