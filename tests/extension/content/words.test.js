import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { englishMessages, englishWords, load } from "./load.js";

const words = load("sharewiseWords", "words.js");
const message = englishWords();

/** @param {string} kind */
const finding = (kind, value = null) => ({ kind, where: "JPEG", summary: "English", value });

/** @param {object[]} findings */
const group = (...findings) => words.group(findings, message, "en");

test("every kind that the daemon knows has words, with and without a value", () => {
  const contract = new URL("../../../daemon/sharewise/formats/contract.py", import.meta.url);
  const kinds = /class Kind\(StrEnum\):(.*?)\nclass /s.exec(readFileSync(contract, "utf8"))?.[1];
  const values = [...(kinds ?? "").matchAll(/= "([a-z_]+)"/g)].map(([, kind]) => kind);
  assert.ok(values.includes("location") && values.includes("other"));
  for (const kind of [...values, "of tomorrow", "toString"]) {
    for (const value of [null, "x"]) {
      const [only, ...more] = group(finding(kind, value));
      assert.deepEqual(more, []);
      assert.ok(only.lines.every((line) => line !== "" && !line.includes("English")));
    }
  }
});

test("a place is said in degrees, and whether it is exact", () => {
  assert.deepEqual(group(finding("location", "45.764043,-4.835659")), [
    {
      topic: "where",
      label: "Where",
      lines: ["45.7640° north, 4.8357° west", "Precise enough to find the building"],
    },
  ]);
  assert.deepEqual(group(finding("location", "-45.7,4.8"))[0].lines, ["45.7° south, 4.8° east"]);
  assert.deepEqual(group(finding("location", "Lyon"))[0].lines, ["Lyon"]);
});

test("a place is said with the town that it is near, its country in the person's language", () => {
  const near = { name: "Lyon", country_code: "FR", distance_km: 1.2 };
  const place = { ...finding("location", "45.764043,4.835659"), near };
  assert.deepEqual(group(place)[0].lines, [
    "Near Lyon, France",
    "45.7640° north, 4.8357° east",
    "Precise enough to find the building",
  ]);
  assert.equal(words.group([place], message, "de")[0].lines[0], "Near Lyon, Frankreich");
  const odd = { ...place, near: { ...near, country_code: "<b>" } };
  assert.equal(group(odd)[0].lines.length, 2);
});

test("a time is said as the file has it, in whatever zone this computer is", () => {
  for (const value of ["2025-05-03T14:02:00", "2025-05-03T14:02:00+09:00", "2025-05-03 14:02"]) {
    const [line] = group(finding("time", value))[0].lines;
    assert.match(line, /Saturday, May 3, 2025 at 2:02.PM/);
  }
  assert.deepEqual(group(finding("time", "2025-05-03"))[0].lines, ["Saturday, May 3, 2025"]);
  assert.deepEqual(group(finding("time", "long ago"))[0].lines, ["long ago"]);
});

test("findings of one topic stand together, without repeats, what matters most first", () => {
  const groups = group(
    finding("software", "Editor 1"),
    finding("device", "Phone"),
    finding("serial", "123"),
    finding("device", "Phone"),
    finding("location"),
    finding("location", "1.23,4.56"),
  );
  assert.deepEqual(
    groups.map(({ topic, lines }) => [topic, lines]),
    [
      ["where", ["1.23° north, 4.56° east"]],
      ["device", ["Phone", "Serial number 123"]],
      ["made", ["Made with Editor 1"]],
    ],
  );
});

test("many values are cut short and counted, and a long one is cut", () => {
  const people = ["Ana", "Bo", "Cy", "Di", "Ed"].map((name) => finding("person", name));
  assert.deepEqual(group(...people)[0].lines, ["Ana", "Bo", "Cy", "and 2 more"]);
  const [line] = group(finding("description", "a  b\n".repeat(100)))[0].lines;
  assert.ok(line.length < 100 && line.includes("a b a b") && line.endsWith("…”"));
});

test("no message for the card is unused", () => {
  const sources = ["words.js", "view.js", "card.js", "card_parts.js", "guard.js", "review.js"]
    .map((name) => readFileSync(new URL(`../../../extension/content/${name}`, import.meta.url)))
    .join("\n");
  const stems = [...sources.matchAll(/["`]((?:card|finding)_[a-z_]*)/g)].map(([, stem]) => stem);
  for (const key of englishMessages().keys()) {
    if (!/^(card|finding)_/.test(key)) continue;
    assert.ok(
      stems.some((stem) => (stem.endsWith("_") ? key.startsWith(stem) : key === stem)),
      `${key} is never shown`,
    );
  }
});
