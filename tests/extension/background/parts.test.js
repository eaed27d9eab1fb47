import assert from "node:assert/strict";
import test from "node:test";

import { PARTS, bringParts } from "../../../extension/background/parts.js";

/** @param {object | undefined} sender @returns how often the port was ended */
async function brought(sender, executeScript) {
  globalThis.chrome = { scripting: { executeScript } };
  let ends = 0;
  await bringParts({ sender, disconnect: () => (ends += 1) });
  return ends;
}

/** @param {object} sender @returns {Promise<object[]>} what the browser was asked to do */
async function asked(sender) {
  const injections = [];
  const ends = await brought(sender, async (injection) => injections.push(injection));
  assert.equal(ends, 1);
  return injections;
}

test("the parts go into the document that asks, and into no other", async () => {
  assert.deepEqual(await asked({ tab: { id: 7 }, frameId: 3, documentId: "D" }), [
    { target: { tabId: 7, documentIds: ["D"] }, files: PARTS, injectImmediately: true },
  ]);
});

test("where the browser does not name documents they go into the frame", async () => {
  const [{ target }] = await asked({ tab: { id: 7 }, frameId: 0 });
  assert.deepEqual(target, { tabId: 7, frameIds: [0] });
});

test("who is in no tab gets none, and is told", async () => {
  for (const sender of [undefined, {}, { tab: {} }, { tab: { id: 7 } }, { frameId: 0 }]) {
    assert.deepEqual(await asked(sender), []);
  }
});

test("a frame hears that the browser would not let us in", async () => {
  const refuse = async () => {
    throw new Error("Cannot access contents of the page.");
  };
  assert.equal(await brought({ tab: { id: 7 }, frameId: 0, documentId: "D" }, refuse), 1);
});
