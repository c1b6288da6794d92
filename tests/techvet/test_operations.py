"""What operators do: the first data of a real portal, its first administrator, the watch."""

import os
import re
import signal
import stat
import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from django.test import Client

from badges.models import Achievement, AchievementVersion, SigningKey, StatusList
from materials.enums import MaterialState
from materials.models import Material
from partners import permissions
from partners.enums import COMPANY_ROLES, SCHOOL_ROLES, Role
from partners.models import Invitation, Membership, Organisation, OutgoingMessage, User
from partners.services.demo import seed_institutions
from partners.services.demo_facts import EDITORS_EMAIL
from partners.services.messages import deliver_due
from techvet.actor import Actor
from techvet.heartbeat import FRESH_SECONDS, beat, complaint, heartbeat_file, seconds_since_beat
from techvet.management.commands import first_admin, prepare, sweep
from tests.cast import join, person

OURS = ("partners", "materials", "guidance", "badges")
INSTITUTIONS = {"hamk", "tavastia", "eduko", "lasnamae", "vtdt", "firda"}


def output(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for app in OURS
        for model in apps.get_app_config(app).get_models()
    }


class TestSeedWithoutDemo:
    @pytest.fixture
    def said(self, db: Any) -> str:
        return output("seed", "--without-demo")

    def test_a_real_portal_starts_with_its_content(self, said: str) -> None:
        assert set(Organisation.objects.values_list("slug", flat=True)) == INSTITUTIONS
        published = Material.objects.filter(state=MaterialState.PUBLISHED)
        assert (published.count(), Material.objects.count()) == (12, 12)
        assert Achievement.objects.filter(is_open=True).exists()
        assert AchievementVersion.objects.count() == Achievement.objects.count()

    def test_every_issuer_can_sign_at_once(self, said: str) -> None:
        issuers = Organisation.objects.filter(is_issuer=True).count()
        lists = StatusList.objects.filter(source=None)  # each has a follower for suspension
        assert SigningKey.objects.count() == lists.count() == issuers > 0
        assert not StatusList.objects.filter(body="").exists()
        assert f"Keys made: {issuers}" in said

    def test_nobody_of_the_demo_is_there_and_nobody_can_sign_in(self, said: str) -> None:
        for app in OURS:
            for model in apps.get_app_config(app).get_models():
                if any(field.name == "is_demo" for field in model._meta.fields):
                    assert not model._default_manager.filter(is_demo=True).exists(), model
        editors = User.objects.get()
        assert editors.email == EDITORS_EMAIL
        assert not editors.has_usable_password()
        assert not OutgoingMessage.objects.exists()

    def test_a_second_time_changes_nothing(self, said: str) -> None:
        before = counts()
        keys = list(SigningKey.objects.values_list("public_key_multibase", flat=True))
        lists = list(StatusList.objects.values_list("body", flat=True))
        assert "Keys made: 0" in output("seed", "--without-demo")
        assert counts() == before
        assert list(SigningKey.objects.values_list("public_key_multibase", flat=True)) == keys
        assert list(StatusList.objects.values_list("body", flat=True)) == lists

    def test_what_people_changed_stays(self, said: str) -> None:
        Organisation.objects.filter(slug="eduko").update(town="Elsewhere")
        output("seed", "--without-demo")
        assert Organisation.objects.get(slug="eduko").town == "Elsewhere"

    def test_the_pages_of_the_content_open(self, said: str, client: Client) -> None:
        for path in ("/", "/partners/", "/materials/", "/badges/", "/issuers/hamk/did.json"):
            assert client.get(path).status_code == 200, path

    def test_it_says_what_it_does_unless_it_is_to_be_quiet(self, said: str) -> None:
        steps = re.findall(r"^Seeding (.+)$", said, re.MULTILINE)
        assert steps == [
            "institutions",
            "guidance materials",
            "badges",
            "signing keys and status lists",
        ]
        assert "Seeding" not in output("seed", "--without-demo", "--quiet")

    def test_without_master_key_all_but_the_keys(self, db: Any, settings: Any) -> None:
        settings.MASTER_KEY = ""
        assert "the sweeper makes them" in output("seed", "--without-demo")
        assert Achievement.objects.exists()
        assert not SigningKey.objects.exists()

    def test_a_broken_master_key_is_one_sentence(self, db: Any, settings: Any) -> None:
        settings.MASTER_KEY = "too short"
        with pytest.raises(CommandError, match="MASTER_KEY"):
            output("seed", "--without-demo")


