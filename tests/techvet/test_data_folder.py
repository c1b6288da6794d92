"""The data folder, what is prepared in it, and the plugin that gives each test run one."""

import os
import shutil
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from django.core.management import call_command

from partners.models import User
from techvet import embedded
from techvet.embedded import catalogues, processes, programs
from techvet.embedded.errors import Exit, StartRefused
from techvet.embedded.folder import hold, holder_name, open_folder
from techvet.embedded.postgres import Postgres
from tests import servers


@pytest.fixture(autouse=True)
def _no_servers_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(StartRefused, match="cannot be used: Not a directory") as refused:
        open_folder(tmp_path / "file" / "var")

    assert refused.value.code == Exit.DATA_FOLDER


@pytest.mark.skipif(os.getuid() == 0, reason="root may open every folder")
def test_a_folder_that_only_others_may_open_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(StartRefused, match="cannot be used: Permission denied") as refused:
            open_folder(tmp_path / "var")
    finally:
        tmp_path.chmod(0o700)
    assert refused.value.code == Exit.DATA_FOLDER


def test_a_database_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "var" / "postgres"
    foreign.mkdir(parents=True)
    (foreign / "PG_VERSION").write_text("18\n")

    for path in (foreign, foreign.parent):
        with pytest.raises(StartRefused) as refused, embedded.serving(path):
            pytest.fail("started on a foreign folder")
        assert refused.value.code == Exit.FOREIGN_FOLDER
        assert "\n" not in str(refused.value)

    assert [file.name for file in foreign.iterdir()] == ["PG_VERSION"]


def test_a_database_of_another_major_version_is_left_alone(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    server = embedded.own_servers(folder)[0]
    assert isinstance(server, Postgres)
    server.prepare()
    (server.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(StartRefused, match="belongs to Postgres 15") as refused:
        server.prepare()

    assert refused.value.code == Exit.FOREIGN_FOLDER


def test_a_start_killed_while_the_database_is_made_leaves_nothing_half(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    server = embedded.own_servers(folder)[0]
    (tmp_path / "postgres.new.abc" / "data").mkdir(parents=True)

    server.prepare()

    assert (tmp_path / "postgres" / "portal.json").exists()


def test_a_deep_folder_keeps_its_sockets_in_a_short_private_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    folder = open_folder(deep)
    sockets = folder.sockets()
    try:
        assert len(str(sockets)) < 60
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert open_folder(deep).sockets() == sockets
        with embedded.serving(deep, durable=False) as addresses:
            psycopg2.connect(addresses.database_url).close()
            assert redis.Redis.from_url(addresses.redis_url).ping()
    finally:
        shutil.rmtree(sockets)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    first = folder.master_key_file().read_text(), folder.secret_key_file().read_text()
    again = open_folder(tmp_path)

    assert (again.master_key_file().read_text(), again.secret_key_file().read_text()) == first
    assert len(first[1]) >= 50
    assert folder.secrets.stat().st_mode & 0o777 == 0o700


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    with hold(folder, "manage"):
        assert holder_name(folder) == "manage"
        with pytest.raises(StartRefused, match=r"in use by \./portal manage"):
            hold(folder, "run")
    assert holder_name(folder) == ""


def test_addresses_from_outside_start_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://portal@db.example/portal")
    monkeypatch.setenv("REDIS_URL", "redis://queue.example/0")

    with embedded.serving(tmp_path) as addresses:
        assert addresses.database_url == "postgresql://portal@db.example/portal"
        assert addresses.redis_url == "redis://queue.example/0"
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "valkey").exists()


# ------------------------------------------------------------------ preparing


def test_a_fingerprint_changes_with_database_and_address() -> None:
    first = programs.fingerprint("a", "http://127.0.0.1:8000")

    assert first == programs.fingerprint("a", "http://127.0.0.1:8000")
    assert first != programs.fingerprint("b", "http://127.0.0.1:8000")
    assert first != programs.fingerprint("a", "http://127.0.0.1:8001")


@pytest.mark.django_db
def test_production_is_prepared_without_demo_people(settings: Any) -> None:
    settings.PRODUCTION = True

    call_command("prepare", without_static=True, verbosity=0)

    assert not User.objects.filter(is_demo=True).exists()


def test_catalogues_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    folder = tmp_path / "fi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Hello"\nmsgstr "Päivää"\n\n#, fuzzy\nmsgid "Bye"\nmsgstr "Arvaus"\n'
    )
    assert not catalogues.all_compiled()

    assert (catalogues.compile_catalogues(), catalogues.compile_catalogues()) == (1, 0)

    assert catalogues.all_compiled()
    with (folder / "django.mo").open("rb") as file:
        translations = GNUTranslations(file)
    assert (translations.gettext("Hello"), translations.gettext("Bye")) == ("Päivää", "Bye")
    assert [file.name for file in sorted(folder.iterdir())] == ["django.mo", "django.po"]


# ------------------------------------------------------------------ the test plugin


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///tmp/x/valkey.sock?db=0", "unix:///tmp/x/valkey.sock?db=2"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/2"),
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/2"),
    ],
)
def test_each_test_process_has_a_queue_of_its_own(url: str, expected: str) -> None:
    assert servers.with_database(url, servers.worker_number("gw1")) == expected


def test_folders_of_killed_test_runs_are_removed(tmp_path: Path) -> None:
    process = processes.spawn(["/bin/true"], environment={})
    process.wait()
    dead = tmp_path / f"{servers.PREFIX}{process.pid}-abc"
    alive = tmp_path / f"{servers.PREFIX}{os.getpid()}-abc"
    dead.mkdir()
    alive.mkdir()

    servers.remove_leftovers(tmp_path)

    assert not dead.exists()
    assert alive.exists()
