"""The worker's clockwork: it only wakes what finds its own work in the tables."""

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from callbacks import desk_mail, erased_list, limits, notices
from callbacks.actions import complaining, keeping, undoing

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_owed_notices")
def send_owed_notices(timestamp: int) -> None:
    """Each minute: send what is owed."""
    desk_mail.owe_desk_mail(now=timezone.now())
    notices.send_owed(now=timezone.now())
    undoing.forget(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="give_up")
def give_up(timestamp: int) -> None:
    """Every ten minutes: close what nobody answered within its fortnight."""
    keeping.give_up(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="write_down_erased")
def write_down_erased(timestamp: int) -> None:
    """Every ten minutes: write down, outside the database, what was erased."""
    try:
        erased_list.append(settings.DATA_DIR / erased_list.NAME)
    except OSError as problem:
        logger.warning("The list of what was erased cannot be written: %s", problem.strerror)


@app.periodic(cron="40 3 * * *")  # UTC: an hour that neither change of the clocks touches
@app.task(queueing_lock="forget")
def forget(timestamp: int) -> None:
    """Each night: forget what people told us, where its time has come."""
    for _ in keeping.forget(now=timezone.now()):
        pass


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="forget_counts")
def forget_counts(timestamp: int) -> None:
    """Each hour: delete the counts of posts that are over."""
    limits.forget(now=timezone.now())


@app.periodic(cron="47 3 * * *")
@app.task(queueing_lock="forget_complaints")
def forget_complaints(timestamp: int) -> None:
    """Each night: empty the complaints about data protection that were closed a year ago."""
    complaining.forget(now=timezone.now())
