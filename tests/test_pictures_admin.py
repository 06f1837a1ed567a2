"""Partners keep pictures: what they upload, what they may change, and when one may go."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pages.actions import writing
from pages.actions.pictures import InUse, remove, used_by
from pages.models import Kind, Page, Picture, PictureFile
from tests.drawing import as_file, drawn, kept
from tests.writing import published, republished, written

pytestmark = pytest.mark.django_db

LIST, ADD, CHOOSE = (f"/admin/pages/picture/{part}" for part in ("", "add/", "choose/"))


@pytest.fixture
def partner(client, paula):
    client.force_login(paula)
    return client


@pytest.fixture
def yesterday():
    return timezone.now() - timedelta(days=1)


def upload(file_name: str = "Tray.jpg", content: bytes | None = None, **said: str) -> dict:
    file = SimpleUploadedFile(file_name, as_file() if content is None else content, "text/plain")
    return {"upload": file, "alternative_text": "A tray"} | said


def errors(response) -> dict:
    return {name: list(sentences) for name, sentences in response.context["adminform"].form.errors.items()}


def messages(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def change(picture: Picture) -> str:
    return f"{LIST}{picture.pk}/change/"


# Uploading


def test_an_upload_is_kept_with_who_and_when_and_named_after_its_file(partner, paula):
    before = timezone.now()
    assert (
        partner.post(ADD, upload("Tray of needles.jpg", alternative_text="A\r\n tray "))["Location"] == LIST
    )
    picture = Picture.objects.get()
    assert (picture.name, picture.alternative_text) == ("Tray of needles", "A tray")
    assert (picture.width, picture.height, picture.uploaded_by) == (640, 480, paula)
    assert before <= picture.uploaded_at <= timezone.now()
    assert sorted(picture.files.values_list("width", "height", "format")) == [
        (160, 120, "jpeg"), (160, 120, "webp"), (400, 300, "jpeg"), (400, 300, "webp"),
        (600, 450, "jpeg"), (600, 450, "webp"), (640, 480, "jpeg"), (640, 480, "webp"),
    ]  # fmt: skip


NOT_SAID = "Say what the picture shows, for people who cannot see it."
NOT_ONE = "This is not a picture that can be used here: choose a JPEG, PNG or WebP file."
TOO_LARGE = "This file has 10.4 MB: at most 10 MB can be taken. Save it smaller."


@pytest.mark.parametrize(
    ("posted", "field", "said"),
    [
        ({"alternative_text": " "}, "alternative_text", NOT_SAID),
        (
            {"alternative_text": "IMG_1234.JPG"},
            "alternative_text",
            "That is the name of a file: say what the picture shows.",
        ),
        (
            {"alternative_text": "x" * 251},
            "alternative_text",
            "Say it in at most 250 characters; this has 251.",
        ),
        ({"content": b"GIF89a"}, "upload", NOT_ONE),
        ({"content": b""}, "upload", "This file is empty: choose a picture."),
        ({"content": as_file() + b"\0" * 10_400_000}, "upload", TOO_LARGE),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_kept(partner, posted, field, said):
    assert errors(partner.post(ADD, upload(**posted))) == {field: [said]}
    assert (Picture.objects.count(), PictureFile.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("said", "kept_as"),
    [
        ({"alternative_text": "A \u202eyart\u202c\x07 of\x0b needles"}, ("Tray", "A yart of needles")),
        ({"name": "\u200b", "alternative_text": "<b>{{ x }}"}, ("Tray", "<b>{{ x }}")),
        ({"name": "\u202eyarT\u2066"}, ("yarT", "A tray")),
    ],
)
def test_what_nobody_can_read_is_left_out_of_what_is_said_of_a_picture(partner, said, kept_as):
    assert partner.post(CHOOSE, upload(**({"name": ""} | said))).status_code == 201
    assert Picture.objects.values_list("name", "alternative_text").get() == kept_as


def test_a_text_or_a_name_that_nobody_can_see_is_none(partner):
    assert errors(partner.post(ADD, upload(alternative_text="\u200b"))) == {"alternative_text": [NOT_SAID]}
    partner.post(ADD, {"upload": SimpleUploadedFile("   .jpg", as_file()), "alternative_text": "A tray"})
    picture = Picture.objects.get()
    assert picture.name == "Picture"
    partner.post(change(picture), {"alternative_text": "A tray", "name": "\u2066\u200b"})
    picture.refresh_from_db()
    assert picture.name == "Picture"


def test_an_upload_without_a_file_says_so(partner):
    assert errors(partner.post(ADD, {"alternative_text": "A tray"})) == {"upload": ["Choose a picture."]}


def test_the_same_picture_twice_is_one_and_whoever_uploads_it_is_told(partner):
    partner.post(ADD, upload("First.jpg"), follow=True)
    again = partner.post(ADD, upload("Second.jpg", alternative_text="Another"), follow=True)
    assert messages(again) == ["This picture was here already, as “First”. It stays as it was."]
    assert LogEntry.objects.count() == 1
    assert Picture.objects.values_list("name", "alternative_text").get() == ("First", "A tray")


@pytest.mark.parametrize("address", [ADD, CHOOSE, "/request-a-callback/"])
def test_a_body_over_the_limit_gets_a_sentence_and_no_disk(client, paula, address):
    if address != "/request-a-callback/":
        client.force_login(paula)
    response = client.post(address, upload(content=b"\0" * 12_100_000))
    assert response.status_code == 413
    html = response.content.decode()
    assert "That was too long for us to take" in html
    assert ("A picture may have at most 10 MB" in html) == (address != "/request-a-callback/")


# From the editor


def test_the_editor_takes_in_a_picture_and_is_told_how_to_show_it(partner, paula):
    response = partner.post(CHOOSE, upload())
    picture = Picture.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": picture.pk,
        "name": "Tray",
        "alternative_text": "A tray",
        "src": picture.files.get(width=640, format="jpeg").path,
        "thumbnail": picture.files.get(width=400, format="jpeg").path,
    }
    assert picture.uploaded_by == paula


def test_the_editor_is_told_what_is_wrong(partner):
    response = partner.post(CHOOSE, upload(content=b"words", alternative_text=""))
    assert (response.status_code, response.json()) == (
        422,
        {
            "errors": {
                "upload": [NOT_ONE],
                "alternative_text": [NOT_SAID],
            }
        },
    )


def found(partner, **query: str) -> list[str]:
    return [picture["name"] for picture in partner.get(CHOOSE, query).json()["pictures"]]


def test_the_editor_offers_the_newest_first_and_finds_by_name_or_text(partner):
    kept(drawn(colour="red"), name="Red", alternative_text="A square")
    kept(drawn(colour="blue"), name="Blue", alternative_text="A round thing")
    assert found(partner) == ["Blue", "Red"]
    assert found(partner, q="red") == ["Red"]
    assert found(partner, q=" ROUND ") == ["Blue"]
    assert found(partner, q="green") == []


@pytest.mark.parametrize("many", [1, 3])
def test_list_and_choice_cost_the_same_queries_however_many_pictures_there_are(
    partner, many, django_assert_num_queries
):
    for number in range(many):
        kept(drawn(colour=(number, 0, 0)), name=f"Number {number}")
    with django_assert_num_queries(6):
        assert len(found(partner)) == many
    partner.get(LIST)
    with django_assert_num_queries(11):
        assert partner.get(LIST).content.decode().count("picture-thumbnail") == many


@pytest.mark.parametrize("who", ["anna", "maya"])
def test_the_desk_and_managers_neither_choose_nor_upload(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(CHOOSE).status_code == 403
    assert client.post(CHOOSE, upload()).status_code == 403
    assert client.post(ADD, upload()).status_code == 403
    assert Picture.objects.count() == 0


def test_without_a_login_there_is_nothing_to_choose(client):
    assert client.get(CHOOSE).status_code == 302
    assert client.post(CHOOSE, upload()).status_code == 302
    assert Picture.objects.count() == 0


def test_the_editor_of_pages_has_the_button_and_knows_where_to_ask(partner, yesterday):
    page = published(at=yesterday)
    html = partner.get(f"/admin/pages/page/{page.pk}/change/").content.decode()
    assert f"{CHOOSE}" in html
    assert "/static/staff-pictures.js" in html


# Changing


def test_of_a_picture_only_what_is_said_of_it_changes(partner):
    picture = kept()
    before = list(picture.files.order_by("pk").values("hash", "content"))
    posted = {"alternative_text": "Another", "name": "Other", "width": "1", "fingerprint": "x", "upload": ""}
    partner.post(
        change(picture), posted | upload(content=as_file(drawn(colour="red")), alternative_text="Another")
    )
    picture.refresh_from_db()
    assert (picture.alternative_text, picture.name, picture.width) == ("Another", "Other", 640)
    assert list(picture.files.order_by("pk").values("hash", "content")) == before


def test_an_alternative_text_cannot_be_taken_away(partner):
    response = partner.post(change(kept()), {"alternative_text": "", "name": "Needle"})
    assert errors(response) == {"alternative_text": [NOT_SAID]}


def test_a_portrait_is_chosen_on_a_solicitors_page_and_nowhere_else(partner, yesterday):
    picture = kept()
    mike, guide = published(Kind.PROFILE, "mike", at=yesterday), published(at=yesterday)
    fields = partner.get(f"/admin/pages/page/{mike.pk}/change/").context["adminform"].form.fields
    assert list(fields["portrait"].queryset) == [picture]
    assert f'data-thumbnail="{picture.thumbnail}"' in str(
        partner.get(f"/admin/pages/page/{mike.pk}/change/").context["adminform"].form["portrait"]
    )
    posted = {"title": "A", "slug": "filler", "summary": "B", "body": "<p>C</p>", "portrait": picture.pk}
    partner.post(f"/admin/pages/page/{guide.pk}/change/", posted)
    partner.post(f"/admin/pages/page/{mike.pk}/change/", posted | {"slug": "mike"})
    assert dict(Page.objects.values_list("kind", "portrait")) == {"guide": None, "profile": picture.pk}


# Deleting


def delete(partner, picture: Picture):
    return partner.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"}, follow=True)


def test_a_picture_that_nothing_shows_can_go_with_all_its_files(partner):
    picture, other = kept(), kept(drawn(colour="white"))
    assert partner.get(f"{LIST}{picture.pk}/delete/").status_code == 200
    delete(partner, picture)
    assert list(Picture.objects.all()) == [other]
    assert set(PictureFile.objects.values_list("picture", flat=True)) == {other.pk}


def test_what_a_page_shows_or_once_showed_stays_and_a_sentence_says_where(partner, yesterday):
    picture = kept()
    smallest = picture.files.first().path
    body = f'<figure><img src="{smallest}" alt="A"></figure>'
    written(slug="draft", body=body)
    republished(published(slug="earlier", at=yesterday, body=body), at=yesterday, body="<p>Without.</p>")
    mike = published(Kind.PROFILE, "mike", at=yesterday, portrait=picture)
    said = "It stays: it is, or was in an earlier version, on “Draft”, “Earlier” and “Mike”."
    assert messages(delete(partner, picture)) == [said]
    assert messages(partner.get(f"{LIST}{picture.pk}/delete/", follow=True)) == [said]
    republished(mike, at=yesterday, portrait=None)
    assert messages(delete(partner, picture)) == [said]
    assert picture.files.count() == 8
    assert "“Draft”, “Earlier” and “Mike”" in partner.get(change(picture)).content.decode()


@pytest.mark.parametrize("field", ["body", "portrait"])
@pytest.mark.parametrize("new", [True, False])
def test_what_somebody_is_putting_on_a_page_stays_before_they_have_saved(paula, yesterday, field, new):
    picture = kept()
    page = None if new else published(Kind.PROFILE, "mike", at=yesterday)
    typed = {"body": f'<figure><img src="{picture.path}" alt="A"></figure>', "portrait": str(picture.pk)}
    writing.keep(page=page, by=paula, fields={field: typed[field]}, now=timezone.now())
    assert used_by(picture) == (["a page that is still to be"] if new else ["Mike"])
    writing.discard(page=page, by=paula)
    assert used_by(picture) == []


def test_a_version_that_is_restored_has_its_portrait_again(paula, yesterday):
    picture = kept()
    page = published(Kind.PROFILE, "mike", at=yesterday, portrait=picture)
    version = page.history.get()
    republished(page, at=yesterday, portrait=None)
    writing.restore(page=page, version=version, by=paula)
    assert Page.objects.get().portrait == picture


def test_the_verb_itself_refuses_what_is_shown(paula):
    picture = kept()
    written(Kind.PROFILE, "mike", portrait=picture)
    with pytest.raises(InUse) as refusal:
        remove(picture=picture, by=paula)
    assert refusal.value.where == ["Mike"]
    assert Picture.objects.count() == 1


def test_asking_whether_one_may_go_reads_no_content(partner, django_assert_max_num_queries):
    picture = kept()
    with django_assert_max_num_queries(60) as asked:
        partner.get(f"{LIST}{picture.pk}/delete/")
        delete(partner, picture)
    assert not any('"content"' in query["sql"] for query in asked.captured_queries)
