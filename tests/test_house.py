"""The smallest test: the cast assembles and the first doors answer."""

from django.test import Client


def test_cast_assembles(cast):
    assert cast.actor("teacher").has_role("teacher", organisation=cast.school)
    assert not cast.actor("leaver").memberships


def test_health(client: Client, db):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}
