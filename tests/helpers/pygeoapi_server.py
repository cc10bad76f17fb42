"""pygeoapi on loopback: a real OGC API of anybody's layers, that can misbehave."""

import importlib
import json
import logging
import os
import sys
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch
from urllib.parse import parse_qsl

from mapserver import Answer
from werkzeug.serving import WSGIRequestHandler, make_server

_CRS = "http://www.opengis.net/def/crs/EPSG/0/{}"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass
class OgcApi:
    """A server that runs. ``asked`` holds the path and parameters of every request."""

    address: str
    asked: list = field(default_factory=list)
    spoilers: list = field(default_factory=list)

    @contextmanager
    def spoilt(self, spoil):
        """Let ``spoil(path, answer)`` change what pygeoapi answers; None leaves an answer as it is."""
        self.spoilers.append(spoil)
        try:
            yield self
        finally:
            self.spoilers.remove(spoil)


@contextmanager
def ogc_api(folder, layers):
    """Serve ``{collection: (GeoDataFrame, id column)}`` from GeoJSON files written into ``folder``."""
    server = make_server("127.0.0.1", 0, None, request_handler=_Silent)
    handle = OgcApi(f"http://127.0.0.1:{server.server_port}")  # which its links say
    resources = {name: _resource(folder, name, *layer) for name, layer in layers.items()}
    server.app = _watched(_application(folder, handle.address, resources), handle)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield handle
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _resource(folder, name, frame, id_column):
    file = folder / f"{name}.geojson"
    frame.to_file(file, driver="GeoJSON", engine="pyogrio", COORDINATE_PRECISION=6)
    epsg = frame.crs.to_epsg()
    return {
        "type": "collection",
        "title": name,
        "description": name,
        "keywords": [name],
        "extents": {"spatial": {"bbox": [18, 58, 33, 71], "crs": _CRS84}},
        "providers": [
            {
                "type": "feature",
                "name": "GeoJSON",
                "data": str(file),
                "id_field": id_column,
                "crs": [_CRS84, *(_CRS.format(code) for code in (3067, 4326, 3879))],
                "storage_crs": _CRS.format(epsg),
            }
        ],
    }


def _application(folder, address, resources):
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 0},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "limits": {"default_items": 10, "max_items": 5000},
            "map": {"url": "http://localhost", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "x",
                "description": "x",
                "keywords": ["x"],
                "keywords_type": "theme",
                "terms_of_service": "x",
                "url": "http://localhost",
            },
            "license": {"name": "CC0", "url": "http://localhost"},
            "provider": {"name": "x", "url": "http://localhost"},
            "contact": {"name": "x"},
        },
        "resources": resources,
    }
    files = {}
    for name, held in (("PYGEOAPI_CONFIG", config), ("PYGEOAPI_OPENAPI", {"openapi": "3.0.2"})):
        files[name] = str(folder / f"{name}.yml")
        (folder / f"{name}.yml").write_text(json.dumps(held), "utf-8")  # JSON is YAML
    with patch.dict(os.environ, files), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it is made of
        sys.modules.pop("pygeoapi.flask_app", None)  # it reads its configuration when it is imported
        return importlib.import_module("pygeoapi.flask_app").APP


def _watched(application, handle):
    def answer(environment, start):
        handle.asked.append((environment["PATH_INFO"], dict(parse_qsl(environment["QUERY_STRING"]))))
        held = {}

        def begin(status, headers, *_):
            held.update(status=int(status.split()[0]), headers=dict(headers))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what pygeoapi calls; whoever asks is waiting meanwhile
            body = b"".join(application(environment, begin))
        one = Answer(held["status"], held["headers"], body)
        for spoil in handle.spoilers:
            one = spoil(environment["PATH_INFO"], one) or one
        headers = {**one.headers, "Content-Length": str(len(one.body))}
        start(f"{one.status} X", list(headers.items()))
        return [one.body]

    return answer


class _Silent(WSGIRequestHandler):
    def log_request(self, *args, **kwargs):
        """Say nothing."""


logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)
