"""The production files agree with the settings, the commands and each other."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from techvet.embedded import programs

PROJECT = Path(__file__).resolve().parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("prepare", "web", "worker", "sweeper")
NGINX = (PROJECT / "deploy" / "nginx.conf").read_text()
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
SETTINGS = (PROJECT / "techvet" / "settings.py").read_text()
REQUIRED = re.compile(r"\$\{(\w+):\?[^}]*\}")
OPTIONAL = re.compile(r"\$\{(\w+):-([^}]*)\}")


def names_read() -> set[str]:
    """Variables that the settings read; each secret may also come as NAME_FILE."""
    found = re.findall(r'env\.(\w+)\(\s*"([A-Z_]+)"', SETTINGS)
    return {name for _, name in found} | {
        f"{name}_FILE" for kind, name in found if kind == "secret"
    }


def environment_of(service: str, secrets: Path) -> dict[str, str]:
    """What the service's processes get, with `secrets` in place of /run/secrets."""
    given = {
        "PORTAL_ORIGIN": "https://portal.example",
        "EMAIL_HOST": "mail.example",
        "DEFAULT_FROM_EMAIL": "portal@portal.example",
    }
    values = {}
    for name, raw in SERVICES[service]["environment"].items():
        assert isinstance(raw, str), f"{name} needs quotes"
        value = REQUIRED.sub(lambda match: given[match[1]], raw)
        value = OPTIONAL.sub(lambda match: match[2], value)
        values[name] = value.replace("/run/secrets", str(secrets))
    return values


@pytest.mark.parametrize("service", OURS)
def test_every_variable_is_read_by_the_settings(service: str) -> None:
    assert set(SERVICES[service]["environment"]) <= names_read()


@pytest.mark.parametrize("service", OURS)
def test_every_secret_is_given_and_read(service: str) -> None:
    wanted = set(re.findall(r"/run/secrets/(\w+)", str(SERVICES[service]["environment"])))

    assert wanted == set(SERVICES[service]["secrets"])
    assert wanted <= set(COMPOSE["secrets"])


def test_nothing_that_answers_requests_gets_the_master_key() -> None:
    holders = {name for name, service in SERVICES.items() if "master_key" in str(service)}

    assert holders == {"prepare", "worker", "sweeper"}
    assert not any("ports" in SERVICES[name] for name in holders)
    assert not set(programs.MASTER_KEY_NAMES) & set(SERVICES["web"]["environment"])


def test_the_same_programs_may_sign_under_the_supervisor() -> None:
    signing = {program.name for program in programs.programs(8000) if program.may_sign}

    assert signing == {"worker", "sweeper"}


@pytest.mark.parametrize("service", ["web", "worker", "prepare"])
def test_the_settings_accept_the_environment(service: str, tmp_path: Path) -> None:
    (tmp_path / "database_url").write_text("postgresql://portal:x@postgres/portal\n")
    (tmp_path / "secret_key").write_text("s" * 60)
    (tmp_path / "email_password").write_text("")
    (tmp_path / "master_key").write_text("bWFzdGVyIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE=")
    code = (
        "from techvet import settings as s; "
        "print(s.PORTAL_ENV, s.SECURE, s.DATABASES['default']['HOST'], s.TRUSTED_PROXY_COUNT, "
        "s.EMAIL_HOST, bool(s.MASTER_KEY))"
    )

    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment_of(service, tmp_path) | {"PYTHONPATH": str(PROJECT)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    may_sign = str(service != "web")
    assert result.stdout.split() == [
        "production",
        "True",
        "postgres",
        "1",
        "mail.example",
        may_sign,
    ]


def test_commands_exist() -> None:
    dependencies = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"][
        "dependencies"
    ]
    for service in ("prepare", "sweeper"):
        command = SERVICES[service]["command"]
        assert command[:2] == ["python", "manage.py"]
        assert command[2] in get_commands()
    assert any(name.startswith("celery") for name in dependencies)
    assert any(name.startswith("granian") for name in dependencies)


def test_commands_are_those_of_the_supervisor() -> None:
    supervised = {program.name: list(program.command) for program in programs.programs(8000)}

    # on a machine without usable /dev/shm the supervisor adds another kind of pool
    command = SERVICES["worker"]["command"]
    assert command == supervised["worker"][2 : len(command) + 2]
    assert SERVICES["sweeper"]["command"] == ["python", *supervised["sweeper"][1:]]
    found = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    image = yaml.safe_load(found[1])
    changed = {"127.0.0.1": "0.0.0.0", "5": "10"}
    assert image == [changed.get(word, word) for word in supervised["web"][2:]]


def test_nothing_of_ours_runs_as_root_or_can_change_its_code() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["media:/data"]


def test_what_serves_is_watched_and_restarted() -> None:
    for name in ("web", "worker", "sweeper", "postgres", "valkey", "nginx"):
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD", name
    for name in set(SERVICES) - {"prepare"}:
        assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES["prepare"]["restart"] == "no"


