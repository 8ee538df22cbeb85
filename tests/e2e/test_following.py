"""Following on a phone: one tap in a message, e-mail after a question, the browser's notifications."""

import json
import re
import urllib.request
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.people import POTHOLE, Filed
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e
STILL_BROKEN = "Tambalannya sudah lepas lagi, masih bolong."


def filed_with_contact(portal: Portal, email: str) -> Filed:
    """A report that came by the API with an address to write to, routed."""
    body = {
        "category": "jalan-lubang",
        "latitude": POTHOLE[0],
        "longitude": POTHOLE[1],
        "description": people.DESCRIPTION,
        "contact": {"email": email},
    }
    request = urllib.request.Request(
        f"{portal.url}/api/v1/reports/",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())},
    )
    with urllib.request.urlopen(request, timeout=15) as response:
        answer = json.load(response)
    code = answer["code"].replace("-", "")
    wait_for("it is routed", lambda: portal.report(code)["is_routed"])
    return Filed(f"{code[:4]}-{code[4:]}", f"/laporan/{code}/?kunci={answer['secret']}")


def repaired(browse, portal: Portal, pictures, email: str) -> Filed:
    filed = filed_with_contact(portal, email)
    officer = browse()
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.handle(officer, filed, people.photo(pictures / "after.jpg", is_after=True))
    return filed


def link_in_mail(portal: Portal, email: str, subject: str, label: str) -> str:
    """The address below `label` in the newest mail whose subject has `subject`."""

    def find():
        for mail in reversed(portal.mails_to(email)):
            if subject in mail["Subject"]:
                return re.search(rf"{label}:\n(\S+)", mail.get_body(("plain",)).get_content())
        return None

    return wait_for(f"a mail “{subject}” to {email}", find)[1]


def opened(browse, address: str) -> Page:
    """A link from a mail, opened on a phone that has never seen the portal."""
    page = browse(PHONE)
    page.goto(address)
    return page


def test_confirm_from_a_message_link(browse, portal: Portal, pictures):
    email = "yakin@example.org"
    filed = repaired(browse, portal, pictures, email)
    page = opened(browse, link_in_mail(portal, email, "benarkah", "Ya, sudah beres"))
    button = page.get_by_test_id("confirm")
    expect(button).to_be_in_viewport()
    troubles = [check(page)]
    assert portal.report(filed.code)["status"] == "resolved"  # to look is not to answer
    button.click()
    expect(page.get_by_test_id("rate-form")).to_be_visible()
    assert portal.report(filed.code)["status"] == "closed"
    troubles.append(check(page))
    page.locator("label[for=nilai-4]").click()
    page.locator("#teks-nilai").fill("Cepat dan rapi.")
    page.get_by_test_id("rate").click()
    expect(page.get_by_test_id("rate-form")).to_have_count(0)
    page.goto(filed.public_path)
    expect(page.get_by_test_id("timeline")).to_contain_text("Cepat dan rapi.")
    assert not any(troubles), "\n".join(troubles)


def test_reopen_from_a_message_link_with_words(browse, portal: Portal, pictures):
    email = "ragu@example.org"
    filed = repaired(browse, portal, pictures, email)
    page = opened(browse, link_in_mail(portal, email, "benarkah", "Belum beres"))
    troubles = [check(page)]
    page.locator("#teks-buka").evaluate("field => field.required = false")
    with page.watch.expecting(422):
        page.get_by_test_id("reopen").click()
        expect(page.locator("#teks-buka-error")).to_be_visible()
    troubles.append(check(page))
    page.locator("#teks-buka").fill(STILL_BROKEN)
    page.locator("#foto-buka").set_input_files(people.photo(pictures / "again.jpg", place=POTHOLE))
    page.get_by_test_id("reopen").click()
    expect(page.get_by_test_id("reopen")).to_have_count(0)
    troubles.append(check(page))
    page.goto(filed.public_path)
    expect(page.locator('.timeline > li[data-kind="reopened"]')).to_contain_text(STILL_BROKEN)
    assert not any(troubles), "\n".join(troubles)


def test_follow_by_email_after_a_question_and_stop(browse, portal: Portal):
    filed, email = filed_with_contact(portal, "pelapor@example.org"), "tetangga@example.org"
    page = browse(PHONE)
    page.goto(filed.public_path)
    page.locator("#ikuti-alamat").scroll_into_view_if_needed()
    page.locator("#ikuti-alamat").fill("bukan alamat")
    with page.watch.expecting(422):
        page.get_by_test_id("follow").click()
        expect(page.locator("#ikuti-alamat-error")).to_be_visible()
    troubles = [check(page)]
    page.locator("#ikuti-alamat").fill(email)
    page.get_by_test_id("follow").click()
    expect(page.locator(".notice-good")).to_contain_text(email)
    troubles.append(check(page))

    asked = opened(browse, link_in_mail(portal, email, filed.spoken_code, "Ya, ini saya"))
    troubles.append(check(asked))
    asked.get_by_test_id("opt-in").click()
    expect(asked.get_by_test_id("opt-in")).to_have_count(0)
    troubles.append(check(asked))

    officer = browse()
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.open_case(officer, filed)
    people.press(officer, "accept")
    people.take_step(officer, "start")
    stop = link_in_mail(portal, email, "mulai mengerjakannya", "Berhenti menerima kabar laporan ini")
    for mail in portal.mails_to(email):
        assert "kunci=" not in mail.as_string()
    stopping = opened(browse, stop)
    troubles.append(check(stopping))
    stopping.get_by_test_id("stop").click()
    expect(stopping.get_by_test_id("resume")).to_be_visible()
    troubles.append(check(stopping))
    assert not any(troubles), "\n".join(troubles)


