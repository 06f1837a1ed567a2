"""Requests for trials: plausible, always the same, and never among real ones."""

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from callbacks import telephone
from callbacks.management.commands import make_requests
from callbacks.models import CallbackRequest, Event, Notification
from callbacks.states import NOT_VIABLE, Outcome, Status

pytestmark = [pytest.mark.django_db, pytest.mark.faults]  # which are for trials, and take long to make


def make(many: int, **options) -> None:
    """Without the VACUUM, which no transaction of a test allows."""
    command = make_requests.Command()
    command.tidy = lambda: None
    call_command(command, many, **options)


def made() -> list[tuple]:
    return list(CallbackRequest.objects.order_by("pk").values_list("full_name", "phone", "status", "outcome"))


def kinds(request: CallbackRequest) -> list[str]:
    return list(request.events.values_list("kind", flat=True))


def test_it_makes_so_many_of_which_so_many_are_open():
    make(60, open=25)
    assert CallbackRequest.objects.count() == 60
    assert CallbackRequest.objects.exclude(status__in=["closed", "suspected_spam"]).count() == 24
    statuses = set(CallbackRequest.objects.values_list("status", flat=True))
    assert statuses == {"closed", "new", "waiting", "with_solicitor", "suspected_spam"}


def test_what_is_closed_has_a_record_as_the_verbs_leave_it():
    make(400, open=0)
    closed = CallbackRequest.objects.filter(status=Status.CLOSED)
    assert set(closed.values_list("outcome", flat=True)) == set(Outcome.values)
    assert closed.filter(closed_at__lt=F("created_at")).count() == 0
    reached = closed.filter(outcome=Outcome.TAKEN_ON).first()
    assert [kinds(reached)[0], *kinds(reached)[-4:]] == ["asked", "claimed", "calling", "spoke", "closed"]
    for request in closed:
        assert request.attempts == kinds(request).count("calling")
        ended = request.events.exclude(outcome="").get()
        assert (ended.outcome, ended.at) == (request.outcome, request.closed_at)
    to_be_said = closed.filter(email="", outcome__in=[*NOT_VIABLE, Outcome.CLIENT_DECLINED])
    said = Event.objects.filter(kind="said").values_list("request", flat=True)
    assert set(said) == set(to_be_said.values_list("pk", flat=True)) != set()
    assert Event.objects.filter(at__gt=timezone.now()).count() == 0
    assert Notification.objects.to_tell_by_telephone().count() == 0


def test_the_same_seed_makes_the_same_and_another_makes_others():
    make(30, open=10, seed=7)
    first = made()
    make(30, open=10, seed=7)
    make(30, open=10, seed=8)
    names = [name for name, *_ in made()]
    assert names[30:60] == [name for name, *_ in first]
    assert names[60:] != names[:30]


def test_the_open_ones_are_the_same_however_many_are_closed():
    make(12, open=10)
    make(40, open=10)
    names = [name for name, *_ in made()]
    assert names[2:12] == names[-10:]


def test_nobody_rings_anybody_by_its_numbers():
    make(80, open=20)
    for name, phone, status, _ in made():
        fictional = ("+447700900", "+441632960")
        assert phone.startswith("+441632" if status == "closed" else fictional), name
        assert telephone.parse(phone).e164 == phone


def test_no_two_references_are_alike():
    references = {make_requests._reference(pk) for pk in range(100_000)}
    assert len(references) == 100_000


def test_again_in_a_marked_database_it_makes_more():
    make(30, open=5)
    make(10, open=0, seed=2)
    assert CallbackRequest.objects.count() == 40


def test_among_real_requests_it_makes_none(asked):
    asked()
    with pytest.raises(CommandError, match="requests that people made"):
        make(10)
    assert CallbackRequest.objects.count() == 1


def test_among_made_ones_and_a_real_one_it_makes_none(asked):
    make(10, open=2)
    asked()
    with pytest.raises(CommandError, match="requests that people made"):
        make(10)
    assert CallbackRequest.objects.count() == 11


def test_none_are_not_made():
    with pytest.raises(CommandError, match="from 1 on"):
        make(0)
