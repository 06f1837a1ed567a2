"""The firm's details: one row that partners edit, and a telephone number that is looked at twice."""

import pytest

from firm_site.details import details
from firm_site.models import FirmDetails
from tests.client import Client

pytestmark = pytest.mark.django_db

PAGE = "/admin/firm_site/firmdetails/1/change/"
PLAIN = {"telephone": "0808 189 7703", "sender_name": "Callback desk"}


@pytest.fixture
def partner(paula, client) -> Client:
    client.force_login(paula)
    return client


def test_the_list_leads_to_the_one_row_which_is_there_from_the_start(partner):
    response = partner.get("/admin/firm_site/firmdetails/", follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert 'value="0808 189 7703"' in response.content.decode()


def test_what_a_partner_saves_every_page_shows_and_the_record_says_who(partner, paula):
    given = PLAIN | {"sra_number": "123456", "registered_office": "1 Example Street"}
    assert partner.post(PAGE, given).status_code == 302
    assert details.now().sra_number == "123456"
    assert FirmDetails.objects.count() == 1
    kept = FirmDetails.history.get()
    assert (kept.history_user, kept.registered_office) == (paula, "1 Example Street")


def test_a_new_telephone_number_is_shown_as_pages_will_and_asked_about_again(partner):
    html = partner.post(PAGE, PLAIN | {"telephone": "020 7946 0958"}).content.decode()
    assert "<strong>020 7946 0958</strong>" in html
    assert '<a href="tel:+442079460958">+442079460958</a>' in html
    assert 'type="checkbox" name="agreed" value="020 7946 0958"' in html
    assert details.now().telephone == "0808 189 7703"


def test_once_agreed_the_new_number_is_on_every_page(partner):
    given = PLAIN | {"telephone": "020 7946 0958", "agreed": "020 7946 0958"}
    assert partner.post(PAGE, given).status_code == 302
    html = Client().get("/people/").content.decode()
    assert 'href="tel:+442079460958"' in html
    assert "0808 189 7703" not in html


def test_being_asked_about_a_number_is_not_called_an_error(partner):
    asked = partner.post(PAGE, PLAIN | {"telephone": "020 7946 0958"}).content.decode()
    assert "One question before this is saved." in asked
    assert "Please correct" not in asked
    wrong = partner.post(PAGE, PLAIN | {"telephone": "020 7946 0958", "sender_name": ""}).content.decode()
    assert "One question before this is saved." not in wrong
    assert "Please correct the errors below." in wrong


def test_every_answer_is_one_line_however_it_was_posted(partner):
    given = {
        "telephone": "0808 189 7703",
        "sender_name": " Callback\r\ndesk ",
        "registered_office": "1 Example Street\u2028Somewhere",
    }
    assert partner.post(PAGE, given).status_code == 302
    kept = details.now()
    assert (kept.telephone, kept.sender_name, kept.registered_office) == (
        "0808 189 7703",
        "Callback desk",
        "1 Example Street Somewhere",
    )


def test_agreeing_to_one_number_does_not_agree_to_another(partner):
    given = PLAIN | {"telephone": "020 7946 0959", "agreed": "020 7946 0958"}
    html = partner.post(PAGE, given).content.decode()
    assert "<strong>020 7946 0959</strong>" in html
    assert 'name="agreed" value="020 7946 0959"' in html
    assert " checked" not in html
    assert not FirmDetails.objects.filter(telephone="020 7946 0959").exists()


def test_other_changes_ask_nothing_again(partner):
    assert partner.post(PAGE, PLAIN | {"email": "desk@example.com"}).status_code == 302
    assert details.now().email == "desk@example.com"


@pytest.mark.parametrize("field", ["telephone", "calling_number"])
@pytest.mark.parametrize("number", ["ring us", "12", "0808 189 77031234567"])
def test_a_number_that_cannot_be_dialled_is_refused_with_a_sentence(partner, field, number):
    html = partner.post(PAGE, PLAIN | {field: number, "agreed": number}).content.decode()
    assert f"“{number}” cannot be dialled." in html
    assert not FirmDetails.objects.filter(**{field: number}).exists()


def test_there_is_always_a_telephone_number(partner):
    html = partner.post(PAGE, PLAIN | {"telephone": ""}).content.decode()
    assert "This field is required." in html


@pytest.mark.parametrize("address", ["add/", "1/delete/", "2/change/"])
def test_there_is_never_a_second_row_nor_none(partner, address):
    FirmDetails.objects.create(pk=1)
    partner.post(f"/admin/firm_site/firmdetails/{address}", PLAIN | {"post": "yes"})
    assert list(FirmDetails.objects.values_list("pk", flat=True)) == [1]


@pytest.mark.parametrize("person", ["anna", "maya"])
def test_only_partners_save_them(request, client, person):
    client.force_login(request.getfixturevalue(person))
    assert client.post(PAGE, PLAIN | {"sra_number": "1"}).status_code == 403
    assert not FirmDetails.objects.filter(sra_number="1").exists()
