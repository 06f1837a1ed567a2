"""A running nginx, of the very files of deploy/, as tests start it, ask it and end it."""

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.expected_headers import shortcomings
from tests.faults.running import ROOT, free_port, until

NAME = "www.firm.example"
BEHIND_NGINX = {"SITE_URL": f"https://{NAME}", "TRUSTED_PROXIES": "127.0.0.1"}  # what the site is told
TELEPHONE = {"TELEPHONE": "0808 189 7703", "TELEPHONE_E164": "+448081897703"}
CALL = f'href="tel:{TELEPHONE["TELEPHONE_E164"]}">{TELEPHONE["TELEPHONE"]}</a>'

# nginx's own pages: their style, and the whole policy of contents.
OF_NGINX = "sha256-+E450OxMrkCy9u8nesXDLy73hXUqlAcP8jsj+PoashQ="
POLICY = (
    f"default-src 'none'; style-src '{OF_NGINX}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Nginx:
    """nginx in front of the sites on these ports of the machine, as NAME, with a certificate of its own."""

    def __init__(self, *web: int):
        self.folder = Path(tempfile.mkdtemp(dir="/tmp"))
        self.folder.chmod(0o755)  # as root nginx works as `nobody`
        self.plain, self.tls = free_port(), free_port()
        self.certificate = self.folder / "certificate.pem"
        make_certificate(self.folder)
        self.write_configuration(self.folder, *web)
        self.log = self.folder / "said"
        with self.log.open("ab") as said:
            arguments = ["-p", self.folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
            self.process = subprocess.Popen(["nginx", *arguments], stdout=said, stderr=said)
        self.trust = ssl.create_default_context(cafile=self.certificate)
        until(self.serves)

    def write_configuration(self, folder: Path, *web: int) -> None:
        """Fill the templates of deploy/ in, as the entrypoint of nginx's image does."""
        values = TELEPHONE | {
            "PLAIN": f"127.0.0.1:{self.plain}",
            "TLS": f"127.0.0.1:{self.tls}",
            "CERTIFICATE": "certificate.pem",
            "CERTIFICATE_KEY": "key.pem",
            "WEB": " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in web),
        }
        for template in (ROOT / "deploy").glob("*.template"):
            filled = Template(template.read_text()).safe_substitute(values)
            (folder / template.stem).write_text(filled)

    def serves(self) -> bool:
        assert self.process.poll() is None, self.said()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.tls)) == 0

    def said(self) -> str:
        """All that it logged."""
        return self.log.read_text()

    def connect(
        self, *, secure: bool = True, source: str = "127.0.0.1", timeout: float = 30
    ) -> socket.socket:
        """A connection from an address of this machine: any that begins with 127."""
        port = self.tls if secure else self.plain
        plain = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
        return self.trust.wrap_socket(plain, server_hostname=NAME) if secure else plain

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        body: bytes | None = None,
        secure: bool = True,
        **headers: str,
    ) -> Answer:
        """The answer to a request of its own connection; `User_Agent` is the header User-Agent."""
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.connect(secure=secure)
        try:
            known = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=known)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def logged(nginx: Nginx) -> list[dict]:
    return [json.loads(line) for line in nginx.said().splitlines() if line.startswith("{")]


def ask(nginx: Nginx, path: str, method: str = "GET", **more) -> tuple[Answer, str]:
    """The answer, and what the log says of the cache."""
    before = len(logged(nginx))
    answer = nginx.ask(path, method, **more)
    until(lambda: len(logged(nginx)) > before)
    return answer, logged(nginx)[before]["cache"]


def is_ours(answer: Answer) -> bool:
    """Whether it is a page of nginx's own: with the telephone number, kept nowhere."""
    whole = CALL in answer.text and answer.headers["Cache-Control"] == "no-store"
    return whole and answer.headers["Content-Type"] == "text/html; charset=utf-8"


def wrong_with(answer: Answer) -> list[str]:
    """The shortcomings of an answer's headers; that it is nginx may be known, but not which."""
    policy = {"policy": POLICY} if is_html_of_nginx(answer) else {}
    return [each for each in shortcomings(answer.headers, **policy) if each != "Server: nginx"]


def is_html_of_nginx(answer: Answer) -> bool:
    return OF_NGINX in (answer.headers["Content-Security-Policy"] or "")


def make_certificate(folder: Path) -> None:
    """A certificate for NAME that vouches for itself, and its key; good for a day."""
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)