class TestPrepare:
    @pytest.fixture
    def called(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
        """The commands that `prepare` calls, in their order; none of them runs."""
        calls: list[tuple[str, dict[str, Any]]] = []

        def note(name: str, *args: Any, stdout: Any = None, **options: Any) -> None:
            calls.append((name, options))
            if name == "demo_cast":
                stdout.write("Aino Demo")

        monkeypatch.setattr(prepare, "call_command", note)
        return calls

    def test_production_gets_no_demo(self, called: list, settings: Any) -> None:
        settings.PRODUCTION = True
        output("prepare")
        names = [name for name, _options in called]
        assert names == ["migrate", "createcachetable", "collectstatic", "seed"]
        assert called[-1] == ("seed", {"without_demo": True})

    def test_an_image_holds_its_static_files_already(self, called: list, settings: Any) -> None:
        settings.PRODUCTION = True
        output("prepare", "--without-static")
        assert [name for name, _options in called] == ["migrate", "createcachetable", "seed"]

    def test_elsewhere_the_demo_and_who_is_in_it(self, called: list, tmp_path: Path) -> None:
        assert "Aino Demo" in output("prepare")
        assert called[-2:] == [("seed", {}), ("demo_cast", {})]
        cast = tmp_path / "cast.txt"
        assert "Aino Demo" not in output("prepare", "--cast-to", str(cast))
        assert cast.read_text() == "Aino Demo"
        assert stat.S_IMODE(cast.stat().st_mode) == 0o600

    def test_for_real_and_twice(self, db: Any, settings: Any) -> None:
        settings.PRODUCTION = True
        output("prepare", "--without-static")
        before = counts()
        assert "Keys made: 0" in output("prepare", "--without-static")
        assert counts() == before
        assert not User.objects.filter(is_demo=True).exists()


class TestFirstAdmin:
    EMAIL = "first.admin@example.org"

    @pytest.fixture
    def institutions(self, db: Any) -> None:
        seed_institutions(by=Actor.system())

    def address(self, *args: str) -> str:
        """The path in the last line of what the command says."""
        said = output("first_admin", self.EMAIL, *args).strip()
        return said.splitlines()[-1].removeprefix("http://127.0.0.1:8000")

    def test_the_address_lets_somebody_in_who_can_invite_others(self, institutions: None) -> None:
        path = self.address()
        answers = {"name": "Ada First", "password": "a long walk to the workshop"}
        response = Client().post(path, answers)
        assert response.status_code == 302, response.content.decode()
        membership = Membership.objects.get(user__email=self.EMAIL)
        assert (membership.role, membership.organisation.slug) == (Role.PROJECT_ADMIN, "hamk")

    def test_the_invitation_is_a_row_and_a_letter(self, institutions: None) -> None:
        path = self.address("--name", "Ada First", "--language", "fi")
        invitation = Invitation.objects.get()
        assert (invitation.role, invitation.name) == (Role.PROJECT_ADMIN, "Ada First")
        assert (invitation.language, invitation.email) == ("fi", self.EMAIL)
        assert invitation.invited_by.email == EDITORS_EMAIL
        letter = OutgoingMessage.objects.get()
        assert path in letter.body
        assert letter.address == self.EMAIL
        assert path.strip("/").split("/")[1] not in invitation.token_hash

    def test_it_says_whom_where_and_how_long(self, institutions: None) -> None:
        said = output("first_admin", "First.Admin@Example.org")
        assert said.startswith(f"{self.EMAIL} may become project administrator of HAMK")
        assert "within a week" in said
        assert said.count("http") == 1

    def test_english_is_the_language_unless_another_is_asked_for(self, institutions: None) -> None:
        self.address()
        assert Invitation.objects.get().language == "en"
        with pytest.raises(CommandError, match="language"):
            output("first_admin", self.EMAIL, "--language", "xx")

    def test_a_second_run_gives_a_new_address_and_ends_the_first(self, institutions: None) -> None:
        first = self.address()
        deliver_due()  # the letter is sent, and its text wiped
        assert first in mail.outbox[0].body
        second = self.address()
        assert second != first
        assert Invitation.objects.count() == 1
        assert Client().get(first).status_code == 410
        assert Client().get(second).status_code == 200

    def test_it_needs_the_institutions(self, db: Any) -> None:
        with pytest.raises(CommandError) as refused:
            output("first_admin", self.EMAIL)
        assert str(refused.value) == (
            "The organisation hamk does not exist yet: run seed --without-demo first."
        )

    def test_it_needs_the_tables(self, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_tables(email: str, name: str, language: str) -> None:
            raise ProgrammingError("relation does not exist")

        monkeypatch.setattr(first_admin, "_invite", no_tables)
        with pytest.raises(CommandError, match="no tables yet: run prepare first"):
            output("first_admin", self.EMAIL)

    def test_it_needs_the_account_that_invites(self, institutions: None) -> None:
        Membership.objects.all().delete()
        User.objects.all().delete()
        with pytest.raises(CommandError, match="run seed --without-demo first"):
            output("first_admin", self.EMAIL)

    def test_an_administrator_is_not_invited_again(self, institutions: None) -> None:
        admin = person("First Admin")
        join(admin, Organisation.objects.get(slug="tavastia"), Role.PROJECT_ADMIN)
        with pytest.raises(CommandError) as refused:
            output("first_admin", "FIRST.admin@example.org")
        assert str(refused.value) == f"{self.EMAIL} is a project administrator already."
        assert not Invitation.objects.exists()

    def test_somebody_with_another_role_may_become_one(self, institutions: None) -> None:
        teacher = person("First Admin")
        join(teacher, Organisation.objects.get(slug="hamk"), Role.TEACHER)
        self.address()
        assert Invitation.objects.get().role == Role.PROJECT_ADMIN

    @pytest.mark.parametrize("email", ["nobody", "a@", "", "a b@example.org", "a\x00@", "@x.org"])
    def test_a_bad_address_is_one_sentence(self, institutions: None, email: str) -> None:
        with pytest.raises(CommandError, match="Enter an e-mail address like"):
            output("first_admin", email)
        assert not Invitation.objects.exists()

    def test_a_name_too_long_is_one_sentence(self, institutions: None) -> None:
        with pytest.raises(CommandError, match="at most 120 characters"):
            output("first_admin", self.EMAIL, "--name", "x" * 121)

    def test_a_wave_of_invitations_is_refused_in_words(
        self, institutions: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("partners.services.invitations.MOST_IN_A_DAY", 0)
        with pytest.raises(CommandError, match="enough for a day"):
            output("first_admin", self.EMAIL)

    def test_the_portal_itself_may_give_roles_and_nobody_else_gained_any(self, cast: Any) -> None:
        system = Actor.system()
        school = (*SCHOOL_ROLES, Role.PROJECT_ADMIN)
        assert permissions.roles_to_invite(system, cast.school) == school
        assert permissions.roles_to_invite(system, cast.company) == COMPANY_ROLES
        assert permissions.roles_to_invite(Actor(), cast.school) == ()
        for name in ("teacher", "student", "coordinator", "far_coordinator"):
            given = permissions.roles_to_invite(cast.actor(name), cast.school)
            assert Role.PROJECT_ADMIN not in given


class TestHeartbeat:
    @pytest.fixture(autouse=True)
    def data(self, tmp_path: Path, settings: Any) -> Path:
        settings.DATA_DIR = tmp_path
        return tmp_path

    def age(self, seconds: float) -> None:
        then = time.time() - seconds
        os.utime(heartbeat_file("sweeper"), (then, then))

    def test_it_is_one_small_file(self, data: Path) -> None:
        beat("sweeper")
        beat("sweeper")
        assert [path.name for path in (data / "heartbeat").iterdir()] == ["sweeper"]
        assert heartbeat_file("sweeper").read_text() == f"{os.getpid()}\n"
        assert heartbeat_file("sweeper") == data / "heartbeat" / "sweeper"

    def test_each_beat_makes_it_young_again(self) -> None:
        beat("sweeper")
        self.age(1000)
        assert seconds_since_beat("sweeper") == pytest.approx(1000, abs=5)
        beat("sweeper")
        assert seconds_since_beat("sweeper") == pytest.approx(0, abs=5)

    def test_none_yet(self) -> None:
        assert seconds_since_beat("sweeper") is None
        assert complaint("sweeper") == "The sweeper has given no sign of life yet."

    @pytest.mark.parametrize(
        ("seconds", "lives"),
        [(0, True), (FRESH_SECONDS - 5, True), (FRESH_SECONDS + 1, False), (-3600, False)],
    )
    def test_how_old_it_may_be(self, seconds: float, lives: bool) -> None:
        beat("sweeper")
        self.age(seconds)
        assert (complaint("sweeper") == "") is lives

    def test_the_complaint_tells_the_age(self) -> None:
        beat("sweeper")
        self.age(300)
        assert complaint("sweeper") == "The last sign of life of the sweeper is 300 seconds old."

    def test_the_complaint_suspects_the_clock(self) -> None:
        beat("sweeper")
        self.age(-3600)
        assert "lies in the future" in complaint("sweeper")

    def test_a_disk_that_cannot_be_written_stops_nobody(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read_only(self: Path, *args: Any, **options: Any) -> None:
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr(Path, "write_text", read_only)
        beat("sweeper")
        assert seconds_since_beat("sweeper") is None

    def test_nor_does_a_file_in_the_place_of_the_folder(self, data: Path) -> None:
        (data / "heartbeat").write_text("in the way")
        beat("sweeper")
        assert complaint("sweeper")

    def test_check_is_silent_when_the_sweeper_lives(self) -> None:
        beat("sweeper")
        assert output("sweep", "--check") == ""

    def test_check_ends_with_1_and_a_sentence(self) -> None:
        with pytest.raises(CommandError, match="no sign of life") as refused:
            output("sweep", "--check")
        assert refused.value.returncode == 1

    def test_check_sweeps_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweep, "sweep_once", lambda: pytest.fail("it swept"))
        beat("sweeper")
        output("sweep", "--check")

    def test_check_and_loop_exclude_each_other(self) -> None:
        with pytest.raises(CommandError, match="not allowed with"):
            call_command("sweep", "--check", "--loop")


class TestSweeperAtWork:
    @pytest.fixture(autouse=True)
    def data(self, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.DATA_DIR = tmp_path
        monkeypatch.setattr(sweep, "close_old_connections", lambda: None)
        monkeypatch.setattr(signal, "signal", lambda *_: None)

    def test_every_round_beats(self, monkeypatch: pytest.MonkeyPatch) -> None:
        command = sweep.Command()
        rounds: list[bool] = []

        def one_round() -> dict[str, int]:
            rounds.append(heartbeat_file("sweeper").exists())
            heartbeat_file("sweeper").unlink(missing_ok=True)
            if len(rounds) == 3:
                command.stopped.set()
            return {"issued": 0}

        monkeypatch.setattr(sweep, "sweep_once", one_round)
        command.handle(loop=True, check=False, seconds=0.001)
        assert rounds == [False, True, True]
        assert complaint("sweeper") == ""

    def test_a_single_sweep_is_no_sweeper(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweep, "sweep_once", lambda: {"issued": 2, "delivered": 0})
        assert output("sweep") == "issued: 2, delivered: 0\n"
        assert seconds_since_beat("sweeper") is None

    def test_a_failing_step_holds_up_no_other_and_still_beats(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        command = sweep.Command()

        def fail() -> int:
            raise OSError("no database")

        def last() -> int:
            command.stopped.set()
            return 1

        monkeypatch.setattr(sweep, "STEPS", {"first": fail, "last": last})
        command.handle(loop=True, check=False, seconds=0.001)
        assert [record.step for record in caplog.records if record.exc_info] == ["first"]
        assert complaint("sweeper") == ""

    def test_it_stops_when_asked_while_it_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        command = sweep.Command()
        monkeypatch.setattr(sweep, "sweep_once", lambda: {"issued": 0})
        loop = threading.Thread(target=command._go_round, args=(60.0,))
        loop.start()
        command.stopped.set()
        loop.join(timeout=5)
        assert not loop.is_alive()


def test_what_operators_are_told_exists() -> None:
    """The commands and switches that the page for production names."""
    text = (
        Path(__file__).resolve().parents[2] / "docs" / "operators" / "production.md"
    ).read_text()
    for command in ("first_admin", "seed --without-demo", "sweep --check", "prepare"):
        assert command in text, command


def test_the_demo_has_no_place_in_production(db, settings) -> None:
    """Its people have a password that everybody knows."""
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--without-demo"):
        call_command("seed")
    assert not User.objects.exists()