def test_the_sweeper_is_asked_for_its_heartbeat() -> None:
    sweeper = SERVICES["sweeper"]
    *command, mode = sweeper["command"]

    assert mode == "--loop"
    assert sweeper["healthcheck"]["test"] == ["CMD", *command, "--check"]
    # it is written into DATA_DIR, which has to be a place that both can reach
    assert sweeper["environment"]["DATA_DIR"] == "/data"
    assert sweeper["volumes"] == ["media:/data"]


def test_the_database_is_migrated_before_anything_starts() -> None:
    for name in ("web", "worker", "sweeper"):
        condition = SERVICES[name]["depends_on"]["prepare"]["condition"]
        assert condition == "service_completed_successfully"


def test_only_nginx_can_be_reached_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"nginx"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert SERVICES[name]["networks"] == ["inside"]
    assert SERVICES["nginx"]["networks"] == ["outside"]


def test_every_volume_and_image_is_named() -> None:
    used = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service["volumes"]
        if not volume.startswith(".")
    }
    assert used == set(COMPOSE["volumes"])
    for service in SERVICES.values():
        assert ":" in service["image"]
    assert SERVICES["postgres"]["image"] == "postgres:17"


def test_the_image_holds_every_app_and_nothing_private() -> None:
    kept = set(re.findall(r"^!([\w.-]+)/?$", (PROJECT / ".dockerignore").read_text(), re.MULTILINE))
    local = {config.name for config in apps.get_app_configs() if "." not in config.name}
    own = {name for name in local if (PROJECT / name).is_dir()}

    assert own | {"templates", "static", "manage.py", "requirements.lock"} == kept
    assert (PROJECT / ".dockerignore").read_text().startswith("**\n")


# ------------------------------------------------------------------ nginx


def test_nginx_stores_only_public_answers_for_visitors_without_a_session() -> None:
    assert "proxy_no_cache $has_private_cookie $not_public;" in NGINX
    assert "proxy_cache_bypass $has_private_cookie;" in NGINX
    assert "proxy_cache_valid" not in NGINX


def pattern_of(variable: str) -> str:
    """The regular expression in the `map` that sets `variable`."""
    found = re.search(rf'map \S+ \${variable} {{[^}}]*?"~\*?(.*?)" ', NGINX)
    assert found
    return found[1]


def test_nginx_knows_our_cookies() -> None:
    pattern = pattern_of("has_private_cookie")
    for plain in ("session", "csrf"):
        assert f'"__Host-{plain}" if SECURE else "{plain}"' in SETTINGS
        assert re.search(pattern, f"{plain}=a")
        assert re.search(pattern, f"language=fi; __Host-{plain}=a")
    assert not re.search(pattern, f"{settings.LANGUAGE_COOKIE_NAME}=fi; mysession=a")


def test_nginx_keeps_languages_apart() -> None:
    codes = "|".join(code for code, _ in settings.LANGUAGES)
    assert pattern_of("visitor_language") == f"^({codes})$"
    assert f"map $cookie_{settings.LANGUAGE_COOKIE_NAME} $visitor_language" in NGINX
    key = re.search(r'proxy_cache_key "(.*)";', NGINX)
    assert key
    for part in ("$host", "$request_uri", "$visitor_language", "$http_accept", "$http_hx_request"):
        assert part in key[1]


@pytest.mark.parametrize(
    ("header", "stored"),
    [
        ("public, max-age=60", True),
        ("max-age=60, public", True),
        ("Public", True),
        ("max-age=60", False),
        ("private, no-store", False),
        ("no-publication", False),
    ],
)
def test_nginx_believes_only_the_word_public(header: str, stored: bool) -> None:
    assert bool(re.search(pattern_of("not_public"), header, re.IGNORECASE)) is stored


def test_nginx_writes_no_personal_link_into_a_log() -> None:
    assert "access_log off;" in NGINX
    assert "error_log /dev/stderr crit;" in NGINX


def test_nginx_replaces_what_a_client_says_about_itself() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in NGINX
    assert SERVICES["web"]["environment"]["TRUSTED_PROXY_COUNT"] == "1"


def test_nginx_lets_the_largest_upload_through() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert found
    assert int(found[1]) * 1024 * 1024 > settings.UPLOAD_MAX_BYTES


# ------------------------------------------------------------------ what is written about it


def test_every_variable_is_documented() -> None:
    text = (PROJECT / "docs" / "operators" / "environment.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))
    read = {name for _, name in re.findall(r'env\.(\w+)\(\s*"([A-Z_]+)"', SETTINGS)}

    assert read - documented == set()
    starter = {"PORTAL_PG_BIN", "PORTAL_PYTHON", "PORTAL_CACHE_DIR", "CHROME_BIN"}
    starter |= {"TESTING_LEASE_SECONDS"}  # read where failpoints are (badges/services)
    assert documented - read == starter


def test_every_secret_is_documented() -> None:
    text = (PROJECT / "docs" / "operators" / "production.md").read_text()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == "${PORTAL_SECRETS:-/etc/portal}/" + name
        assert name in text, name
