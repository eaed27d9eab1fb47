import assert from "node:assert/strict";
import { test } from "node:test";

import {
  boundedPage,
  columnsOf,
  MAX_PAGE_HEIGHT,
  MAX_PICTURE_PIXELS,
  MAX_TILES,
  placeOf,
  tileName,
} from "../../../extension/shared/tiles.js";

const VIEWPORT = { width: 1280, height: 800 };

test("a page of ordinary length is photographed whole", () => {
  const page = { width: 1280, height: 20_000 };
  assert.deepEqual(boundedPage(page, VIEWPORT, 1), { ...page, is_cut: false });
});

test("a page that goes on and on is cut, and says so", () => {
  const { height, is_cut } = boundedPage({ width: 1280, height: 1_000_000 }, VIEWPORT, 1);
  assert.equal(height, MAX_PAGE_HEIGHT);
  assert.ok(is_cut);
});

for (const ratio of [1, 1.5, 2, 3]) {
  test(`the picture fits into memory on a screen of ratio ${ratio}`, () => {
    const { width, height } = boundedPage({ width: 1280, height: 1_000_000 }, VIEWPORT, ratio);
    assert.ok(width * height * ratio ** 2 <= MAX_PICTURE_PIXELS);
    assert.ok(height >= VIEWPORT.height);
  });
}

test("no more tiles are taken than the bound", () => {
  const small = { width: 300, height: 200 };
  const bounded = boundedPage({ width: 2000, height: 1_000_000 }, small, 1);
  const rows = Math.ceil(bounded.height / small.height);
  assert.ok(rows * columnsOf(bounded, small).length <= MAX_TILES);
});

test("a page shorter than the window is one tile", () => {
  assert.equal(boundedPage({ width: 1280, height: 300 }, VIEWPORT, 1).height, 800);
  assert.equal(placeOf(0, 800, 800), "only");
});

test("columns cover a wide page to its edge", () => {
  assert.deepEqual(columnsOf({ width: 3000, height: 1 }, VIEWPORT), [0, 1280, 1720]);
  assert.deepEqual(columnsOf({ width: 2560, height: 1 }, VIEWPORT), [0, 1280]);
});

test("a page that is a little wider than its window is not photographed twice as often", () => {
  assert.deepEqual(columnsOf({ width: 1290, height: 1 }, VIEWPORT), [0]);
});

test("the first and the last row are told apart from those between", () => {
  assert.deepEqual(
    [0, 800, 1600, 2200].map((y) => placeOf(y, 800, 3000)),
    ["first", "middle", "middle", "last"],
  );
});

test("tiles are named so that they sort as they were taken", () => {
  assert.equal(tileName(1), "tiles/0001.png");
  assert.equal(tileName(100), "tiles/0100.png");
});
