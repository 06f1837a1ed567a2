"""Partners who publish, put back or save the same page at the very same moment."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from pages.actions import Refused
from pages.actions.publishing import publish, put_back
from pages.models import Page, Publication
from tests.client import Client
from tests.conftest import member_of
from tests.faults.test_races import at_once
from tests.writing import published

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture
def partners():
    return [member_of("partners", f"partner{number}", "A", str(number)) for number in range(6)]


@pytest.fixture
def saved():
    """A live guide with a newer version."""
    guide = published(at=timezone.now() - HOUR, body="<p>Old.</p>")
    guide.body = "<p>New.</p>"
    guide.save()
    return guide


def test_six_who_publish_the_same_version_at_once_publish_it_once(saved, partners):
    now = timezone.now()
    made = at_once(lambda number: publish(page=saved, by=partners[number], now=now).pk, len(partners))
    assert (len(set(made)), Publication.objects.filter(page=saved).count()) == (1, 2)


def test_of_six_who_put_back_at_once_one_does(saved, partners):
    now = timezone.now()
    made = publish(page=saved, by=partners[0], now=now)

    def back(number: int) -> str:
        try:
            put_back(publication=made, by=partners[number], now=now)
        except Refused:
            return "refused"
        return "put back"

    assert Counter(at_once(back, len(partners))) == {"refused": 5, "put back": 1}
    assert Publication.objects.live(now).get().version.body == "<p>Old.</p>"


def test_of_six_who_save_at_once_one_is_saved_and_the_others_see_both_texts(saved, partners):
    began = saved.history.latest("history_id").pk
    clients = [Client() for _ in partners]
    for client, partner in zip(clients, partners, strict=True):
        client.force_login(partner)
    fields = {name: getattr(saved, name) for name in ("title", "summary", "topic", "slug")}

    def save(number: int) -> int:
        typed = fields | {"body": f"<p>By {number}.</p>", "based_on": began}
        return clients[number].post(f"/admin/pages/page/{saved.pk}/change/", typed).status_code

    answers = at_once(save, len(partners))
    assert Counter(answers) == {302: 1, 200: 5}
    assert Page.objects.get().body == f"<p>By {answers.index(302)}.</p>"
    assert saved.history.count() == 3


def test_six_presses_of_one_button_make_one_version_and_no_clash(saved, partners):
    began = saved.history.latest("history_id").pk
    clients = [Client() for _ in partners]
    for client in clients:
        client.force_login(partners[0])
    fields = {name: getattr(saved, name) for name in ("title", "summary", "topic", "slug")}
    typed = fields | {"body": "<p>Mine.</p>", "based_on": began}
    address = f"/admin/pages/page/{saved.pk}/change/"
    answers = at_once(lambda number: clients[number].post(address, typed).status_code, len(partners))
    assert (Counter(answers), saved.history.count()) == ({302: 6}, 3)


def test_six_who_schedule_the_same_version_at_once_schedule_it_once(saved, partners):
    now = timezone.now()
    made = at_once(
        lambda number: publish(page=saved, by=partners[number], now=now, live_from=now + HOUR).pk,
        len(partners),
    )
    assert (len(set(made)), Publication.objects.scheduled(now).count()) == (1, 1)
