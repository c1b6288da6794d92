"""Entries as the public reads them, and as their authors and checkers see them."""

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from materials.enums import MaterialState
from materials.markdown import own_links
from materials.models import Attachment, Material, MaterialVersion
from materials.permissions import can_check_materials
from partners.enums import Role
from techvet.actor import Actor


def published_entries() -> QuerySet[MaterialVersion]:
    """The current version of every published entry: what anybody may find and read."""
    return MaterialVersion.objects.filter(is_current=True).select_related(
        "material", "material__author", "material__organisation"
    )


def public_versions() -> QuerySet[MaterialVersion]:
    """All versions of entries that are published today, older ones included."""
    return MaterialVersion.objects.filter(material__versions__is_current=True).select_related(
        "material", "material__author", "material__organisation"
    )


def retired_entries() -> QuerySet[Material]:
    """Entries that were published once and are not any more; their address says so."""
    return Material.objects.filter(slug__isnull=False).exclude(versions__is_current=True)


def entries_for_criterion(code: str) -> QuerySet[MaterialVersion]:
    """Published entries that help with a badge criterion, for instance `WGB-1`."""
    return published_entries().filter(criteria__contains=[code]).order_by("title")


def materials_visible_to(actor: Actor) -> QuerySet[Material]:
    """The working rows: one's own; what waits, for checkers; what is public, for administrators."""
    if actor.user is None:
        return Material.objects.none()
    seen = Q(author=actor.user)
    if can_check_materials(actor):
        seen |= Q(state=MaterialState.IN_CHECK)
    if actor.has_role(Role.PROJECT_ADMIN):
        seen |= Q(pk__in=published_entries().values("material"))
    return Material.objects.filter(seen).select_related("author", "organisation")


def materials_of(actor: Actor) -> QuerySet[Material]:
    """What this person has written, newest change first."""
    rows = materials_visible_to(actor).filter(author=actor.user)
    return rows.order_by("-updated_at", "-pk")


def waiting_for_check(actor: Actor) -> QuerySet[Material]:
    """The queue of checks, longest waiting first, without one's own."""
    if not can_check_materials(actor):
        return Material.objects.none()
    return (
        materials_visible_to(actor)
        .filter(state=MaterialState.IN_CHECK)
        .exclude(author=actor.user)
        .order_by("state_since", "pk")
    )


def with_history(materials: QuerySet[Material]) -> QuerySet[Material]:
    """Fetches what the page of one entry shows below the text."""
    return materials.prefetch_related("moves__by", "reviews__reviewer", "versions")


def attachments_of(material: Material) -> QuerySet[Attachment]:
    """The files of the draft."""
    return material.attachments.filter(removed_at__isnull=True)


def attachments_visible_to(actor: Actor) -> QuerySet[Attachment]:
    """Files of what is published are public; files of drafts follow the draft."""
    public = Q(versions__material__versions__is_current=True)
    own = Q(material__in=materials_visible_to(actor), removed_at__isnull=True)
    return Attachment.objects.filter(public | own).distinct()


def addresses_in(body: str, attachments: Iterable[Attachment]) -> tuple[dict[str, str], list[str]]:
    """Addresses of what a text links to, and which files it may show as pictures."""
    mentioned = own_links(body)
    slugs = [link.partition(":")[2] for link in mentioned if link.startswith("material:")]
    links = {
        f"material:{slug}": reverse("material_show", args=[slug])
        for slug in published_entries()
        .filter(material__slug__in=slugs)
        .values_list("material__slug", flat=True)
    }
    pictures = []
    for attachment in attachments:
        name = f"attachment:{attachment.public_id}"
        if name in mentioned:
            links[name] = reverse("attachment_show", args=[attachment.public_id])
            if attachment.is_picture:
                pictures.append(name)
    return links, pictures


def public_version(slug: str, number: int | None = None) -> QuerySet[MaterialVersion]:
    """The current version at an address, or the version with a number, ready to be shown."""
    rows = published_entries() if number is None else public_versions().filter(number=number)
    versions = MaterialVersion.objects.only(
        "material_id", "number", "published_at", "change_note", "is_current"
    ).order_by("-number")
    return rows.filter(material__slug=slug).prefetch_related(
        "attachments", Prefetch("material__versions", versions, to_attr="all_versions")
    )
