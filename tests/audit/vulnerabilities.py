"""pip-audit: whether a package that we stand on has a known hole.

A package that it could learn nothing of it passes over, and ends well: that is no good news here."""

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"


def none_known() -> bool:
    """Print each hole, and each package that nothing could be learned of; whether there is neither."""
    command = ["-m", "pip_audit", "--vulnerability-service", "osv", "--disable-pip", "--require-hashes"]
    quiet = ["--progress-spinner", "off", "--format", "json", "--requirement", REQUIREMENTS]
    answer = subprocess.run([sys.executable, *command, *quiet], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except ValueError:  # pip-audit ended before it had an answer
        print(f"    NOT ASKED  the list of known holes was not to be had: {_last_line(answer.stderr)}")
        return False
    return judged(packages)


def judged(packages: list[dict]) -> bool:
    """Of pip-audit's answer, the same."""
    wrong = 0
    for package in packages:
        for hole in package.get("vulns", []):
            wrong += 1
            better = ", ".join(hole["fix_versions"]) or "no better version yet"
            print(f"    HOLE  {package['name']} {package['version']}: {hole['id']} ({better})")
        if reason := package.get("skip_reason"):
            wrong += 1
            print(f"    NOT ASKED  {reason}")
    if not wrong:
        print(f"    none in {len(packages)} packages")
    return not wrong


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
