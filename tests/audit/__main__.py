"""Outside checkers: `make audit`. Ends with 1 if one of them finds something, or could not be asked.

It needs npm, Java, nginx and openssl on the machine, and the internet for the tools and the list of known
holes.
"""

import shutil
import sys

from tests.audit import nu_html, observatory, vulnerabilities
from tests.audit.behind_nginx import served

PROGRAMS = ("npm", "node", "java", "nginx", "openssl")


def main() -> int:
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        print(
            f"Not on this machine: {', '.join(missing)} (Debian, Ubuntu: apt install npm nginx-light openssl)"
        )
        return 1
    observatory.install()
    with served() as at:
        print("Mozilla's HTTP Observatory, over TLS, through nginx")
        good = [observatory.passes(page, observatory.scan(page, at)) for page in observatory.PAGES]
        print("The Nu Html Checker")
        good.append(nu_html.finds_nothing(at))
    print("Known holes in what requirements.txt names")
    good.append(vulnerabilities.none_known())
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
