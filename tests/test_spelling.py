"""Which words are read as slips of others, and which never are. The guides are the site's own."""

import pytest
from django.utils import timezone

from pages import first_content
from pages.models import Publication
from pages.spelling import slips
from tests.writing import published

pytestmark = pytest.mark.django_db

# What people type on a telephone, and the word of the first guide that they mean.
SLIPS = {
    "thred": "thread",
    "tread": "thread",
    "thraed": "thread",
    "htread": "thread",
    "infecton": "infection",
    "infetcion": "infection",
    "infaction": "infection",
    "asymetry": "asymmetrical",
    "asymmetrcal": "asymmetrical",
    "facelfit": "facelift",
    "sweling": "swelling",
    "numbnes": "numbness",
    "compensaton": "compensation",
    "negligense": "negligence",
    "advise": "advice",
    "practicioner": "practitioner",
    "anesthetic": "anaesthetic",
    "alergic": "allergic",
    "muscels": "muscles",
    "asym": "asymmetrical",  # the beginning of a word
    "anaesth": "anaesthetic",
}

# What people ask for that the first guide is not about: near to a word of it, and another word.
OTHER_WORDS = """
botox filler fillers breast nose rhinoplasty implant implants liposuction laser hair tummy scar lip lips
turkey refund tattoo chin abdominoplasty augmentation reduction eyelid peel teeth buttock ear leg brow neck
burn burns lens eye mole keloid blindness bruise bruising lump nodule granuloma sepsis death wound sue suing
fee win nurse dentist leeds london mesh note test bread table chest arm jaw feet strong moist
"""

OUR_WORDS = ["thread", "threads", "lifting", "Infection", "infected", "the", "wrong", "claims", "cost"]


@pytest.fixture
def guides(now):
    first_content.load(now=now)
    return Publication.objects.live(now).guides()


def test_a_slip_is_read_as_the_nearest_word_of_the_guides(guides):
    assert slips(list(SLIPS), guides) == SLIPS


def test_a_word_that_only_looks_like_one_of_ours_is_left_as_it_is(guides):
    read_as = slips(OTHER_WORDS.split(), guides)
    assert read_as == {"lump": "lumpy"}  # its beginning, and no harm


def test_a_word_of_the_guides_is_no_slip_whatever_its_ending(guides):
    assert slips([word.lower() for word in OUR_WORDS], guides) == {}


def test_of_two_near_words_the_nearer_is_taken_then_the_first_by_the_alphabet(now):
    published(slug="a", at=now, body="<p>thread threat throat</p>")
    published(slug="b", at=now, body="<p>infected injected</p>")
    guides = Publication.objects.live(now).guides()
    assert slips(["thresd", "injeted"], guides) == {"thresd": "thread", "injeted": "injected"}


def test_no_word_is_no_slip_and_a_site_without_guides_has_none():
    assert slips([], Publication.objects.live(timezone.now()).guides()) == {}
    assert slips(["thred"], Publication.objects.live(timezone.now()).guides()) == {}
