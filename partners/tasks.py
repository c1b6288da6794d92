"""Thin: the row is the record, the task only carries its key."""

from celery import shared_task


@shared_task
def deliver_message(message_id: int) -> None:
    from partners.services.messages import deliver

    deliver(message_id)
