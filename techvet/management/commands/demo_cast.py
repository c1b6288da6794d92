"""`manage.py demo_cast [--json]`: who can sign in to the demo, and what has been issued in it."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from badges.services.demo import demo_awards
from partners.enums import Role
from partners.models import User
from partners.services.demo import DemoPerson, people
from partners.services.links import link_address, make_link
from partners.services.second_factor import demo_code
from techvet.actor import Actor
from techvet.origin import absolute


class Command(BaseCommand):
    help = "Prints the demo people and the public addresses of the badges they earned."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Actor.system()
        cast = [self._described(person, by) for person in people()]
        awards = [absolute(path) for path in demo_awards()]
        if options["json"]:
            answer = {"origin": settings.PORTAL_ORIGIN, "people": cast, "awards": awards}
            self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))
            return
        self._print(cast, awards)

    def _described(self, person: DemoPerson, by: Actor) -> dict[str, Any]:
        """A desk link is made anew each time: only its hash is kept, so none can be shown twice."""
        user = User.objects.filter(email__iexact=person.email, is_demo=True).first()
        link = None
        if user is not None and person.password is None:
            link = link_address(make_link(person=user, by=by)[1])
        return {
            "name": person.name,
            "email": person.email,
            "password": person.password,
            "role": str(person.role),
            "organisation": person.organisation,
            "desk_link": link,
            "totp_secret": person.totp_secret,
            "totp_code": demo_code(user) if user is not None else None,
        }

    def _print(self, cast: list[dict[str, Any]], awards: list[str]) -> None:
        passwords = sorted({p["password"] for p in cast if p["password"]})
        self.stdout.write(f"Sign in at {settings.PORTAL_ORIGIN}/accounts/login/")
        self.stdout.write(f"Demo password for everybody below: {', '.join(passwords)}")
        for person in cast:
            where = f"{Role(person['role']).label}, {person['organisation']}"
            if person["password"]:
                more = (
                    "  (asks for a second factor, shown on the page)"
                    if person["totp_secret"]
                    else ""
                )
                self.stdout.write(f"  {person['email']:<32} {where}{more}")
        self.stdout.write("Workplace instructors need no account; their desks:")
        for person in cast:
            if person["desk_link"]:
                self.stdout.write(f"  {person['name']:<14} {person['desk_link']}")
        self.stdout.write("Badges issued in the demo:")
        for address in awards:
            self.stdout.write(f"  {address}")
