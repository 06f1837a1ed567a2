"""The worker's clockwork for pages. What is scheduled needs none: it is read when its time has come."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pages import reviews
from pages.actions import writing


@app.periodic(cron="0 8 * * 1")
@app.task(queueing_lock="remind_of_reviews", retry=RetryStrategy(max_attempts=5, wait=600))
def remind_of_reviews(timestamp: int) -> None:
    """Each Monday morning: tell partners what is overdue for review."""
    reviews.remind(now=timezone.now())


@app.periodic(cron="30 3 * * *")  # UTC
@app.task(queueing_lock="forget_drafts")
def forget_drafts(timestamp: int) -> None:
    """Each night: forget what was typed long ago and never saved."""
    writing.forget_drafts(now=timezone.now())
