"""The worker's clockwork for the site itself: what is over is deleted each night."""

from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from firm_site import throttle
from firm_site.forgetting import forget_sessions

KEPT = 72  # hours, of a job that is done or has failed: long enough to ask why


@app.periodic(cron="20 3 * * *")  # UTC, as all of these
@app.task(queueing_lock="forget_sessions")
def forget_over(timestamp: int) -> None:
    """Each night: delete the sessions of staff that are over, and the wrong passwords that nobody counts."""
    forget_sessions()
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
