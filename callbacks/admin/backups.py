"""What managers are told of backups: whether last night's was restored, for trial, and was whole."""

from datetime import datetime, timedelta

from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from callbacks.admin.marks import Line
from callbacks.hours import clock, date_words
from firm_site.models import RestoreDrill

LATE = timedelta(hours=26)  # a night, and what a night's work may take; RUNBOOK.md says so too
TELL = "Tell whoever looks after the site."


def told_of_backups() -> list[str]:
    """What the reports say, in sentences."""
    last = RestoreDrill.objects.last()
    if last is None:
        return ["No backup has been restored yet: the first will be, in the coming night."]
    if not last.trouble:
        return [
            f"The backup of {_moment(last.began_at)} was restored and is whole: {last.tables} tables, "
            f"{last.rows:,} row{'' if last.rows == 1 else 's'}, in {_span(last.seconds)}."
        ]
    whole = RestoreDrill.objects.whole().last()
    before = f"The last that was: {_moment(whole.began_at)}." if whole else "None ever was."
    return [f"The backup of {_moment(last.began_at)} could not be restored. {before} {TELL}", last.trouble]


def lines_of_backups(now: datetime) -> list[Line]:
    """What stands above the list for managers while last night's could not be restored, or none was."""
    last = RestoreDrill.objects.last()
    if last and last.trouble:
        words = f"The backup of {_moment(last.began_at)} could not be restored."
    elif now - (last.began_at if last else _first_day()) <= LATE:
        return []
    elif last:
        words = f"No backup has been restored since {_moment(last.began_at)}."
    else:
        words = "No backup has been restored yet."
    return [Line(f"{words} {TELL}", f"{reverse('admin:callbacks_callbackrequest_reports')}#backup")]


def _first_day() -> datetime:
    """From when on the worker restores one each night: since this site has a table for it."""
    made = MigrationRecorder.Migration.objects.get(app="firm_site", name="0003_restore_drill")
    return made.applied


def _moment(moment: datetime) -> str:
    return f"{date_words(moment)}, {clock(moment)}"


def _span(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{seconds // 60} minutes"
