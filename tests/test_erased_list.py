"""The list of erased requests: it outlives the database, and names nobody."""

from datetime import UTC, timedelta

import pytest

from callbacks import erased_list, tasks
from callbacks.actions import keeping
from callbacks.models import CallbackRequest

pytestmark = pytest.mark.django_db

LINE = "7 2026-01-01T10:00:00+00:00 2026-01-02T10:00:00+00:00\n"


@pytest.fixture
def kept(tmp_path):
    return tmp_path / erased_list.NAME


def test_what_was_erased_is_written_down_once_for_its_owner_alone(asked, now, kept):
    first, second = asked(), asked(full_name="Mia Example")
    keeping.erase_again([first.pk], now=now)
    assert (erased_list.append(kept), erased_list.append(kept)) == (1, 0)
    keeping.erase_again([second.pk], now=now + timedelta(minutes=1))
    assert erased_list.append(kept) == 1
    minute_later = now + timedelta(minutes=1)
    assert erased_list.read(kept) == [(first.pk, now, now), (second.pk, now, minute_later)]
    moment = now.astimezone(UTC).isoformat()
    assert kept.read_text().splitlines()[0] == f"{first.pk} {moment} {moment}"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_list_keeps_what_the_database_has_lost(asked, now, kept):
    kept.write_text(LINE)
    request = asked()
    keeping.erase_again([request.pk], now=now)
    erased_list.append(kept)
    assert [pk for pk, *_ in erased_list.read(kept)] == [7, request.pk]


def test_an_erasure_that_was_committed_late_is_still_written_down(asked, now, kept):
    request = asked(at=now - timedelta(hours=2))
    keeping.erase_again([request.pk], now=now - timedelta(hours=1))
    kept.write_text(f"{request.pk + 1} {now.isoformat()} {now.isoformat()}\n")
    assert erased_list.append(kept) == 1


def test_a_line_that_a_power_cut_left_half_written_is_written_anew(asked, now, kept):
    request = asked()
    keeping.erase_again([request.pk], now=now)
    erased_list.append(kept)
    whole = kept.read_text()
    kept.write_text(whole[:-9])
    assert erased_list.read(kept) == []
    assert erased_list.append(kept) == 1
    assert kept.read_text() == whole


@pytest.mark.parametrize(
    "line", ["seven" + LINE[1:-1], "7", "7 2026-01-01T10:00:00+00:00", "7 soon late", ""]
)
def test_a_list_that_cannot_be_read_is_a_sentence_and_not_a_guess(kept, line):
    kept.write_text(f"{LINE}{line}\n")
    for use in (erased_list.read, erased_list.append):
        with pytest.raises(
            erased_list.Unreadable, match="line 2, is no number of a request with its moments"
        ):
            use(kept)


def test_a_new_request_with_the_number_of_one_that_was_erased_in_its_day_is_let_be(asked, now):
    older, newer = asked(at=now), asked(at=now + timedelta(days=1), full_name="Mia Example")
    day, hour = now + timedelta(days=1), now + timedelta(hours=1)
    assert erased_list.come_back([(older.pk, now, hour), (newer.pk, now, hour), (0, now, hour)]) == [older.pk]
    assert erased_list.come_back([(newer.pk, now, hour), (newer.pk, day, 2 * (day - now) + now)]) == [
        newer.pk
    ]


def test_the_list_of_another_database_erases_nobody_here(asked, now):
    """A list of examples, or of a database from which this one is not: the numbers are the same."""
    request = asked(at=now)
    elsewhere, erased = now - timedelta(minutes=3), now + timedelta(days=1)
    assert erased_list.come_back([(request.pk, elsewhere, erased)]) == []


def test_a_clock_that_was_ahead_when_they_asked_brings_nobody_back(asked, now):
    request = asked(at=now)
    assert erased_list.come_back([(request.pk, now, now - timedelta(hours=1))]) == [request.pk]


def test_the_worker_writes_it_down_into_the_data_folder(asked, now, tmp_path, settings, caplog):
    settings.DATA_DIR = tmp_path
    keeping.erase_again([asked().pk], now=now)
    tasks.write_down_erased.func(timestamp=0)
    assert len(erased_list.read(tmp_path / erased_list.NAME)) == 1
    settings.DATA_DIR = tmp_path / "missing"
    tasks.write_down_erased.func(timestamp=0)
    assert caplog.messages == ["The list of what was erased cannot be written: No such file or directory"]
    assert CallbackRequest.objects.get().full_name == ""
