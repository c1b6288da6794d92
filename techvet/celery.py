"""The queue is a doorbell: PostgreSQL is the record, so losing a message is harmless.

Timeouts are short on purpose. A broker that accepts and never answers would otherwise hold a
web page for minutes; a task must end well before its lease (60 s) and the visibility timeout.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techvet.settings")

app = Celery("techvet")
app.config_from_object("techvet.queue")
app.autodiscover_tasks(["partners", "badges"])
