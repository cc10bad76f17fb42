// Reads the page's own data. Whatever it holds is text or number, and stays so: nothing of it becomes markup.
(function (lea) {
  "use strict";

  async function unpack(packed) {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  // A ring comes as its first vertex and then steps; y grows downwards on a screen.
  function addRing(path, ring, box) {
    let x = 0;
    let y = 0;
    for (let i = 0; i < ring.length; i += 2) {
      x += ring[i];
      y += ring[i + 1];
      if (i === 0) path.moveTo(x, -y);
      else path.lineTo(x, -y);
      if (x < box[0]) box[0] = x;
      if (-y < box[1]) box[1] = -y;
      if (x > box[2]) box[2] = x;
      if (-y > box[3]) box[3] = -y;
    }
    path.closePath();
  }

  function shapeOf(rings, point) {
    const path = new Path2D();
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    rings.forEach((ring) => addRing(path, ring, box));
    return { path, box, point: [point[0], -point[1]] };
  }

  async function readShapes(data) {
    const { areas, points, borders } = await unpack(data.shapes);
    return {
      areas: areas.map((rings, i) => shapeOf(rings, points[i])),
      borders: borders.map((border) => ({ name: border.name, ...shapeOf(border.rings, border.point) })),
    };
  }

  lea.readData = () => JSON.parse(document.getElementById("lea-data").textContent);
  lea.readShapes = readShapes;

  const unpacked = new Map();
  // The columns of one indicator, unpacked when somebody first asks for them.
  lea.columnsOf = (indicator) => {
    if (!unpacked.has(indicator.code)) unpacked.set(indicator.code, unpack(indicator.columns));
    return unpacked.get(indicator.code);
  };
})((window.leaGeo = window.leaGeo || {}));
