"""The entries that come with the portal: files with TOML on top and Markdown below."""

import hashlib
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import transaction

from materials.enums import MaterialState
from materials.models import ENTRY_FIELDS, Material, MaterialMove
from materials.services.moves import locked
from materials.services.publishing import publish_version
from partners.models import Organisation, User
from techvet.actor import Actor
from techvet.errors import NotAllowed

FOLDER = Path(__file__).resolve().parent.parent / "content"
EDITORS_EMAIL = "editors@nextsteps.invalid"
EDITORS_ORGANISATION = "hamk"
_COPIED = tuple(name for name in ENTRY_FIELDS if name != "body")


def load_content(*, by: Actor, folder: Path = FOLDER) -> dict[str, int]:
    """Publishes new files and new versions of changed ones; running it again changes nothing.

    Returns how many were `added`, `changed`, `unchanged`, `retired` (left so), and `taken`: their
    address belongs to somebody else's entry. Raises LookupError before the editors exist,
    ValueError for a bad file.
    """
    if not by.is_system:
        raise NotAllowed("system_only", "Only the portal itself loads its entries.")
    editors = User.objects.filter(email__iexact=EDITORS_EMAIL).first()
    organisation = Organisation.objects.filter(slug=EDITORS_ORGANISATION).first()
    if editors is None or organisation is None:
        raise LookupError("The editors of the built-in materials do not exist yet.")
    outcomes = Counter(
        _load(by, path, editors, organisation) for path in sorted(folder.glob("*/*.md"))
    )
    return dict(outcomes)


def read_file(path: Path) -> tuple[dict[str, Any], str]:
    """The facts on top and the text below; raises ValueError with the name of the file."""
    _before, fence, rest = path.read_text(encoding="utf-8").partition("+++\n")
    head, second, body = rest.partition("\n+++\n")
    if not fence or not second or _before:
        raise ValueError(f"{path.name}: the facts must stand between two lines of +++")
    try:
        facts = tomllib.loads(head)
        facts["slug"], facts["title"], facts["summary"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ValueError(f"{path.name}: {error}") from None
    return facts, body.strip() + "\n"


@transaction.atomic
def _load(by: Actor, path: Path, editors: User, organisation: Organisation) -> str:
    facts, body = read_file(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    material = Material.objects.filter(slug=facts["slug"]).first()
    if material is not None and material.author_id != editors.pk:
        return "taken"
    if material is not None and material.content_hash == digest:
        return "unchanged"
    if material is not None and material.state == MaterialState.RETIRED:
        return "retired"
    outcome = "added" if material is None else "changed"
    if material is None:
        material = Material.objects.create(
            author=editors, organisation=organisation, slug=facts["slug"]
        )
        MaterialMove.objects.create(material=material, to_state=material.state)
    material = locked(material)
    for name in _COPIED:
        if name in facts:
            setattr(material, name, facts[name])
    material.body = body
    material.content_hash = digest
    publish_version(by=by, material=material, verb="load", checked_by=None)
    return outcome
