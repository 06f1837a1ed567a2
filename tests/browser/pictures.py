"""Pictures of every page, for people to look at: `make pictures` puts them into pictures/."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from callbacks import hours
from callbacks.actions import desk, visiting
from callbacks.actions.booking import free_times
from callbacks.models import CallbackRequest, Party, SpecialDay
from callbacks.offer import start_of
from callbacks.opening import hours_in_force
from callbacks.states import Outcome
from pages import models as pages
from pages.actions.publishing import publish
from tests.browser.conftest import sign_in
from tests.conftest import member_of
from tests.drawing import kept

FOLDER = Path(__file__).resolve().parent.parent.parent / "pictures"
SIZES = {"phone": (390, 844), "laptop": (1280, 800)}
PUBLIC = {
    "home": "/",
    "guides": "/guides/",
    "guide": "/guides/botched-thread-lift/",
    "people": "/people/",
    "profile": "/people/michael-saul/",
    "form": "/request-a-callback/",
    "what-happens": "/what-happens/",
    "contact": "/contact/",
    "privacy": "/privacy/",
    "complaints": "/complaints/",
    "data-complaint": "/privacy/complaint/",
    "search": "/search/?q=thred+lift+infecton",
    "search-nothing": "/search/?q=botox",
    "404": "/no-such-page/",
}


def take(page: Page, name: str, *, whole: bool = True, at: str = "") -> None:
    """In light and dark, on a phone and a laptop: all of the page, or the window, scrolled to `at`."""
    FOLDER.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            if at:
                page.locator(at).evaluate("part => part.scrollIntoView()")
            page.evaluate("document.getAnimations().forEach((fade) => fade.finish())")
            page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png", full_page=whole)


@pytest.mark.expects_errors
def test_public_pages(site: str, page: Page):
    for name, address in PUBLIC.items():
        page.goto(site + address)
        take(page, name)
        take(page, f"{name}-window", whole=False)
    page.goto(site + "/request-a-callback/")
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "form-with-errors")
    page.locator("#id_full_name").fill("Zoë Example")
    page.locator("#id_phone").fill("07700 900 982")
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "receipt")


def test_times_to_choose(site: str, page: Page, asked):
    guide, form = "/guides/botched-thread-lift/", "#callback-form"
    page.goto(site + guide)
    take(page, "card-window", whole=False, at="#id_full_name")
    page.locator(".times input").first.check()
    take(page, "card-chosen-window", whole=False, at="#when")
    page.get_by_role("button", name="More times").click()
    take(page, "times-chosen")
    page.locator(".day").nth(1).locator("summary").click()
    page.locator(".day[open] input").nth(3).check()
    page.locator(".day").nth(2).locator("summary").click()
    take(page, "times-chosen-and-folded")
    page.locator("#id_full_name").fill("Zoë Example")
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "times-with-error")

    page.locator("#id_phone").fill("07700 900 982")
    start = start_of(page.locator("[name=when]:checked").get_attribute("value") or "")
    for name in ("Anna Example", "Ben Example"):
        asked(full_name=name, wanted_at=start, at=timezone.now())
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "time-gone")
    take(page, "time-gone-window", whole=False)

    today = timezone.localdate()
    SpecialDay.objects.create(day=today)
    page.goto(site + guide)
    take(page, "closed-today-window", whole=False, at=form)
    for ahead in range(1, 60):
        SpecialDay.objects.create(day=today + timedelta(days=ahead))
    page.goto(site + "/request-a-callback/")
    take(page, "nothing-free")


@pytest.mark.expects_errors
def test_the_receipt_in_each_of_its_states(site: str, page: Page, asked):
    anna, now = member_of("desk", "anna", "Anna", "Bell"), timezone.now()
    start, other = (span[0] for span in free_times(hours_in_force(), now)[4:6])
    made = iter(range(100))

    def new(**given) -> CallbackRequest:
        given.setdefault("at", now)
        return asked(full_name=f"Person {next(made)} Example", **given)

    def tried(end: Callable[..., None] = desk.no_answer, many: int = 1) -> CallbackRequest:
        request = new()
        for _ in range(many):
            desk.claim(pk=request.pk, by=anna, now=now)
            desk.call(pk=request.pk, by=anna, now=now)
            end(pk=request.pk, by=anna, now=now)
        return request

    def show(name: str, request: CallbackRequest, part: str = "") -> None:
        page.goto(site + request.get_absolute_url() + part)
        take(page, f"receipt-{name}")

    show("asap", asap := new())
    show("slot", new(wanted_at=start))
    show("abroad", new(wanted_at=start, phone="+353871234567"))
    show("late", new(at=now - timedelta(days=10)))
    show("tried", tried())
    show("gives-up", tried(many=3))
    show("wrong-number", tried(desk.wrong_number))
    show("spoken", spoken := tried(desk.spoke))
    desk.pass_to_solicitor(pk=spoken.pk, by=anna, now=now)
    show("with-solicitor", spoken)
    show("time-refused", spoken, "time/")
    for part in ("time", "number", "add", "cancel"):
        show(f"change-{part}", asap, f"{part}/")
        if part != "cancel":
            page.locator("main form button").click()
            take(page, f"receipt-change-{part}-error")
    visiting.choose_time(pk=asap.pk, by=None, now=now, wanted_at=other)
    show("changed", asap, "?done=time")
    visiting.cancel(pk=asap.pk, by=None, now=now)
    show("cancelled", asap)
    desk.close(pk=(closed := new()).pk, by=anna, now=now, outcome=Outcome.NO_BREACH)
    show("closed", closed)

    request = new()
    page.goto(f"{site}{request.get_absolute_url()}time/")
    page.locator(".day > summary").nth(1).click()
    page.locator(".day[open] input").first.check()
    gone = start_of(page.locator("[name=when]:checked").get_attribute("value") or "")
    new(wanted_at=gone)
    new(wanted_at=gone)
    page.locator("main form button").click()
    take(page, "receipt-time-gone")
    page.goto(f"{site}/callback/no-such-token/")
    take(page, "receipt-forged")


def test_staff_pages(site: str, page: Page, asked):
    anna = member_of("desk", "anna", "Anna", "Bell")
    member_of("managers", "maya", "Maya", "Dean")
    now = timezone.now()
    slot = next(start for start, _ in hours.slots(hours.DEFAULT, now + timedelta(days=1)))
    desk_pages = f"{site}/admin/callbacks/callbackrequest/"
    page.goto(site + "/admin/")
    take(page, "admin-login")
    sign_in(page, site, "anna")
    take(page, "admin-front")
    page.goto(desk_pages)
    take(page, "admin-requests-empty")

    for number in range(14):
        wanted_at = slot + timedelta(minutes=30) * (number // 2) if number % 3 else None
        name = f"Person {number} Example"
        request = asked(full_name=name, procedure="Thread lift", at=now, wanted_at=wanted_at)
    again = asked(full_name=name, at=now, message="Sooner if you can", email="person@example.com")
    again.notices.update(failed_at=now, try_again_at=None)
    for number in range(3):
        before = now - timedelta(days=10)
        text = "We can bring your website to the first page of every search. " * 3
        asked(full_name=f"www.offer{number}.com", message=text, at=before)
    desk.claim(pk=again.pk, by=anna, now=now)
    page.goto(desk_pages)
    take(page, "admin-requests")
    page.goto(f"{desk_pages}?show=set-apart")
    take(page, "admin-set-apart")
    page.goto(f"{desk_pages}day/?day={slot.date()}")
    take(page, "admin-day")
    page.goto(f"{desk_pages}{again.pk}/change/")
    take(page, "admin-request")
    page.goto(site + "/admin/")
    take(page, "admin-desk")
    page.goto(f"{desk_pages}new/")
    take(page, "admin-new-request")
    page.goto(f"{desk_pages}{again.pk}/record/")
    take(page, "admin-record")
    mine = asked(
        full_name="In A Call", at=now, clinic="Fern Street", procedure="Thread lift", message="It hurts."
    )
    desk.they_rang(pk=mine.pk, by=anna, now=now)
    page.goto(f"{desk_pages}{mine.pk}/change/")
    take(page, "admin-call")
    Party.objects.create(name="Harley Rose")
    held = asked(full_name="Held", at=now, clinic="Harley Rose", message="It hurts.")
    page.goto(f"{desk_pages}{held.pk}/change/")
    take(page, "admin-held")
    desk.spoke(pk=mine.pk, by=anna, now=timezone.now())
    page.goto(f"{desk_pages}{mine.pk}/change/")
    page.get_by_text("Call again at …").click()
    take(page, "admin-spoken")
    desk.close(pk=mine.pk, by=anna, now=timezone.now(), outcome=Outcome.TAKEN_ON)
    page.goto(f"{desk_pages}{mine.pk}/sheet/")
    take(page, "admin-sheet")
    refused = asked(full_name="Not Viable", at=now)
    desk.close(pk=refused.pk, by=anna, now=now, outcome=Outcome.NO_BREACH)
    page.goto(f"{desk_pages}{refused.pk}/change/")
    take(page, "admin-to-be-told")
    page.goto(f"{desk_pages}?show=no-date")
    take(page, "admin-no-date")
    page.goto(f"{desk_pages}new/")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".errorlist").first.wait_for()  # the form waits a moment before it is sent
    take(page, "admin-new-request-wrong")

    page.context.clear_cookies()
    member_of("partners", "paula", "Paula", "Eve")
    sign_in(page, site, "paula")
    take(page, "admin-partners")
    page.goto(f"{desk_pages}{held.pk}/change/")
    take(page, "admin-held-for-partners")
    for kind in ("party", "callscript", "messagetexts"):
        page.goto(f"{site}/admin/callbacks/{kind}/")
        take(page, f"admin-{kind}")
    page.goto(f"{site}/admin/callbacks/callscript/add/")
    take(page, "admin-callscript-add")

    page.context.clear_cookies()
    sign_in(page, site, "maya")
    page.goto(f"{site}/admin/callbacks/specialday/add/")
    page.locator("#id_day").fill(slot.date().isoformat())
    page.get_by_role("button", name="Save", exact=True).click()
    take(page, "admin-special-day-asks")
    page.goto(f"{desk_pages}reports/")
    take(page, "admin-reports")
    page.goto(f"{desk_pages}held/")
    take(page, "admin-held")
    page.goto(f"{desk_pages}{request.pk}/erase/")
    take(page, "admin-erase")
    page.goto(f"{site}/admin/callbacks/retentionperiods/1/change/")
    take(page, "admin-retention")
    page.goto(f"{site}/admin/callbacks/deskcapacity/1/change/")
    take(page, "admin-pace")
    SpecialDay.objects.create(day=slot.date(), reason="Staff day")
    page.goto(f"{desk_pages}day/?day={slot.date()}")
    take(page, "admin-day-closed")
    page.goto(f"{desk_pages}{request.pk}/change/")
    take(page, "admin-request-to-be-moved")


def test_publishing_pages(site: str, page: Page):
    paula = member_of("partners", "paula", "Paula", "Eve")
    guide = pages.Page.objects.get(slug="botched-thread-lift")
    person = pages.Page.objects.get(slug="michael-saul")
    guide.body = guide.body.replace("Swelling and redness", "Some swelling and redness").replace(
        "<h2>Medical implications</h2>",
        "<h2>Medical implications</h2><p>We guarantee a good result. Ring 0808 189 7703.</p>",
    )
    guide.title, guide._history_user = "Signs of a Botched Thread Lift", paula
    guide.save()
    person.role = "Senior partner"
    person.save()
    in_three_days = timezone.now() + timedelta(days=3)
    publish(page=person, by=paula, now=timezone.now(), live_from=in_three_days)
    pages.Draft.objects.create(page=person, by=paula, fields={"title": "Michael Saul, half typed"})
    sign_in(page, site, "paula")
    take(page, "partners-front")
    for name, of in (("guide", guide), ("person", person)):
        page.goto(f"{site}/admin/pages/page/{of.pk}/change/")
        page.locator(".tiptap[aria-label='Body']").wait_for()
        take(page, f"write-{name}")
        take(page, f"write-{name}-window", whole=False)
    for what in ("preview", "publish", "history", "compare", "withdraw"):
        page.goto(f"{site}/admin/pages/page/{guide.pk}/{what}/")
        page.wait_for_load_state("networkidle")
        take(page, f"write-{what}")
    page.goto(f"{site}/admin/pages/page/{person.pk}/withdraw/")
    take(page, "write-withdraw-person")
    page.goto(f"{site}/admin/pages/page/{guide.pk}/publish/")
    page.get_by_label("At a time").check()
    page.get_by_label("Day and time").fill("2099-10-25T01:30")
    page.get_by_role("button", name="Publish", exact=True).click()
    take(page, "write-publish-wrong")
    page.goto(f"{site}/admin/pages/page/on/?day={timezone.localdate()}")
    take(page, "write-day")
    page.goto(f"{site}/search/?q=thred lift infecton")
    take(page, "search")
    page.goto(f"{site}/search/?q=moonlight")
    take(page, "search-nothing")


def test_pages_about_pictures(site: str, page: Page):
    member_of("partners", "paula", "Paula", "Eve")
    picture = kept()
    sign_in(page, site, "paula")
    for name, part in {"": "", "-add": "add/", "-change": f"{picture.pk}/change/"}.items():
        page.goto(f"{site}/admin/pages/picture/{part}")
        take(page, f"admin-pictures{name}")
    page.goto(f"{site}/admin/pages/page/")
    page.get_by_role("link", name="Signs of a Botched Thread Lift Gone Wrong").click()
    page.get_by_role("button", name="Picture").click()
    page.get_by_role("radio", name="Needle").check()
    take(page, "admin-pictures-window", whole=False)
