"""The protocol's rules as tables."""

import pytest

from dispatch.domain import georeport, outbound, safe_xml

XML = b'<?xml version="1.0" encoding="utf-8"?>'


@pytest.mark.parametrize(
    ("body", "format", "items"),
    [
        (b'[{"service_request_id": 293944, "account_id": null}]', "json", [("293944", "")]),
        (b'{"service_requests": [{"service_request_id": "7"}]}', "json", [("7", None)]),
        (b'{"service_request_id": "7"}', "json", [("7", None)]),
        (
            XML + b"<service_requests><request><service_request_id> 7 </service_request_id>"
            b"<account_id/></request></service_requests>",
            "xml",
            [("7", "")],
        ),
        (
            XML + b'<a xmlns:x="u"><x:request><x:service_request_id>7</x:service_request_id></x:request></a>',
            "xml",
            [("7", None)],
        ),
        (b"[]", "json", []),
        (XML + b"<service_requests/>", "xml", []),
    ],
)
def test_answers_are_read(body, format, items):
    found = georeport.items(body, format)
    assert [(item["service_request_id"], item.get("account_id")) for item in found] == items


@pytest.mark.parametrize("body", [b"", b"null", b"7", b'"x"', b"[1]", b"{", b"[" * 200_000, b"\xff"])
def test_json_that_is_no_answer_is_refused(body):
    with pytest.raises(georeport.UnreadableError):
        georeport.items(body, "json")


BOMB = b"<!DOCTYPE l [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '&%c;&%c;&%c;'>" % (98 + n, 97 + n, 97 + n, 97 + n) for n in range(20)
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"<a></b>",
        BOMB + b"]><l>&t;</l>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://10.0.0.1/">]><a>&x;</a>',
        b"<a>" * 21 + b"</a>" * 21,
        b"<a>" + b"<b/>" * 50_001 + b"</a>",
        b'<?xml version="1.0" encoding="tidak-ada"?><a/>',
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
        b"<a>&unknown;</a>",
    ],
)
def test_xml_that_grows_or_reaches_out_is_refused(body):
    with pytest.raises(safe_xml.UnsafeXmlError):
        safe_xml.parse(body)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("open", "open"), ("OPEN", "open"), ("investigating", "open"), ("In Progress", "open"),
        ("closed", "done"), ("Closed", "done"), ("fixed", "done"), ("fixed - council", "open"),
        ("duplicate", "declined"), ("no-further-action", "declined"), ("", "open"), ("belum", "open"),
    ],
)  # fmt: skip
def test_their_words_mean_open_done_or_declined(status, meaning):
    assert georeport.meaning(status) == meaning


@pytest.mark.parametrize(
    ("category", "group", "default", "expected"),
    [
        ("jalan-lubang", "jalan", "lain", "L"),
        ("jalan-retak", "jalan", "lain", "J"),
        ("banjir-rob", "banjir", "lain", "lain"),
        ("banjir-rob", "banjir", "", ""),
    ],
)
def test_the_service_of_a_kind(category, group, default, expected):
    assert georeport.service_code({"jalan-lubang": "L", "jalan": "J"}, category, group, default) == expected


def test_a_long_text_is_cut_the_reference_never():
    text = georeport.description("x" * 5000, "Nomor kami: K7QM-4TPX")
    assert len(text) == 4000
    assert text.endswith("…\n\nNomor kami: K7QM-4TPX")
    assert georeport.has_reference(text, "K7QM4TPX")
    assert not georeport.has_reference(text, "K7QM4TPY")


@pytest.mark.parametrize(
    ("url", "own", "fault"),
    [
        ("https://open311.example/v2", False, ""),
        ("https://open311.example:8443/v2?a=b", False, ""),
        ("http://open311.example/v2", False, "not_https"),
        ("http://open311.example/v2", True, ""),
        ("ftp://open311.example", False, "not_an_address"),
        ("https://", False, "not_an_address"),
        ("https://a:99999/", False, "not_an_address"),
        ("https://[::1", False, "not_an_address"),
        ("https://a b.example/", False, "not_an_address"),
        ("https://user:pw@open311.example/", False, "has_password"),
        ("https://open311.example/#x", False, "has_fragment"),
    ],
)
def test_addresses(url, own, fault):
    assert outbound.fault(url, is_own_network=own) == fault


@pytest.mark.parametrize(
    ("source", "is_one"), [("code", True), ("answer.ukuran", True), ("=x", True), ("=", False),
                           ("answer.", False), ("reporter", False), ("email", False), ("", False)]
)  # fmt: skip
def test_attributes_are_filled_from_what_is_no_person(source, is_one):
    assert georeport.is_attribute_source(source) is is_one


def test_attributes_without_a_value_are_left_out():
    sources = {"A": "code", "B": "street", "C": "=tetap"}
    assert georeport.attribute_values(sources, {"code": "X", "street": ""}) == {"A": "X", "C": "tetap"}


@pytest.mark.parametrize(
    ("text", "expected"), [("2010-04-14T06:37:38-08:00", True), ("2010-04-14T06:37:38Z", True),
                           ("2010-04-14T06:37:38", False), ("kemarin", False), ("", False)]
)  # fmt: skip
def test_times_without_a_zone_are_no_times(text, expected):
    assert (georeport.moment(text) is not None) is expected
