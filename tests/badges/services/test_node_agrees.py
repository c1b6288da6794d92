"""A badge made by the whole pipeline, judged by Node's credential libraries."""

import json

import pytest
from django.test import Client

from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from tests.factories.badges import issued_award
from tests.interop.node import judge

pytestmark = [pytest.mark.usefixtures("issuers"), pytest.mark.timeout(180)]


def documents_of(credential):
    did = credential["issuer"]["id"]
    listed = credential["credentialStatus"]["statusListCredential"]
    public = Client()
    return {
        did: public.get(f"/issuers/{did.rpartition(':')[2]}/did.json").json(),
        listed: public.get("/" + listed.split("/", 3)[3]).json(),
    }


def test_node_verifies_and_sees_the_revocation(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    credential = json.loads(award.credential.body)
    found = judge(credential, documents_of(credential))
    assert (found["verified"], found["revoked"], found["errors"]) == (True, False, [])
    revoke_award(by=cast.actor("coordinator"), award=award, reason="issued_in_error")
    publish_due()
    assert judge(credential, documents_of(credential))["revoked"] is True


def test_node_refuses_what_was_changed(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    credential = json.loads(award.credential.body)
    credential["credentialSubject"]["achievement"]["name"] = "Something better"
    assert judge(credential, documents_of(credential))["verified"] is False
