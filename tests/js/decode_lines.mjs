// Answers each line of JSON on stdin with what decode.js reads from it: tests/helpers/page_decoder.py asks.
import { createInterface } from "node:readline";

import {
  cellId, readCells, readColumn, readPolygons, readVarints, unpack,
} from "../../src/lea_geo/maps/assets/js/decode.js";

function ringsOf({ coords, arcStart, refs, ringStart, areaStart }) {
  const vertex = (i) => [coords[2 * i], coords[2 * i + 1]];
  const arc = (ref) => {
    const k = ref < 0 ? ~ref : ref;
    const along = [];
    for (let i = arcStart[k]; i < arcStart[k + 1]; i += 1) along.push(vertex(i));
    return ref < 0 ? along.reverse() : along;
  };
  const ring = (r) => [...refs.subarray(ringStart[r], ringStart[r + 1])].flatMap((ref) => arc(ref).slice(0, -1));
  return Array.from({ length: areaStart.length - 1 }, (_, i) =>
    Array.from({ length: areaStart[i + 1] - areaStart[i] }, (__, r) => ring(areaStart[i] + r)),
  );
}

function plain(arrays) {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, value]) => [name, ArrayBuffer.isView(value) ? [...value] : value]),
  );
}

const ANSWERS = {
  column: async ({ column }) => {
    const read = await readColumn(column);
    return Array.from({ length: read.length }, (_, i) => read.at(i));
  },
  polygons: async ({ shapes, n }) => {
    const read = await readPolygons(shapes, n);
    return { ...plain(read), rings: ringsOf(read) };
  },
  cells: async ({ shapes, n }) => plain(await readCells(shapes, n)),
  varints: async ({ packed }) => [...readVarints(await unpack(packed))],
  ids: async ({ side, corners }) => corners.map(([east, north]) => cellId(side, east, north)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await ANSWERS[question.kind](question))}\n`);
}
