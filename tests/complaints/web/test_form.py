"""Filing a report without JavaScript, from the empty form to the report's page, and what can go wrong."""

import uuid

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints import links
from complaints.models import Event, Photo, Report, Reporter, StagedPhoto
from complaints.services import photos

from .conftest import hidden_fields

pytestmark = pytest.mark.django_db
URL = "/lapor/"


def upload(content: bytes, name="foto.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_the_form_offers_every_kind_and_every_kelurahan(client):
    page = client.get(URL)
    assert page.status_code == 200
    html = page.content.decode()
    assert html.count('name="category" value="') == 34
    assert html.count("<option value=") == 178  # 177 kelurahan and "choose"


def test_choosing_a_kind_shows_its_questions_and_keeps_what_was_typed(client, filled):
    page = client.post(URL, filled(category="banjir-genangan", action="choose"))
    html = page.content.decode()
    assert page.status_code == 200
    assert 'name="answers.depth"' in html
    assert "motor sering oleng" in html
    assert 'value="Jalan Pemuda"' in html


def test_the_kind_can_stand_in_the_address(client):
    html = client.get(URL, {"kategori": "banjir-rob"}).content.decode()
    assert 'value="banjir-rob" checked' in html
    assert 'name="answers.depth"' in html


def test_the_whole_way(client, filled, jpeg):
    data = filled(contact_name="Warga Contoh", contact_phone="0812-3456-7890", is_anonymous=None)
    page = client.post(URL, data | {"photos": upload(jpeg())})
    assert page.status_code == 200
    assert b'data-testid="preview-card"' in page.content
    assert Report.objects.count() == 0
    fields = hidden_fields(page.content.decode())
    sent = client.post(URL, fields | {"action": "submit"})
    report = Report.objects.get()
    assert sent.status_code == 302
    assert sent.url == f"/lapor/terima-kasih/{report.code}/"
    assert report.photos.count() == 1
    assert Reporter.objects.get().phone == "+6281234567890"
    thanks = client.get(sent.url).content.decode()
    assert report.spoken_code in thanks
    assert links.private_path(report) in thanks.replace("&amp;", "&")
    story = client.get(f"/laporan/{report.code}/").content.decode()
    assert "Warga Contoh" in story
    assert "7890" not in story
    assert 'data-testid="reporter-box"' in story


def test_everybody_else_is_led_from_the_thanks_to_the_public_page(client, make_report):
    report = make_report()
    answer = client.get(f"/lapor/terima-kasih/{report.code}/")
    assert (answer.status_code, answer.url) == (302, f"/laporan/{report.code}/")


def test_the_thanks_open_with_the_private_link(client, make_report):
    report = make_report()
    answer = client.get(f"/lapor/terima-kasih/{report.code}/", {"kunci": links.secret_of(report)})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_kelurahan_and_a_street_are_a_place(client, filled):
    data = filled(latitude=None, longitude=None, place_mode=None, area="33.74.01.1001")
    page = client.post(URL, data)
    client.post(URL, hidden_fields(page.content.decode()) | {"action": "submit"})
    report = Report.objects.get()
    assert (report.area.code, report.place_source) == ("33.74.01.1001", "area")


def test_sent_twice_is_one_report_and_the_same_page(client, filled):
    data = filled(action="submit")
    first, second = client.post(URL, data), client.post(URL, data)
    assert first.url == second.url
    assert Report.objects.count() == 1
    assert Event.objects.count() == 1


def test_changed_after_sending_becomes_a_new_draft(client, filled):
    data = filled(action="submit")
    client.post(URL, data)
    code = Report.objects.get().spoken_code
    again = client.post(URL, data | {"description": "Masalah lain."})
    html = again.content.decode()
    assert again.status_code == 409
    assert code in html
    assert "Masalah lain." in html
    assert hidden_fields(html)["key"] != [data["key"]]
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "anchor"),
    [
        ({"category": None}, "#kategori"),
        ({"category": "tidak-ada"}, "#kategori"),
        ({"category": "banjir"}, "#kategori"),
        ({"description": None}, "#id_description"),
        ({"description": "x" * 10_000}, "#id_description"),
        ({"latitude": "NaN", "longitude": "110.4"}, "#tempat"),
        ({"latitude": "inf", "longitude": "110.4"}, "#tempat"),
        ({"latitude": "di sini"}, "#tempat"),
        ({"latitude": "110.4229", "longitude": "-6.9903"}, "#tempat"),
        ({"latitude": None, "longitude": None}, "#tempat"),
        ({"latitude": None, "longitude": None, "area": "33.99"}, "#id_area"),
        ({"street": "x" * 201}, "#id_street"),
        ({"contact_email": "bukan-surel"}, "#id_contact_email"),
        ({"contact_phone": "12"}, "#id_contact_phone"),
        ({"category": "banjir-genangan", "answers__depth": "sejuta meter"}, "#q-depth"),
    ],
)
def test_faults_are_named_and_nothing_typed_is_lost(client, filled, changes, anchor):
    data = filled(**changes)
    for action in ("preview", "submit"):
        page = client.post(URL, data | {"action": action})
        html = page.content.decode()
        assert page.status_code == 422
        assert f'<a href="{anchor}">' in html
        assert f'id="{anchor[1:]}"' in html
        assert data.get("description", "") in html
    assert Report.objects.count() == 0


