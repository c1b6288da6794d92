"""Thin: the row is the record, a task only carries its key."""

from celery import shared_task


@shared_task
def issue_award(award_id: int) -> None:
    from badges.services.issuing import issue

    issue(award_id)


@shared_task
def publish_status_list(list_id: int) -> None:
    from badges.services.status_lists import publish

    publish(list_id)
