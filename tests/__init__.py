"""What Python compiles of the tests it keeps, whatever the environment says: making their assertions speak
takes each worker some seconds."""

import sys

sys.dont_write_bytecode = False