def test_outside_the_city_names_the_neighbour_and_keeps_the_draft(client, filled):
    page = client.post(URL, filled(latitude="-6.98", longitude="110.52"))
    html = page.content.decode()
    assert page.status_code == 422
    assert 'data-testid="outside"' in html
    assert "Demak" in html
    assert "tel:112" in html
    assert "motor sering oleng" in html
    assert Report.objects.count() == 0


def test_control_and_bidi_characters_do_not_come_through(client, filled):
    client.post(URL, filled(description="lubang\x00\u202e terbalik\u200b", action="submit"))
    assert Report.objects.get().description == "lubang terbalik"


def test_the_preview_hides_what_the_public_must_not_read(client, filled):
    text = "Hubungi 0812 3456 7890 atau saya@contoh.id, NIK 3374010101900001"
    page = client.post(URL, filled(description=text))
    card = page.content.decode().split('data-testid="preview-card"')[1].split("</article>")[0]
    for hidden in ("7890", "contoh.id", "3374010101900001"):
        assert hidden not in card


def test_danger_shows_112_first_and_still_files(client, filled):
    data = filled(category="banjir-genangan", answers__depth="chest")
    page = client.post(URL, data)
    html = page.content.decode()
    assert page.status_code == 200
    assert html.index('data-testid="danger"') < html.index('data-testid="preview-card"')
    client.post(URL, hidden_fields(html) | {"action": "submit"})
    assert Report.objects.get().severity == 5


def test_a_private_kind_is_private_for_whoever_looks_at_once_without_seeing_its_questions(client, filled):
    page = client.post(URL, filled(category="lain-pungli", category_before="")).content.decode()
    assert 'data-testid="preview-card"' in page
    fields = hidden_fields(page)
    assert fields["is_private"] == ["on"]
    client.post(URL, fields | {"action": "submit"})
    assert Report.objects.get().is_private is True


def test_a_private_kind_stays_private_when_the_page_had_grown_stale(strict_client, filled):
    page = strict_client.post(URL, filled(category="lain-pungli")).content.decode()
    assert 'id="id_is_private" checked' in page


def test_a_private_kind_turns_the_switch_on_and_a_person_may_turn_it_off(client, filled):
    chosen = client.post(URL, filled(category="lain-pungli", action="choose")).content.decode()
    assert 'id="id_is_private" checked' in chosen
    off = filled(category="lain-pungli", category_before="lain-pungli", action="submit")
    client.post(URL, off)
    assert Report.objects.get().is_private is False


