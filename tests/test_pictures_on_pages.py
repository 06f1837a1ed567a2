"""Pictures as visitors get them: the files by their hash, and the markup around them."""

import json
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from pages.body import clean, render
from pages.models import Kind, Page, Picture, PictureFile
from pages.shown_pictures import shown_pictures
from tests.client import Client
from tests.drawing import drawn, kept
from tests.writing import published, republished, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def yesterday():
    return timezone.now() - timedelta(days=1)


def figure(picture: Picture, alt: str = "A tray") -> str:
    return f'<figure><img src="{picture.path}" alt="{alt}"></figure>'


def shown(picture: Picture, **said: str) -> str:
    body = figure(picture, **said)
    return str(render(body, shown_pictures(body)))


# The files


def test_a_file_is_served_by_its_hash_for_ever(client):
    for file in kept(drawn(500, 300)).files.all():
        response = client.get(file.path)
        assert response.content == bytes(file.content)
        assert {name: response[name] for name in ("Content-Type", "Content-Length", "Cache-Control")} == {
            "Content-Type": f"image/{file.format}",
            "Content-Length": str(len(file.content)),
            "Cache-Control": "public, max-age=31536000, immutable",
        }
        assert response["ETag"] == f'"{file.hash}"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response.cookies == {}


def test_whoever_asks_for_the_head_alone_gets_no_body(client):
    file = kept().files.first()
    response = client.head(file.path)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(file.content))


def test_whoever_has_it_already_is_not_sent_it_again(client):
    file = kept().files.first()
    again = client.get(file.path, headers={"If-None-Match": f'"{file.hash}"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(file.path, headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_picture_costs_one_query(client, django_assert_num_queries):
    file = kept().files.first()
    with django_assert_num_queries(1):
        client.get(file.path)
    with django_assert_num_queries(1):
        assert client.get(f"/img/{'0' * 32}.jpg").status_code == 404


def test_what_is_no_address_of_a_picture_is_not_found(client, django_assert_num_queries):
    file = kept().files.get(width=400, format="jpeg")
    assert client.get(f"/img/{file.hash}.webp").status_code == 404  # there is one, but it is no WebP
    wrong = [f"{file.hash}.png", f"{file.hash}.jpg/", f"{file.hash.upper()}.jpg", f"{file.hash}.jpg%0A"]
    wrong += [f"{file.hash[:-1]}.jpg", f"{file.hash}0.jpg", file.hash, "../settings.py", ""]
    with django_assert_num_queries(0):
        for name in wrong:
            assert client.get(f"/img/{name}").status_code == 404, name


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "trace"])
def test_a_picture_is_only_read(method):
    strict = Client(enforce_csrf_checks=True)
    assert getattr(strict, method)(kept().files.first().path).status_code == 405


# In a text


def test_a_figure_becomes_a_picture_in_every_width_of_both_formats():
    picture = kept(drawn(700, 500))
    paths = {(file.format, file.width): file.path for file in picture.files.all()}
    webp, jpeg = (
        ", ".join(f"{paths[kind, width]} {width}w" for width in (400, 600, 700)) for kind in ("webp", "jpeg")
    )
    sizes = "(min-width: 39.5em) 37.5rem, calc(100vw - 2rem)"
    assert shown(picture) == (
        f'<figure><picture><source type="image/webp" srcset="{webp}" sizes="{sizes}">'
        f'<img src="{paths["jpeg", 700]}" srcset="{jpeg}" sizes="{sizes}" width="700" height="500" '
        'alt="A tray" loading="lazy" decoding="async"></picture></figure>'
    )


@pytest.mark.parametrize(
    ("size", "opens", "sizes"),
    [
        ((1600, 1000), "<figure><picture>", "(min-width: 39.5em) 37.5rem, calc(100vw - 2rem)"),
        ((1200, 1600), '<figure class="upright"><picture>', "(min-width: 28em) 26rem, calc(100vw - 2rem)"),
        ((320, 200), "<figure><picture>", "(min-width: 22em) 20rem, calc(100vw - 2rem)"),
    ],
)
def test_the_browser_is_told_the_width_of_the_column_or_of_what_is_narrower(size, opens, sizes):
    html = shown(kept(drawn(*size)))
    assert html.startswith(opens)
    assert set(re.findall(r'sizes="([^"]*)"', html)) == {sizes}


def test_a_figure_may_name_any_file_of_its_picture():
    picture = kept()
    smallest = picture.files.get(width=160, format="webp").path
    body = f'<figure><img alt="A tray" src="{smallest}"></figure>'
    assert str(render(body, shown_pictures(body))) == shown(picture)


@pytest.mark.parametrize("src", [f"/img/{'0' * 32}.jpg", "/img/a.webp", "/contact/", "/static/a.png"])
def test_a_picture_that_is_not_there_leaves_nothing_broken(src):
    body = f'<p>a</p><figure><img src="{src}" alt="A tray"></figure><p>b</p>'
    assert clean(body) == body
    assert str(render(body, shown_pictures(body))) == "<p>a</p><p>b</p>"


def test_an_alternative_text_is_text_and_nothing_else(client, yesterday):
    hostile = "&quot; onerror=&quot;x&lt;script&gt; [telephone] &amp;amp;"
    published(at=yesterday, body=figure(kept(), hostile))
    html = client.get("/guides/filler/").content.decode()
    (alt,) = re.findall(r'alt="([^"]*)"', html)
    assert alt == "&quot; onerror=&quot;x&lt;script&gt; &#91;telephone] &amp;amp;"


