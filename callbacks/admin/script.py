"""What to say and ask on the telephone, and the answers, saved while they are typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, FloatField, Func, Value
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from callbacks.actions import Refused, answering
from callbacks.actions.answering import BORN, NOTES, OURS, TREATED, Clash
from callbacks.admin.staff import member
from callbacks.models import CallbackRequest, CallScript, Note, NoteKind
from callbacks.sight import seen_by
from firm_site import words

LIKE_ENOUGH = 0.5  # of a topic to what somebody wrote as their procedure
LONGEST_QUESTION = 200


@dataclass(frozen=True)
class Question:
    """A question, what has been answered so far, and how often that was saved."""

    key: str
    words: str
    answer: str = ""
    edits: int = 0


@dataclass(frozen=True)
class Script:
    """How to begin, what to ask, and what was answered to questions that are asked no more."""

    topic: str
    opening: str
    questions: list[Question]
    besides: list[Question]

    @property
    def answered(self) -> list[Question]:
        """What has an answer, in the order in which it is asked."""
        return [each for each in [*self.questions, *self.besides] if each.answer]


def script_of(rows: Sequence[CallbackRequest]) -> Script:
    """The script for the procedure of one person's requests, with their answers."""
    found = script_for("; ".join(row.procedure for row in rows if row.procedure))
    notes = Note.objects.filter(request__in=rows, kind=NoteKind.ANSWER).order_by("pk")
    answers = {note.question: note for note in notes}
    lines = [line.strip()[:LONGEST_QUESTION] for line in found.questions.splitlines() if line.strip()]
    keys = [TREATED, *lines, BORN, NOTES]
    asked = [_question(key, answers.pop(key, None)) for key in keys]
    return Script(str(found), found.opening, asked, [_question(key, note) for key, note in answers.items()])


def script_for(procedure: str) -> CallScript:
    """The script whose topic, or other words for it, are like what somebody wrote; else the general one."""
    if procedure:
        holds = Func(F("topic"), Value(procedure), function="WORD_SIMILARITY", output_field=FloatField())
        near = Greatest(holds, _is_in("topic", procedure), _is_in("other_words", procedure))
        scripts = CallScript.objects.exclude(topic="").alias(near=near)
        if best := scripts.filter(near__gte=LIKE_ENOUGH).order_by(F("near").desc(), "pk").first():
            return best
    return CallScript.objects.filter(topic="").first() or CallScript()


def _is_in(column: str, procedure: str) -> TrigramWordSimilarity:
    """How like what somebody wrote is to a part of what stands in a column."""
    return TrigramWordSimilarity(procedure, column)


def _question(key: str, note: Note | None) -> Question:
    said = OURS.get(key, key)
    return Question(key, said, note.text, note.edits) if note else Question(key, said)


@require_POST
def save_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Save one answer as it stands: 200 with how often it has been saved; 409 with the other text when
    somebody else has changed it, or with why nothing can be written."""
    user = member(request, "work_callbackrequest")
    get_object_or_404(seen_by(user), pk=pk)
    question = words.line(request.POST.get("question", ""), LONGEST_QUESTION)
    typed = words.paragraphs(request.POST.get("text", ""))
    edits = request.POST.get("edits", "")
    if not question or not (edits.isascii() and edits.isdigit() and len(edits) < 9):
        return JsonResponse({"words": "That cannot be saved."}, status=422)
    if len(typed) > answering.LONGEST:
        return JsonResponse({"words": "That is too long: 4,000 characters at most."}, status=422)
    try:
        saved = answering.write(
            pk=pk, by=user, now=timezone.now(), question=question, text=typed, edits=int(edits)
        )
    except Clash as clash:
        theirs = {"theirs": clash.theirs, "edits": clash.edits}
        return JsonResponse({"words": str(clash), **theirs}, status=409)
    except Refused as refused:
        return JsonResponse({"words": str(refused)}, status=409)
    return JsonResponse({"edits": saved})
