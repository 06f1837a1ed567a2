"""Gives the tests a PostgreSQL of their own, var/test-pg, where the environment names none.

A plugin rather than a conftest: pytest-django reads the settings before any conftest is asked.
"""

import os
from pathlib import Path

import pytest

from firm_site import embedded_postgres

ROOT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the database; pytest-xdist's workers inherit its address."""
    os.environ.setdefault("SECRET_KEY", "for-tests-only-and-long-enough-to-satisfy-every-check-of-django")
    if not os.environ.get("DATABASE_URL"):
        # A test database need not survive a power cut, only be quick.
        os.environ["DATABASE_URL"] = embedded_postgres.url(
            ROOT / "var/test-pg", fsync="off", synchronous_commit="off", full_page_writes="off"
        )
