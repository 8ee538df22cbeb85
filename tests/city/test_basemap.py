import gzip
import json

import pytest

from city.models import Road
from city.services import versions
from city.services.basemap import LAYERS, basemap_geojson, layer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_light_and_valid(name):
    content, tag = layer(name)
    assert len(gzip.compress(content)) < 35_000
    assert tag.startswith('"')
    features = json.loads(content)["features"]
    assert features
    for feature in features:
        assert feature["type"] == "Feature"
        assert feature["geometry"]["coordinates"]


def test_the_areas_are_the_kecamatan_with_their_names():
    features = json.loads(basemap_geojson("areas"))["features"]
    assert len(features) == 16
    assert features[0]["properties"] == {"code": "33.74.01", "name": "Semarang Tengah"}
    names = json.loads(basemap_geojson("kelurahan"))["features"]
    assert sum("name" in feature["properties"] for feature in names) == 177


def test_an_unknown_layer():
    with pytest.raises(KeyError):
        layer("streets")


def test_a_layer_is_made_once_and_again_after_a_change():
    first, tag = layer("roads")
    assert layer("roads")[0] is first
    versions.bump()
    assert layer("roads") == (first, tag), "nothing on the map changed, so browsers keep theirs"
    Road.objects.filter(code="jalan-merak").update(name="Jalan Baru")
    versions.bump(boundaries=True)
    assert layer("roads")[1] != tag