def test_a_page_keeps_the_alternative_text_that_it_was_saved_with(client, yesterday):
    picture = kept()
    published(at=yesterday, body=figure(picture))
    Picture.objects.update(alternative_text="Another")
    assert 'alt="A tray"' in client.get("/guides/filler/").content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_a_page_costs_one_query_more_however_many_pictures_it_has(
    client, yesterday, many, django_assert_num_queries
):
    mike = published(Kind.PROFILE, "mike", at=yesterday)
    guide = published(at=yesterday, author=mike, body="<p>Text.</p>")
    client.get("/guides/filler/")
    with django_assert_num_queries(7):
        client.get("/guides/filler/")
    republished(mike, at=yesterday, portrait=kept(drawn(colour="white")))
    pictures = [kept(drawn(colour=(number, 0, 0))) for number in range(many)]
    republished(guide, at=yesterday, body="".join(figure(picture) for picture in pictures))
    with django_assert_num_queries(8):
        html = client.get("/guides/filler/").content.decode()
    assert html.count("<picture>") == many + 2


def test_which_pictures_a_page_shows_is_asked_without_their_content(django_assert_num_queries):
    body = figure(kept())
    with django_assert_num_queries(1) as asked:
        shown_pictures(body)
    assert "content" not in asked.captured_queries[0]["sql"]


# Portraits


def portraits(client, path: str) -> list[tuple[str, str]]:
    html = client.get(path).content.decode()
    return re.findall(r'<span class="portrait portrait-(\w+)">.*? alt="([^"]*)"', html)


def test_a_portrait_stands_where_the_initials_would(client, yesterday):
    mike = published(Kind.PROFILE, "mike", at=yesterday, title="Mike Saul", portrait=kept())
    published(Kind.PROFILE, "ann", at=yesterday, title="Ann Other")
    published(at=yesterday, author=mike)
    assert portraits(client, "/people/mike/") == [("large", "Mike Saul")]
    assert portraits(client, "/people/") == [("medium", "")]
    assert portraits(client, "/") == [("medium", "")]
    assert portraits(client, "/guides/filler/") == [("small", ""), ("medium", "")]
    assert portraits(client, "/people/ann/") == []
    assert re.findall(r">(\w\w)</span>", client.get("/people/").content.decode()) == ["AO"]


def test_search_engines_are_told_of_a_portrait_and_of_none_where_there_is_none(client, yesterday):
    mike = published(Kind.PROFILE, "mike", at=yesterday, portrait=kept())
    published(Kind.PROFILE, "ann", at=yesterday)
    images = []
    for path in ("/people/mike/", "/people/ann/"):
        (person, _) = json.loads(client.get(path).context["structured_data"])["@graph"]
        images.append(person.get("image"))
    assert images == [f"http://localhost:8000{mike.portrait.path}", None]


def test_saving_another_portrait_changes_no_page_until_it_is_published(client, yesterday):
    mike = published(Kind.PROFILE, "mike", at=yesterday)
    mike.portrait = kept()
    mike.save()
    assert portraits(client, "/people/mike/") == []
    assert mike.history.latest("history_id").portrait_id == mike.portrait_id


@pytest.mark.parametrize("people", [1, 3])
def test_the_team_costs_one_query_for_all_portraits(client, yesterday, people, django_assert_num_queries):
    for number in range(people):
        portrait = kept(drawn(colour=(number, 0, 0)))
        published(Kind.PROFILE, f"person-{number}", at=yesterday, portrait=portrait)
    client.get("/people/")
    with django_assert_num_queries(4):
        assert len(portraits(client, "/people/")) == people


@pytest.mark.parametrize(
    ("size", "sizes"), [((600, 900), "8rem"), ((600, 600), "8rem"), ((900, 600), "12rem")]
)
def test_of_a_wide_portrait_the_browser_is_told_what_will_be_cut_off_too(client, yesterday, size, sizes):
    published(Kind.PROFILE, "mike", at=yesterday, portrait=kept(drawn(*size)))
    html = client.get("/people/mike/").content.decode()
    assert set(re.findall(r'sizes="([^"]*)" width="128" height="128"', html)) == {sizes}


# What the database refuses


def refuses(name: str, change) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        change()
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("a_picture_has_an_alternative_text", {"alternative_text": " \n"}),
        ("a_picture_has_a_name", {"name": ""}),
        ("a_picture_has_a_width_and_a_height", {"width": 0}),
    ],
)
def test_a_picture_cannot_break(rule, broken):
    kept()
    refuses(rule, lambda: Picture.objects.update(**broken))


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("a_file_of_a_picture_is_webp_or_jpeg", {"format": "gif"}),
        ("a_file_of_a_picture_is_named_by_a_hash", {"hash": "../x"}),
        ("a_file_of_a_picture_has_a_width_and_a_height", {"height": 0}),
        ("a_file_of_a_picture_is_not_empty", {"content": b""}),
        ("a_picture_has_one_file_of_a_width_and_format", {"width": 400}),
    ],
)
def test_a_file_of_a_picture_cannot_break(rule, broken):
    files = kept().files.filter(format="webp", width=160)
    refuses(rule, lambda: files.update(**broken))


def test_no_two_files_have_one_hash():
    first, second = kept().files.order_by("pk")[:2]
    refuses("hash", lambda: PictureFile.objects.filter(pk=second.pk).update(hash=first.hash))


def test_the_same_picture_is_kept_once():
    picture = kept()
    other = kept(drawn(colour="white"))
    refuses(
        "fingerprint",
        lambda: Picture.objects.filter(pk=other.pk).update(fingerprint=picture.fingerprint),
    )


def test_only_a_profile_has_a_portrait():
    guide = written(Kind.GUIDE)
    pages = Page.objects.filter(pk=guide.pk)
    refuses("only_a_profile_has_what_describes_a_person", lambda: pages.update(portrait=kept()))
