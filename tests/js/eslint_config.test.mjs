// What eslint.config.js refuses in the page's modules, each thing once.
import assert from "node:assert/strict";
import test from "node:test";

const { ESLint } = await import("eslint").catch(() => ({}));
const skip = ESLint ? false : "eslint is not installed: `make check` installs it";
const USED = "export function used() {\n  return 1;\n}\n";

// Everything is refused for one reason only, so that no rule hides behind another.
const REFUSED = [
  // Forms of import and export that Python cannot join.
  ["house/joinable", `${USED}import { b } from "./other.js";\nused(b);`],
  ["house/joinable", 'import { b } from "other";\nb();'],
  ["house/joinable", 'import { b } from "../other.js";\nb();'],
  ["house/joinable", 'import b from "./other.js";\nb();'],
  ["house/joinable", 'import * as b from "./other.js";\nb.c();'],
  ["house/joinable", 'import { a as b } from "./other.js";\nb();'],
  ["house/joinable", 'import "./other.js";'],
  ["house/joinable", "export default 1;"],
  ["house/joinable", "const a = 1;\nexport { a };"],
  ["house/joinable", 'export { a } from "./other.js";'],
  ["house/joinable", 'export * from "./other.js";'],
  ["house/joinable", "export let a = 1;\nexport function f() {\n  a = 2;\n}"],
  ["house/joinable", 'import("./other.js");'],
  // A value that becomes markup or a script.
  ["no-restricted-properties", "export const spoil = (node, name) => { node.innerHTML = name; };"],
  ["no-restricted-properties", 'export const spoil = (node, name) => { node["outerHTML"] = name; };'],
  ["no-restricted-properties", 'export const spoil = (node, name) => node.insertAdjacentHTML("beforeend", name);'],
  ["no-restricted-properties", "export const spoil = (name) => document.write(name);"],
  ["no-eval", "export const spoil = (name) => eval(name);"],
  ["no-new-func", "export const spoil = (name) => new Function(name);"],
  ["no-implied-eval", 'export const spoil = () => setTimeout("1", 10);'],
  // The network, and the reader's machine.
  ["no-restricted-globals", 'export const ask = () => fetch("x");'],
  ["no-restricted-globals", "export const ask = () => new XMLHttpRequest();"],
  ["no-restricted-properties", 'export const ask = () => navigator.sendBeacon("x");'],
  ["no-restricted-globals", 'export const keep = () => localStorage.setItem("a", "b");'],
  // Slips.
  ["no-restricted-globals", "export const slip = () => name;"],
  ["no-undef", "export const slip = () => nowhere;"],
  ["no-unused-vars", "const slip = 1;"],
  ["eqeqeq", "export const slip = (a, b) => a == b;"],
  ["max-lines-per-function", `export function long(f) {\n${"  f();\n".repeat(60)}}`],
];
const ALLOWED = [
  'import { a, b } from "./other.js";\n\nexport const c = a + b;',
  `${USED}export async function f() {\n  await used();\n}\nexport class G {}`,
  "export const at = (map) => L.control.zoom().addTo(map);",
];

async function findings(code) {
  const eslint = new ESLint();
  const [{ messages }] = await eslint.lintText(code, { filePath: "src/lea_geo/maps/assets/js/made_up.js" });
  return messages.map(({ ruleId }) => ruleId);
}

test("each form that the house refuses is refused, for one reason", { skip }, async () => {
  for (const [rule, code] of REFUSED) assert.deepEqual(await findings(code), [rule], code);
});

test("what the house writes is let through", { skip }, async () => {
  for (const code of ALLOWED) assert.deepEqual(await findings(code), [], code);
});
