import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.js";

const searched = load("sharewiseSearched", "searched.js");

/** Where FF stands before D9 in a range, noting each range that is searched. */
function searcher(bytes) {
  const ranges = [];
  const search = async (_file, start, end) => {
    ranges.push([start, end]);
    const found = [];
    for (let at = start; at + 1 < end; at += 1) {
      if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) found.push(at);
    }
    return found;
  };
  return { ranges, search };
}

/** A file of zeros with markers at these places. */
function fileWith(length, ...places) {
  const bytes = new Uint8Array(length);
  for (const at of places) bytes.set([0xff, 0xd9], at);
  return { bytes, file: new Blob([bytes]) };
}

/** A copy without [start, end). */
function without(file, size, start, end) {
  const copy = new Blob([file.slice(0, start), file.slice(end)]);
  const plan = [
    { step: "keep", offset: 0 },
    { step: "keep", offset: end },
  ];
  searched.copied(copy, file, plan, [start, size - end]);
  return copy;
}

test("what was searched ahead is not searched again, wherever a marker lies", async () => {
  for (let at = 40; at < 60; at += 1) {
    const { bytes, file } = fileWith(100, at);
    const { ranges, search } = searcher(bytes);
    searched.searchAhead(file, 50, 100, 9, search);
    for (const [start, end] of [
      [20, 100],
      [at, 100],
      [at + 1, 100],
      [50, 90],
      [55, at + 2],
      [20, at + 1],
    ]) {
      const expected = start <= at && at + 2 <= end ? [at] : [];
      assert.deepEqual(await searched.markers(file, start, end, 9, search), expected);
    }
    assert.equal(ranges.filter(([, end]) => end > 61).length, 1, JSON.stringify(ranges));
  }
});

test("of many markers the first are given, as many as were asked for", async () => {
  const { bytes, file } = fileWith(100, 10, 20, 60, 70);
  const { search } = searcher(bytes);
  searched.searchAhead(file, 50, 100, 9, search);
  assert.deepEqual(await searched.markers(file, 0, 100, 3, search), [10, 20, 60]);
});

test("a search ahead that stopped at its limit says nothing of what comes later", async () => {
  const { bytes, file } = fileWith(100, 60, 70, 80);
  const { search } = searcher(bytes);
  const firstTwo = async (...range) => (await search(...range)).slice(0, 2);
  searched.searchAhead(file, 50, 100, 2, firstTwo);
  assert.deepEqual(await searched.markers(file, 50, 100, 9, search), [60, 70, 80]);
});

test("a search ahead that failed is made again", async () => {
  const { bytes, file } = fileWith(100, 60);
  const { search } = searcher(bytes);
  searched.searchAhead(file, 50, 100, 9, () => Promise.reject(new Error("unreadable")));
  assert.deepEqual(await searched.markers(file, 0, 100, 9, search), [60]);
});

test("a copy made of the same bytes is not searched again", async () => {
  const { bytes, file } = fileWith(100, 15, 60, 98);
  const { ranges, search } = searcher(bytes);
  await searched.markers(file, 10, 100, 9, search);
  const copy = without(file, 100, 5, 25);
  const unused = () => assert.fail("searched");
  assert.deepEqual(await searched.markers(copy, 5, 80, 9, unused), [40, 78]);
  assert.deepEqual(await searched.markers(copy, 41, 79, 9, unused), []);
  assert.equal(ranges.length, 1);
});

test("across a joint, and in what is new, the copy itself is searched", async () => {
  const { file } = fileWith(100, 60);
  const head = Uint8Array.of(1, 2, 3, 0xff, 0xd9, 4);
  const copy = new Blob([head, file.slice(50)]);
  const plan = [{ step: "insert" }, { step: "keep", offset: 50 }];
  searched.copied(copy, file, plan, [head.length, 50]);
  const { ranges, search } = searcher(new Uint8Array(await copy.arrayBuffer()));
  const seen = [];
  const noting = (from, ...range) => {
    seen.push(from);
    return search(from, ...range);
  };
  assert.deepEqual(await searched.markers(copy, 0, 56, 9, noting), [3, 16]);
  assert.deepEqual(await searched.markers(copy, 0, 6, 9, noting), [3]);
  assert.deepEqual(seen, [copy]);
  assert.deepEqual(ranges, [[0, 56]]);
});

test("places and sizes are asked for once, and shifted for a copy", async () => {
  const { file } = fileWith(100, 60);
  let asked = 0;
  const search = async (source, start, end) => {
    asked += 1;
    assert.equal(source, file);
    assert.ok(start <= 60 && 60 < end);
    return 60;
  };
  const copy = without(file, 100, 5, 25);
  assert.equal(await searched.place(file, "x", 50, 90, search), 60);
  assert.equal(await searched.place(copy, "x", 30, 70, search), 40);
  assert.equal(await searched.place(copy, "y", 30, 70, async () => null), null);
  assert.equal(asked, 1);
  const look = async () => (asked += 1);
  const spans = [
    { offset: 50, length: 10 },
    { offset: 70, length: 10 },
  ];
  const shifted = spans.map(({ offset, length }) => ({ offset: offset - 20, length }));
  assert.equal(await searched.size(file, "z", spans, look), 2);
  assert.equal(await searched.size(copy, "z", shifted, look), 2);
  assert.equal(await searched.size(copy, "z", [{ offset: 0, length: 9 }], look), 3);
});

test("what could not be read is read again", async () => {
  const { file } = fileWith(100);
  await assert.rejects(searched.place(file, "x", 0, 9, () => Promise.reject(new Error("gone"))));
  assert.equal(await searched.place(file, "x", 0, 9, async () => 3), 3);
});
