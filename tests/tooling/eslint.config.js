import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  "consistent-return": "error",
  curly: ["error", "multi-line"],
  "default-case-last": "error",
  eqeqeq: "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-param-reassign": "error",
  "no-restricted-properties": [
    "error",
    { property: "innerHTML", message: "use textContent and elements" },
    { property: "outerHTML", message: "use textContent and elements" },
    { property: "insertAdjacentHTML", message: "use textContent and elements" },
    { object: "navigator", property: "userAgent", message: "ask for the capability" },
    { object: "document", property: "write", message: "use elements" },
  ],
  "no-shadow": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

export default [
  { ignores: ["**/node_modules/**", "**/generated/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["extension/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: { ...globals.browser, ...globals.webextensions },
    },
    rules,
  },
  {
    files: ["extension/content/**/*.js"],
    languageOptions: { sourceType: "script" },
  },
  {
    files: ["tests/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: { ...globals.node, ...globals.browser, ...globals.webextensions },
    },
    rules,
  },
  {
    files: ["tests/support/sites/pages/*.js", "installers/**/*.js"],
    languageOptions: { sourceType: "script", globals: globals.browser },
    rules,
  },
];
