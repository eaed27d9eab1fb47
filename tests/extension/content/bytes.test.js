import assert from "node:assert/strict";
import test from "node:test";
import vm from "node:vm";
import { deflateSync } from "node:zlib";

import * as wire from "../../../extension/generated/wire.js";
import { READING, load } from "./load.js";

const bytes = load("sharewiseBytes", ...READING);
const BLOCK = bytes.FIND_BLOCK_BYTES;

/** @param {string} text Latin-1 */
const latin = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/**
 * @param {Blob} file
 * @param {object} request
 */
const ask = (file, request) => bytes.answer(file, request);

/** @param {string} needle */
const find = (file, needle, start, end) =>
  ask(file, { ask: "find", needle: btoa(needle), start, end });

/** @returns {Promise<number[]>} */
const markers = (file, start, end, limit = 100) =>
  offsets(file, { ask: "find_markers", start, end, limit });

/** @returns {Promise<number[]>} */
async function offsets(file, request) {
  const answer = await ask(file, request);
  const view = new DataView(bytes.fromBase64(answer).buffer);
  return Array.from({ length: view.byteLength / 8 }, (_, index) =>
    Number(view.getBigUint64(index * 8)),
  );
}

test("the bounds are those of the wire", () => {
  assert.equal(bytes.HEAD_BYTES, wire.HEAD_BYTES);
  assert.equal(bytes.PROOF_HEAD_BYTES, wire.PROOF_HEAD_BYTES);
  assert.equal(bytes.TAIL_BYTES, wire.TAIL_BYTES);
  assert.equal(bytes.PART_BYTES, wire.PART_BYTES);
});

test("base64 comes back as it went", () => {
  for (const length of [0, 1, 2, 3, 0x6000, 0x6001, 100_000]) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 31) % 256);
    const text = bytes.toBase64(data);
    assert.equal(text, Buffer.from(data).toString("base64"));
    assert.deepEqual(bytes.fromBase64(text), data);
  }
});

test("a range is answered with its bytes", async () => {
  const file = new Blob(["0123456789"]);
  assert.equal(await ask(file, { ask: "range", offset: 3, length: 4 }), btoa("3456"));
});

test("bytes that another realm made, as in Firefox, are read as a copy of our own", async () => {
  const there = vm.runInNewContext("Uint8Array.of(7, 0, 255, 216, 9).buffer");
  assert.equal(there instanceof ArrayBuffer, false);
  const file = { size: 5, slice: () => ({ arrayBuffer: () => Promise.resolve(there) }) };
  const found = await bytes.read(file, 0, 5);
  assert.deepEqual(found, Uint8Array.of(7, 0, 255, 216, 9));
  assert.ok(found.buffer instanceof ArrayBuffer);
});

test("blocks of another realm are searched one after the other, each in its own bytes", async () => {
  const size = BLOCK * 2 + 7;
  const places = [3, BLOCK - 1, BLOCK * 2 - 1, BLOCK * 2 + 5];
  const slice = (start, end) => {
    const there = vm.runInNewContext(`new Uint8Array(${end - start})`);
    for (const at of places) {
      if (at >= start && at < end) there[at - start] = 0xff;
      if (at + 1 >= start && at + 1 < end) there[at + 1 - start] = 0xd9;
    }
    return { arrayBuffer: () => Promise.resolve(there.buffer) };
  };
  const file = { size, slice };
  assert.deepEqual(await markers(file, 0, size), places);
  assert.deepEqual(await markers(file, BLOCK - 1, BLOCK + 1), [BLOCK - 1]);
});

test("a search for markers that nobody waits for any more ends", async () => {
  const { markersUpTo } = load("sharewiseSearches");
  const file = new Blob([new Uint8Array(BLOCK * 6)]);
  let asked = 0;
  const mayGoOn = () => (asked += 1) < 3;
  await assert.rejects(markersUpTo(9, mayGoOn)(file, 0, file.size), { code: "unreadable" });
  assert.equal(asked, 3);
});

test("a needle is found behind more blocks than are read at once", async () => {
  const file = new Blob([new Uint8Array(BLOCK * 6 + 5), "needle", new Uint8Array(BLOCK)]);
  assert.equal(await find(file, "needle", 0, file.size), BLOCK * 6 + 5);
  assert.equal(await find(file, "noodle", 0, file.size), null);
});

test("a range outside the file is refused", async () => {
  const file = new Blob(["0123456789"]);
  for (const [offset, length] of [
    [8, 3],
    [-1, 2],
    [0.5, 1],
    [0, Number.NaN],
  ]) {
    await assert.rejects(ask(file, { ask: "range", offset, length }), { code: "invalid_params" });
  }
});

test("more of a file than one part may not leave", async () => {
  const file = new Blob([new Uint8Array(wire.PART_BYTES + 1)]);
  await assert.rejects(ask(file, { ask: "range", offset: 0, length: wire.PART_BYTES + 1 }), {
    code: "too_large",
  });
});

test("an unknown request is refused", async () => {
  await assert.rejects(ask(new Blob(["x"]), { ask: "toString" }), { code: "invalid_request" });
});

test("a needle is found only wholly inside its bounds", async () => {
  const file = new Blob(["..needle..needle"]);
  assert.equal(await find(file, "needle", 0, 16), 2);
  assert.equal(await find(file, "needle", 2, 8), 2);
  assert.equal(await find(file, "needle", 3, 16), 10);
  assert.equal(await find(file, "needle", 2, 7), null);
  assert.equal(await find(file, "needle", 3, 15), null);
  assert.equal(await find(file, "nothing", 0, 16), null);
});

test("a needle across the border of two blocks is found", async () => {
  for (const back of [1, 3, 5]) {
    const file = new Blob([new Uint8Array(BLOCK - back), "needle", new Uint8Array(10)]);
    assert.equal(await find(file, "needle", 0, file.size), BLOCK - back);
  }
});

test("a needle that begins like what stands before it is found", async () => {
  assert.equal(await find(new Blob(["aaaab"]), "aab", 0, 5), 2);
});

test("markers are FF and a byte that is neither data, restart nor fill", async () => {
  const file = new Blob([latin("\xff\xd8..\xff\x00.\xff\xd3\xff\xff\xfe..\xff\xd9")]);
  assert.deepEqual(await markers(file, 0, file.size), [0, 10, 14]);
  assert.deepEqual(await markers(file, 0, file.size, 2), [0, 10]);
});

test("an FF whose second byte lies past the end is no marker", async () => {
  const file = new Blob([latin("..\xff\xd9")]);
  assert.deepEqual(await markers(file, 0, 3), []);
  assert.deepEqual(await markers(file, 0, 4), [2]);
  assert.deepEqual(await markers(file, 3, 4), []);
});

test("a marker across the border of two blocks is found once", async () => {
  const file = new Blob([new Uint8Array(BLOCK - 1), latin("\xff\xd9\xff\xd8")]);
  assert.deepEqual(await markers(file, 0, file.size), [BLOCK - 1, BLOCK + 1]);
});

test("a zlib stream in several pieces is measured", async () => {
  const stream = deflateSync(Buffer.alloc(300_000, 7));
  const file = new Blob(["..", stream.subarray(0, 20), "....", stream.subarray(20)]);
  const spans = [
    { offset: 2, length: 20 },
    { offset: 26, length: stream.length - 20 },
  ];
  assert.equal(await ask(file, { ask: "inflate", spans, limit: 300_000 }), 300_000);
  assert.equal(await ask(file, { ask: "inflate", spans, limit: 299_999 }), null);
});

// One with bytes after its end is left to the browsers' tests: node lets it pass.
test("what is no whole zlib stream has no size", async () => {
  const stream = deflateSync(Buffer.from("some text, some text, some text"));
  const damaged = Buffer.from(stream);
  damaged[damaged.length - 1] ^= 1;
  for (const data of [
    stream.subarray(0, -1),
    damaged,
    Buffer.from("no stream at all"),
    Buffer.alloc(0),
  ]) {
    const spans = [{ offset: 0, length: data.length }];
    assert.equal(await ask(new Blob([data]), { ask: "inflate", spans, limit: 1000 }), null);
  }
});

test("padding is empty until the first byte that is not zero", async () => {
  const file = new Blob(["x", new Uint8Array(BLOCK + 10), "y"]);
  const nonzero = (start, end) => ask(file, { ask: "find_nonzero", start, end });
  assert.equal(await nonzero(1, file.size), BLOCK + 11);
  assert.equal(await nonzero(1, file.size - 1), null);
  assert.equal(await nonzero(0, 1), 0);
  assert.equal(await nonzero(5, 5), null);
  await assert.rejects(nonzero(0, file.size + 1), { code: "invalid_params" });
});

test("the blocks of a GIF are walked up to its trailer, to the limit and to the end", async () => {
  const comment = "\x21\xfe\x03abc\x00";
  const image = `\x2c${"\0".repeat(8)}\x80${"rgbrgb"}\x02\x02ab\x01c\x00`;
  const file = new Blob([latin(`GIF${comment}${image}\x3btrailing`)]);
  const walk = (end = file.size, limit = 9) =>
    offsets(file, { ask: "gif_blocks", start: 3, end, limit });
  const [one, two] = [3 + comment.length, 3 + comment.length + image.length];
  assert.deepEqual(await walk(), [3, one, two, two + 1]);
  assert.deepEqual(await walk(file.size, 1), [3, one]);
  assert.deepEqual(await walk(two - 1), [3, one]);
  assert.deepEqual(await walk(two), [3, one, two]);
});

test("a GIF block that is longer than what is read at once is walked", async () => {
  const part = Uint8Array.from({ length: 256 }, (_, index) => (index === 0 ? 255 : 9));
  const parts = Array.from({ length: BLOCK / 256 + 3 }, () => part);
  const file = new Blob([latin("\x21\xfe"), ...parts, latin("\x00\x3b")]);
  const found = await offsets(file, { ask: "gif_blocks", start: 0, end: file.size, limit: 9 });
  assert.deepEqual(found, [0, file.size - 1, file.size]);
});

test("a plan becomes a file of slices and new bytes, in order, named as before", async () => {
  const file = new File(["0123456789"], "a.jpg", { type: "image/jpeg", lastModified: 7 });
  const cleaned = bytes.carriedOut(file, [
    { step: "keep", offset: 0, length: 2 },
    { step: "insert", data: btoa("--") },
    { step: "zeros", length: 3 },
    { step: "keep", offset: 8, length: 2 },
  ]);
  assert.equal(await cleaned.text(), "01--\0\0\x0089");
  const { name, type, lastModified } = cleaned;
  assert.deepEqual(
    { name, type, lastModified },
    { name: "a.jpg", type: "image/jpeg", lastModified: 7 },
  );
});

test("what was searched in a file is not read again in its cleaned copy", async () => {
  const data = latin(`${"a".repeat(20)}\xff\xd9${"b".repeat(20)}`);
  const file = new File([data], "a.jpg");
  assert.deepEqual(await markers(file, 0, data.length), [20]);
  const cleaned = bytes.carriedOut(file, [
    { step: "insert", data: btoa("--") },
    { step: "keep", offset: 15, length: data.length - 15 },
  ]);
  cleaned.slice = () => assert.fail("read");
  assert.deepEqual(await markers(cleaned, 2, cleaned.size), [7]);
});

test("a plan that passes the end of the file, or that is not understood, is refused", () => {
  const file = new File(["0123456789"], "a.jpg");
  const keep = { step: "keep", offset: 8, length: 3 };
  assert.throws(() => bytes.carriedOut(file, [keep]), { code: "invalid_params" });
  assert.throws(() => bytes.carriedOut(file, [{ step: "copy" }]), { code: "invalid_request" });
});

test("a file that shrank since it was picked is said to have changed", async () => {
  const shrunk = { size: 10, slice: () => new Blob(["0123"]) };
  await assert.rejects(bytes.read(shrunk, 0, 10), { code: "file_changed" });
});

test("a file that is gone is unreadable", async () => {
  const gone = {
    size: 10,
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }),
  };
  await assert.rejects(bytes.read(gone, 0, 10), { code: "unreadable" });
});

test("markers are those of a byte by byte look, wherever they lie in a word", async () => {
  const data = Uint8Array.from({ length: 4099 }, (_, at) =>
    (at * 7919) % 13 < 4 ? 0xff : [0x00, 0x80, 0x7f, 0xd3, 0xda, 0xfe, 0x01][(at * 31) % 7],
  );
  for (let start = 0; start < 5; start += 1) {
    for (let end = data.length - 5; end <= data.length; end += 1) {
      const expected = [];
      for (let at = start; at + 1 < end; at += 1) {
        const code = data[at + 1];
        const isCode = code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7);
        if (data[at] === 0xff && isCode) expected.push(at);
      }
      assert.ok(expected.length > 300);
      assert.deepEqual(await markers(new Blob([data]), start, end, 5000), expected);
    }
  }
});

test("ranges near each other are one read, and answered as each by itself", async () => {
  const file = new Blob([Uint8Array.from({ length: 9000 }, (_, at) => at)]);
  const ranges = [40, 8000, 300, 0, 8984, 512, 600, 700].map((offset) => ({
    ask: "range",
    offset,
    length: 16,
  }));
  const requests = [...ranges, { ask: "find_nonzero", start: 0, end: 10 }];
  const expected = await Promise.all(requests.map((request) => ask(file, request)));
  let reads = 0;
  const counting = {
    size: file.size,
    slice: (start, end) => {
      reads += 1;
      return file.slice(start, end);
    },
  };
  assert.deepEqual(await bytes.answerAll(counting, requests), expected);
  assert.equal(reads, 2);
  assert.deepEqual(await bytes.answerAll(file, ranges.slice(0, 2)), expected.slice(0, 2));
});

test("ranges that are read at once keep the bounds of one", async () => {
  const size = bytes.PART_BYTES + 100;
  const file = new Blob([new Uint8Array(size)]);
  const small = Array.from({ length: 10 }, (_, at) => ({ ask: "range", offset: at, length: 1 }));
  for (const [range, code] of [
    [{ ask: "range", offset: 0, length: bytes.PART_BYTES + 1 }, "too_large"],
    [{ ask: "range", offset: size - 1, length: 2 }, "invalid_params"],
  ]) {
    await assert.rejects(bytes.answerAll(file, [...small, range]), { code });
  }
});

test("a picture that is searched as it arrives gives the same markers, wherever it is cut", async () => {
  const head = 57_344;
  // A smaller one is read at once.
  const base = 1 << 20;
  for (const cut of [1, 2, 3, 4, 5, 7, 64]) {
    const data = new Uint8Array(base + 90);
    // At the head's end, across and beside the cuts, at the end, and what is none.
    for (const at of [5, head - 1, head, base + 3, base + 60, base + 88]) {
      data.set([0xff, 0xd9], at);
    }
    data.set([0xff, 0x00, 0xff, 0xd3, 0xff, 0xff], base + 20);
    const file = new File([data], "a.jpg", { type: "image/jpeg" });
    const pieces = Array.from({ length: Math.ceil(90 / cut) }, (_, index) =>
      // Not at a multiple of four in their buffer, as a browser may give them.
      data.subarray(base + index * cut, Math.min(base + (index + 1) * cut, data.length)),
    );
    pieces.unshift(data.subarray(head, base));
    const real = file.slice.bind(file);
    file.slice = (start, end) => {
      if (start === head) return { stream: () => ReadableStream.from(pieces) };
      assert.ok(end <= head + 1, "searched again");
      return real(start, end);
    };
    const { letGo } = bytes.readAhead(file);
    assert.deepEqual(
      await markers(file, 0, data.length),
      await markers(new Blob([data]), 0, data.length),
    );
    letGo();
  }
});

test("a picture that is no longer looked at is not searched on, nor called searched", async () => {
  const data = new Uint8Array((1 << 20) + 900);
  data.set([0xff, 0xd9], (1 << 20) + 800);
  const file = new File([data], "a.jpg", { type: "image/jpeg" });
  let given = 0;
  const real = file.slice.bind(file);
  file.slice = (start, end) => {
    if (start !== 57_344) return real(start, end);
    const pull = (to) => {
      given += 1;
      to.enqueue(new Uint8Array(100));
    };
    return { stream: () => new ReadableStream({ pull }, { highWaterMark: 0 }) };
  };
  bytes.readAhead(file).letGo();
  delete file.slice;
  assert.deepEqual(await markers(file, 0, data.length), [(1 << 20) + 800]);
  assert.ok(given <= 1);
});
