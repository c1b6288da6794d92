"""Addresses of the badges app, each with who may come in."""

from badges import api
from badges.views import applications, awards, documents, earning, evidence, reviews, verifying
from partners.enums import Role
from techvet.access import CODE, PUBLIC, roles, route

REVIEWER = roles(Role.COORDINATOR, second_factor=True)
ONE = "applications/<uuid:public_id>/"
CRITERION = f"{ONE}criteria/<int:number>/"
REVIEW = "reviews/<uuid:public_id>/"
AWARD = "awards/<uuid:public_id>/"

urlpatterns = [
    # what can be earned
    route("badges/", earning.badges_map, name="badges_map", access=PUBLIC),
    route("badges/<slug:code>/", earning.achievement_show, name="achievement_show", access=PUBLIC),
    route(
        "badges/<slug:code>/apply/",
        earning.application_start,
        name="application_start",
        access=CODE,
    ),
    # applying
    route("applications/", applications.applications_list, name="applications_list", access=CODE),
    route(ONE, applications.application_show, name="application_show", access=CODE),
    route(f"{ONE}check/", applications.application_check, name="application_check", access=CODE),
    route(
        f"{ONE}withdraw/",
        applications.application_withdraw,
        name="application_withdraw",
        access=CODE,
    ),
    route(f"{ONE}records/use/", evidence.record_use, name="record_use", access=CODE),
    route(CRITERION, evidence.evidence_edit, name="evidence_edit", access=CODE),
    route(
        f"{CRITERION}autosave/",
        evidence.evidence_autosave,
        name="evidence_autosave",
        access=CODE,
    ),
    route("evidence/<uuid:public_id>/", evidence.evidence_file, name="evidence_file", access=CODE),
    route(
        "evidence/<uuid:public_id>/remove/",
        evidence.evidence_remove,
        name="evidence_remove",
        access=CODE,
    ),
    # reviewing
    route("reviews/", reviews.review_queue, name="review_queue", access=REVIEWER),
    route(REVIEW, reviews.review_show, name="review_show", access=REVIEWER),
    route(f"{REVIEW}claim/", reviews.review_claim, name="review_claim", access=REVIEWER),
    route(f"{REVIEW}release/", reviews.review_release, name="review_release", access=REVIEWER),
    route(f"{REVIEW}marks/", reviews.mark_set, name="mark_set", access=REVIEWER),
    route(f"{REVIEW}decide/", reviews.review_decide, name="review_decide", access=REVIEWER),
    # what was earned
    route("my-badges/", awards.awards_mine, name="awards_mine", access=CODE),
    route(AWARD, awards.award_show, name="award_show", access=PUBLIC),
    route(f"{AWARD}status/", awards.award_progress, name="award_progress", access=PUBLIC),
    route(f"{AWARD}revoke/", awards.award_revoke, name="award_revoke", access=REVIEWER),
    route(f"{AWARD}retry/", awards.award_retry, name="award_retry", access=REVIEWER),
    # documents for machines
    route(
        f"{AWARD}credential.json",
        documents.credential_document,
        name="credential_document",
        access=PUBLIC,
    ),
    route(
        "issuers/<slug:slug>/did.json", documents.did_document, name="did_document", access=PUBLIC
    ),
    route(
        "issuers/<slug:slug>/profile.json",
        documents.issuer_document,
        name="issuer_document",
        access=PUBLIC,
    ),
    route("issuers/<slug:slug>/", documents.issuer_show, name="issuer_show", access=PUBLIC),
    route(
        "achievements/<uuid:public_id>.json",
        documents.achievement_document,
        name="achievement_document",
        access=PUBLIC,
    ),
    route(
        "achievements/<uuid:public_id>.<str:form>",
        documents.achievement_picture,
        name="achievement_picture",
        access=PUBLIC,
    ),
    route(
        "status/<uuid:public_id>",
        documents.status_list_document,
        name="status_list_document",
        access=PUBLIC,
    ),
    # verifying
    route("verify/", verifying.verify, name="verify", access=PUBLIC),
    route("api/v1/verify/", api.verify_api, name="verify_api", access=PUBLIC),
    route("api/v1/achievements/", api.achievements_api, name="achievements_api", access=PUBLIC),
]
