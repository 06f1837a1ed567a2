"""Outside checkers: `make audit`. Ends with 1 if one of them finds something, or could not be asked.

It needs npm, nginx and openssl on the machine, and the internet for the packages and the list of known holes.
"""

import shutil
import sys

from tests.audit import observatory, vulnerabilities
from tests.audit.behind_nginx import served

PROGRAMS = ("npm", "node", "nginx", "openssl")


def main() -> int:
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        print(
            f"Not on this machine: {', '.join(missing)} (Debian, Ubuntu: apt install npm nginx-light openssl)"
        )
        return 1
    print("Mozilla's HTTP Observatory, over TLS, through nginx")
    observatory.install()
    with served() as at:
        good = [observatory.passes(page, observatory.scan(page, at)) for page in observatory.PAGES]
    print("Known holes in what requirements.txt names")
    good.append(vulnerabilities.none_known())
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
