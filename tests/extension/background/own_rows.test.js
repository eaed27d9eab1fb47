import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { eraseOwnRows } from "../../../extension/background/own_rows.js";

const ROOT = "chrome-extension://own/";
let visited;
let added;
let removed;
let deleted;

function history(rows = []) {
  return {
    onVisited: { addListener: (listener) => visited.push(listener) },
    deleteUrl: async ({ url }) => deleted.push(url),
    search: async () => rows.map((url) => ({ url })),
  };
}

beforeEach(() => {
  [visited, added, removed, deleted] = [[], [], [], []];
  globalThis.chrome = {
    permissions: {
      onAdded: { addListener: (listener) => added.push(listener) },
      onRemoved: { addListener: (listener) => removed.push(listener) },
    },
  };
});

test("without the permission nothing is asked of the history", () => {
  eraseOwnRows(ROOT);
  assert.deepEqual(visited, []);
});

test("our own lines are erased as they are written, no other", () => {
  chrome.history = history();
  eraseOwnRows(ROOT);
  visited[0]({ url: `${ROOT}pages/evidence.html` });
  visited[0]({ url: "https://a.example/" });
  visited[0]({ url: "https://a.example/?chrome-extension://own/" });
  assert.deepEqual(deleted, [`${ROOT}pages/evidence.html`]);
});

test("once it is given, earlier lines of ours go too", async () => {
  eraseOwnRows(ROOT);
  chrome.history = history([`${ROOT}pages/guide.html`, "https://a.example/"]);
  added[0]({ permissions: ["history"] });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(deleted, [`${ROOT}pages/guide.html`]);
  assert.equal(visited.length, 1);
});