def test_a_broken_link_explains_itself(browse):
    page = browse(PHONE)
    with page.watch.expecting(404):
        page.goto("/kabar/tidakada/")
    expect(page.get_by_test_id("link-unknown")).to_be_visible()
    assert check(page) == ""


# A browser whose push service answers at once: there is none to reach here.
FAKE_PUSH = """
const keys = { p256dh: "BA" + "p".repeat(85), auth: "c".repeat(22) };
const fake = {
  endpoint: "https://fcm.googleapis.com/fcm/send/test-" + location.port,
  options: {},
  toJSON: () => ({ endpoint: fake.endpoint, keys }),
  unsubscribe: async () => true,
};
const registration = {
  pushManager: {
    getSubscription: async () => (sessionStorage.getItem("push") ? fake : null),
    subscribe: async () => (sessionStorage.setItem("push", "1"), fake),
  },
};
const found = async () => registration;
Object.defineProperty(navigator, "serviceWorker", {
  value: { getRegistration: found, register: found, ready: Promise.resolve(registration) },
});
Object.defineProperty(Notification, "permission", {
  get: () => sessionStorage.getItem("allowed") || ANSWER.before,
});
Notification.requestPermission = async () => {
  sessionStorage.setItem("asked", "1");
  if (ANSWER.then !== "default") sessionStorage.setItem("allowed", ANSWER.then);
  return ANSWER.then;
};
"""


def with_push(browse, filed: Filed, before: str, then: str) -> Page:
    page = browse(PHONE)
    page.add_init_script(f"const ANSWER = {json.dumps({'before': before, 'then': then})};{FAKE_PUSH}")
    page.goto(filed.public_path)
    page.locator("#ikuti-push").scroll_into_view_if_needed()
    return page


def test_this_browser_follows_and_stops(browse, portal: Portal):
    filed = filed_with_contact(portal, "pelapor2@example.org")
    page = with_push(browse, filed, "default", "granted")
    button, news = page.get_by_test_id("follow-push"), page.locator("#ikuti-push-kabar")
    expect(button).to_contain_text("Beri tahu saya di peramban ini")
    assert page.evaluate("sessionStorage.getItem('asked')") is None  # nobody is asked unbidden
    button.click()
    expect(news).to_have_text("Peramban ini akan memberi tahu Anda bila ada perkembangan.")
    assert check(page) == ""
    page.reload()
    expect(button).to_contain_text("Hentikan notifikasi")
    button.click()
    expect(news).to_have_text("Tidak ada lagi notifikasi ke peramban ini.")
    page.reload()
    expect(button).to_contain_text("Beri tahu saya di peramban ini")


@pytest.mark.parametrize(
    ("before", "then", "expected"),
    [
        ("default", "denied", "diblokir"),
        ("default", "default", "Tidak ada yang berubah"),
        ("denied", "denied", "diblokir"),
    ],
)
def test_a_no_to_notifications_is_explained(browse, portal: Portal, before, then, expected):
    page = with_push(browse, filed_with_contact(portal, "pelapor3@example.org"), before, then)
    if before == "default":
        page.get_by_test_id("follow-push").click()
    expect(page.locator("#ikuti-push-kabar")).to_contain_text(expected)
    assert check(page) == ""


def test_a_browser_without_push_is_told_what_to_do(browse, portal: Portal):
    filed = filed_with_contact(portal, "pelapor4@example.org")
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
    for agent, expected in ((iphone, "layar utama dahulu"), (None, "Silakan gunakan email")):
        page = browse(PHONE, **({"user_agent": agent} if agent else {}))
        page.add_init_script("delete window.PushManager")
        page.goto(filed.public_path)
        expect(page.locator("#ikuti-push-kabar")).to_contain_text(expected)
        expect(page.get_by_test_id("follow-push")).to_be_hidden()


REGISTER = """async () => {
  const registration = await navigator.serviceWorker.register("/static/js/sw-push.js");
  const worker = registration.installing || registration.waiting || registration.active;
  while (worker.state !== "activated") await new Promise((go) => setTimeout(go, 50));
}"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/static/js/");
  const all = await registration.getNotifications();
  return all.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
}"""


def test_the_worker_shows_what_is_pushed(browse, portal: Portal):
    """The part of the service worker on its own: a push becomes a notification, the same one once."""
    page = browse(PHONE, permissions=["notifications"])
    page.goto("/")
    page.evaluate(REGISTER)
    session = page.context.new_cdp_session(page)
    found = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(500)  # lets the events come
    mine = next(item for item in found if "static/js" in item["scopeURL"])
    news = {
        "title": "Jalan berlubang · K7QM-4TPX",
        "body": "DPU menyatakan sudah selesai – benarkah?",
        "tag": "K7QM4TPX",
        "url": "/peta/",
        "actions": [{"action": "confirm", "title": "Ya, sudah beres", "url": "/"}],
    }
    for _twice in range(2):
        session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": portal.url, "registrationId": mine["registrationId"], "data": json.dumps(news)},
        )
    shown = wait_for(
        "a notification",
        lambda: page.evaluate(SHOWN),
    )
    assert shown == [
        {
            "title": news["title"],
            "body": news["body"],
            "tag": "K7QM4TPX",
            "data": {"url": "/peta/", "links": {"confirm": "/"}},
        }
    ]
