"""Before filing: suggestions, similar reports, "this is it"; and what a supporter adds."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from complaints.domain import workflow
from complaints.domain.actor import A_CITIZEN
from complaints.models import Event, Photo, Report, StagedPhoto, Supporter
from complaints.services import conversation
from complaints.services.conversation import MAX_SUPPORTERS_WORDS
from tests.complaints.web.conftest import hidden_fields
from tests.conftest import HERE

pytestmark = pytest.mark.django_db
NEAR = (HERE[0] + 0.0001, HERE[1])  # 11 metres away


@pytest.fixture
def pothole(make_report, route):
    return route(make_report(now=timezone.now() - timedelta(hours=3), street="Jalan Pemuda"))


def similar(client, **changes):
    query = {"kategori": "jalan-lubang", "lat": NEAR[0], "lon": NEAR[1]} | changes
    return client.get("/lapor/serupa.json", query)


def photo_file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("foto.jpg", content, "image/jpeg")


def posted(client, data: dict) -> str:
    return client.post("/lapor/", data).content.decode()


# --- suggestions ----------------------------------------------------------------------------------


def test_suggestions_for_the_form(client, django_assert_num_queries):
    client.get("/lapor/jenis.json", {"q": "x"})
    with django_assert_num_queries(0):
        answer = client.get("/lapor/jenis.json", {"q": "dalane bolong"})
    first = answer.json()["suggestions"][0]
    assert (first["code"], first["name"], first["hint"]) == (
        "jalan-lubang",
        "Jalan berlubang",
        "Lubang pada badan jalan",
    )
    assert client.get("/lapor/jenis.json").json() == {"suggestions": []}
    english = client.get("/lapor/jenis.json", {"q": "dalane bolong"}, headers={"Accept-Language": "en"})
    assert english.status_code == 200


def test_suggestions_without_javascript_keep_what_was_typed(client, filled, jpeg):
    data = filled(action="suggest", cari="lampu dalan mati", description="", category="")
    page = posted(client, data)
    block = page[page.index('data-testid="suggested"') :]
    assert block.index('value="lain-pju"') < block.index("</fieldset>")
    assert 'name="cari" value="lampu dalan mati"' in page
    assert ">lampu dalan mati</textarea>" in page
    assert "Kata-kata Anda menjadi permulaan cerita" in page
    assert 'value="Jalan Pemuda"' in page
    told = client.post(
        "/lapor/", filled(action="suggest", cari="lampu", description="Sudah ada.")
    ).content.decode()
    assert ">Sudah ada.</textarea>" in told
    nothing = posted(client, filled(action="suggest", cari="zzxxqq"))
    assert 'data-testid="suggested"' not in nothing
    assert "Coba kata lain" in nothing


# --- similar reports ------------------------------------------------------------------------------


def test_an_open_report_nearby_is_shown(client, pothole, django_assert_num_queries):
    similar(client)
    with django_assert_num_queries(3):
        answer = similar(client).json()
    assert answer["count"] == 1
    html = answer["html"]
    assert "11 m dari sini" in html
    assert "3 jam yang lalu" in html
    assert "Dinas Pekerjaan Umum" in html
    assert f"support:{pothole.code}" in html


def test_more_reports_cost_no_more_queries(client, make_report, django_assert_num_queries):
    for _number in range(5):
        make_report(now=timezone.now())
    with django_assert_num_queries(3):
        assert similar(client).json()["count"] == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"kategori": "jalan"},
        {"kategori": "tidak-ada"},
        {"kategori": "lain-pju"},
        {"lat": "abc"},
        {"lat": "", "lon": ""},
        {"lat": "999", "lon": "999"},
        {"lat": "nan"},
        {"lat": HERE[0] + 0.01},  # a kilometre away
        {"wilayah": "xx", "lat": ""},
    ],
)
def test_nothing_similar_is_an_empty_answer(client, pothole, changes):
    answer = similar(client, **changes)
    assert (answer.status_code, answer.json()) == (200, {"count": 0, "html": ""})


def test_private_ended_and_old_reports_are_not_shown(client, make_report):
    make_report(now=timezone.now(), is_private=True)
    ended = make_report(now=timezone.now())
    Report.objects.filter(pk=ended.pk).update(status=workflow.REJECTED, is_open=False)
    make_report(now=timezone.now() - timedelta(days=400))
    assert similar(client).json()["count"] == 0


def test_kinds_that_are_chosen_for_the_same_trouble_count(client, make_report):
    make_report(now=timezone.now(), category="jalan-retak")
    make_report(now=timezone.now() - timedelta(days=4), category="banjir-rob")  # that water is gone
    make_report(now=timezone.now() - timedelta(hours=4), category="banjir-genangan")
    assert similar(client).json()["count"] == 1
    assert similar(client, kategori="banjir-banjir").json()["count"] == 1


def test_personal_matters_are_never_the_same(client, make_report):
    make_report(now=timezone.now(), category="lain-adminduk")
    assert similar(client, kategori="lain-adminduk").json()["count"] == 0


def test_who_knows_only_the_kelurahan_sees_its_reports(client, pothole, django_assert_num_queries):
    query = {"kategori": "jalan-lubang", "wilayah": pothole.area.code}
    client.get("/lapor/serupa.json", query)
    with django_assert_num_queries(2):
        answer = client.get("/lapor/serupa.json", query).json()
    assert answer["count"] == 1
    assert "dari sini" not in answer["html"]


def test_numbers_in_a_similar_report_are_masked(client, make_report):
    make_report(now=timezone.now(), description="Telepon 0812 3456 7890", street="Jalan 0812 3456 7891")
    html = similar(client).json()["html"]
    assert "3456" not in html
    assert html.count("•••") == 2


def test_what_is_not_the_same_is_not_asked_about_again(client, pothole, make_report, filled):
    other = make_report(now=timezone.now())
    assert similar(client, bukan=pothole.code).json()["count"] == 1
    assert similar(client, bukan=f"{pothole.code},{other.code}").json() == {"count": 0, "html": ""}
    page = posted(client, filled(bukan=pothole.code))
    assert f"support:{pothole.code}" not in page
    assert f"support:{other.code}" in page
    assert f'name="bukan" value="{pothole.code}"' in page


# --- this is it -----------------------------------------------------------------------------------


def test_this_is_it_carries_words_and_photos_over_and_files_nothing(client, pothole, filled, jpeg):
    data = filled(description="Di depan rumah saya juga, dalam sekali.")
    preview = client.post("/lapor/", data | {"photos": photo_file(jpeg())})
    html = preview.content.decode()
    assert f"support:{pothole.code}" in html
    carried = hidden_fields(html) | {"action": f"support:{pothole.code}"}
    page = posted(client, carried)
    assert ">Di depan rumah saya juga, dalam sekali.</textarea>" in page
    assert page.count('class="photo-item"') == 1
    sent = hidden_fields(page) | {"action": "support", "text": "Di depan rumah saya juga, dalam sekali."}
    done = client.post(f"/laporan/{pothole.code}/dukung/", sent)
    assert done.status_code == 302
    assert done["Location"] == f"/laporan/{pothole.code}/#dukung"
    assert Report.objects.count() == 1
    pothole.refresh_from_db()
    assert pothole.supporter_count == 1
    assert StagedPhoto.objects.count() == 0
    photo = Photo.objects.get(report=pothole)
    assert (photo.kind, photo.state) == (Photo.Kind.COMMENT, Photo.State.PENDING)
    said = pothole.events.get(kind=Event.Kind.COMMENT)
    assert (said.actor_kind, said.text, said.data) == (
        "citizen",
        "Di depan rumah saya juga, dalam sekali.",
        {"photos": 1},
    )
    shown = client.get(f"/laporan/{pothole.code}/").content.decode()
    assert "Warga lain yang juga terdampak menambahkan:" in shown
    assert "Di depan rumah saya juga" in shown
    assert re.search(r'href="[^"]*ikuti', shown)


def test_no_it_is_another_one_gives_the_form_back_whole(client, pothole, filled):
    data = filled(description="Beda tempat.", answers__size="over_60", contact_name="Warga Contoh")
    page = posted(client, data | {"action": f"support:{pothole.code}"})
    back = client.post(
        "/lapor/", hidden_fields(page) | {"action": "edit", "text": "coretan"}
    ).content.decode()
    assert ">Beda tempat.</textarea>" in back
    assert 'value="Warga Contoh"' in back
    assert re.search(r'name="answers.size" value="over_60" checked', back)
    assert Supporter.objects.count() == 0


def test_the_words_of_a_private_report_stay_behind(client, pothole, filled):
    data = filled(description="Nama saya Warga Contoh.", is_private="on", action=f"support:{pothole.code}")
    page = posted(client, data)
    assert '<textarea id="teks-dukung"' in page
    assert ">Nama saya Warga Contoh.</textarea>" not in page
    assert "Anda memilih laporan rahasia" in page


def test_a_private_draft_is_not_compared(client, pothole, filled):
    assert "support:" not in posted(client, filled(is_private="on"))


@pytest.mark.parametrize("state", ["ended", "private", "unknown"])
def test_what_cannot_be_supported_gives_the_form_back(client, pothole, filled, state):
    code = pothole.code
    if state == "ended":
        Report.objects.filter(pk=pothole.pk).update(status=workflow.REJECTED, is_open=False)
    elif state == "private":
        Report.objects.filter(pk=pothole.pk).update(is_private=True)
    else:
        code = "ZZZZZZZZ"
    page = client.post("/lapor/", filled(action=f"support:{code}"))
    assert page.status_code == 409
    assert "motor sering oleng" in page.content.decode()
    assert Supporter.objects.count() == 0


# --- supporting -----------------------------------------------------------------------------------


def test_a_supporters_numbers_are_masked_in_public(client, pothole):
    client.post(f"/laporan/{pothole.code}/dukung/", {"text": "Hubungi 0812 3456 7890 ya"})
    assert pothole.events.get(kind="comment").text == "Hubungi 0812 3456 7890 ya"
    page = client.get(f"/laporan/{pothole.code}/").content.decode()
    assert "3456" not in page
    assert "Hubungi ••• ya" in page


def test_words_come_once_per_browser_and_are_given_back_the_second_time(client, pothole):
    address = f"/laporan/{pothole.code}/dukung/"
    assert client.post(address, {"text": "Sama di sini."}).status_code == 302
    again = client.post(address, {"text": "Sama di sini."})  # the same form, sent twice
    assert again.status_code == 302
    more = client.post(address, {"text": "Dan satu lagi."})
    assert more.status_code == 422
    assert ">Dan satu lagi.</textarea>" in more.content.decode()
    pothole.refresh_from_db()
    assert (pothole.supporter_count, pothole.events.filter(kind="comment").count()) == (1, 1)


def test_words_that_are_too_long_are_given_back_and_nobody_is_counted(client, pothole, jpeg):
    sent = {"text": "a" * 2001, "photos": photo_file(jpeg()), "key": str(uuid.uuid4())}
    page = client.post(f"/laporan/{pothole.code}/dukung/", sent)
    assert page.status_code == 422
    html = page.content.decode()
    assert "a" * 2001 in html
    assert html.count('class="photo-item"') == 1
    pothole.refresh_from_db()
    assert (pothole.supporter_count, Supporter.objects.count(), Photo.objects.count()) == (0, 0, 0)


def test_a_file_that_is_no_photo_is_refused_and_the_words_kept(client, pothole):
    sent = {"text": "Lihat foto.", "photos": photo_file(b"not a photo")}
    page = client.post(f"/laporan/{pothole.code}/dukung/", sent)
    assert page.status_code == 422
    assert ">Lihat foto.</textarea>" in page.content.decode()
    assert Supporter.objects.count() == 0


def test_a_photo_can_be_taken_out_again(client, pothole, jpeg):
    key = str(uuid.uuid4())
    address = f"/laporan/{pothole.code}/dukung/"
    client.post(address, {"text": "a" * 2001, "photos": photo_file(jpeg()), "key": key})
    staged = StagedPhoto.objects.get()
    page = client.post(address, {"text": "Tanpa foto.", "key": key, "action": f"remove:{staged.uuid}"})
    assert page.status_code == 200
    assert (StagedPhoto.objects.count(), Supporter.objects.count()) == (0, 0)
    assert ">Tanpa foto.</textarea>" in page.content.decode()


def test_a_machine_is_not_counted(client, pothole):
    page = client.post(f"/laporan/{pothole.code}/dukung/", {"website": "http://x.example"})
    assert page.status_code == 422
    assert Supporter.objects.count() == 0


def test_the_reporter_who_finds_their_own_report_adds_to_it(client, filled, jpeg):
    client.post("/lapor/", filled(action="submit"))
    report = Report.objects.get()
    client.post(f"/laporan/{report.code}/dukung/", {"text": "Makin lebar."})
    said = report.events.get(kind="comment")
    assert (said.actor_kind, said.text) == ("reporter", "Makin lebar.")
    assert Supporter.objects.count() == 0


def test_a_storm_of_supporters_is_a_number_not_a_list(client, pothole):
    for number in range(30):
        conversation.support(pothole.pk, f"token-{number}", actor=A_CITIZEN, now=timezone.now())
    page = client.get(f"/laporan/{pothole.code}/").content.decode()
    assert "30 warga lain" in page
    assert 'data-kind="supported"' not in page


def test_after_very_many_words_another_one_only_counts(pothole):
    now = timezone.now()
    for number in range(MAX_SUPPORTERS_WORDS):
        conversation.support(pothole.pk, f"w{number}", actor=A_CITIZEN, now=now, message=f"Saya {number}")
    with pytest.raises(conversation.errors.InvalidReport) as refused:
        conversation.support(pothole.pk, "one more", actor=A_CITIZEN, now=now, message="Saya juga")
    assert refused.value.errors["text"][0] == "enough_said"
    assert conversation.support(pothole.pk, "one more", actor=A_CITIZEN, now=now)
    pothole.refresh_from_db()
    assert pothole.supporter_count == MAX_SUPPORTERS_WORDS + 1


# --- the preview ----------------------------------------------------------------------------------


def test_the_preview_marks_what_is_masked(client, filled):
    data = filled(description="Hubungi 0812 3456 7890 <b>ya</b>\nbaris dua", street="Jalan budi@contoh.id")
    page = posted(client, data)
    card = page[page.index("preview-card") : page.index("</article>")]
    assert 'Hubungi <mark class="masked">•••</mark> &lt;b&gt;ya&lt;/b&gt;<br>baris dua' in card
    assert 'Jalan <mark class="masked">•••</mark>' in card
    assert 'data-testid="masked"' in page


def test_the_preview_of_a_private_report_says_that_nobody_sees_it(client, filled):
    page = client.post(
        "/lapor/", filled(description="Hubungi 0812 3456 7890", is_private="on")
    ).content.decode()
    assert "Yang dilihat semua orang: tidak ada" in page
    card = page[page.index("preview-card") : page.index("</article>")]
    assert "0812 3456 7890" in card
    assert 'data-testid="masked"' not in page


@pytest.mark.parametrize(
    ("anonymous", "shown"), [("on", "Dilaporkan tanpa nama"), (None, "Dilaporkan oleh Warga Contoh")]
)
def test_the_preview_shows_the_name_as_the_public_will_see_it(client, filled, anonymous, shown):
    page = client.post(
        "/lapor/", filled(contact_name="Warga Contoh", is_anonymous=anonymous)
    ).content.decode()
    assert shown in page[page.index("preview-name") : page.index("</article>")]


def test_a_stale_form_of_a_supporter_keeps_words_and_photos(strict_client, pothole, jpeg):
    key = str(uuid.uuid4())
    sent = {"text": "Sama di sini.", "key": key, "photos": photo_file(jpeg())}
    page = strict_client.post(f"/laporan/{pothole.code}/dukung/", sent)
    assert page.status_code == 403
    assert ">Sama di sini.</textarea>" in page.content.decode()
    assert StagedPhoto.objects.filter(draft_key=key).count() == 1
    assert Supporter.objects.count() == 0
