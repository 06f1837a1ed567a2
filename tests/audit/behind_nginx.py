"""The site as it runs in production, for a scan: gunicorn behind nginx, which ends TLS and forwards plain
http too, under a name of its own and with a certificate made for the run."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.running import Site, until

NAME = "www.firm.example"

NGINX = """
daemon off;
pid nginx.pid;
error_log nginx.log;
events {{}}
http {{
  access_log off;
  server_tokens off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{site};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""


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
        at = Served(site.port, _free_port(), _free_port(), folder / "certificate.pem")
        make_certificate(folder)
        (folder / "nginx.conf").write_text(NGINX.format(plain=at.plain, tls=at.tls, site=site.port))
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", "nginx.conf", "-e", "nginx.log"])
        until(lambda: _listens(at.tls))
        yield at
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait()
        site.end(signal.SIGTERM)
        until(lambda: not site.processes())
        shutil.rmtree(folder)


def make_certificate(folder: Path) -> None:
    """A certificate for NAME that vouches for itself, and its key; good for a day."""
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
