"""gunicorn's settings, wherever it serves; who starts it says where it listens, and with how many workers."""

import threading
from typing import Any

import gunicorn

from firm_site import logs

gunicorn.SERVER = ""  # what answers call themselves: nobody needs to know the server's make

from gunicorn.workers.gthread import ThreadWorker  # noqa: E402 (which reads that name)

preload_app = True  # it listens once the site is loaded: until then nginx asks another
threads = 4
timeout = 30  # seconds without a sign of life before a worker is replaced
graceful_timeout = 8  # seconds for running requests when it is told to stop
loglevel = "warning"
control_socket_disable = True  # else it opens one in the home folder
forwarded_allow_ips = ""  # the site itself decides which proxies to believe: TRUSTED_PROXIES
logconfig_dict = logs.CONFIG  # its own lines like ours; the line for each request is firm_site.access_log's


class Worker(ThreadWorker):
    """gunicorn's, which stops without losing anybody.

    Told to stop, gunicorn's own goes on listening and accepts nobody: who comes meanwhile is cut off when the
    last running request has its answer, and nginx cannot know whether a form has been read.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """While it stops: take whoever is connected already, and refuse all others from now on."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        for listener in self.sockets:
            known = -1
            while listener.sock and self.nr_conns > known:
                known = self.nr_conns
                self.accept(listener)
            listener.close()


worker_class = Worker


def post_worker_init(worker: Any) -> None:
    """Have a new worker make the public pages, so that it has them should the database go away."""
    threading.Thread(target=worker.wsgi.warm, daemon=True).start()
