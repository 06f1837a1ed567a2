"""Requests for trials, and never among real ones; and a list that counts no further than anybody reads."""

import pytest
from django.core.management import CommandError, call_command

from callbacks.admin.paginator import BoundedPaginator
from callbacks.admin.request_list import search
from callbacks.models import CallbackRequest, Event

pytestmark = pytest.mark.django_db


def make(many: int, **options) -> None:
    """Without the VACUUM, which no transaction of a test allows."""
    from callbacks.management.commands import make_requests

    command = make_requests.Command()
    command.tidy = lambda: None
    call_command(command, many, **options)


def test_it_makes_so_many_of_which_so_many_are_open():
    make(60, open=25)
    assert CallbackRequest.objects.count() == 60
    assert CallbackRequest.objects.exclude(status__in=["closed", "suspected_spam"]).count() == 24
    assert set(CallbackRequest.objects.values_list("status", flat=True)) >= {
        "closed",
        "new",
        "waiting",
        "with_solicitor",
    }
    assert Event.objects.filter(request__status="closed").count() > 70


def test_again_in_a_marked_database_it_makes_more():
    make(30, open=5)
    make(10, open=0, seed=2)
    assert CallbackRequest.objects.count() == 40


def test_among_real_requests_it_makes_none(asked):
    asked()
    with pytest.raises(CommandError, match="requests that people made"):
        make(10)
    assert CallbackRequest.objects.count() == 1


def test_none_are_not_made():
    with pytest.raises(CommandError, match="from 1 on"):
        make(0)


def test_the_paginator_counts_a_thousand_and_says_that_there_are_more():
    make(1001, open=1)
    assert BoundedPaginator(CallbackRequest.objects.open().order_by("pk"), 100).is_cut is False
    everything = BoundedPaginator(CallbackRequest.objects.order_by("pk"), 100)
    assert (everything.count, everything.is_cut, everything.num_pages) == (1000, True, 10)


def test_one_or_two_letters_are_looked_for_among_what_is_open(asked, anna):
    open_one = asked(full_name="Al")
    CallbackRequest.objects.filter(pk=asked(full_name="Al Again").pk).update(
        status="closed", outcome="taken_on", closed_at=open_one.created_at, due_at=None, fingerprint=None
    )
    assert list(search(CallbackRequest.objects.all(), "al")) == [open_one]
    assert search(CallbackRequest.objects.all(), "again").count() == 1
