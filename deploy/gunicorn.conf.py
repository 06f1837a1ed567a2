"""gunicorn's settings, wherever it serves; who starts it says where it listens, and with how many workers."""

import threading
from typing import Any

import gunicorn

from firm_site import logs

gunicorn.SERVER = ""  # what answers call themselves: nobody needs to know the server's make
worker_class = "gthread"
threads = 4
timeout = 30  # seconds without a sign of life before a worker is replaced
graceful_timeout = 8  # seconds for running requests when it is told to stop
loglevel = "warning"
control_socket_disable = True  # else it opens one in the home folder
forwarded_allow_ips = ""  # the site itself decides which proxies to believe: TRUSTED_PROXIES
logconfig_dict = logs.CONFIG  # its own lines like ours; the line for each request is firm_site.access_log's


def post_worker_init(worker: Any) -> None:
    """Have a new worker make the public pages, so that it has them should the database go away."""
    threading.Thread(target=worker.wsgi.warm, daemon=True).start()
