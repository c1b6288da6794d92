"""`manage.py rotate_master_key --new-file PATH`: encrypts the signing keys under another key."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from badges.keystore import KeystoreClosed
from badges.services.wrapping import rewrap_all
from techvet.actor import Actor


class Command(BaseCommand):
    help = (
        "Encrypts every private key anew, all or none, from MASTER_KEY to the key in the file."
        " Key pairs and badges stay as they are. Stop worker and sweeper first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-file", type=Path, required=True, help="32 random bytes, URL-safe base64"
        )

    def handle(self, *, new_file: Path, **options: Any) -> None:
        try:
            new = new_file.read_text(encoding="ascii").strip()
            done = rewrap_all(by=Actor.system(), new_master_key=new)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{new_file} cannot be read: {error}") from None
        except KeystoreClosed as error:
            raise CommandError(f"Nothing was changed: {error}") from None
        self.stdout.write(f"Keys encrypted anew: {done}. Put the new file in the old one's place.")
