import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";

import { READING, load } from "./load.js";

const bytes = load("sharewiseBytes", ...READING);
const inflating = load("sharewiseInflating");

const RAW_BYTES = 300_000;
const PACKED = deflateSync(Uint8Array.from({ length: RAW_BYTES }, (_, at) => (at * at) >> 3));

/** A chunk; its checksum is not looked at here. */
function chunk(type, data) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

/** A PNG whose picture lies in chunks of `step` bytes, and where those are. */
function png(step, ...after) {
  const before = Buffer.concat([Buffer.alloc(8), chunk("IHDR", Buffer.alloc(13))]);
  const spans = [];
  const chunks = [];
  let at = before.length;
  for (let from = 0; from < PACKED.length; from += step) {
    const data = PACKED.subarray(from, from + step);
    spans.push({ offset: at + 8, length: data.length });
    chunks.push(chunk("IDAT", data));
    at += data.length + 12;
  }
  const file = new Blob([before, ...chunks, ...after], { type: "image/png" });
  return { file, spans };
}

test("the picture of a PNG is inflated ahead, once", async () => {
  const { file, spans } = png(8192, chunk("IEND", Buffer.alloc(0)));
  const { letGo } = bytes.readAhead(file);
  await inflating.begin(file);
  letGo();
  file.slice = () => assert.fail("read again");
  assert.equal(await inflating.size(file, spans, RAW_BYTES), RAW_BYTES);
  assert.equal(await inflating.size(file, spans, RAW_BYTES - 1), null);
});

test("other spans than those inflated ahead are inflated", async () => {
  const { file, spans } = png(8192, chunk("IEND", Buffer.alloc(0)));
  const { letGo } = bytes.readAhead(file);
  await inflating.begin(file);
  assert.equal(await inflating.size(file, spans.slice(1), RAW_BYTES), null);
  letGo();
});

test("what is no PNG, or cut off, is left alone", async () => {
  for (const file of [
    png(8192).file,
    png(8192, chunk("IDAT", PACKED)).file.slice(0, 5000, "image/png"),
    new Blob([new Uint8Array(70_000)], { type: "image/png" }),
  ]) {
    const { letGo } = bytes.readAhead(file);
    await inflating.begin(file);
    letGo();
  }
});

test("a stream that was given up at a limit is looked at again for a higher one", async () => {
  const { file, spans } = png(PACKED.length);
  assert.equal(await inflating.size(file, spans, 1000), null);
  assert.equal(await inflating.size(file, spans, RAW_BYTES), RAW_BYTES);
});

test("a file that can no longer be read is not taken for a damaged one", async () => {
  const { file, spans } = png(8192, chunk("IEND", Buffer.alloc(0)));
  const gone = {
    size: file.size,
    type: "image/png",
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }),
  };
  const { letGo } = bytes.readAhead(gone);
  const request = { ask: "inflate", spans, limit: RAW_BYTES };
  await assert.rejects(bytes.answer(gone, request), { code: "unreadable" });
  letGo();
});
