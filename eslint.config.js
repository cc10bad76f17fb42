// What `make check` asks of JavaScript. Python joins the modules of the page into one script by dropping the
// words import and export, so they may be used in one form only; and a value must never become markup.
import js from "@eslint/js";
import globals from "globals";

const NO_MARKUP = "a value never becomes markup: use textContent and element() of words.js";
const NO_NETWORK = "the page asks the network for nothing and keeps nothing on the reader's machine";
const NOT_MEANT = "a global of the browser: most likely a variable that was never declared";

const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "createContextualFragment", "srcdoc"];
const NETWORK = [
  "fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Worker", "SharedWorker", "importScripts",
  "localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore",
];
// Globals whose names are common words, which no-undef would let through.
const COMMON_WORDS = [
  "closed", "event", "external", "find", "frames", "history", "length", "name", "open", "opener", "origin", "parent",
  "screen", "scroll", "self", "status", "stop", "top",
];

const restricted = (names, message) => names.map((name) => ({ name, message }));

function unlike(specifier) {
  return specifier.imported?.name !== specifier.local.name;
}

/** `import { a, b } from "./other.js";` at the top, `export function|class|const`, and no other form. */
const joinable = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      first: "imports stand at the top of the file",
      near: 'import from a module beside this one: "./other.js"',
      named: "import by the name that the other module gives: no default, no namespace, no renaming, no side effect",
      exported: "export a function, class or const where it is declared: no default, no list, no re-export",
      late: "import() cannot be joined into one script",
    },
  },
  create(context) {
    const report = (node, messageId) => context.report({ node, messageId });
    return {
      ImportDeclaration(node) {
        const before = context.sourceCode.ast.body.slice(0, context.sourceCode.ast.body.indexOf(node));
        if (before.some((other) => other.type !== "ImportDeclaration")) report(node, "first");
        if (!/^\.\/[a-z_]+\.js$/.test(node.source.value)) report(node, "near");
        if (!node.specifiers.length || node.specifiers.some(unlike)) report(node, "named");
      },
      ExportNamedDeclaration(node) {
        const { declaration } = node;
        const plain = declaration && (declaration.type !== "VariableDeclaration" || declaration.kind === "const");
        if (!plain) report(node, "exported");
      },
      ExportDefaultDeclaration: (node) => report(node, "exported"),
      ExportAllDeclaration: (node) => report(node, "exported"),
      ImportExpression: (node) => report(node, "late"),
    };
  },
};

const EVERYWHERE = {
  ...js.configs.recommended.rules,
  "array-callback-return": "error",
  "complexity": ["error", 12],
  "consistent-return": "error",
  "curly": ["error", "multi-line"],
  "default-param-last": "error",
  "eqeqeq": "error",
  "max-depth": ["error", 3],
  "max-len": ["error", { code: 120 }],
  "max-lines": ["error", { max: 300, skipComments: true, skipBlankLines: true }],
  "no-console": "error",
  "no-else-return": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-implicit-coercion": ["error", { allow: ["+", "!!"] }],
  "no-new-func": "error",
  "no-param-reassign": "error",
  "no-return-assign": "error",
  "no-script-url": "error",
  "no-shadow": "error",
  "no-throw-literal": "error",
  "no-unneeded-ternary": "error",
  "no-unused-expressions": "error",
  "no-unused-vars": "error",
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-useless-concat": "error",
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
  "quotes": ["error", "double", { avoidEscape: true }],
  "semi": "error",
};

export default [
  { ignores: ["**/node_modules/", ".venv/", "out/", "dist/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules: EVERYWHERE },
  {
    files: ["src/lea_geo/maps/assets/js/**/*.js"],
    languageOptions: { globals: { ...globals.browser, L: "readonly" } },
    plugins: { house: { rules: { joinable } } },
    rules: {
      "house/joinable": "error",
      "max-lines-per-function": ["error", { max: 50, skipComments: true, skipBlankLines: true }],
      "no-restricted-globals": ["error", ...restricted(NETWORK, NO_NETWORK), ...restricted(COMMON_WORDS, NOT_MEANT)],
      "no-restricted-properties": [
        "error",
        ...MARKUP.map((property) => ({ property, message: NO_MARKUP })),
        ...["write", "writeln"].map((property) => ({ object: "document", property, message: NO_MARKUP })),
        { object: "navigator", property: "sendBeacon", message: NO_NETWORK },
        { object: "document", property: "cookie", message: NO_NETWORK },
      ],
    },
  },
  {
    // What folium's own layers expect of a page; a script beside the modules, only where somebody added a layer.
    files: ["src/lea_geo/maps/assets/folium_bridge.js"],
    languageOptions: { sourceType: "script", globals: { ...globals.browser, L: "readonly" } },
  },
  { files: ["tests/js/**/*.mjs"], languageOptions: { globals: globals.node } },
];
