"""Settings and glue of the portal. Importing it makes the queue known to `shared_task`."""

from techvet.celery import app as celery_app

__all__ = ["celery_app"]
