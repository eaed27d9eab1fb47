import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const CONTENT = new URL("../../../extension/content/", import.meta.url);

/** A frame's guard; the page's realm, the looks and the browser's events are stood in for. */
function frame() {
  /** What the page's realm has said is answered by these. @type {Map<string, () => void>} */
  const heard = new Map();
  /** Looks that are under way. @type {Array<(decision: object | null) => void>} */
  const looks = [];
  const node = { addEventListener: () => undefined };
  const world = vm.createContext({
    ...{ window: node, document: node, top: "top", self: "other" },
    MutationObserver: class {
      observe() {}
    },
    sharewiseParts: () => ({ areHere: () => true, come: async () => true }),
    sharewisePost: {
      on: (type, listener) => heard.set(type, listener),
      send: () => true,
      received: () => ({ files: [], words: "1" }),
      listen: () => undefined,
    },
    sharewiseReview: () => ({ review: () => new Promise((resolve) => looks.push(resolve)) }),
  });
  for (const name of ["once.js", "holding.js", "guard.js"]) {
    vm.runInContext(readFileSync(new URL(name, CONTENT), "utf8"), world);
  }
  return { heard, holding: vm.runInContext("sharewiseHolding()", world), looks };
}

/** Let every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a form that waits for its files goes, too, if files of another kind were decided last", async () => {
  const { heard, holding, looks } = frame();
  let isSent = false;
  const picked = holding.decide([]).then(() => holding.settle());
  heard.get("review")();
  holding.after(() => {
    isSent = true;
  });
  await settled();
  assert.equal(looks.length, 2);
  looks[0](null);
  await picked;
  assert.equal(isSent, false);
  looks[1](null);
  await settled();
  assert.equal(isSent, true);
});
