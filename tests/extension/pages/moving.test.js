import assert from "node:assert/strict";
import { test } from "node:test";

import { possibleCases } from "../../../extension/pages/evidence/moving.js";

const CASES = [
  { case_id: "a", age_answer: "adults" },
  { case_id: "m", age_answer: "minor_or_unsure" },
  { case_id: "u", age_answer: "unasked" },
];

/**
 * @param {string} caseId
 * @param {string[]} names
 */
function ids(caseId, names) {
  const files = names.map((name) => ({ name }));
  return possibleCases({ item: { case_id: caseId }, files }, CASES).map(({ case_id }) => case_id);
}

test("pictures go only where everybody is an adult", () => {
  assert.deepEqual(ids("a", ["text.txt", "screenshot-window.png"]), ["a"]);
  assert.deepEqual(ids("a", ["text.txt", "page.html"]), ["a"]);
});

test("words go anywhere", () => {
  assert.deepEqual(ids("m", ["text.txt"]), ["a", "m", "u"]);
  assert.deepEqual(ids("m", ["text.txt", "capture.json"]), ["a", "m", "u"]);
});

test("the case that it lies in is always there to choose", () => {
  assert.deepEqual(ids("u", ["page.mhtml"]), ["a", "u"]);
});
