"""Thin: the row is the record, a task only carries its key."""

from celery import shared_task


@shared_task
def issue_award(award_id: int) -> None:
    from badges.services.issuing import issue
    from badges.services.tokens import sign_token_of

    issue(award_id)
    sign_token_of(award_id)


@shared_task
def publish_status_list(list_id: int) -> None:
    from badges.services.status_lists import publish_rung

    publish_rung(list_id)


@shared_task
def issue_batch_chunk(chunk_id: int) -> None:
    from badges.services.batch_issuing import issue_chunk

    issue_chunk(chunk_id)


@shared_task
def sign_endorsement(endorsement_id: int) -> None:
    from badges.services.endorsement_signing import sign_endorsement

    sign_endorsement(endorsement_id)
