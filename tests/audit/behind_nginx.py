"""The site as it runs in production, for a scan: gunicorn behind nginx, of the files of deploy/, under a name
of its own and with a certificate made for the run."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.nginx import NAME, Nginx
from tests.faults.running import Site, until


@dataclass(frozen=True)
class Served:
    """Where the site answers: its own port, nginx's for http and https, and who vouches for NAME."""

    site: int
    plain: int
    tls: int
    certificate: Path


@contextmanager
def served() -> Iterator[Served]:
    """The site with its first content at https://NAME, on ports of this machine; gone afterwards."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    site = Site(folder / "data", "--no-worker", SITE_URL=f"https://{NAME}", TRUSTED_PROXIES="127.0.0.1")
    nginx = None
    try:
        until(site.serves)
        nginx = Nginx(site.port)
        yield Served(site.port, nginx.plain, nginx.tls, nginx.certificate)
    finally:
        if nginx:
            nginx.end()
        site.end(signal.SIGTERM)
        until(lambda: not site.processes())
        shutil.rmtree(folder)