def test_answers_to_a_kind_chosen_before_are_left_out(client, filled):
    client.post(URL, filled(answers__depth="chest", action="submit"))
    assert Report.objects.get().answers == {}


def test_answers_in_words_are_cleaned_too(client, filled):
    client.post(URL, filled(category="lain-pju", answers__pole_number="A\x00 12\u202e", action="submit"))
    assert Report.objects.get().answers["pole_number"] == "A 12"


# --- Photos ------------------------------------------------------------------------------------------


def test_photos_survive_faults_and_can_be_removed(client, filled, jpeg):
    data = filled(category=None)
    page = client.post(URL, data | {"photos": [upload(jpeg()), upload(jpeg(colour="red"))]})
    assert page.status_code == 422
    fields = hidden_fields(page.content.decode())
    assert len(fields["photo"]) == 2
    first, second = fields["photo"]
    page = client.post(URL, data | {"photo": [first, second], "action": f"remove:{first}"})
    assert hidden_fields(page.content.decode())["photo"] == [second]
    assert StagedPhoto.objects.count() == 1
    client.post(URL, filled(key=data["key"], photo=[second], action="submit"))
    assert [str(uuid) for uuid in Photo.objects.values_list("uuid", flat=True)] == [second]


def test_a_staged_photo_is_shown_re_encoded_to_the_forms_key_only(client, filled, jpeg):
    data = filled(category=None)
    client.post(URL, data | {"photos": upload(jpeg(gps=(-6.99, 110.42)))})
    staged = StagedPhoto.objects.get()
    answer = client.get(reverse("staged_photo", args=[data["key"], staged.uuid]))
    assert answer["Content-Type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    assert b"Exif" not in answer.content
    assert client.get(reverse("staged_photo", args=[uuid.uuid4(), staged.uuid])).status_code == 404


def test_a_staged_photo_is_decoded_once_however_often_it_is_asked_for(client, filled, jpeg, monkeypatch):
    data = filled(category=None)
    client.post(URL, data | {"photos": upload(jpeg())})
    staged = StagedPhoto.objects.get()
    decoded = []
    upright = photos.upright
    monkeypatch.setattr(photos, "upright", lambda image: decoded.append(image) or upright(image))
    address = reverse("staged_photo", args=[data["key"], staged.uuid])
    first, second = client.get(address), client.get(address)
    assert first.content == second.content
    assert first["Cache-Control"] == "private, max-age=3600"
    assert len(decoded) == 1
    photos.drop_staged(staged.draft_key, staged.uuid)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\xff\xd8\xff\xe0 halb", b"x" * 400],
)
def test_what_is_no_photo_is_refused_by_name_and_the_rest_kept(client, filled, content):
    page = client.post(URL, filled() | {"photos": upload(content, "bukti.jpg")})
    html = page.content.decode()
    assert page.status_code == 422
    assert "bukti.jpg: " in html
    assert "motor sering oleng" in html
    assert StagedPhoto.objects.count() == 0


