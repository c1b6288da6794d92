"""What all tests of this folder share."""

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing is slow by design; the tests are not about that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
