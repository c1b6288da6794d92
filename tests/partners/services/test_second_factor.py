"""The demo code is for demo accounts on sites that are no real ones, and for nobody else."""

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import override_settings

from partners.services import demo_facts, limits
from partners.services.second_factor import demo_code, has_second_factor


def with_app(user, *, is_demo):
    user.is_demo = is_demo
    user.save()
    return TOTP.activate(user, demo_facts.TOTP_SECRET)


def test_a_demo_account_is_told_its_code(cast):
    app = with_app(cast.coordinator, is_demo=True)
    with time_machine.travel("2026-11-24 12:00:05", tick=False):
        code = demo_code(cast.coordinator)
        assert app.validate_code(code)


def test_a_used_code_is_not_told_again(cast):
    app = with_app(cast.coordinator, is_demo=True)
    with time_machine.travel("2026-11-24 12:00:05", tick=False):
        codes = []
        for _ in range(3):
            codes.append(demo_code(cast.coordinator))
            assert app.validate_code(codes[-1])
        assert len(set(codes)) == 3


def test_never_for_a_real_account(cast):
    with_app(cast.coordinator, is_demo=False)
    assert demo_code(cast.coordinator) is None


def test_never_in_production(cast):
    with_app(cast.coordinator, is_demo=True)
    with override_settings(PRODUCTION=True):
        assert demo_code(cast.coordinator) is None


def test_none_without_an_authenticator(cast):
    cast.teacher.is_demo = True
    assert demo_code(cast.teacher) is None


def test_recovery_codes_alone_are_no_second_factor(cast):
    Authenticator.objects.create(user=cast.teacher, type="recovery_codes", data={})
    assert not has_second_factor(cast.teacher)
    with_app(cast.teacher, is_demo=False)
    assert has_second_factor(cast.teacher)


def test_limits_count_in_windows(db):
    def within():
        return limits.within_limit(what="t", who="w", most=2, seconds=60)

    with time_machine.travel("2026-11-24 12:00:05", tick=False):
        assert [within() for _ in range(4)] == [True, True, False, False]
        assert limits.within_limit(what="t", who="other", most=2, seconds=60)
        assert limits.within_limit(what="other", who="w", most=2, seconds=60)
    with time_machine.travel("2026-11-24 12:01:00", tick=False):
        assert within()
