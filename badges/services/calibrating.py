"""A reviewer marks a sample; the first mark counts, since afterwards the answer is known."""

from django.utils.translation import gettext as _

from badges.enums import Mark
from badges.models import CalibrationMark
from badges.permissions import reviewing_organisation_ids
from badges.selectors.calibration import samples
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed


def mark_sample(*, by: Actor, sample: str, mark: str) -> CalibrationMark:
    """Raises NotAllowed for people who do not review, InvalidInput for an unknown sample."""
    if by.user is None or not reviewing_organisation_ids(by):
        raise NotAllowed("not_reviewer", _("Only reviewers practise here."))
    if sample not in {one.code for one in samples()}:
        raise InvalidInput("sample", _("This sample does not exist."))
    if mark not in Mark.values:
        raise InvalidInput("mark", _("Choose a mark first."))
    row, _is_new = CalibrationMark.objects.get_or_create(
        reviewer=by.user, sample=sample, defaults={"mark": mark}
    )
    return row
