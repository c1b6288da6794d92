"""Addresses of the badges app, each with who may come in."""

from django.urls import include, path

from badges.api import open as open_api
from badges.views import (
    applications,
    awards,
    backpack,
    batches,
    documents,
    earning,
    editor,
    editor_moves,
    endorsements,
    evidence,
    exports,
    figures,
    passports,
    quiz,
    review_phrases,
    review_queue,
    reviews,
    scaffolding,
    suspending,
    verifying,
)
from partners.enums import Role
from techvet.access import CODE, LINK, PUBLIC, SIGNED_IN, roles, route

REVIEWER = roles(Role.COORDINATOR, second_factor=True)
ONE = "applications/<uuid:public_id>/"
CRITERION = f"{ONE}criteria/<int:number>/"
REVIEW = "reviews/<uuid:public_id>/"
AWARD = "awards/<uuid:public_id>/"
BATCH = "batches/<uuid:public_id>/"
EDITED = "badges/editor/<uuid:public_id>/"

urlpatterns = [
    # what can be earned
    route("badges/", earning.badges_map, name="badges_map", access=PUBLIC),
    route(
        "badges/transparency/",
        figures.badges_transparency,
        name="badges_transparency",
        access=PUBLIC,
    ),
    route("badges/start/", quiz.start_here, name="start_here", access=PUBLIC),
    # badges that institutions make themselves
    route("badges/editor/", editor.editor_list, name="editor_list", access=REVIEWER),
    route("badges/editor/new/", editor.editor_create, name="editor_create", access=REVIEWER),
    route(
        "badges/editor/pilots/<uuid:public_id>/",
        editor_moves.editor_pilot,
        name="editor_pilot",
        access=REVIEWER,
    ),
    route(EDITED, editor_moves.editor_show, name="editor_show", access=REVIEWER),
    route(f"{EDITED}move/", editor_moves.editor_move, name="editor_move", access=REVIEWER),
    route(f"{EDITED}texts/", editor.editor_texts, name="editor_texts", access=REVIEWER),
    route(f"{EDITED}frame/", editor.editor_frame, name="editor_frame", access=REVIEWER),
    route(f"{EDITED}criteria/", editor.editor_criteria, name="editor_criteria", access=REVIEWER),
    route(
        f"{EDITED}criteria/<uuid:criterion>/",
        editor.editor_criterion,
        name="editor_criterion",
        access=REVIEWER,
    ),
    route(f"{EDITED}skills/", editor.editor_alignments, name="editor_alignments", access=REVIEWER),
    route(f"{EDITED}picture/", editor.editor_picture, name="editor_picture", access=REVIEWER),
    route(
        f"{EDITED}picture.svg", editor_moves.editor_preview, name="editor_preview", access=REVIEWER
    ),
    route("badges/<slug:code>/", earning.achievement_show, name="achievement_show", access=PUBLIC),
    route(
        "badges/<slug:code>/apply/",
        earning.application_start,
        name="application_start",
        access=CODE,
    ),
    # badge 0
    route("badges/<slug:code>/quiz/", quiz.quiz_show, name="quiz_show", access=CODE),
    route("quiz-results/<uuid:public_id>/", quiz.quiz_result, name="quiz_result", access=CODE),
    route("quiz-results/<uuid:public_id>/open/", quiz.quiz_open, name="quiz_open", access=CODE),
    # help on the way, and renewing
    route(f"{ONE}plan/", scaffolding.plan_write, name="plan_write", access=CODE),
    route(f"{ONE}peers/", scaffolding.peer_ask, name="peer_ask", access=CODE),
    route(
        f"{ONE}revisions/<int:number>/",
        scaffolding.application_revision,
        name="application_revision",
        access=CODE,
    ),
    route(
        "peer-feedback/<uuid:public_id>/",
        scaffolding.peer_feedback,
        name="peer_feedback",
        access=CODE,
    ),
    route(f"{AWARD}renew/", scaffolding.award_renew, name="award_renew", access=CODE),
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
    route("reviews/", review_queue.review_queue, name="review_queue", access=REVIEWER),
    route(
        "reviews/phrases/",
        review_phrases.review_phrases,
        name="review_phrases",
        access=REVIEWER,
    ),
    route(
        "reviews/phrases/<uuid:public_id>/delete/",
        review_phrases.phrase_delete,
        name="phrase_delete",
        access=REVIEWER,
    ),
    route(f"{REVIEW}people/", review_queue.review_people, name="review_people", access=REVIEWER),
    route(
        f"{REVIEW}people/assign/",
        review_queue.review_assign,
        name="review_assign",
        access=REVIEWER,
    ),
    route(
        f"{REVIEW}people/invite/",
        review_queue.reviewer_invite,
        name="reviewer_invite",
        access=REVIEWER,
    ),
    route(
        f"{REVIEW}people/<uuid:review>/end/",
        review_queue.review_end,
        name="review_end",
        access=REVIEWER,
    ),
    # coordinators, and people who were invited for this one application
    route(f"{REVIEW}open/<str:token>/", reviews.review_open, name="review_open", access=PUBLIC),
    route(REVIEW, reviews.review_show, name="review_show", access=CODE),
    route(f"{REVIEW}claim/", reviews.review_claim, name="review_claim", access=CODE),
    route(f"{REVIEW}release/", reviews.review_release, name="review_release", access=CODE),
    route(f"{REVIEW}marks/", reviews.mark_set, name="mark_set", access=CODE),
    route(f"{REVIEW}decide/", reviews.review_decide, name="review_decide", access=CODE),
    route(f"{REVIEW}conflict/", reviews.conflict_declare, name="conflict_declare", access=CODE),
    # what was earned
    route("my-badges/", awards.awards_mine, name="awards_mine", access=CODE),
    route(AWARD, awards.award_show, name="award_show", access=PUBLIC),
    route(f"{AWARD}status/", awards.award_progress, name="award_progress", access=PUBLIC),
    route(f"{AWARD}revoke/", awards.award_revoke, name="award_revoke", access=REVIEWER),
    route(f"{AWARD}suspend/", suspending.award_suspend, name="award_suspend", access=REVIEWER),
    route(f"{AWARD}retry/", awards.award_retry, name="award_retry", access=REVIEWER),
    # issuing to many at once
    route("batches/", batches.batches_list, name="batches_list", access=REVIEWER),
    route("batches/new/", batches.batch_create, name="batch_create", access=REVIEWER),
    route(BATCH, batches.batch_show, name="batch_show", access=REVIEWER),
    route(f"{BATCH}progress/", batches.batch_progress, name="batch_progress", access=REVIEWER),
    route(f"{BATCH}columns/", batches.batch_columns, name="batch_columns", access=REVIEWER),
    route(f"{BATCH}rows/<int:number>/", batches.batch_row, name="batch_row", access=REVIEWER),
    route(f"{BATCH}faults.csv", batches.batch_faults, name="batch_faults", access=REVIEWER),
    route(f"{BATCH}start/", batches.batch_start, name="batch_start", access=REVIEWER),
    route(f"{BATCH}cancel/", batches.batch_cancel, name="batch_cancel", access=REVIEWER),
    route(f"{BATCH}resume/", batches.batch_resume, name="batch_resume", access=REVIEWER),
    route(f"{BATCH}awards/", batches.batch_awards, name="batch_awards", access=REVIEWER),
    route(f"{BATCH}revoke/", batches.batch_revoke, name="batch_revoke", access=REVIEWER),
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
    route(
        "status/<uuid:public_id>/<int:number>",
        documents.status_list_version,
        name="status_list_version",
        access=PUBLIC,
    ),
    route("issuers/<slug:slug>/keys.json", documents.key_log, name="key_log", access=PUBLIC),
    # carrying badges away
    route("my-badges/everything.zip", exports.everything, name="everything", access=CODE),
    route(f"{AWARD}share/", awards.award_share, name="award_share", access=CODE),
    route("passport/", passports.passport, name="passport", access=CODE),
    route("passport/preview/", passports.passport_preview, name="passport_preview", access=CODE),
    route(
        "passports/<uuid:public_id>/",
        passports.passport_show,
        name="passport_show",
        access=PUBLIC,
    ),
    route(
        f"{AWARD}certificate.pdf",
        exports.award_certificate,
        name="award_certificate",
        access=PUBLIC,
    ),
    route(
        f"{AWARD}credential.jwt", exports.credential_token, name="credential_token", access=PUBLIC
    ),
    route(f"{AWARD}badge.<str:form>", exports.award_picture, name="award_picture", access=PUBLIC),
    route(
        f"{AWARD}badge-ob2.<str:form>",
        exports.award_picture_ob2,
        name="award_picture_ob2",
        access=PUBLIC,
    ),
    route(f"{AWARD}assertion.json", exports.ob2_assertion, name="ob2_assertion", access=PUBLIC),
    route(
        "achievements/<uuid:public_id>/badgeclass.json",
        exports.ob2_badge_class,
        name="ob2_badge_class",
        access=PUBLIC,
    ),
    route(
        "issuers/<slug:slug>/badgeclasses/<uuid:public_id>.json",
        exports.ob2_issuer_badge_class,
        name="ob2_issuer_badge_class",
        access=PUBLIC,
    ),
    route("issuers/<slug:slug>/ob2.json", exports.ob2_issuer, name="ob2_issuer", access=PUBLIC),
    route(
        "issuers/<slug:slug>/revocations.json",
        exports.ob2_revocations,
        name="ob2_revocations",
        access=PUBLIC,
    ),
    route(
        "issuers/<slug:slug>/keys/<slug:name>.json",
        exports.issuer_key,
        name="issuer_key",
        access=PUBLIC,
    ),
    # verifying
    route("verify/", verifying.verify, name="verify", access=PUBLIC),
    route("api/v1/verify/", open_api.verify_api, name="verify_api", access=PUBLIC),
    route(
        "api/v1/achievements/", open_api.achievements_api, name="achievements_api", access=PUBLIC
    ),
    # numbers and practice for reviewers
    route("reviews/figures/", figures.review_figures, name="review_figures", access=REVIEWER),
    route("reviews/practice/", figures.review_practice, name="review_practice", access=REVIEWER),
    # endorsements
    route("endorsements/", endorsements.endorsements_list, name="endorsements_list", access=LINK),
    route("endorsements/ask/", endorsements.skill_ask, name="skill_ask", access=LINK),
    route(
        "endorsements/<uuid:public_id>/",
        endorsements.endorsement_show,
        name="endorsement_show",
        access=PUBLIC,
    ),
    route(
        "endorsements/<uuid:public_id>.json",
        endorsements.endorsement_document,
        name="endorsement_document",
        access=PUBLIC,
    ),
    route(
        "endorsements/<uuid:public_id>/decline/",
        endorsements.endorsement_decline,
        name="endorsement_decline",
        access=LINK,
    ),
    route(
        "endorsements/<uuid:public_id>/take-back/",
        endorsements.endorsement_take_back,
        name="endorsement_take_back",
        access=LINK,
    ),
    route(f"{AWARD}endorsement/ask/", endorsements.award_ask, name="award_ask", access=LINK),
    route(f"{AWARD}endorse/", endorsements.award_endorse, name="award_endorse", access=LINK),
    route(
        "badges/<slug:code>/endorse/",
        endorsements.achievement_endorse,
        name="achievement_endorse",
        access=LINK,
    ),
    route(
        "issuers/<slug:slug>/endorse/",
        endorsements.issuer_endorse,
        name="issuer_endorse",
        access=LINK,
    ),
    # programs that act for people
    route("connected-apps/", backpack.connected_apps, name="connected_apps", access=SIGNED_IN),
    route(
        "connected-apps/disconnect/",
        backpack.app_disconnect,
        name="app_disconnect",
        access=SIGNED_IN,
    ),
    route(
        "connected-apps/kept/<uuid:public_id>/remove/",
        backpack.kept_remove,
        name="kept_remove",
        access=SIGNED_IN,
    ),
    path("", include("badges.api.openbadges.urls")),
]
