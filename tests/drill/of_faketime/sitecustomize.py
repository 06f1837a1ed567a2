"""Read by every Python that starts with this folder in PYTHONPATH: has it sleep in a way that libfaketime can
bear. (Python sleeps until a moment of the monotonic clock; 0.9.10 takes it for one of the clock that is set.)
"""

import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds)
