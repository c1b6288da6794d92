"""One step of an entry's life: the row locked, the table asked, the step written down."""

from django.db import transaction

from materials.models import Material, MaterialMove
from materials.states import target_of
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now


def locked(material: Material) -> Material:
    """The row as it is now, held until the transaction ends."""
    assert transaction.get_connection().in_atomic_block
    return Material.objects.select_for_update().get(pk=material.pk)


def move(*, by: Actor, material: Material, verb: str, note: str = "") -> Material:
    """Takes the step and saves the row; raises WrongState when it does not start here."""
    target = target_of(verb, material.state)
    source, material.state = material.state, target
    material.state_since = material.updated_at = now()
    material.save()
    MaterialMove.objects.create(
        material=material, from_state=source, to_state=target, by=by.user, note=note[:500]
    )
    audit.record(
        by=by,
        verb=f"material.{verb}",
        thing=material,
        organisation=material.organisation,
        version=material.version,
    )
    return material
