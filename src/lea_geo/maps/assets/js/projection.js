// The page draws in metres, true in shape and with north up, and folium layers in degrees still fall into place.
// Transverse Mercator on GRS80 by Krüger's series: Karney 2011, doi:10.1007/s00190-011-0445-3; JHS 197 gives the
// same. ETRS-TM35FIN and the ETRS-GK zones differ in meridian, scale and easting only.
const RADIANS = Math.PI / 180;
const MAJOR = 6378137;
const FLATTENING = 1 / 298.257222101;
// Metres in a pixel at zoom 0, as in the tile scheme of JHS 180.
const COARSEST = 8192;
// The north-western corner of that scheme, from which pixels are counted.
const TILE_CORNER = [-548576, 8388608];

const THIRD = FLATTENING / (2 - FLATTENING);
const RADIUS = (MAJOR / (1 + THIRD)) * (1 + THIRD ** 2 / 4 + THIRD ** 4 / 64);
const ECCENTRICITY = Math.sqrt(FLATTENING * (2 - FLATTENING));
const FORWARD = [
  THIRD / 2 - (2 * THIRD ** 2) / 3 + (5 * THIRD ** 3) / 16 + (41 * THIRD ** 4) / 180,
  (13 * THIRD ** 2) / 48 - (3 * THIRD ** 3) / 5 + (557 * THIRD ** 4) / 1440,
  (61 * THIRD ** 3) / 240 - (103 * THIRD ** 4) / 140,
  (49561 * THIRD ** 4) / 161280,
];
const BACKWARD = [
  THIRD / 2 - (2 * THIRD ** 2) / 3 + (37 * THIRD ** 3) / 96 - THIRD ** 4 / 360,
  THIRD ** 2 / 48 + THIRD ** 3 / 15 - (437 * THIRD ** 4) / 1440,
  (17 * THIRD ** 3) / 480 - (37 * THIRD ** 4) / 840,
  (4397 * THIRD ** 4) / 161280,
];

// `meridian` in degrees, `scale` on it, `easting` of it in metres.
class TransverseMercator {
  constructor({ meridian, scale, easting }) {
    this.meridian = meridian * RADIANS;
    this.metres = scale * RADIUS;
    this.easting = easting;
  }

  toMetres(latitude, longitude) {
    const sine = Math.sin(latitude * RADIANS);
    const isometric = Math.atanh(sine) - ECCENTRICITY * Math.atanh(ECCENTRICITY * sine);
    const away = longitude * RADIANS - this.meridian;
    const xi = Math.atan2(Math.sinh(isometric), Math.cos(away));
    const eta = Math.atanh(Math.sin(away) / Math.cosh(isometric));
    let north = xi;
    let east = eta;
    FORWARD.forEach((coefficient, i) => {
      const k = 2 * (i + 1);
      north += coefficient * Math.sin(k * xi) * Math.cosh(k * eta);
      east += coefficient * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    return { x: this.easting + this.metres * east, y: this.metres * north };
  }

  toDegrees(easting, northing) {
    const xi = northing / this.metres;
    const eta = (easting - this.easting) / this.metres;
    let north = xi;
    let east = eta;
    BACKWARD.forEach((coefficient, i) => {
      const k = 2 * (i + 1);
      north -= coefficient * Math.sin(k * xi) * Math.cosh(k * eta);
      east -= coefficient * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    const conformal = Math.asin(Math.sin(north) / Math.cosh(east));
    const target = Math.atanh(Math.sin(conformal));
    let isometric = target;
    for (let round = 0; round < 6; round += 1) {
      isometric = target + ECCENTRICITY * Math.atanh(ECCENTRICITY * Math.tanh(isometric));
    }
    const longitude = this.meridian + Math.atan2(Math.sinh(east), Math.cos(north));
    return { latitude: Math.asin(Math.tanh(isometric)) / RADIANS, longitude: longitude / RADIANS };
  }
}

// The same as a coordinate system of Leaflet.
export function metricCrs(parameters) {
  const mercator = new TransverseMercator(parameters);
  return L.extend({}, L.CRS, {
    code: "metres",
    mercator,
    projection: {
      project({ lat, lng }) {
        const { x, y } = mercator.toMetres(lat, lng);
        return new L.Point(x, y);
      },
      unproject({ x, y }) {
        const { latitude, longitude } = mercator.toDegrees(x, y);
        return new L.LatLng(latitude, longitude);
      },
    },
    transformation: new L.Transformation(1, -TILE_CORNER[0], -1, TILE_CORNER[1]),
    infinite: true,
    scale: (zoom) => 2 ** zoom / COARSEST,
    zoom: (scale) => Math.log2(scale * COARSEST),
    distance: L.CRS.Earth.distance,
    R: L.CRS.Earth.R,
  });
}
