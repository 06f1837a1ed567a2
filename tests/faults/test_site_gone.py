"""What visitors see through nginx when the database has gone, and then the site with it."""

import signal
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.faults.conftest import served
from tests.faults.nginx import BEHIND_NGINX, Answer, Nginx, ask, is_html_of_nginx, is_ours, wrong_with
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import GUIDE, TYPED

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def site(data: Path) -> Iterator[Site]:
    yield from served(Site(data, "--no-worker", **BEHIND_NGINX))


@pytest.fixture
def nginx(programs_of_nginx, site: Site) -> Iterator[Nginx]:
    running = Nginx(site.port)
    yield running
    running.end()


def post(nginx: Nginx) -> Answer:
    """The answer to a good form."""
    return nginx.ask("/request-a-callback/", "POST", body=urlencode(TYPED).encode(), Content_Type=FORM)


def test_the_guide_is_there_always_and_the_form_keeps_everything_while_it_can(nginx: Nginx, site: Site):
    style = f"/static/{next(site.data.glob('static/site.*.css')).name}"
    guide, styled = nginx.ask(GUIDE), nginx.ask(style)
    time.sleep(3)  # seconds: all web processes have made every page by then

    with Postgres(site).away():
        until(lambda: nginx.ask("/readyz").status == 503)
        answer = post(nginx)
        assert (answer.status, is_html_of_nginx(answer), wrong_with(answer)) == (503, False, [])
        page = unescape(answer.text)
        assert "We could not save your request just now." in page
        for name in ("full_name", "phone", "clinic"):
            assert f'name="{name}" value="{TYPED[name]}"' in page
        assert nginx.ask(GUIDE).body == guide.body

    site.end(signal.SIGTERM)
    time.sleep(2.1)  # seconds: what nginx keeps is too old
    assert [ask(nginx, path)[1] for path in (GUIDE, style)] == ["STALE", "HIT"]
    answer = nginx.ask(GUIDE)
    assert (answer.status, answer.body, wrong_with(answer)) == (200, guide.body, [])
    assert answer.headers["ETag"] == guide.headers["ETag"]
    assert nginx.ask(style).body == styled.body
    for answer in (nginx.ask("/search/"), nginx.ask("/admin/", Cookie="sessionid=x"), post(nginx)):
        assert (answer.status, is_ours(answer), wrong_with(answer)) == (502, True, [])
