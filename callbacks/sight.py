"""Who on the staff sees which requests, and who may read the story in them (contract.md, Roles)."""

from django.db.models import Q

from callbacks.models import CallbackRequest
from callbacks.models.request import CallbackRequestQuerySet
from callbacks.states import Status
from firm_site.models import User


def seen_by(user: User) -> CallbackRequestQuerySet:
    """The requests that exist for this person.

    The desk and managers, who enter requests, see all. Partners see those that wait for them: with
    an open resemblance, or with a solicitor, also while somebody has it claimed from there.
    """
    everything = CallbackRequest.objects.all()
    if not user.has_perm("callbacks.view_callbackrequest"):
        return everything.none()
    if user.has_perm("callbacks.enter_callbackrequest"):
        return everything
    return everything.filter(Q(conflict_since__isnull=False) | Q(decide_by__isnull=False))


def may_read_story(user: User, callback: CallbackRequest) -> bool:
    """Whether what was told us (message, clinic, procedure, its date, notes, and the page that they asked
    on, since a guide is about one procedure) is for these eyes.

    While a clinic or practitioner in it resembles one the firm acts for, only whoever may clear
    that reads it. Name, number and the wishes for the call are never part of the story.
    """
    if callback.conflict_since is None:
        return True
    return user.has_perm("callbacks.clear_conflict_callbackrequest")


def message_is_folded(user: User, callback: CallbackRequest) -> bool:
    """Whether the message waits until “Who carried it out?” has been asked and compared, since it may
    name somebody we act for. What was set apart is judged by its words, and nobody can be asked."""
    if callback.clinic or callback.status == Status.SUSPECTED_SPAM:
        return False
    return not user.has_perm("callbacks.clear_conflict_callbackrequest")
