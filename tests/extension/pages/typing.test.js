import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const PAGES = new URL("../../../extension/pages/", import.meta.url);

for (const name of readdirSync(PAGES).filter((each) => each.endsWith(".html"))) {
  // Chromium's enhanced spelling check sends what is typed to its maker.
  test(`${name}: what is typed is given to no spelling check`, () => {
    assert.match(readFileSync(new URL(name, PAGES), "utf8"), /<body spellcheck="false">/);
  });
}
