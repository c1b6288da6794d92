"""`manage.py seed`: the built-in content, and the demo people and their story unless told not."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from badges.services import content as badges_content
from badges.services import demo as badges_demo
from guidance.services import demo as guidance_demo
from materials.services import content as materials_content
from materials.services import demo as materials_demo
from partners.services import demo as partners_demo
from techvet.actor import Actor

Step = Callable[..., Any]
# Each takes `by`; the order is that of what needs what.
CONTENT: tuple[tuple[str, Step], ...] = (
    ("institutions", partners_demo.seed_institutions),
    ("guidance materials", materials_content.load_content),
    ("badges", badges_content.load_content),
)
CONTENT_AND_DEMO: tuple[tuple[str, Step], ...] = (
    ("organisations and people", partners_demo.seed),
    ("guidance materials", materials_demo.seed),
    ("placements", guidance_demo.seed),
    ("badges", badges_demo.seed),
)


class Command(BaseCommand):
    help = "Fills an empty portal with its content and a demo; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true")
        parser.add_argument(
            "--without-demo",
            action="store_true",
            help="only institutions, materials, badges and signing keys, as a real portal starts",
        )

    def handle(self, *, quiet: bool, without_demo: bool, **options: Any) -> None:
        if settings.PRODUCTION and not without_demo:
            # Its people have a password that everybody knows.
            raise CommandError("The demo has no place in production; use seed --without-demo.")
        for name, do in self._steps(without_demo):
            if not quiet:
                self.stdout.write(f"Seeding {name}")
                self.stdout.flush()
            do(by=Actor.system())

    def _steps(self, without_demo: bool) -> Iterator[tuple[str, Step]]:
        if not without_demo:
            yield from CONTENT_AND_DEMO
            return
        yield from CONTENT
        if settings.MASTER_KEY:
            yield "signing keys and status lists", self._make_keys
        else:
            self.stdout.write("Without MASTER_KEY no signing keys are made; the sweeper makes them")

    def _make_keys(self, *, by: Actor) -> None:
        call_command("create_keys", stdout=self.stdout)
