"""Headers, sizes and languages: what every answer of the portal has."""

import io

import pytest
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext

PUBLIC = "default-src 'self'"


def word(request):
    return HttpResponse(gettext("Indonesian"))


def address(request):
    return HttpResponse(request.META["REMOTE_ADDR"])


def with_nonce(request):
    return HttpResponse(str(request.csp_nonce))


urlpatterns = [
    path("word/", word),
    path("api/word/", word),
    path("nonce/", with_nonce),
    path("address/", address),
    path("admin/x/", word),
    path("admin-x/", word),
]


@pytest.fixture(autouse=True)
def own_urls(settings):
    settings.ROOT_URLCONF = "tests.lapor.test_middleware"


def policy(response) -> dict[str, str]:
    parts = [part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";")]
    return {part[0]: part[1] for part in parts}


def test_public_pages_have_a_strict_policy(client):
    assert policy(client.get("/word/")) == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_an_inline_script_may_run_by_this_answers_nonce_alone(client):
    first, second = client.get("/nonce/"), client.get("/nonce/")
    nonce = first.content.decode()
    assert policy(first)["script-src"] == f"'self' 'nonce-{nonce}'"
    assert policy(first)["style-src"] == f"'self' 'nonce-{nonce}'"
    assert nonce != second.content.decode()


def test_only_staff_pages_have_the_relaxed_policy(client):
    public, staff = policy(client.get("/word/")), policy(client.get("/admin/x/"))
    assert staff["script-src"] == "'self' 'unsafe-eval'"
    assert staff["style-src"] == "'self' 'unsafe-inline'"
    changed = {name for name in public if public[name] != staff[name]}
    assert changed == {"script-src", "style-src"}
    assert "unsafe" not in str(policy(client.get("/admin-x/")))


def test_every_answer_has_the_security_headers(client):
    response = client.get("/word/")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    allowed = "camera=(self), geolocation=(self)"
    assert response["Permissions-Policy"].startswith(f"{allowed}, microphone=(), payment=()")


@pytest.mark.parametrize(
    ("address", "accept", "cookie", "expected"),
    [
        ("/word/", "", "", "Indonesia"),
        ("/word/", "en-US,en;q=0.9", "", "Indonesia"),
        ("/word/", "en-US,en;q=0.9", "en", "Indonesian"),
        ("/word/", "", "id", "Indonesia"),
        ("/word/", "", "xx", "Indonesia"),
        ("/api/word/", "en", "", "Indonesian"),
        ("/api/word/", "id", "", "Indonesia"),
        ("/api/word/", "", "", "Indonesia"),
    ],
)
def test_the_language(client, settings, address, accept, cookie, expected):
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    response = client.get(address, headers={"accept-language": accept} if accept else {})
    assert response.content.decode() == expected
    assert response["Content-Language"] == ("en" if expected == "Indonesian" else "id")


def test_caches_are_told_what_the_language_depends_on(client):
    assert client.get("/word/")["Vary"] == "Cookie"
    assert client.get("/api/word/")["Vary"] == "Accept-Language"


@pytest.mark.parametrize(
    ("content_type", "length", "status"),
    [
        ("application/json", 1024 * 1024, 200),
        ("application/json", 1024 * 1024 + 1, 413),
        ("multipart/form-data; boundary=x", 1024 * 1024 + 1, 200),
        ("multipart/form-data; boundary=x", 76 * 1024 * 1024, 200),
        ("multipart/form-data; boundary=x", 76 * 1024 * 1024 + 1, 413),
        ("application/json", "many", 400),
    ],
)
def test_a_body_that_is_too_long_is_refused_before_it_is_read(rf, settings, content_type, length, status):
    from lapor.middleware import RequestSizeMiddleware

    request = rf.generic("POST", "/api/v1/reports/", b"x", content_type=content_type)
    request.META["CONTENT_LENGTH"] = str(length)
    asked = []
    answer = RequestSizeMiddleware(lambda request: asked.append(request) or HttpResponse())(request)
    assert answer.status_code == status
    assert bool(asked) is (status == 200)


@pytest.mark.parametrize(("length", "is_read_over"), [(76 * 1024 * 1024, False), (304 * 1024 * 1024, True)])
def test_of_a_persons_form_that_is_too_long_only_the_photos_are_thrown_away(rf, length, is_read_over):
    from lapor.middleware import RequestSizeMiddleware

    request = rf.post("/", {"text": "Lubang.", "photos": io.BytesIO(b"x" * 5_000)})
    sent = request.META["CONTENT_LENGTH"]
    request.META["CONTENT_LENGTH"] = str(length)

    def view(request):
        request.META["CONTENT_LENGTH"] = sent
        return HttpResponse(f"{request.POST['text']} {len(request.FILES)}")

    answer = RequestSizeMiddleware(view)(request)
    assert answer.content.decode() == f"Lubang. {0 if is_read_over else 1}"


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        (True, "", "127.0.0.1"),
    ],
)
def test_a_visitors_address_is_believed_only_from_our_own_proxy(
    client, settings, behind_proxy, forwarded, expected
):
    settings.BEHIND_PROXY = behind_proxy
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client.get("/address/", headers=headers).content.decode() == expected
