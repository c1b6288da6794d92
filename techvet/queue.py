"""Settings of the queue, by the names Celery gives them; read when the first task is known."""

from django.conf import settings

broker_url = settings.REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
broker_connection_retry_on_startup = True
broker_transport_options = {
    "visibility_timeout": 300,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # Without it kombu waits two and four seconds more when the queue is away, whatever was asked.
    "max_retries": 0,
    "global_keyprefix": "portal:",
}
result_backend = None
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = False
task_serializer = "json"
accept_content = ["json"]
task_soft_time_limit = 30
task_time_limit = 45
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 500
worker_hijack_root_logger = False
worker_soft_shutdown_timeout = 5
timezone = "UTC"
