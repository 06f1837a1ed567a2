"""What partners keep for the desk: whom the firm acts for, what to ask on the telephone, what to write."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

FIRST_OPENING = (
    "Ask for them by name. Say your name, and that you are ringing as they asked. "
    "Ask whether it is a good moment, and whether they are alone."
)
FIRST_QUESTIONS = """\
What was done, and what went wrong?
What were they told beforehand about the risks, and did they sign anything?
Have they seen another doctor since, and what did that doctor say?
What has it meant for them: pain, work, money, further treatment?
Do they have records, photographs or messages?
Have they spoken to another solicitor, or complained to the clinic?"""
FIRST_NOT_VIABLE = """\
We have looked at what you told us, and we are not able to act for you. We are sorry that this is not better news.

This does not mean that you have no claim. Another solicitor may see it differently, and you are free to ask one.

Time limits apply. A claim for an injury must usually be at court within three years, sometimes sooner, so if you want further advice please seek it soon.

We are not acting for you, and will do nothing further."""  # noqa: E501 (paragraphs, as they are read)
FIRST_DECLINED = """\
You have decided not to go on with us, and we respect that.

If you change your mind, or would like advice from another solicitor, please do not leave it long. Time limits apply: a claim for an injury must usually be at court within three years, sometimes sooner.

We are not acting for you, and will do nothing further."""  # noqa: E501


class Party(models.Model):
    """Somebody the firm acts for, or has acted for: what a request says is compared with these names."""

    name = models.CharField(
        max_length=200,
        unique=True,
        help_text="A clinic, a company or a practitioner the firm acts or has acted for, not an opponent. "
        "Add another name of the same party as a party of its own.",
    )
    remark = models.CharField(max_length=200, blank=True, help_text="For partners, for example the matter.")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "parties"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="a_party_has_a_name")]

    def __str__(self) -> str:
        return self.name


class CallScript(models.Model):
    """What to say and to ask when somebody had this procedure; the one without a topic is for all others."""

    topic = models.CharField(
        max_length=120,
        unique=True,
        blank=True,
        help_text="The procedure, as the guide about it has it: “Thread lift”. Empty: for all others.",
    )
    other_words = models.CharField(
        max_length=300,
        blank=True,
        help_text="How else people write it, with commas: “threads, PDO lift”.",
    )
    opening = models.TextField(
        max_length=1000, default=FIRST_OPENING, help_text="How to begin, and what may be said."
    )
    questions = models.TextField(
        max_length=2000,
        default=FIRST_QUESTIONS,
        help_text="One on each line, a few that decide whether there is a case. Asked before them, always: "
        "who carried it out, and when it was.",
    )

    class Meta:
        ordering = ["topic"]

    def __str__(self) -> str:
        return self.topic or "All other procedures"


class MessageTexts(models.Model):
    """What people are told when the firm does not act for them, in one row."""

    not_viable = models.TextField(
        "when we cannot act",
        max_length=2000,
        default=FIRST_NOT_VIABLE,
        help_text="It must say that we are not acting, that time limits apply, and to seek other advice. "
        "Name neither the firm nor a procedure: others may read it.",
    )
    declined = models.TextField(
        "when they decided not to go on", max_length=2000, default=FIRST_DECLINED, help_text="As above."
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "message texts"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="the_messages_are_one_row"),
            models.CheckConstraint(
                condition=~Q(not_viable="") & ~Q(declined=""), name="nobody_is_sent_an_empty_message"
            ),
        ]

    def __str__(self) -> str:
        return "Message texts"
