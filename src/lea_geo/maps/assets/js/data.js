// The page's own data: places (areas with their shapes), and sheets (what is known of a place in one year).
// Whatever they hold is text or number, and stays so: nothing of it becomes markup. Long columns and shapes are
// unpacked when somebody first asks for them.
import { cellId, emptyColumn, readCells, readColumn, readPolygons, unpackJson } from "./decode.js";
import { CellShapes } from "./cells.js";
import { PolygonShapes } from "./polygons.js";
import { own } from "./words.js";

export function readData() {
  const data = JSON.parse(document.getElementById("lea-data").textContent);
  Object.setPrototypeOf(data.styles, null); // a label that calls itself "constructor" has no style
  return data;
}

async function readShapes(raw) {
  return raw.kind === "cells"
    ? new CellShapes(await readCells(raw.shapes, raw.n), raw.frame)
    : new PolygonShapes(await readPolygons(raw.shapes, raw.n), raw.frame);
}

// One set of areas.
class Place {
  constructor(raw) {
    this.raw = raw;
    this.n = raw.n;
    this.level = raw.level;
    this.municipalities = raw.municipality ? raw.municipality.words : [];
  }

  // Everything that drawing and naming the areas needs; the same promise for everybody.
  load() {
    this.loading ||= this.unpackAll();
    return this.loading;
  }

  async unpackAll() {
    const { raw } = this;
    this.shapes = await readShapes(raw);
    this.ids = raw.ids.list ? await unpackJson(raw.ids.list) : null;
    this.names = raw.names
      ? { fi: await unpackJson(raw.names.fi), sv: await unpackJson(raw.names.sv), en: await unpackJson(raw.names.en) }
      : null;
    this.municipality = raw.municipality ? await readColumn(raw.municipality) : null;
    return this;
  }

  idOf(i) {
    if (this.ids) return this.ids[i];
    const { origin, quantum } = this.raw.frame;
    const [column, row] = this.shapes.boxOf(i);
    return cellId(this.raw.ids.cells, origin[0] + column * quantum, origin[1] + row * quantum);
  }

  hasNames() {
    return this.names !== null;
  }

  // The name in the reader's language or any other, or the id of an area that has none.
  nameOf(i) {
    if (!this.names) return this.idOf(i);
    const { fi, sv, en } = this.names;
    return own({ fi: fi[i], sv: sv[i], en: en[i] }) || this.idOf(i);
  }

  namesOf(i) {
    return this.names ? [this.names.fi[i], this.names.sv[i], this.names.en[i]] : [];
  }

  // As the data call it; blank where nobody said.
  municipalityOf(i) {
    return (this.municipality && this.municipality.at(i)) || "";
  }

  // The position of an area, or -1.
  indexOf(id) {
    this.positions ||= new Map(Array.from({ length: this.n }, (unused, i) => [this.idOf(i), i]));
    return this.positions.get(id) ?? -1;
  }
}

// What is known of one place in one year.
class Sheet {
  constructor(raw, place) {
    this.raw = raw;
    this.place = place;
    this.level = raw.level;
    this.year = raw.year;
    this.indicators = raw.indicators;
    this.settings = raw.settings;
    this.controlled = raw.controlled;
    this.notes = raw.notes;
    this.unpacked = new Map();
  }

  // Where each area lies on the two ledgers; a column without words where the study has none.
  ledgers() {
    const { ledgers } = this.raw;
    this.places ||= ledgers ? readColumn(ledgers) : Promise.resolve(emptyColumn(this.place.n));
    return this.places;
  }

  // The position of an indicator by its code, or -1.
  find(code) {
    return this.indicators.findIndex((indicator) => indicator.code === code);
  }

  // Columns of one indicator by field; one that is not there holds nothing.
  async columns(indicator, fields) {
    const held = await Promise.all(fields.map((field) => this.column(indicator, field)));
    return Object.fromEntries(fields.map((field, k) => [field, held[k]]));
  }

  column(indicator, field) {
    const { code, columns } = this.indicators[indicator];
    const key = JSON.stringify([code, field]);
    if (!this.unpacked.has(key)) {
      const raw = Object.hasOwn(columns, field) ? columns[field] : null;
      this.unpacked.set(key, raw ? readColumn(raw) : Promise.resolve(emptyColumn(this.place.n)));
    }
    return this.unpacked.get(key);
  }

  // What must be there before anything of the sheet is drawn.
  async load() {
    await this.place.load();
    this.comparisons ||= await unpackJson(this.raw.comparisons);
  }

  // What is known of a municipality, or of the whole region where `name` is blank; null where nothing is.
  comparison(code, name) {
    const { fields, rows } = this.comparisons;
    const known = rows[code];
    if (!known || !Object.hasOwn(known, name)) return null;
    return Object.fromEntries(fields.map((field, k) => [field, known[name][k]]));
  }
}

export function readSheets(data) {
  const places = data.places.map((raw) => new Place(raw));
  return data.sheets.map((raw) => new Sheet(raw, places[raw.place]));
}

// Water and borders around the areas: a list of {kind, shapes}.
export function readContext(data) {
  return Promise.all(data.context.map(async (raw) => ({ kind: raw.of, shapes: await readShapes(raw) })));
}
