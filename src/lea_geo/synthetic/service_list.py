"""The made-up region's family centres and child health clinics: where, and for how many families."""

from __future__ import annotations

import geopandas as gpd
import shapely

from lea_geo.schema import AREA_ID, DEFAULT_CRS, NAME_COLUMNS
from lea_geo.synthetic.geography import areas

_SERVICES = (
    # id, kind, the postal area it stands in, families a year, names in Finnish, Swedish and English
    ("S1", "family_centre", "08943", 900, ("Silakkatorin perhekeskus", "Familjecentret vid Strömmingstorget",
                                           "Herring Square family centre")),
    ("S2", "family_centre", "08934", 800, ("Leppäkertun perhekeskus", "Familjecentret Nyckelpigan",
                                           "Ladybird family centre")),
    ("S3", "family_centre", "08920", 500, ("Kuunarinmäen perhekeskus", "Familjecentret på Skonarbacken",
                                           "Schooner Hill family centre")),
    ("S4", "child_health_clinic", "08946", 700, ("Utujokisuun neuvola", "Rådgivningen vid Disåmynningen",
                                                 "Mist River Mouth child health clinic")),
    ("S5", "child_health_clinic", "08916", 400, ("Niemenkaulan neuvola", "Rådgivningen på Näset",
                                                 "The Neck child health clinic")),
)  # fmt: skip


def services() -> gpd.GeoDataFrame:
    """Return the family centres and child health clinics of the made-up municipalities.

    Each stands at the whole metre nearest to its postal area's representative point. The town, Villa Cape and
    Meadow Cape have family centres; Larch Cape, where most families in need live, and Mill Cape have none.

    Returns
    -------
        Indexed by ``service_id``; ``kind`` (``family_centre`` or ``child_health_clinic``), ``name_fi name_sv
        name_en``, ``area_id`` (in which it stands), ``capacity`` (families a year), ``x y`` (metres) and
        ``geometry``: points, EPSG:3067.

    Examples
    --------
    >>> services()["kind"].value_counts().to_dict()
    {'family_centre': 3, 'child_health_clinic': 2}
    """
    inside = areas().geometry.representative_point()[[row[2] for row in _SERVICES]]
    x, y = inside.x.round().astype(int).to_numpy(), inside.y.round().astype(int).to_numpy()
    columns = {
        "service_id": [row[0] for row in _SERVICES],
        "kind": [row[1] for row in _SERVICES],
        **{name: [row[4][i] for row in _SERVICES] for i, name in enumerate(NAME_COLUMNS)},
        AREA_ID: [row[2] for row in _SERVICES],
        "capacity": [row[3] for row in _SERVICES],
        "x": x,
        "y": y,
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.points(x, y), crs=DEFAULT_CRS).set_index("service_id")