def test_a_truncated_photo_is_refused(client, filled, jpeg):
    whole = jpeg(size=(640, 480))
    page = client.post(URL, filled() | {"photos": upload(whole[: len(whole) // 2])})
    assert page.status_code == 422
    assert StagedPhoto.objects.count() == 0


def test_a_sixth_photo_is_refused_and_five_are_kept(client, filled, jpeg):
    photos = [upload(jpeg(colour=(n * 30, 0, 0))) for n in range(6)]
    page = client.post(URL, filled() | {"photos": photos})
    assert page.status_code == 422
    assert StagedPhoto.objects.count() == 5


def test_a_photo_taken_elsewhere_asks_which_place_is_right(client, filled, jpeg):
    data = filled()
    page = client.post(URL, data | {"photos": upload(jpeg(gps=(-6.9667, 110.4200)))})
    html = page.content.decode()
    assert page.status_code == 422
    assert 'data-testid="photo-place"' in html
    photo = hidden_fields(html)["photo"][0]
    kept = client.post(URL, data | {"photo": photo, "photo_place": "keep"})
    assert b'data-testid="preview-card"' in kept.content
    assert hidden_fields(kept.content.decode())["latitude"] == ["-6.9903"]
    used = client.post(URL, data | {"photo": photo, "photo_place": photo})
    fields = hidden_fields(used.content.decode())
    assert b'data-testid="preview-card"' in used.content
    client.post(URL, fields | {"action": "submit"})
    report = Report.objects.get()
    assert report.place_source == "photo"
    assert report.latitude == pytest.approx(-6.9667, abs=1e-4)


def test_a_photo_taken_here_asks_nothing(client, filled, jpeg):
    page = client.post(URL, filled() | {"photos": upload(jpeg(gps=(-6.9903, 110.4230)))})
    assert b'data-testid="preview-card"' in page.content


@pytest.mark.parametrize(
    ("latitude", "is_asked"),
    [
        (-7.05777, False),  # in the kelurahan, a kilometre north of its middle
        (-7.05177, False),  # 123 m north of its border
        (-7.04777, True),  # 295 m north of it
    ],
)
def test_a_photo_taken_in_the_chosen_kelurahan_asks_nothing(client, filled, jpeg, latitude, is_asked):
    rowosari = filled(latitude=None, longitude=None, place_mode="area", area="33.74.10.1002")
    html = client.post(URL, rowosari | {"photos": upload(jpeg(gps=(latitude, 110.48545)))}).content.decode()
    assert ('data-testid="photo-place"' in html) == is_asked
    assert ('data-testid="preview-card"' in html) != is_asked
    assert ("295 m" in html) == is_asked


# --- CSRF, bots, limits -------------------------------------------------------------------------------


def test_a_stale_token_loses_nothing(strict_client, filled, jpeg):
    data = filled(category="banjir-genangan", answers__depth="knee", action="submit")
    page = strict_client.post(URL, data | {"photos": upload(jpeg())})
    html = page.content.decode()
    assert page.status_code == 403
    assert Report.objects.count() == 0
    assert "motor sering oleng" in html
    assert 'value="banjir-genangan" checked' in html
    assert 'value="knee" checked' in html
    assert StagedPhoto.objects.count() == 1
    fields = hidden_fields(html)
    assert fields["key"] == [data["key"]]
    token = strict_client.cookies["csrftoken"].value
    again = data | {"photo": fields["photo"], "csrfmiddlewaretoken": token}
    sent = strict_client.post(URL, again)
    assert sent.status_code == 302
    assert Report.objects.get().photos.count() == 1


def test_a_broken_cache_stops_nobody(client, filled, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    sent = client.post(URL, filled(action="submit"))
    assert sent.status_code == 302


def test_the_questions_come_alone_for_the_script(client):
    answer = client.get("/lapor/pertanyaan/banjir-genangan/")
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    assert client.get("/lapor/pertanyaan/banjir/").status_code == 404
    assert client.get("/lapor/pertanyaan/tidak-ada/").status_code == 404


def test_the_form_speaks_english_when_asked(client, filled):
    client.cookies["bahasa"] = "en"
    html = client.get(URL).content.decode()
    assert "What is the problem?" in html
    assert "Pothole" in html


@pytest.mark.parametrize("is_stale", [False, True])
def test_whoever_sends_photos_without_end_fills_no_disk(client, strict_client, filled, jpeg, is_stale):
    cache.set("limit:upload:127.0.0.1", 300)
    sender = strict_client if is_stale else client
    answer = sender.post(URL, filled() | {"photos": upload(jpeg())})
    assert answer.status_code == (403 if is_stale else 429)
    assert StagedPhoto.objects.count() == 0
    assert "motor sering oleng" in answer.content.decode()
