"""What the demo is made of: six real institutions by their public facts, and invented companies.

Nothing here says anything about a real company or person.
"""

from dataclasses import dataclass, field

from partners.enums import Country, FieldOfStudy, Role

F = FieldOfStudy
PASSWORD = "demo-portal-2026"  # noqa: S105 - the open password of the demo accounts
# The open secret of the demo accounts' authenticators (RFC 4648 base 32).
TOTP_SECRET = "NEXTSTEPSDEMO234NEXTSTEPSDEMO234"  # noqa: S105


@dataclass(frozen=True)
class PlaceFacts:
    name: str
    town: str
    latitude: str | None = None
    longitude: str | None = None
    address: str = ""


@dataclass(frozen=True)
class InstitutionFacts:
    slug: str
    name: str
    display_name: str
    english_name: str
    country: Country
    town: str
    website: str
    fields: tuple[FieldOfStudy, ...]
    places: tuple[PlaceFacts, ...]
    language: str
    is_issuer: bool = True


@dataclass(frozen=True)
class CompanyFacts:
    number: int
    country: Country
    town: str
    fields: tuple[FieldOfStudy, ...]
    staff: int
    capacity: int
    languages: tuple[str, ...]

    @property
    def slug(self) -> str:
        return f"demo-company-{self.number}"

    @property
    def name(self) -> str:
        return f"Demo company {self.number}"


@dataclass(frozen=True)
class PersonFacts:
    name: str
    organisation: str
    role: Role
    has_password: bool = True
    email: str = field(default="")

    @property
    def address(self) -> str:
        return self.email or f"{self.name.split()[0].lower()}.demo@example.org"


INSTITUTIONS = (
    InstitutionFacts(
        slug="hamk",
        name="Hämeen ammattikorkeakoulu",
        display_name="HAMK",
        english_name="Häme University of Applied Sciences",
        country=Country.FI,
        town="Hämeenlinna",
        website="https://www.hamk.fi/",
        fields=(F.TEACHER_TRAINING, F.MECHANICS, F.BUILDING, F.CROPS, F.MANAGEMENT),
        places=(PlaceFacts("Hämeenlinna", "Hämeenlinna", "60.97600", "24.48000"),),
        language="fi",
    ),
    InstitutionFacts(
        slug="tavastia",
        name="Koulutuskuntayhtymä Tavastia",
        display_name="Tavastia",
        english_name="Tavastia Education Consortium",
        country=Country.FI,
        town="Hämeenlinna",
        website="https://www.kktavastia.fi/",
        fields=(F.ELECTRICITY, F.MECHANICS, F.VEHICLES, F.BUILDING, F.NURSING, F.CATERING),
        places=(PlaceFacts("Ammattiopisto Tavastia", "Hämeenlinna", "60.99500", "24.46500"),),
        language="fi",
    ),
    InstitutionFacts(
        slug="eduko",
        name="Kouvolan seudun ammattiopisto Eduko",
        display_name="Eduko",
        english_name="Kouvola Region Vocational College",
        country=Country.FI,
        town="Kouvola",
        website="https://www.eduko.fi/",
        fields=(F.MECHANICS, F.ELECTRICITY, F.SOFTWARE, F.MANAGEMENT, F.NURSING, F.FORESTRY),
        places=(PlaceFacts("Kouvola", "Kouvola", "60.86800", "26.70400"),),
        language="fi",
    ),
    InstitutionFacts(
        slug="lasnamae",
        name="Tallinna Lasnamäe Mehaanikakool",
        display_name="Lasnamäe Mehaanikakool",
        english_name="Tallinn Lasnamäe School of Mechanics",
        country=Country.EE,
        town="Tallinn",
        website="https://mehaanikakool.ee/",
        fields=(F.VEHICLES, F.MECHANICS, F.ELECTRICITY, F.TRANSPORT),
        places=(PlaceFacts("Uuslinna", "Tallinn", "59.43200", "24.82200", "Uuslinna 10"),),
        language="et",
    ),
    InstitutionFacts(
        slug="vtdt",
        name="Vidzemes Tehnoloģiju un dizaina tehnikums",
        display_name="VTDT",
        english_name="Vidzeme Technology and Design Technical School",
        country=Country.LV,
        town="Priekuļi",
        website="https://www.vtdt.lv/",
        fields=(
            F.VEHICLES,
            F.SOFTWARE,
            F.MATERIALS,
            F.ELECTRICITY,
            F.DESIGN,
            F.BUILDING,
            F.CROPS,
            F.CATERING,
        ),
        places=(
            PlaceFacts("Priekuļi", "Priekuļi", "57.31500", "25.36100"),
            PlaceFacts("Cēsis", "Cēsis", "57.31200", "25.27500"),
        ),
        language="lv",
    ),
    InstitutionFacts(
        slug="firda",
        name=(
            "Stichting voor Christelijk beroepsonderwijs en volwasseneneducatie Friesland/Flevoland"
        ),
        display_name="Firda",
        english_name="Firda, vocational education in Friesland and northern Flevoland",
        country=Country.NL,
        town="Leeuwarden",
        website="https://www.firda.nl/",
        fields=(F.BUILDING, F.MATERIALS, F.ELECTRONICS, F.MECHANICS),
        places=(PlaceFacts("Leeuwarden", "Leeuwarden", "53.20000", "5.80000"),),
        language="nl",
    ),
)

