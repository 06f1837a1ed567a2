"""How staff log in, what keeps others out, and what ends it."""
