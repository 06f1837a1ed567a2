"""Each night the worker's own jobs that are over are deleted. Here, since the task is asynchronous, and the
worker of the tests that has had a browser runs a loop of its own."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from firm_site import tasks as site_tasks

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(("ago", "left"), [("10 seconds", 1), ("10 minutes", 0)])
def test_a_job_that_died_with_its_worker_goes(ago, left):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
            [ago],
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id) "
            "VALUES ('default', 'a task', 'doing', %s) RETURNING id",
            cursor.fetchone(),
        )
        (pk,) = cursor.fetchone()
    async_to_sync(site_tasks.forget_jobs.func)(timestamp=0)
    assert ProcrastinateJob.objects.filter(pk=pk).count() == left


@pytest.mark.parametrize(("days", "left"), [(2, 1), (4, 0)])
def test_a_job_that_failed_goes_after_three_days(days, left):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) "
            "VALUES ('default', 'a task', 'failed') RETURNING id"
        )
        (pk,) = cursor.fetchone()
        cursor.execute("DELETE FROM procrastinate_events")
        ended = [pk, timezone.now() - days * DAY]
        cursor.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'failed', %s)", ended)
    async_to_sync(site_tasks.forget_jobs.func)(timestamp=0)
    assert ProcrastinateJob.objects.filter(pk=pk).count() == left
