"""Anna, at the desk."""

import pytest

from tests.client import Client


@pytest.fixture
def at_desk(anna, client) -> Client:
    client.force_login(anna)
    return client
