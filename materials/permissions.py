"""Who may do what with an entry; asked by services, templates and the API alike."""

from materials.models import Material
from materials.states import EDITABLE
from partners.enums import Role
from techvet.actor import Actor

WRITERS = (Role.TEACHER, Role.COORDINATOR, Role.INSTRUCTOR, Role.PROJECT_ADMIN)
CHECKERS = (Role.TEACHER, Role.COORDINATOR)


def can_write_materials(actor: Actor) -> bool:
    return actor.user is not None and not actor.is_read_only and actor.has_role(*WRITERS)


def can_check_materials(actor: Actor) -> bool:
    """Teachers and coordinators of any school; signed in, not by a personal link."""
    return (
        actor.user is not None
        and actor.link is None
        and not actor.is_read_only
        and actor.has_role(*CHECKERS)
    )


def is_author(actor: Actor, material: Material) -> bool:
    return actor.user is not None and material.author_id == actor.user.pk


def can_move_material(actor: Actor, material: Material) -> bool:
    """Send, take back, change and discard: the author's moves."""
    return can_write_materials(actor) and is_author(actor, material)


def can_edit_material(actor: Actor, material: Material) -> bool:
    return can_move_material(actor, material) and material.state in EDITABLE


def can_check_material(actor: Actor, material: Material) -> bool:
    """Never one's own."""
    return can_check_materials(actor) and not is_author(actor, material)


def can_retire_material(actor: Actor, material: Material) -> bool:
    """The author; for what is public also the project administrator."""
    if can_move_material(actor, material):
        return True
    is_admin = actor.has_role(Role.PROJECT_ADMIN) and not actor.is_read_only
    return is_admin and material.versions.filter(is_current=True).exists()
