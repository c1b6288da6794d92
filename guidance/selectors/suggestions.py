"""Tasks that are common in a field, offered as chips so that nobody has to type them."""

from django.utils.translation import gettext_lazy as _

from partners.enums import FieldOfStudy as Field

_COMMON = (_("Customer service"), _("Keeping the workplace in order"), _("Helping the team"))
_TASKS = {
    Field.MECHANICS: (
        _("Turning"),
        _("Milling"),
        _("Welding"),
        _("Setting up a machine"),
        _("Measuring and checking"),
        _("Reading drawings"),
    ),
    Field.VEHICLES: (
        _("Servicing"),
        _("Brakes"),
        _("Tyres and wheels"),
        _("Finding faults"),
        _("Inspection before delivery"),
    ),
    Field.ELECTRICITY: (
        _("Installing cables"),
        _("Connecting switchboards"),
        _("Measuring installations"),
        _("Lighting"),
        _("Reading circuit diagrams"),
    ),
    Field.ELECTRONICS: (
        _("Soldering"),
        _("Assembling devices"),
        _("Testing devices"),
        _("Programming controllers"),
        _("Maintenance"),
    ),
    Field.BUILDING: (
        _("Bricklaying"),
        _("Formwork"),
        _("Carpentry"),
        _("Insulating"),
        _("Measuring on site"),
        _("Site safety"),
    ),
    Field.MATERIALS: (
        _("Sawing and planing"),
        _("Joining wood"),
        _("Surface treatment"),
        _("Using a CNC machine"),
        _("Assembling furniture"),
    ),
    Field.FOOD: (
        _("Preparing dough"),
        _("Baking"),
        _("Packing"),
        _("Hygiene checks"),
        _("Weighing and mixing"),
    ),
    Field.CATERING: (
        _("Preparing food"),
        _("Serving guests"),
        _("Setting tables"),
        _("Hygiene checks"),
        _("Receiving goods"),
        _("Cleaning the kitchen"),
    ),
    Field.TRAVEL: (
        _("Reception"),
        _("Bookings"),
        _("Guiding guests"),
        _("Planning programmes"),
    ),
    Field.SALES: (
        _("Serving customers"),
        _("Working at the till"),
        _("Filling shelves"),
        _("Receiving goods"),
        _("Displays"),
    ),
    Field.MANAGEMENT: (
        _("Correspondence"),
        _("Invoices"),
        _("Filing"),
        _("Preparing meetings"),
        _("Phone and front desk"),
    ),
    Field.NURSING: (
        _("Helping with washing and dressing"),
        _("Measuring vital signs"),
        _("Helping with meals"),
        _("Talking with patients"),
        _("Keeping care notes"),
    ),
    Field.CARE: (
        _("Helping with washing and dressing"),
        _("Helping with meals"),
        _("Going out together"),
        _("Activities"),
        _("Keeping care notes"),
    ),
    Field.CHILD_CARE: (
        _("Play and games"),
        _("Meals"),
        _("Going out"),
        _("Talking with parents"),
        _("Preparing activities"),
    ),
    Field.BEAUTY: (
        _("Washing hair"),
        _("Cutting hair"),
        _("Colouring"),
        _("Advising customers"),
        _("Treatments"),
    ),
    Field.SOFTWARE: (
        _("Programming"),
        _("Testing"),
        _("Fixing faults"),
        _("Writing documentation"),
        _("Team meetings"),
    ),
    Field.NETWORKS: (
        _("Installing devices"),
        _("Configuring networks"),
        _("User support"),
        _("Backups"),
        _("Databases"),
    ),
    Field.COMPUTER_USE: (_("User support"), _("Setting up computers"), _("Office programs")),
    Field.CROPS: (
        _("Feeding animals"),
        _("Milking"),
        _("Field work"),
        _("Driving a tractor"),
        _("Servicing machines"),
    ),
    Field.FORESTRY: (
        _("Planting"),
        _("Clearing"),
        _("Using a chainsaw"),
        _("Driving a forest machine"),
        _("Measuring timber"),
    ),
    Field.TRANSPORT: (
        _("Loading and unloading"),
        _("Warehouse work"),
        _("Driving a forklift"),
        _("Planning routes"),
        _("Checking goods"),
    ),
    Field.DESIGN: (_("Sketching"), _("Cutting and sewing"), _("Building models"), _("Fittings")),
    Field.HANDICRAFTS: (_("Weaving"), _("Woodwork"), _("Repairing"), _("Preparing materials")),
    Field.FINE_ARTS: (_("Sketching"), _("Preparing exhibitions"), _("Working with materials")),
    Field.ARCHITECTURE: (_("Drawing plans"), _("Measuring buildings"), _("Building models")),
    Field.TEACHER_TRAINING: (_("Preparing lessons"), _("Guiding groups"), _("Giving feedback")),
}


def task_suggestions(field_of_study: str) -> list[str]:
    """A few tasks of the field in the reader's language, common ones last."""
    own = _TASKS.get(field_of_study, ())  # type: ignore[call-overload]
    return [str(task) for task in (*own, *_COMMON)]
