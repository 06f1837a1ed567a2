"""The worker's clockwork for the site itself: what is over is deleted each night."""

from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app

from firm_site.forgetting import forget_sessions

KEPT = 72  # hours, of a job that is done or has failed: long enough to ask why


@app.periodic(cron="20 3 * * *")  # UTC, as all of these
@app.task(queueing_lock="forget_sessions")
def forget_over(timestamp: int) -> None:
    """Each night: delete the sessions of staff that are over."""
    forget_sessions()


@app.periodic(cron="25 3 * * *")
@app.task(queueing_lock="forget_jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Each night: delete the jobs that are over."""
    await builtin_tasks.remove_old_jobs(
        context, max_hours=KEPT, remove_failed=True, remove_cancelled=True, remove_aborted=True
    )
