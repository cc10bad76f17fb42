// Cells that every spreadsheet opens and none runs.
import assert from "node:assert/strict";
import test from "node:test";
import {
  csvParts, fileName, numberCell, separatorsOf, textCell, withoutFormula,
} from "../../src/lea_geo/maps/assets/js/csv.js";

// https://owasp.org/www-community/attacks/CSV_Injection names these beginnings.
const BEGINNINGS = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"];

test("what begins like a formula begins with an apostrophe instead", () => {
  BEGINNINGS.forEach((sign) => assert.equal(withoutFormula(`${sign}1+1`)[0], "'", JSON.stringify(sign)));
});

test("nor does a formula begin where another language ends a cell", () => {
  assert.equal(withoutFormula("x,=1+1;@a\t+2"), "x,'=1+1;'@a\t'+2");
  assert.equal(withoutFormula('x","=1+1'), 'x","\'=1+1');
});

test("names stay as they are", () => {
  ["Ala-Malmi", "Keskusta (itä)", "a = b", "Utulahti, Kaarnajoki", "O'Brien", ""].forEach((name) => {
    assert.equal(withoutFormula(name), name);
  });
});

test("a text is in quotes, and quotes in it are doubled", () => {
  assert.equal(textCell('a "b"; c\r\nd'), '"a ""b""; c\r\nd"');
  assert.equal(textCell(""), "");
});

test("numbers are those of the reader's language: no apostrophe before a minus, no gaps, decimals as shown", () => {
  assert.equal(numberCell(-1234.5, 2, separatorsOf("fi")), "-1234,50");
  assert.equal(numberCell(-1234.5, 2, separatorsOf("en")), "-1234.50");
  assert.equal(numberCell(1234567, 0, separatorsOf("sv")), "1234567");
  assert.equal(numberCell(null, 1, separatorsOf("fi")), "");
});

test("lines end as RFC 4180 says, and a mark of byte order comes first", () => {
  const parts = csvParts(["a", "b"], 3, (k) => [String(k), "x"], separatorsOf("fi"), 2);
  assert.equal(parts.join(""), "\ufeffa;b\r\n0;x\r\n1;x\r\n2;x\r\n");
  assert.equal(parts.length, 3);
});

test("a name of a file holds letters and digits only, and is not too long", () => {
  const parts = ["Pieni rannikko", "Työttömät: 18–64 v.", "2024"];
  assert.equal(fileName(parts, "csv"), "Pieni-rannikko_Työttömät-18-64-v_2024.csv");
  assert.equal(fileName(["../../etc", "a\u0000b", "\u202egnp"], "csv"), "etc_a-b_gnp.csv");
  assert.equal(fileName(["", "…"], "csv"), "lea.csv");
  assert.ok(fileName(["ä".repeat(500)], "csv").length <= 104);
});
