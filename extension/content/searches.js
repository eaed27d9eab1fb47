/* global sharewiseOnce, sharewiseReading */
/* exported sharewiseSearches */

/**
 * Looks through stretches of a file for what the inspector wants to know the place of; what each
 * search means to the byte is said in sharewise/formats/contract.py.
 *
 * @typedef {() => boolean | Promise<boolean>} MayGoOn asked before each block; false ends the search
 *   with an error, for nobody waits for it any more
 */
const sharewiseSearches = sharewiseOnce(() => {
  const { FIND_BLOCK_BYTES, InspectionError, blocks, read } = sharewiseReading();
  /** A picture that holds so many markers past its head is searched as the daemon asks. */
  const MARKERS_AHEAD = 256;

  /**
   * Where `needle` begins in `bytes`, or -1.
   *
   * @param {Uint8Array} bytes
   * @param {Uint8Array} needle
   * @returns {number}
   */
  function indexOf(bytes, needle) {
    const first = needle[0];
    if (first === undefined) return 0;
    const last = bytes.length - needle.length;
    for (
      let at = bytes.indexOf(first);
      at !== -1 && at <= last;
      at = bytes.indexOf(first, at + 1)
    ) {
      let same = 1;
      while (same < needle.length && bytes[at + same] === needle[same]) same += 1;
      if (same === needle.length) return at;
    }
    return -1;
  }

  /**
   * The offset of the first `needle` that lies wholly in [start, end), or null.
   *
   * Blocks overlap by one byte less than the needle, so one across a border is found, once.
   *
   * @param {Blob} file
   * @param {Uint8Array} needle
   * @param {number} start
   * @param {number} end
   * @returns {Promise<number | null>}
   */
  async function findOffset(file, needle, start, end) {
    for await (const { at, block } of blocks(file, start, end, Math.max(0, needle.length - 1))) {
      const found = indexOf(block, needle);
      if (found !== -1) return at + found;
    }
    return null;
  }

  /**
   * Where the first `limit` markers begin in a block; its last byte only ends one.
   *
   * Most of a picture holds no FF: what the browser looks for by itself is found four times as soon
   * in Firefox as by four bytes at once in a loop, and in Chromium no later.
   *
   * @param {Uint8Array} block
   * @param {number} limit
   * @returns {number[]}
   */
  function markersIn(block, limit) {
    /** @type {number[]} */
    const found = [];
    const last = block.length - 1;
    for (let at = block.indexOf(0xff); at !== -1; at = block.indexOf(0xff, at + 1)) {
      // One FF after the other, as fill bytes are, is no work for a search.
      while (block[at + 1] === 0xff) at += 1;
      if (at >= last) break;
      if (isMarkerCode(block[at + 1]) && found.push(at) === limit) break;
    }
    return found;
  }

  /** @param {number | undefined} code what follows FF */
  function isMarkerCode(code = 0) {
    return code !== 0x00 && code !== 0xff && (code < 0xd0 || code > 0xd7);
  }

  /**
   * The offsets of the first `limit` JPEG markers in [start, end).
   *
   * A marker is FF and, still before `end`, a byte that is neither 00, a restart nor FF again.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} limit
   * @param {MayGoOn} mayGoOn
   * @returns {Promise<number[]>}
   */
  async function findMarkers(file, start, end, limit, mayGoOn) {
    /** @type {number[]} */
    const found = [];
    if (limit < 1) return found;
    // One byte more than a block: what follows its last byte.
    for await (const { at, block } of blocks(file, start, end, 1)) {
      if (!(await mayGoOn())) throw new InspectionError("unreadable", "Nobody waits for it.");
      for (const index of markersIn(block, limit - found.length)) found.push(at + index);
      if (found.length === limit) break;
    }
    return found;
  }

  /**
   * The same while the file arrives in one stream, of which nothing is kept: in Chromium that is
   * quicker than block by block, and costs no copy.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} limit
   * @param {MayGoOn} mayGoOn
   * @returns {Promise<number[]>}
   */
  async function findArrivingMarkers(file, start, end, limit, mayGoOn) {
    /** @type {number[]} */
    const found = [];
    const reader = file.slice(start, end).stream().getReader();
    let at = start;
    let isBegun = false;
    while (found.length < limit && (await mayGoOn())) {
      const { done, value } = await reader.read();
      if (done) break;
      if (isBegun && isMarkerCode(value[0])) found.push(at - 1);
      for (const index of markersIn(value, MARKERS_AHEAD)) found.push(at + index);
      isBegun = value.at(-1) === 0xff;
      at += value.length;
    }
    if (at === end) return found;
    await reader.cancel();
    if (found.length >= limit) return found.slice(0, limit);
    throw new InspectionError("file_changed", "The file changed; pick it again.");
  }

  /**
   * @param {number} limit
   * @param {MayGoOn} [mayGoOn]
   */
  function markersUpTo(limit, mayGoOn = () => true) {
    /** @type {(file: Blob, start: number, end: number) => Promise<number[]>} */
    return (file, start, end) => findMarkers(file, start, end, limit, mayGoOn);
  }

  /**
   * Offsets as 8 bytes each, big-endian.
   *
   * @param {number[]} offsets
   * @returns {Uint8Array}
   */
  function packed(offsets) {
    const view = new DataView(new ArrayBuffer(offsets.length * 8));
    offsets.forEach((offset, index) => view.setBigUint64(index * 8, BigInt(offset)));
    return new Uint8Array(view.buffer);
  }

  /**
   * The offset of the first byte in [start, end) that is not zero, or null.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @returns {Promise<number | null>}
   */
  async function findNonzero(file, start, end) {
    for await (const { at, block } of blocks(file, start, end, 0)) {
      const found = block.findIndex((byte) => byte !== 0);
      if (found !== -1) return at + found;
    }
    return null;
  }

  /**
   * The boundaries of at most `limit` GIF blocks from `start` on; GifBlocks in
   * sharewise/formats/contract.py says what a block is.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} limit
   * @returns {Promise<Uint8Array>}
   */
  async function gifBlocks(file, start, end, limit) {
    /** @type {Uint8Array} */
    let block = new Uint8Array();
    let blockAt = 0;
    /** @param {number} at */
    const load = async (at) => {
      blockAt = at;
      block = await read(file, at, Math.min(at + FIND_BLOCK_BYTES, end));
    };
    /**
     * The byte at an offset, or null from the end on.
     * @param {number} at
     */
    const byte = async (at) => {
      const known = block[at - blockAt];
      if (known !== undefined) return known;
      if (at >= end) return null;
      await load(at);
      return block[0] ?? null;
    };
    /** @param {number} at */
    const endOf = async (at) => {
      const kind = await byte(at);
      let next = at;
      if (kind === 0x3b) return at + 1;
      if (kind === 0x21) {
        next += 2;
      } else if (kind === 0x2c) {
        const flags = await byte(at + 9);
        if (flags === null) return null;
        next += 11 + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
      } else {
        return null;
      }
      for (;;) {
        // Not awaited where the byte is at hand: a picture has one for each 255 bytes.
        const length = block[next - blockAt] ?? (await byte(next));
        if (length === null) return null;
        next += 1 + length;
        if (length === 0) return next;
      }
    };
    const boundaries = [start];
    for (let at = start; boundaries.length <= limit;) {
      const isTrailer = (await byte(at)) === 0x3b;
      const next = await endOf(at);
      if (next === null) break;
      boundaries.push(next);
      at = next;
      if (isTrailer) break;
    }
    return packed(boundaries);
  }

  return Object.freeze({
    MARKERS_AHEAD,
    findArrivingMarkers,
    findNonzero,
    findOffset,
    gifBlocks,
    markersUpTo,
    packed,
  });
});
