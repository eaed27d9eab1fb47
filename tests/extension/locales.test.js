import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const LOCALES = new URL("../../extension/_locales/", import.meta.url);
/** The languages of design/product.md, section 5. */
const LANGUAGES = ["ar", "de", "en", "es", "fr", "hi", "pt"];
const SCRIPTS = new Map([
  ["ar", /\p{Script=Arabic}/u],
  ["hi", /\p{Script=Devanagari}/u],
]);
/** Words that are the same in another language: names, and what merely joins values. */
const SAME_ANYWHERE = new Set(["name", "card_caption", "finding_place"]);
const SAME = new Set([
  "de popup_pause",
  "es guide_danger_no",
  "fr popup_pause",
  "fr popup_options",
  "fr options_title",
  "fr finding_short_when",
]);

/** @param {string} language */
function read(language) {
  const text = readFileSync(new URL(`${language}/messages.json`, LOCALES), "utf8");
  return new Map(Object.entries(JSON.parse(text)).map(([key, { message }]) => [key, message]));
}

const all = new Map(LANGUAGES.map((language) => [language, read(language)]));
const english = all.get("en");
const others = LANGUAGES.filter((language) => language !== "en");

/** @param {string} message */
const placeholders = (message) => (message.match(/\$\d/g) ?? []).sort().join(" ");
/** @param {string} message without placeholders, signs and numbers */
const wordsIn = (message) => message.replace(/\$\d/g, "").replace(/[^\p{L}]/gu, "");

test("these are the languages, and no other", () => {
  assert.deepEqual(readdirSync(LOCALES).sort(), LANGUAGES);
});

for (const language of others) {
  const words = all.get(language);

  test(`${language}: every English key is there, and no other`, () => {
    const missing = [...english.keys()].filter((key) => !words.has(key));
    const extra = [...words.keys()].filter((key) => !english.has(key));
    assert.deepEqual(
      { missing, extra },
      { missing: [], extra: [] },
      `_locales/${language}/messages.json lacks ${missing.join(", ") || "nothing"}` +
        ` and has too many: ${extra.join(", ") || "none"}`,
    );
  });

  test(`${language}: every message takes the same values`, () => {
    for (const [key, message] of words) {
      assert.equal(placeholders(message), placeholders(english.get(key) ?? message), key);
    }
  });

  test(`${language}: nothing is left in English or empty`, () => {
    const script = SCRIPTS.get(language);
    for (const [key, message] of words) {
      assert.notEqual(message.trim(), "", key);
      const original = english.get(key) ?? "";
      if (wordsIn(original) === "" || SAME_ANYWHERE.has(key)) continue;
      if (key === "card_language") continue;
      const isSame = message === original && !SAME.has(`${language} ${key}`);
      assert.ok(!isSame, `${key} is still English: ${message}`);
      if (script !== undefined) assert.match(message, script, key);
    }
  });

  test(`${language}: it says which language it is`, () => {
    assert.equal(words.get("card_language"), language);
  });
}

test("what is the same on purpose is still the same", () => {
  for (const entry of SAME) {
    const [language, key] = entry.split(" ");
    assert.equal(all.get(language).get(key), english.get(key), entry);
  }
});
