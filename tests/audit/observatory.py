"""Mozilla's HTTP Observatory, asked on this machine: it must give A+ with every test passed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.audit.behind_nginx import NAME, Served

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / ".audit"
SCANNER = TOOLS / "node_modules/@mdn/mdn-http-observatory"

# Public pages with and without a form, and a staff page, which has cookies.
PAGES = ["/", "/guides/botched-thread-lift/", "/request-a-callback/", "/admin/login/"]


def install() -> None:
    """The pinned scanner, into an ignored folder. No script of any package is run: the scanner's own would
    fetch the list of names that browsers know to be https only, among which ours is not, so it gets none."""
    TOOLS.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, TOOLS)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(["npm", "ci", *quiet], cwd=TOOLS, check=True, stdout=subprocess.DEVNULL)
    (SCANNER / "conf/hsts-preload.json").write_text("{}\n")


def scan(page: str, at: Served) -> dict:
    """What the scanner says of a page of the site."""
    environment = os.environ | {
        "CONNECT_TO": f"{NAME} {at.plain} {at.tls}",
        "NODE_EXTRA_CA_CERTS": str(at.certificate),
    }
    program = ["node", "--require", HERE / "connect_to.cjs", SCANNER / "src/scan.js", NAME + page]
    answer = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    if not answer.stdout:
        raise SystemExit(f"The scanner failed on {page}: {answer.stderr}")
    return json.loads(answer.stdout)


def passes(page: str, said: dict) -> bool:
    """Print what was said; whether it is the best there is to say."""
    if "error" in said:
        print(f"{page}: {said['error']}")
        return False
    scanned, tests = said["scan"], said["tests"]
    of = f"{scanned['testsPassed']} of {scanned['testsQuantity']} tests passed"
    print(f"{page}: {scanned['grade']} ({scanned['score']}), {of}")
    for name, test in tests.items():
        print(f"    {'passed' if test['pass'] else 'FAILED'}  {name}: {test['result']}")
    return scanned["grade"] == "A+" and scanned["testsFailed"] == 0
