import assert from "node:assert/strict";
import { test } from "node:test";

import { boxOf, moved } from "../../../extension/pages/evidence/redaction.js";

const PICTURE = { width: 1000, height: 3000 };

test("a box covers every pixel that it touches, never less", () => {
  const share = { left: 0.1004, top: 0.2, width: 0.1001, height: 0.01001 };
  assert.deepEqual(boxOf(share, PICTURE), { x: 100, y: 600, width: 101, height: 31 });
});

test("a box ends at the edge of the picture", () => {
  const share = { left: -0.1, top: 0.9, width: 2, height: 0.5 };
  assert.deepEqual(boxOf(share, PICTURE), { x: 0, y: 2700, width: 1000, height: 300 });
});

test("arrow keys move a box and stop at the edge", () => {
  const share = { left: 0.5, top: 0, width: 0.5, height: 0.1 };
  assert.deepEqual(moved(share, "ArrowRight", false), share);
  assert.deepEqual(moved(share, "ArrowUp", false), share);
  assert.equal(moved(share, "ArrowLeft", false)?.left, 0.49);
});

test("with Shift they change its size, which never becomes nothing", () => {
  const share = { left: 0.5, top: 0, width: 0.01, height: 0.1 };
  assert.equal(moved(share, "ArrowLeft", true)?.width, 0.01);
  assert.equal(moved(share, "ArrowRight", true)?.width, 0.02);
});

test("other keys do nothing", () => {
  assert.equal(moved({ left: 0, top: 0, width: 1, height: 1 }, "a", false), null);
});
