"""The long trials: `make drill`. Ends with 1 if something was not as it should be.

As root it tries all of them; what it leaves out it names, with the reason. `make drill ONLY=clocks`: one.
"""

import os
import sys
import time
import traceback

from tests.drill import clocks, disk, rows
from tests.drill.report import LeftOut, Report

TRIALS = {"disk": disk.try_it, "clocks": clocks.try_it, "rows": rows.try_it}


def main() -> int:
    report = Report()
    for name in os.environ.get("ONLY", "").split() or TRIALS:
        began = time.monotonic()
        report.heading((TRIALS[name].__doc__ or "").split("\n")[0])
        try:
            TRIALS[name](report)
        except LeftOut as reason:
            report.left_out(str(reason))
        except Exception:
            report.found(f"the trial of {name} came to its end", False, traceback.format_exc())
        report.line(f"({time.monotonic() - began:.0f} seconds)")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
