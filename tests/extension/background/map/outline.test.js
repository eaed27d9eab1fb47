import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { pieceAround, readOutline } from "../../../../extension/background/map/outline.js";

const FILE = new URL("../../../../extension/background/map/outline.bin", import.meta.url);
const outline = readOutline(new Uint8Array(readFileSync(FILE)));

/** Whether a point in pixels lies on land: the rule by which the path is filled. */
function isLand(path, [x, y]) {
  let isInside = false;
  for (const ring of path.split("Z").filter(Boolean)) {
    const points = ring
      .slice(1)
      .split("L")
      .map((pair) => pair.split(",").map(Number));
    points.forEach(([x2, y2], index) => {
      const [x1, y1] = points.at(index - 1);
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) isInside = !isInside;
    });
  }
  return isInside;
}

const around = (...places) => pieceAround(outline, places, 216, 176);
const at = (latitude, longitude) => ({ latitude, longitude });

const ON_LAND = {
  Lyon: at(45.76, 4.84),
  Lesotho: at(-29.6, 28.2),
  "Viti Levu": at(-17.8, 178),
  "the South Pole": at(-89.9, 10),
  "Chukotka, beyond 180 degrees": at(66.5, -175),
  Wellington: at(-41.25, 174.9),
  Hawaii: at(19.6, -155.5),
};
const AT_SEA = {
  "the Atlantic": at(40, -30),
  "the Caspian Sea": at(41, 51),
  "the Pacific at 180 degrees": at(0, 180),
  "the North Pole": at(90, 0),
  "the Ross Sea": at(-75, -175),
};

for (const [name, place] of Object.entries(ON_LAND)) {
  test(`${name} is on land`, () => {
    const { land, dots } = around(place);
    assert.ok(isLand(land, dots[0]));
  });
}

for (const [name, place] of Object.entries(AT_SEA)) {
  test(`${name} is at sea`, () => {
    const { land, dots } = around(place);
    assert.ok(!isLand(land, dots[0]));
  });
}

test("one place is in the middle, and all of many are in the picture", () => {
  assert.deepEqual(around(at(45, 5)).dots, [[108, 88]]);
  const { dots } = around(at(35, 139), at(21, -158), at(-41, 175));
  for (const [x, y] of dots) assert.ok(x > 0 && x < 216 && y > 0 && y < 176);
  const whole = around(at(80, -170), at(-80, 170), at(0, 0));
  assert.equal(whole.dots.length, 3);
});

test("a piece holds what is near and little more", () => {
  const { land, borders } = around(at(45.76, 4.84));
  assert.ok(borders.length > 100);
  assert.ok(land.length + borders.length < 40_000);
  for (const pair of land.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)) {
    assert.ok(Number(pair[1]) >= -7 && Number(pair[1]) <= 223);
    assert.ok(Number(pair[2]) >= -7 && Number(pair[2]) <= 183);
  }
});

test("a file that ends too early is no outline", () => {
  assert.throws(() => readOutline(new Uint8Array(readFileSync(FILE)).subarray(0, 5000)));
});
