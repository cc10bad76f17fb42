// ETRS-TM35FIN (EPSG:3067) for Leaflet: the page draws in the metres of Finnish authorities, true in shape and
// with north up, and folium layers in degrees still fall into place.
// Transverse Mercator by Krüger's series: Karney 2011, doi:10.1007/s00190-011-0445-3; JHS 197 gives the same.
(function (lea) {
  "use strict";

  const RADIANS = Math.PI / 180;
  const MAJOR = 6378137;
  const FLATTENING = 1 / 298.257222101;
  const SCALE = 0.9996;
  const MERIDIAN = 27 * RADIANS;
  const EASTING = 500000;
  // Metres in a pixel at zoom 0, as in the tile scheme of JHS 180.
  const COARSEST = 8192;

  const n = FLATTENING / (2 - FLATTENING);
  const radius = (MAJOR / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
  const eccentricity = Math.sqrt(FLATTENING * (2 - FLATTENING));
  const FORWARD = [
    n / 2 - (2 * n ** 2) / 3 + (5 * n ** 3) / 16 + (41 * n ** 4) / 180,
    (13 * n ** 2) / 48 - (3 * n ** 3) / 5 + (557 * n ** 4) / 1440,
    (61 * n ** 3) / 240 - (103 * n ** 4) / 140,
    (49561 * n ** 4) / 161280,
  ];
  const BACKWARD = [
    n / 2 - (2 * n ** 2) / 3 + (37 * n ** 3) / 96 - n ** 4 / 360,
    n ** 2 / 48 + n ** 3 / 15 - (437 * n ** 4) / 1440,
    (17 * n ** 3) / 480 - (37 * n ** 4) / 840,
    (4397 * n ** 4) / 161280,
  ];

  function toMetres(latitude, longitude) {
    const sine = Math.sin(latitude * RADIANS);
    const isometric = Math.atanh(sine) - eccentricity * Math.atanh(eccentricity * sine);
    const away = longitude * RADIANS - MERIDIAN;
    const xi = Math.atan2(Math.sinh(isometric), Math.cos(away));
    const eta = Math.atanh(Math.sin(away) / Math.cosh(isometric));
    let north = xi;
    let east = eta;
    FORWARD.forEach((coefficient, i) => {
      const k = 2 * (i + 1);
      north += coefficient * Math.sin(k * xi) * Math.cosh(k * eta);
      east += coefficient * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    return { x: EASTING + SCALE * radius * east, y: SCALE * radius * north };
  }

  function toDegrees(easting, northing) {
    const xi = northing / (SCALE * radius);
    const eta = (easting - EASTING) / (SCALE * radius);
    let north = xi;
    let east = eta;
    BACKWARD.forEach((coefficient, i) => {
      const k = 2 * (i + 1);
      north -= coefficient * Math.sin(k * xi) * Math.cosh(k * eta);
      east -= coefficient * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    const conformal = Math.asin(Math.sin(north) / Math.cosh(east));
    let isometric = Math.atanh(Math.sin(conformal));
    const target = isometric;
    for (let round = 0; round < 6; round += 1) {
      isometric = target + eccentricity * Math.atanh(eccentricity * Math.tanh(isometric));
    }
    const longitude = MERIDIAN + Math.atan2(Math.sinh(east), Math.cos(north));
    return { latitude: Math.asin(Math.tanh(isometric)) / RADIANS, longitude: longitude / RADIANS };
  }

  const projection = {
    project(latlng) {
      const { x, y } = toMetres(latlng.lat, latlng.lng);
      return new L.Point(x, y);
    },
    unproject(point) {
      const { latitude, longitude } = toDegrees(point.x, point.y);
      return new L.LatLng(latitude, longitude);
    },
  };

  L.CRS.TM35FIN = L.extend({}, L.CRS, {
    code: "EPSG:3067",
    projection,
    transformation: new L.Transformation(1, 0, -1, 0),
    infinite: true,
    scale: (zoom) => 2 ** zoom / COARSEST,
    zoom: (scale) => Math.log2(scale * COARSEST),
    distance: L.CRS.Earth.distance,
    R: L.CRS.Earth.R,
  });

  lea.toMetres = toMetres;
  lea.toDegrees = toDegrees;
})((window.leaGeo = window.leaGeo || {}));
