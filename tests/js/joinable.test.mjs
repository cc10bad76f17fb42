// The house's own rule of eslint.config.js: modules that Python can join by dropping two words.
import test from "node:test";

const { RuleTester } = await import("eslint").catch(() => ({}));
const skip = RuleTester ? false : "eslint is not installed: `make check` installs it";

test("modules can be joined into one script only in the forms that the rule lets through", { skip }, async () => {
  const { default: config } = await import("../../eslint.config.js");
  const { joinable } = config.find((part) => part.plugins?.house).plugins.house.rules;
  RuleTester.describe = (_, run) => run();
  RuleTester.it = (_, run) => run();
  const refused = (code, ...ids) => ({ code, errors: ids.map((messageId) => ({ messageId })) });
  new RuleTester().run("joinable", joinable, {
    valid: [
      'import { a, b } from "./other.js";\nexport const c = a + b;',
      "export function f() {}\nexport async function g() {}\nexport class H {}",
      "const kept = 1;",
    ],
    invalid: [
      refused('const a = 1;\nimport { b } from "./other.js";', "first"),
      refused('import { b } from "other";', "near"),
      refused('import { b } from "../other.js";', "near"),
      refused('import b from "./other.js";', "named"),
      refused('import * as b from "./other.js";', "named"),
      refused('import { a as b } from "./other.js";', "named"),
      refused('import "./other.js";', "named"),
      refused("export default 1;", "exported"),
      refused("const a = 1;\nexport { a };", "exported"),
      refused('export { a } from "./other.js";', "exported"),
      refused('export * from "./other.js";', "exported"),
      refused("export let a = 1;", "exported"),
      refused('import("./other.js");', "late"),
    ],
  });
});