_FI, _EE, _LV, _NL = Country.FI, Country.EE, Country.LV, Country.NL
COMPANIES = (
    CompanyFacts(1, _FI, "Hämeenlinna", (F.MECHANICS, F.ELECTRONICS), 48, 4, ("fi", "en")),
    CompanyFacts(2, _FI, "Hämeenlinna", (F.VEHICLES,), 12, 2, ("fi",)),
    CompanyFacts(3, _FI, "Kouvola", (F.ELECTRICITY, F.ELECTRONICS), 85, 3, ("fi", "en")),
    CompanyFacts(4, _FI, "Kouvola", (F.SOFTWARE,), 22, 2, ("fi", "en")),
    CompanyFacts(5, _FI, "Janakkala", (F.BUILDING, F.MATERIALS), 310, 6, ("fi",)),
    CompanyFacts(6, _EE, "Tallinn", (F.VEHICLES, F.MECHANICS), 35, 3, ("et", "en")),
    CompanyFacts(7, _EE, "Tallinn", (F.ELECTRONICS,), 600, 6, ("et", "en")),
    CompanyFacts(8, _EE, "Maardu", (F.MECHANICS,), 64, 4, ("et",)),
    CompanyFacts(9, _LV, "Cēsis", (F.MATERIALS,), 18, 2, ("lv", "en")),
    CompanyFacts(10, _LV, "Priekuļi", (F.VEHICLES,), 9, 1, ("lv",)),
    CompanyFacts(11, _LV, "Valmiera", (F.SOFTWARE, F.ELECTRONICS), 140, 4, ("lv", "en")),
    CompanyFacts(12, _NL, "Leeuwarden", (F.BUILDING, F.MATERIALS), 27, 2, ("nl", "en")),
    CompanyFacts(13, _NL, "Drachten", (F.ELECTRONICS, F.MECHANICS), 420, 5, ("nl", "en")),
    CompanyFacts(14, _NL, "Sneek", (F.ELECTRICITY,), 51, 3, ("nl",)),
    CompanyFacts(15, _NL, "Emmeloord", (F.BUILDING,), 4, 1, ("nl",)),
)

_R = Role
PEOPLE = (
    PersonFacts("Outi Demo", "hamk", _R.PROJECT_ADMIN),
    PersonFacts("Heikki Demo", "hamk", _R.COORDINATOR),
    PersonFacts("Leena Demo", "tavastia", _R.COORDINATOR),
    PersonFacts("Ville Demo", "tavastia", _R.COORDINATOR),
    PersonFacts("Mikko Demo", "tavastia", _R.TEACHER),
    PersonFacts("Sari Demo", "tavastia", _R.TEACHER),
    PersonFacts("Aino Demo", "tavastia", _R.STUDENT),
    PersonFacts("Eetu Demo", "tavastia", _R.STUDENT),
    PersonFacts("Päivi Demo", "eduko", _R.COORDINATOR, email="paivi.demo@example.org"),
    PersonFacts("Jussi Demo", "eduko", _R.TEACHER),
    PersonFacts("Veera Demo", "eduko", _R.STUDENT),
    PersonFacts("Kadri Demo", "lasnamae", _R.COORDINATOR),
    PersonFacts("Priit Demo", "lasnamae", _R.TEACHER),
    PersonFacts("Mart Demo", "lasnamae", _R.STUDENT),
    PersonFacts("Līga Demo", "vtdt", _R.COORDINATOR, email="liga.demo@example.org"),
    PersonFacts("Jānis Demo", "vtdt", _R.TEACHER, email="janis.demo@example.org"),
    PersonFacts("Kārlis Demo", "vtdt", _R.STUDENT, email="karlis.demo@example.org"),
    PersonFacts("Femke Demo", "firda", _R.COORDINATOR),
    PersonFacts("Sanne Demo", "firda", _R.TEACHER),
    PersonFacts("Daan Demo", "firda", _R.STUDENT),
    PersonFacts("Pekka Demo", "demo-company-1", _R.INSTRUCTOR, has_password=False),
    PersonFacts("Riitta Demo", "demo-company-1", _R.MANAGER),
    PersonFacts("Anna Demo", "demo-company-2", _R.INSTRUCTOR, has_password=False),
    PersonFacts("Toomas Demo", "demo-company-6", _R.INSTRUCTOR, has_password=False),
    PersonFacts("Ilze Demo", "demo-company-9", _R.INSTRUCTOR, has_password=False),
    PersonFacts("Jeroen Demo", "demo-company-12", _R.INSTRUCTOR, has_password=False),
)

# Author of the materials that come with the portal; not a demo person and cannot sign in.
EDITORS_NAME = "NextSteps editors"
EDITORS_EMAIL = "editors@nextsteps.invalid"
EDITORS_ORGANISATION = "hamk"
