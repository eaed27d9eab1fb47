import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const EXTENSION = new URL("../../../extension/", import.meta.url);
const WORDS = new Map(
  Object.entries(
    JSON.parse(await readFile(new URL("_locales/en/messages.json", EXTENSION), "utf8")),
  ),
);
const OWN = /^(popup|options|guide|missing|error)_/;

async function sources() {
  const names = await readdir(EXTENSION, { recursive: true });
  const wanted = names.filter((name) => /^(pages|background|shared)\/.*\.(js|html)$/.test(name));
  const texts = await Promise.all(wanted.map((name) => readFile(new URL(name, EXTENSION), "utf8")));
  return new Map(wanted.map((name, at) => [name, texts[at]]));
}

/** Keys that are written out, and those of which only the beginning is ("popup_step_${…}"). */
function keysIn(text) {
  const named = [...text.matchAll(/["`]((?:popup|options|guide|missing|error)_\w*)(\$\{)?/g)];
  return {
    whole: named.filter(([, , open]) => !open).map(([, key]) => key),
    beginnings: named.filter(([, , open]) => open).map(([, key]) => key),
  };
}

test("every word that a page or the background asks for is there", async () => {
  for (const [name, text] of await sources()) {
    const { whole, beginnings } = keysIn(text);
    for (const key of whole) assert.ok(WORDS.has(key), `${name}: ${key}`);
    for (const beginning of beginnings) {
      assert.ok(
        [...WORDS.keys()].some((key) => key.startsWith(beginning)),
        `${name}: ${beginning}`,
      );
    }
  }
});

test("no word is kept that nobody asks for", async () => {
  const keys = [...(await sources()).values()].map(keysIn);
  const whole = new Set(keys.flatMap((found) => found.whole));
  const beginnings = keys.flatMap((found) => found.beginnings);
  for (const key of WORDS.keys()) {
    if (!OWN.test(key)) continue;
    const isAsked = whole.has(key) || beginnings.some((beginning) => key.startsWith(beginning));
    assert.ok(isAsked, key);
  }
});

test("what a failure says is words, never a code", () => {
  for (const [key, { message }] of WORDS) {
    if (key.startsWith("error_")) assert.match(message, /^[A-Z][^_]{20,}$/, key);
  }
});
