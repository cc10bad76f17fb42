"""Servers of features on loopback, each started once."""

import pytest
from live_layers import demo_layers, real_layers
from mapserver import mapserver
from pygeoapi_server import ogc_api


@pytest.fixture(scope="session")
def demo(mapserv, tmp_path_factory):
    """A WFS of the made-up region that writes GeoJSON and GML."""
    with mapserver(mapserv, tmp_path_factory.mktemp("demo"), demo_layers()) as server:
        yield server


@pytest.fixture(scope="session")
def demo_gml(mapserv, tmp_path_factory):
    """The same postal areas in GML only."""
    layers = {"postialue": demo_layers()["postialue"]}
    with mapserver(mapserv, tmp_path_factory.mktemp("gml"), layers, formats=()) as server:
        yield server


@pytest.fixture(scope="session")
def real(mapserv, finland, tmp_path_factory):
    """A WFS of the real data."""
    with mapserver(mapserv, tmp_path_factory.mktemp("real"), real_layers(finland)) as server:
        yield server


@pytest.fixture(scope="session")
def ogc(tmp_path_factory):
    """An OGC API of the made-up region."""
    layers = demo_layers()
    served = {
        "pno_tilasto_2025": (layers["postialue"]["pno_tilasto_2025"], "postinumeroalue"),
        "kunta1000k_2025": (layers["tilastointialueet"]["kunta1000k_2025"], "kunta"),
    }
    with ogc_api(tmp_path_factory.mktemp("ogc"), served) as server:
        yield server
