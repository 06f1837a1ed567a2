"""Error pages: ours, with the telephone number, made without a query."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone

from firm_site import urls
from firm_site.details import details
from firm_site.errors import PAGES, error_page
from firm_site.models import FirmDetails


def test_every_error_has_a_page_that_needs_no_database(rf: RequestFactory):
    # No database is allowed in this test: a query would raise.
    for status in sorted(PAGES):
        response = error_page(rf.get("/"), status)
        page = unescape(response.content.decode())
        assert response.status_code == status
        assert page.count("<h1") == 1
        assert "0808 189 7703" in page
        assert 'href="tel:+448081897703"' in page
        assert "Open now" not in page
        assert "Closed now" not in page
        assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_an_error_page_shows_the_details_and_hours_that_this_process_read_last(client, rf):
    FirmDetails.objects.create(pk=1, telephone="0808 157 0000")
    client.get("/request-a-callback/")
    FirmDetails.objects.update(telephone="0808 157 0001")
    page = error_page(rf.get("/"), 503).content.decode()
    assert "0808 157 0000" in page
    assert "Open now" in page or "Closed now" in page


@pytest.mark.django_db
def test_a_page_made_while_a_transaction_is_broken_asks_nothing_of_it(rf):
    FirmDetails.objects.create(pk=1, telephone="0808 157 0000")
    details.now()
    with transaction.atomic():
        transaction.set_rollback(True)
        assert details.now().telephone == "0808 157 0000"


@pytest.mark.django_db
def test_an_unknown_address_gets_our_404(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "0808 189 7703" in response.content.decode()


def test_a_forged_host_gets_our_400(client):
    response = client.get("/request-a-callback/", headers={"host": "evil.example.com"})
    assert response.status_code == 400
    assert "0808 189 7703" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/callback/%00/",
        "/%00/",
        "/admin/callbacks/callbackrequest/?status=%00",
        "/admin/pages/page/?kind__exact=%00&q=x",
    ],
)
def test_a_nul_in_an_address_gets_our_400(client, paula, address):
    client.force_login(paula)
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_a_body_that_is_too_large_gets_our_413(client):
    response = client.post("/request-a-callback/", {"message": "x" * 1_100_000})
    assert response.status_code == 413
    assert "0808 189 7703" in response.content.decode()


@pytest.mark.django_db
def test_too_many_fields_get_our_400(client):
    response = client.post("/request-a-callback/", {f"field{n}": "x" for n in range(201)})
    assert response.status_code == 400
    assert "0808 189 7703" in response.content.decode()


def fails(request) -> HttpResponse:
    raise ZeroDivisionError


def asks_the_database(request) -> HttpResponse:
    with connection.cursor() as cursor:
        # What psycopg raises when the server goes away, raised by the server itself
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


urlpatterns = [path("fails/", fails), path("asks/", asks_the_database), *urls.urlpatterns]
handler500 = "firm_site.errors.server_error"


@pytest.mark.urls("tests.test_errors")
def test_a_fault_of_ours_is_a_500_and_a_database_that_is_away_a_503(client, transactional_db):
    client.raise_request_exception = False
    for address, status in (("/fails/", 500), ("/asks/", 503)):
        response = client.get(address)
        assert response.status_code == status
        assert "0808 189 7703" in response.content.decode()
    connection.close()


def test_a_balancer_may_ask_by_any_name_whether_the_process_lives(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/livez", headers={"host": "10.0.0.1:8000"})
    assert (response.status_code, response.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_readiness_needs_the_database_and_every_migration(client):
    response = client.get("/readyz", headers={"host": "10.0.0.1:8000"})
    said = response.json()
    assert (response.status_code, said["database"], said["migrations"]) == (200, "ok", "ok")
    with connection.cursor() as cursor:
        last = "(SELECT max(name) FROM django_migrations WHERE app = 'callbacks')"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'callbacks' AND name = {last}")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, "1 to apply")


@pytest.mark.django_db
def test_a_site_that_can_store_nothing_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"database": "only read"})


@pytest.mark.django_db
def test_readiness_only_tells_of_a_worker_of_what_is_owed_and_of_the_disk(client, asked):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")  # of trials that committed
    said = client.get("/readyz").json()
    assert (said["seconds_since_worker"], said["seconds_owed"]) == (None, None)
    assert said["free_disk_bytes"] > 0

    asked(email="zoe@example.com", at=timezone.now() - timedelta(hours=1))
    with connection.cursor() as cursor:
        beat = "now() - interval '2 hours'"
        cursor.execute(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({beat})")
    response = client.get("/readyz")
    said = response.json()
    assert (response.status_code, said["seconds_since_worker"]) == (200, 7200)
    assert 3600 <= said["seconds_owed"] < 3660
