"""The worker's clockwork for the site itself: each night a backup is restored for trial, and what is over is
deleted."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status

from firm_site import restore_drill, throttle
from firm_site.forgetting import forget_drills, forget_sessions

logger = logging.getLogger(__name__)

KEPT = 72  # hours, of a job that is done or has failed: long enough to ask why


@app.periodic(cron="10 2 * * *")  # UTC, as all of these
@app.task(queueing_lock="drill_a_restore", pass_context=True)
def drill_a_restore(context: JobContext, timestamp: int) -> None:
    """Each night: restore a backup, to see whether that works. It may take an hour, in which the worker
    goes on with all else; with the worker it ends."""
    try:
        result = restore_drill.drill(now=timezone.now(), must_stop=context.should_abort)
    except (restore_drill.Busy, restore_drill.Stopped) as reason:
        logger.info("No backup was restored: %s", type(reason).__name__)
        return
    if result.trouble:
        logger.error("A backup could not be restored: %s", result.trouble)


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="forget_sessions")
def forget_over(timestamp: int) -> None:
    """Each night: delete the sessions of staff that are over, the wrong passwords that nobody counts, and
    the results of drills a year ago."""
    forget_sessions()
    forget_drills()
    throttle.forget()


@app.periodic(cron="25 3 * * *")
@app.task(queueing_lock="forget_jobs")
async def forget_jobs(timestamp: int) -> None:
    """Each night: delete the jobs that are over, however they ended, and those that died with their worker:
    what each had to do, a later one has found in the tables."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    await app.job_manager.delete_old_jobs(
        KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )
