import assert from "node:assert/strict";
import { test } from "node:test";

import { base64OfDataUrl, piecesOfBase64, toBase64 } from "../../../extension/shared/base64.js";

const BYTES = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 256);

test("bytes come back from base64 as they were", () => {
  assert.deepEqual(new Uint8Array(Buffer.from(toBase64(BYTES), "base64")), BYTES);
});

test("pieces of base64 are the base64 of pieces", () => {
  const size = 3 * 1000;
  const pieces = [...piecesOfBase64(toBase64(BYTES), size)];
  assert.equal(pieces.length, Math.ceil(BYTES.length / size));
  const bytes = pieces.map((piece) => Buffer.from(piece, "base64"));
  assert.ok(bytes.slice(0, -1).every(({ length }) => length === size));
  assert.deepEqual(new Uint8Array(Buffer.concat(bytes)), BYTES);
});

test("an empty part is one empty piece", () => {
  assert.deepEqual([...piecesOfBase64("", 3)], [""]);
});

test("pieces that would tear a group of base64 apart are refused", () => {
  assert.throws(() => [...piecesOfBase64("AAAA", 4)], RangeError);
});

test("a data URL gives its base64, anything else is refused", () => {
  assert.equal(base64OfDataUrl("data:image/png;base64,AAAA"), "AAAA");
  assert.throws(() => base64OfDataUrl("data:text/plain,AAAA"), TypeError);
  assert.throws(() => base64OfDataUrl("AAAA"), TypeError);
});
