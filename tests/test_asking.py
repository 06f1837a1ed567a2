"""Storing a request: what is written, what is promised, and that twice is once."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from callbacks.actions.asking import Answers, Shown, fingerprint_of, submit
from callbacks.models import CallbackRequest, Event, Notice, Notification
from callbacks.states import Status
from tests.conftest import LONDON

pytestmark = pytest.mark.django_db


def events_of(request):
    return [(event.kind, event.actor, event.by) for event in request.events.all()]


def test_a_request_is_stored_with_its_event_and_its_promise(asked, now):
    request = CallbackRequest.objects.get(pk=asked(message="It hurts.").pk)
    assert request.full_name == "Zoë Example"
    assert request.phone == "+447700900982"
    assert request.phone_typed == "07700 900 982"
    assert request.message == "It hurts."
    assert request.status == Status.NEW
    assert request.wanted_at is None
    assert request.promised_by == datetime(2026, 11, 23, 11, 0, tzinfo=LONDON)
    assert request.due_at == request.promised_by
    assert request.created_at == now
    assert request.page == "/guides/botched-thread-lift/"
    assert request.page_version == 1
    assert events_of(request) == [("asked", "visitor", None)]


def test_what_staff_type_in_says_who_typed_it(anna, now):
    answers = Answers(full_name="Yan", phone="+441632960001", phone_typed="01632 960001")
    request = submit(answers=answers, shown=Shown(), by=anna, now=now)
    assert events_of(request) == [("asked", "staff", anna)]


def test_a_reference_is_ten_letters_that_nobody_mishears(asked):
    reference = asked().reference
    assert [len(part) for part in reference.split("-")] == [2, 4, 4]
    assert set(reference) <= set("ACEFHJKLMNPRTUVWXY3479-")


def test_a_receipts_address_has_more_than_128_random_bits(asked):
    first, second = asked(), asked(full_name="Another")
    assert len(first.token) == 32  # 24 bytes in base 64
    assert first.token != second.token


def test_the_same_answers_within_a_quarter_of_an_hour_are_one_request(asked, now):
    first = asked()
    again = asked(at=now + timedelta(minutes=15))
    assert again == first
    assert CallbackRequest.objects.count() == 1
    assert Event.objects.count() == 1


def test_the_same_number_in_another_writing_is_the_same_answer(asked):
    assert asked(phone_typed="+44 7700 900982") == asked()


def test_the_same_answers_a_week_later_are_a_new_request(asked, now):
    first = asked()
    later = asked(at=now + timedelta(days=7))
    assert later != first
    first.refresh_from_db()
    assert first.fingerprint is None
    assert later.fingerprint == fingerprint_of(
        Answers(full_name="Zoë Example", phone="+447700900982", phone_typed="anything")
    )


@pytest.mark.parametrize(
    "other",
    [
        {"full_name": "Zoe Example"},
        {"phone": "+447700900983"},
        {"say_who": True},
        {"leave_message": True},
        {"email": "zoe@example.com"},
        {"message": "more"},
        {"procedure": "Lips"},
        {"procedure_date": "2022"},
        {"clinic": "One"},
        {"call_needs": "Relay UK"},
    ],
)
def test_any_other_answer_is_another_request(asked, other):
    assert asked(**other) != asked()


def test_a_known_privacy_notice_is_kept_and_an_unknown_one_is_not(now):
    Notice.objects.create(number=3, text="We use what you write …", first_shown=now)
    numbers = {3: 3, 4: None, None: None}
    for shown, kept in numbers.items():
        answers = Answers(full_name=f"Reader of {shown}", phone="+441632960001", phone_typed="01632 960001")
        request = submit(answers=answers, shown=Shown(notice_version=shown), by=None, now=now)
        assert request.notice_version == kept


def test_promises_follow_the_order_of_arrival_at_eight_an_hour(asked):
    saturday = datetime(2026, 11, 21, 12, 0, tzinfo=LONDON)
    promises = [
        asked(at=saturday + timedelta(minutes=minute), full_name=f"Person {minute}").promised_by
        for minute in range(10)
    ]
    ten = datetime(2026, 11, 23, 10, 0, tzinfo=LONDON)
    assert promises == [ten] * 8 + [ten + timedelta(hours=1)] * 2


def test_a_doubtful_request_is_set_apart_with_its_reason_and_nothing_due(asked):
    request = asked(set_apart_because="A field that people never see was filled in.", email="a@example.com")
    assert request.status == Status.SUSPECTED_SPAM
    assert request.due_at is None
    assert request.promised_by == datetime(2026, 11, 23, 11, 0, tzinfo=LONDON)
    assert events_of(request) == [("asked", "visitor", None), ("set_apart", "system", None)]
    assert Notification.objects.count() == 0


def test_notices_are_owed_to_a_visitor_with_an_address_and_to_a_desk_that_has_one(asked, settings, now):
    settings.NOTIFY = []
    asked()
    assert Notification.objects.count() == 0
    settings.NOTIFY = ["desk@example.com"]
    request = asked(email="zoe@example.com")
    assert list(request.notices.values_list("kind", "created_at", "try_again_at", "sent_at")) == [
        ("receipt", now, now, None),
        ("arrival", now, now, None),
    ]


def test_request_event_and_notices_are_stored_together_or_not_at_all(asked):
    with connection.cursor() as cursor:  # the last of the three inserts fails
        cursor.execute("ALTER TABLE callbacks_notification ADD CONSTRAINT full_disk CHECK (false)")
    with pytest.raises(IntegrityError), transaction.atomic():
        asked(email="zoe@example.com")
    assert CallbackRequest.objects.count() == 0
    assert Event.objects.count() == 0
