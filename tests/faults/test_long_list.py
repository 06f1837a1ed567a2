"""The list among very many requests: counted, turned over and searched without reading what is closed."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callbacks.admin.paginator import MOST_COUNTED, BoundedPaginator
from callbacks.admin.request_list import search
from callbacks.models import CallbackRequest
from tests.client import Client
from tests.test_make_requests import make

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
MORE = "More than 1000 requests"


@pytest.fixture
def at_desk(maya, client) -> Client:
    client.force_login(maya)
    return client


def pages(client: Client, address: str) -> Iterator[list[int]]:
    """What each page shows, by following what leads on from it."""
    while address:
        page = 1
        changelist = client.get(f"{LIST}{address}").context["cl"]
        for page in changelist.paginator.page_range:
            changelist = client.get(f"{LIST}{address}&p={page}").context["cl"]
            yield [request.pk for request in changelist.result_list]
        address = changelist.further_back


# Turning over


@pytest.mark.parametrize(
    ("address", "order"),
    [("?show=all", "-created_at"), ("?show=closed", "-closed_at"), ("?channel=web&show=all", "-created_at")],
)
def test_every_request_is_on_one_page_however_far_back(at_desk, address, order):
    make(2150, open=10)
    CallbackRequest.objects.filter(pk__lt=CallbackRequest.objects.order_by("pk")[1400].pk).exclude(
        outcome=""
    ).update(closed_at="2026-01-02T10:00Z", created_at="2026-01-01T10:00Z", rang_at=None, channel="web")
    rows = CallbackRequest.objects.order_by(order, "-pk")
    rows = rows.exclude(outcome="") if "closed" in address else rows
    rows = rows.filter(channel="web") if "web" in address else rows
    shown = list(pages(at_desk, address))
    assert [pk for page in shown for pk in page] == list(rows.values_list("pk", flat=True))
    assert max(len(page) for page in shown) == 100


def test_more_than_a_thousand_are_said_to_be_more_and_no_count_is_made_of_all(at_desk):
    make(1001, open=1)
    with CaptureQueriesContext(connection) as queries:
        html = at_desk.get(LIST, {"show": "all"}).content.decode()
    assert MORE in html
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert [sql.endswith(f"LIMIT {MOST_COUNTED + 1}) subquery") for sql in counts] == [True]


def test_a_thousand_are_a_thousand(at_desk):
    make(1000, open=1)
    html = at_desk.get(LIST, {"show": "all"}).content.decode()
    assert "1000 requests" in html
    assert MORE not in html


def test_only_the_last_page_leads_further_back_and_the_list_beyond_leads_to_the_newest(at_desk):
    make(1101, open=1)
    assert "Further back" not in at_desk.get(LIST, {"show": "all"}).content.decode()
    last = at_desk.get(LIST, {"show": "all", "p": 10})
    assert "Further back" in last.content.decode()
    beyond = at_desk.get(LIST + last.context["cl"].further_back)
    assert beyond.context["cl"].result_count == 101
    assert "To the newest" in beyond.content.decode()
    assert "To the newest" not in last.content.decode()


@pytest.mark.parametrize("before", ["", "x", "-1", "999999", "9" * 30, "१"])
def test_a_hand_made_beginning_shows_the_list_from_the_newest(at_desk, asked, before):
    asked()
    response = at_desk.get(LIST, {"show": "all", "before": before})
    assert (response.status_code, response.context["cl"].result_count) == (200, 1)


def test_what_is_in_the_order_of_the_desk_is_shown_to_its_end(asked, now):
    make(1050, open=1)
    everything = CallbackRequest.objects.all()
    in_desk_order = BoundedPaginator(everything.in_desk_order(now), 100)
    by_time = BoundedPaginator(everything.order_by("-created_at"), 100)
    assert (in_desk_order.count, in_desk_order.is_cut, in_desk_order.num_pages) == (1050, True, 11)
    assert (by_time.count, by_time.is_cut, by_time.num_pages) == (1000, True, 10)


def test_a_name_that_very_many_have_finds_those_that_wait_and_a_thousand_others(at_desk, asked):
    make(1200, open=0)
    CallbackRequest.objects.update(full_name="Smith")
    asked(full_name="Sofia Smith")
    asked(full_name="Sara Smith", set_apart_because="Doubtful.")
    first = at_desk.get(LIST, {"q": "smith", "show": "all", "p": "1"}).context["cl"].result_list[0]
    assert first.full_name == "Sofia Smith"
    names = [request.full_name for request in search(CallbackRequest.objects.all(), "smith")]
    assert {"Sofia Smith", "Sara Smith"} < set(names)
    assert MOST_COUNTED < len(names) <= MOST_COUNTED + 3
    assert MORE in at_desk.get(LIST, {"q": "smith", "show": "all", "status": "closed"}).content.decode()


# Reading

WHOLE_TABLE = re.compile(r"Seq Scan on (callbacks_(?:callbackrequest|event|notification))\b")
PAGES = [
    "/admin/",
    LIST,
    f"{LIST}?p=2",
    f"{LIST}?q=000123&show=all",
    f"{LIST}?q=zoe+shah&show=all",
    f"{LIST}?q=zo&show=all",
    f"{LIST}?q=AC-EFHJ&show=all",
    f"{LIST}?q=ada.shah@example.com&show=all",
    f"{LIST}?status=waiting",
    f"{LIST}?show=all&status=waiting",
    f"{LIST}?show=all&outcome=conflict",
    f"{LIST}?show=closed&channel=visit",
    f"{LIST}?show=closed",
    f"{LIST}?show=all",
    f"{LIST}?show=set-apart",
    f"{LIST}?show=mail-failed",
    f"{LIST}?show=to-hand-over",
    f"{LIST}?show=mine",
]


def plans(queries) -> str:
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"), [])
                yield from (line for (line,) in cursor.fetchall())


def test_no_page_of_the_desk_reads_a_table_from_end_to_end(at_desk):
    make(20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            assert at_desk.get(page, follow=True).status_code == 200
        found[page] = set(WHOLE_TABLE.findall("\n".join(plans(queries))))
    assert found == {page: set() for page in PAGES}
