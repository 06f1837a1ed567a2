"""The database dies under a running site: a visitor loses nothing that was typed."""

import os
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
from html import unescape

from tests.faults.running import Site, until

TYPED = {
    "full_name": "Zoë Example",
    "phone": "07700 900 982",
    "when": "asap",
    "say_who": "yes",
    "message": "Two\nlines & more",
    "clinic": "Some Clinic",
}


def ask(site: Site, method: str, path: str) -> tuple[int, str]:
    """Status and page; redirects are followed."""
    data = urllib.parse.urlencode(TYPED).encode() if method == "POST" else None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{site.port}{path}", data, timeout=10) as answer:
            return answer.status, unescape(answer.read().decode())
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, unescape(answer.read().decode())


GUIDE = "/guides/botched-thread-lift/"


def test_the_guide_goes_on_being_served_and_the_form_keeps_everything(site: Site):
    until(lambda: site.status(GUIDE) == 200)
    time.sleep(3)  # seconds: both workers have made every page by then, and their copies are old
    os.kill(site.process_of("/postgres"), signal.SIGKILL)
    until(lambda: site.status("/readyz") == 503)

    began = time.monotonic()
    status, page = ask(site, "POST", "/request-a-callback/")
    assert status == 503
    assert time.monotonic() - began < 3  # seconds: the deadline of the speed issue
    assert "We could not save your request just now." in page
    assert 'href="tel:+448081897703"' in page
    for name in ("full_name", "phone", "clinic"):
        assert f'name="{name}" value="{TYPED[name]}"' in page
    assert ">\nTwo\nlines & more</textarea>" in page
    assert page.count(" checked") == 2  # may say who is calling; as soon as possible

    for _ in range(8):  # whichever worker answers
        status, page = ask(site, "GET", GUIDE)
        assert status == 200
        assert "Signs of a Botched Thread Lift Gone Wrong" in page
    status, page = ask(site, "GET", "/search/")
    assert status == 503
    assert "0808 189 7703" in page
    assert site.status("/livez") == 200
    assert ask(site, "GET", "/request-a-callback/")[0] == 200
