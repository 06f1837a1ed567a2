"""The Nu Html Checker: no page for visitors breaks a rule of HTML, of CSS inside it, or of ARIA."""

import http.client
import json
import re
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from tests.audit.behind_nginx import NAME, Served
from tests.audit.observatory import TOOLS

CHECKER = TOOLS / "node_modules/vnu-jar/build/dist/vnu.jar"

# Beside what the sitemap names
PAGES = ["/request-a-callback/", "/search/", "/search/?q=thred+lift", "/callback/unknown/", "/no-such-page/"]


def finds_nothing(at: Served) -> bool:
    """Print each message about a page; whether there is none."""
    sitemap = _page(at, "/sitemap.xml").decode()
    paths = [*re.findall(rf"<loc>https://{re.escape(NAME)}(.*?)</loc>", sitemap), *PAGES]
    with tempfile.TemporaryDirectory() as folder:
        files = {Path(folder, f"{number}.html"): path for number, path in enumerate(paths)}
        for file, path in files.items():
            file.write_bytes(_page(at, path))
        messages = _messages(list(files))
        for message in messages:
            path = files[Path(message["url"].removeprefix("file:"))]
            print(f"    {message['type'].upper()}  {path}, line {message['lastLine']}: {message['message']}")
    if not messages:
        print(f"    nothing on {len(paths)} pages")
    return bool(paths) and not messages


def _page(at: Served, path: str) -> bytes:
    with closing(http.client.HTTPConnection("127.0.0.1", at.site, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": NAME, "X-Forwarded-Proto": "https"})
        return connection.getresponse().read()


def _messages(files: list[Path]) -> list[dict]:
    command = ["java", "-jar", CHECKER, "--format", "json", "--exit-zero-always", *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(json.loads(answer.stderr)["messages"])
