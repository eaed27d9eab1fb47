import assert from "node:assert/strict";
import { test } from "node:test";

import { Pacer } from "../../../extension/shared/pacer.js";

test("the first call does not wait and the next ones keep the interval", () => {
  let nowMs = 1000;
  const pacer = new Pacer({ intervalMs: 510, now: () => nowMs });
  assert.equal(pacer.reserve(), 0);
  nowMs += 100;
  assert.equal(pacer.reserve(), 410);
  assert.equal(pacer.reserve(), 920);
});

test("time that passed is not waited for again", () => {
  let nowMs = 0;
  const pacer = new Pacer({ intervalMs: 510, now: () => nowMs });
  pacer.reserve();
  nowMs = 5_000;
  assert.equal(pacer.reserve(), 0);
  assert.equal(pacer.reserve(), 510);
});

test("in no second are there more calls than the browser allows", () => {
  let nowMs = 0;
  const pacer = new Pacer({ intervalMs: 510, now: () => nowMs });
  const starts = Array.from({ length: 40 }, () => {
    const startMs = nowMs + pacer.reserve();
    nowMs += 37;
    return startMs;
  });
  for (const start of starts) {
    assert.ok(starts.filter((other) => other >= start && other < start + 1000).length <= 2);
  }
});
