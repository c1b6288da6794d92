"""What the demo students write in their diaries, by trade: tasks and one line for a day."""

from partners.enums import FieldOfStudy

Day = tuple[tuple[str, ...], str]

LINES: dict[str, tuple[Day, ...]] = {
    FieldOfStudy.MECHANICS: (
        (
            ("Reading drawings",),
            "Went through the drawings of the shaft and marked the tolerances.",
        ),
        (("Turning",), "Turned twelve bushings. The last four were within a hundredth."),
        (
            ("Turning", "Measuring and checking"),
            "Changed the cutting tool and set the offset myself.",
        ),
        (("Milling",), "First slot on the milling machine. Pekka checked the clamping with me."),
        (
            ("Measuring and checking",),
            "Measured a whole batch with the micrometer and filled in the sheet.",
        ),
        (("Welding",), "Practised fillet welds on scrap. The third one held its shape."),
        (("Setting up a machine",), "Zeroed the lathe for a new part and wrote down the steps."),
        (("Turning",), "Cut an outer thread. The gauge went on at the second try."),
        (
            ("Keeping the workplace in order",),
            "Cleaned the coolant tank and learned how to mix new coolant.",
        ),
        (("Milling", "Reading drawings"), "Milled a bracket from the drawing without help."),
        (
            ("Setting up a machine", "Turning"),
            "Ran a series of thirty and corrected for tool wear twice.",
        ),
    ),
    FieldOfStudy.VEHICLES: (
        (("Servicing",), "Oil and filters on two cars. I reset the service light myself."),
        (("Brakes",), "Changed front pads and measured the discs before and after."),
        (("Tyres and wheels",), "Winter tyres all day. Learned to read the balancing machine."),
        (("Finding faults",), "A warning light came from a broken sensor cable, not the sensor."),
        (
            ("Inspection before delivery",),
            "Did the checklist for a used car and found a worn ball joint.",
        ),
        (
            ("Servicing", "Brakes"),
            "Bled the brakes with Anna on the pedal. No air left after two rounds.",
        ),
        (("Finding faults",), "Read the fault codes and looked them up before asking."),
        (("Customer service",), "Explained to a customer why the wheel bearing was noisy."),
    ),
    FieldOfStudy.BUILDING: (
        (
            ("Measuring on site",),
            "Set out the corners of the shed with the laser and checked the diagonal.",
        ),
        (("Formwork",), "Built the formwork for the foundation beam and braced it."),
        (("Bricklaying",), "Laid three courses. The line was straight, my joints were too thick."),
        (("Bricklaying",), "Joints of ten millimetres now. Jeroen let me do the corner."),
        (("Carpentry",), "Hung two door frames and shimmed them plumb."),
        (("Insulating",), "Cut the insulation boards so that no gap was left at the studs."),
        (("Site safety",), "Walked the scaffold with Jeroen and ticked the checklist."),
        (
            ("Carpentry", "Measuring on site"),
            "Rafters: marked one as a template and cut the rest from it.",
        ),
        (("Formwork",), "Stripped the formwork. The edge came out clean."),
    ),
    FieldOfStudy.MATERIALS: (
        (
            ("Sawing and planing",),
            "Planed oak boards to twenty millimetres and sorted them by grain.",
        ),
        (("Joining wood",), "Dovetails by hand. The second pair closes without a gap."),
    ),
}

GOALS: dict[str, tuple[tuple[str, str], ...]] = {
    "aino": (
        ("I can set up the lathe for a new part on my own.", "practised"),
        ("I can measure a part and say whether it is within tolerance.", "mastered"),
        ("I can read a drawing with threads and surface signs.", "not_started"),
    ),
    "veera": (
        ("I can do a whole service by the maker's list.", "practised"),
        ("I can tell a customer what was done and why.", "not_started"),
    ),
    "daan": (
        ("I can lay a straight wall with even joints.", "mastered"),
        ("I can set out a small building with the laser.", "practised"),
    ),
}

RETURN_REASON = "Thursday was the training day at school. Please take those hours out."
