"""MapServer on loopback: a real WFS of anybody's layers, in Statistics Finland's words, that can misbehave.

Debian's CGI runs once a request; all that is ours is the HTTP around it and what a test spoils of an answer.
"""

import os
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import shapely

_CONFIG = """CONFIG
  ENV
    MS_MAP_PATTERN "^{folder}/"
  END
  MAPS
{maps}
  END
END
"""
_MAP = """MAP
  NAME "{workspace}"
  EXTENT 40000 6500000 800000 7900000
  PROJECTION "init=epsg:3067" END
  OUTPUTFORMAT
    NAME "geojson"
    DRIVER "OGR/GEOJSON"
    MIMETYPE "application/json"
    FORMATOPTION "FORM=SIMPLE"
    FORMATOPTION "STORAGE=memory"
    FORMATOPTION "LCO:COORDINATE_PRECISION={decimals}"
  END
  WEB
    METADATA
      "wfs_title" "{workspace}"
      "wfs_onlineresource" "{address}?"
      "wfs_enable_request" "*"
      "wfs_srs" "EPSG:3067 EPSG:4326 EPSG:3879"
      "wfs_namespace_prefix" "{workspace}"
      "wfs_namespace_uri" "http://{workspace}"
      "wfs_getfeature_formatlist" "{formats}"
    END
  END
{layers}
END
"""
_LAYER = """  LAYER
    NAME "{name}"
    TYPE {type}
    STATUS ON
    CONNECTIONTYPE OGR
    CONNECTION "{file}"
    DATA "layer"
    PROJECTION "init=epsg:{epsg}" END
    METADATA
      "wfs_title" "{name}"
      "wfs_srs" "EPSG:{epsg} EPSG:3067 EPSG:4326 EPSG:3879"
      "wfs_enable_request" "*"
      "wfs_getfeature_formatlist" "{formats}"
      "gml_include_items" "all"
      "gml_types" "auto"
      "gml_featureid" "fid_of_server"
      "gml_exclude_items" "fid_of_server"
      "gml_geometries" "geom"
      "gml_geom_type" "{geometry}"
      "gml_geom_occurances" "0,1"
    END
  END
"""


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    status: int
    headers: dict
    body: bytes

    def with_body(self, body):
        return replace(self, body=body)


@dataclass
class MapServer:
    """A server that runs. ``asked`` holds the parameters of every request, the names in small letters."""

    origin: str
    run: object
    """Runs MapServer on a query string, once on each: starting it is what takes time."""
    files: dict = field(default_factory=dict)
    """Workspace and layer to the file behind it; what GDAL reads from that is what must come."""
    asked: list = field(default_factory=list)
    spoilers: list = field(default_factory=list)

    def answer(self, workspace, parameters):
        """Return what MapServer answers to other parameters than it was asked with."""
        return self.run(f"map={workspace}&{urlencode(parameters)}")

    def address(self, workspace):
        return f"{self.origin}/geoserver/{workspace}/wfs"

    @contextmanager
    def spoilt(self, spoil):
        """Let ``spoil(parameters, answer)`` change what MapServer answers; None leaves an answer as it is."""
        self.spoilers.append(spoil)
        try:
            yield self
        finally:
            self.spoilers.remove(spoil)


def write_layer(folder, workspace, name, frame):
    """Write a frame as the file behind a layer; returns what the map file says of it."""
    file = folder / f"{workspace}_{name}.gpkg"
    numbered = frame.copy()
    numbered["fid_of_server"] = range(1, len(frame) + 1)
    numbered.to_file(file, layer="layer", driver="GPKG", engine="pyogrio")
    kinds = set(shapely.get_type_id(frame.geometry.dropna().to_numpy()).tolist())
    point = kinds <= {0}
    return {
        "name": name,
        "file": file,
        "epsg": frame.crs.to_epsg(),
        "type": "POINT" if point else "POLYGON",
        "geometry": "point" if point else "multipolygon" if kinds & {6} else "polygon",
    }


@contextmanager
def mapserver(program, folder, workspaces, *, formats=("geojson",), decimals=7):
    """Serve ``{workspace: {layer name: GeoDataFrame}}`` by MapServer's CGI, from files in ``folder``."""
    written = {
        workspace: [write_layer(folder, workspace, name, frame) for name, frame in layers.items()]
        for workspace, layers in workspaces.items()
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    config = folder / "mapserver.conf"
    server.handle = MapServer(
        f"http://127.0.0.1:{server.server_port}", cache(partial(_run, program=program, config=config))
    )
    for workspace, layers in written.items():
        server.handle.files.update({(workspace, layer["name"]): layer["file"] for layer in layers})
    maps = []
    for workspace, layers in written.items():
        listed = ",".join(formats)
        said = {"workspace": workspace, "formats": listed, "address": server.handle.address(workspace)}
        text = "".join(_LAYER.format(**layer, formats=listed) for layer in layers)
        path = folder / f"{workspace}.map"
        path.write_text(_MAP.format(**said, layers=text, decimals=decimals), "utf-8")
        maps.append(f'    "{workspace}" "{path}"')
    config.write_text(_CONFIG.format(folder=folder, maps="\n".join(maps)), "utf-8")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.handle
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _run(query, *, program, config):
    environment = {
        **os.environ,
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query,
        "MAPSERVER_CONFIG_FILE": str(config),
    }
    done = subprocess.run([program], env=environment, capture_output=True, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    return Answer(status, headers, body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        workspace = parts.path.strip("/").split("/")[1]
        parameters = {name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        handle = self.server.handle
        handle.asked.append(parameters)
        answer = handle.run(f"map={workspace}&{parts.query}")
        for spoil in handle.spoilers:
            answer = spoil(parameters, answer) or answer
        self.reply(answer)

    def reply(self, answer):
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *args):
        """Say nothing."""
