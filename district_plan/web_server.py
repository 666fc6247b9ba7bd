"""gunicorn's configuration, the same under bin/run and in the containers."""

import os
from typing import Any

from district_plan.env import log_format, whole_number
from district_plan.leash import die_with_parent, die_with_supervisor
from district_plan.logs import configuration

wsgi_app = "district_plan.wsgi"
workers = whole_number("WEB_WORKERS", default=2, least=1, most=64)
worker_class = "gthread"
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True  # it would be written outside of var/
if log_format(os.environ.get("LOG_FORMAT", "")) == "json":
    logconfig_dict = configuration("json")
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")


def on_starting(server: Any) -> None:
    die_with_supervisor()


def post_fork(server: Any, worker: Any) -> None:
    die_with_parent(worker.ppid)
