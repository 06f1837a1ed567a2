"""The worker's clockwork: it only wakes what finds its own work in the tables."""

from django.utils import timezone
from procrastinate.contrib.django import app

from callbacks import notices
from callbacks.actions import keeping


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_owed_notices")
def send_owed_notices(timestamp: int) -> None:
    """Each minute: send what is owed."""
    notices.send_owed(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="give_up")
def give_up(timestamp: int) -> None:
    """Every ten minutes: close what nobody answered within its fortnight."""
    keeping.give_up(now=timezone.now())
