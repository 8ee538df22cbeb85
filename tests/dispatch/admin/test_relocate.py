"""The step that puts a place right, as an officer takes it."""

import pytest

from tests.dispatch.admin.conftest import case_url, everything_about

WHY = "Lubangnya di seberang jalan."


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def page(browser, handler):
    return browser(handler)


@pytest.mark.parametrize(
    "point", ["-6.9905, 110.4225", "-6.9905,110.4225", " -6.9905 110.4225 ", "geo:-6.9905,110.4225"]
)
def test_a_point_as_maps_write_it(point, report_at, page, step, desk):
    report = report_at("DPU")
    response = step(page, report, "relocate", point=point, message=WHY)
    assert response.status_code == 302, response.context["attempt"].faults
    report.refresh_from_db()
    assert (report.latitude, report.longitude) == (-6.9905, 110.4225)
    html = " ".join(page.get(case_url(report)).content.decode().split())
    assert "(-6.99030, 110.42290)" in html  # where it was, for staff
    assert WHY in html


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"point": ""}, "point", "Beri tahu kami"),
        ({"point": "di depan pasar"}, "point", "Tulis lintang dan bujur"),
        ({"point": "-7.33, 110.50"}, "point", "di luar kota"),
        ({"point": "-6.9903, 110.4229"}, "point", "Pin masih di tempat semula"),
        ({"message": ""}, "message", "alasan"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(data, field, said, report_at, page, step):
    report = report_at("DPU")
    before = everything_about(report)
    typed = {"point": "-6.9905, 110.4225", "street": "Gang Melati", "message": WHY} | data
    response = step(page, report, "relocate", **typed)
    assert response.status_code == 422
    assert list(response.context["attempt"].faults) == [field]
    if said != "Beri tahu kami":
        assert said in str(response.context["attempt"].faults[field])
    html = response.content.decode()
    assert 'value="Gang Melati"' in html
    assert f'value="{typed["point"]}"' in html
    assert everything_about(report) == before
