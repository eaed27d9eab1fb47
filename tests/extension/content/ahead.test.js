import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { READING, load } from "./load.js";

const bytes = load("sharewiseBytes", ...READING);
const ahead = load("sharewiseAhead");

/**
 * @param {number} size
 * @param {string} [type]
 */
function picture(size, type = "image/png") {
  const data = Uint8Array.from({ length: size }, (_, at) => (at * 31) ^ (at >> 9));
  return { data, file: new Blob([data], { type }) };
}

test("what is read ahead is what is there, wherever it is cut, and is let go", async () => {
  const { data, file } = picture(ahead.BLOCK_BYTES * 5 + 77);
  const letGo = ahead.begin(file);
  await bytes.read(file, 0, file.size);
  file.slice = () => assert.fail("read again");
  for (const [start, end] of [
    [0, 16],
    [65_533, 65_539],
    [ahead.BLOCK_BYTES - 1, ahead.BLOCK_BYTES * 3 + 1],
    [ahead.BLOCK_BYTES, ahead.BLOCK_BYTES * 2],
    [5, data.length],
    [data.length, data.length],
  ]) {
    assert.deepEqual(await bytes.read(file, start, end), data.slice(start, end));
  }
  assert.equal(ahead.part(file, 0, data.length + 1), null);
  letGo();
  assert.equal(ahead.holds(file), false);
  delete file.slice;
  assert.deepEqual(await bytes.read(file, 7, 9), data.slice(7, 9));
});

test("what is let go is not waited for: it is read as it is asked for", async () => {
  const { data, file } = picture(3_000_000);
  const letGo = ahead.begin(file);
  const reading = bytes.read(file, 2_000_000, 2_000_009);
  letGo();
  assert.deepEqual(await reading, data.slice(2_000_000, 2_000_009));
});

test("a file that is shorter or longer than it was is not taken for the one that was picked", async () => {
  for (const there of [9, 11]) {
    const slice = () => new Blob([new Uint8Array(there)]);
    const changed = { size: 10, type: "image/png", slice };
    const letGo = ahead.begin(changed);
    await assert.rejects(bytes.read(changed, 0, 10), { code: "file_changed" });
    letGo();
  }
});

test("what is handed out is a copy: nobody changes what the next one reads", async () => {
  const { data, file } = picture(64);
  const { letGo } = bytes.readAhead(file);
  (await bytes.read(file, 0, 64)).fill(0);
  assert.deepEqual(await bytes.read(file, 0, 64), data);
  letGo();
});

test("other kinds and larger files are not held, nor more than is fit for all", async () => {
  const slice = () => ({ arrayBuffer: () => new Promise(() => undefined) });
  for (const file of [
    picture(4, "image/heic").file,
    { size: ahead.MAX_FILE_BYTES + 1, type: "image/png", slice },
  ]) {
    ahead.begin(file)();
    assert.equal(ahead.holds(file), false);
  }
  const files = [1, 2, 3].map(() => ({ size: ahead.MAX_FILE_BYTES, type: "image/png", slice }));
  const letGo = files.map((file) => ahead.begin(file));
  assert.deepEqual(files.map(ahead.holds), [true, true, false]);
  // Letting go twice, or of what was never held, gives no room that there is not.
  for (const again of [...letGo, ...letGo]) again();
  assert.deepEqual(files.map(ahead.holds), [false, false, false]);
  const more = files.map((file) => ahead.begin(file));
  assert.deepEqual(files.map(ahead.holds), [true, true, false]);
  for (const go of more) go();
});

test("a file that is gone is unreadable, whether it was read ahead or not", async () => {
  const gone = {
    size: 10,
    type: "image/png",
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }),
  };
  const { letGo } = bytes.readAhead(gone);
  await assert.rejects(bytes.read(gone, 0, 10), { code: "unreadable" });
  letGo();
});

// One with bytes after its end is left to the browsers' tests: node lets it pass.
test("a stream is judged alike from what was read ahead and from the file", async () => {
  const packed = deflateSync(picture(3_000_000).data, { level: 0 });
  const half = packed.length >> 1;
  for (const [end, limit, expected] of [
    [packed.length, 3_000_000, 3_000_000],
    [packed.length, 2_999_999, null],
    [packed.length - 1, 3_000_000, null],
  ]) {
    const file = new Blob([new Uint8Array(9), packed, new Uint8Array(9)], { type: "image/png" });
    const spans = [
      { offset: 9, length: half },
      { offset: 9 + half, length: end - half },
    ];
    const request = { ask: "inflate", spans, limit };
    assert.equal(await bytes.answer(file, request), expected);
    const { letGo } = bytes.readAhead(file);
    assert.equal(await bytes.answer(file, request), expected);
    letGo();
  }
});
