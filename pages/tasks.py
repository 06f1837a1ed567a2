"""The worker's clockwork for pages. What is scheduled needs none: it is read when its time has come."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pages import reviews


@app.periodic(cron="0 8 * * 1")
@app.task(queueing_lock="remind_of_reviews", retry=RetryStrategy(max_attempts=5, wait=600))
def remind_of_reviews(timestamp: int) -> None:
    """Each Monday morning: tell partners what is overdue for review."""
    reviews.remind(now=timezone.now())
