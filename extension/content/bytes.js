/* global sharewiseAhead, sharewiseInflating, sharewiseOnce, sharewiseSearched */
/* exported sharewiseBytes */

/**
 * The bytes of a file that stays in the page: answers what the inspector asks for, and cuts the
 * parts of a cleaned file.
 *
 * Nothing here touches the document or the daemon. This is the isolated world, whose built-ins no
 * page can replace.
 *
 * @typedef {import('../generated/wire.js').PhotoNeeds} PhotoNeeds
 * @typedef {import('../generated/wire.js').PhotoVerdict} PhotoVerdict
 * @typedef {import('../generated/wire.js').WireFinding} WireFinding
 * @typedef {import('../generated/wire.js').NearTown} NearTown
 * @typedef {NonNullable<PhotoVerdict['plan']>} PhotoPlan
 * @typedef {PhotoNeeds['requests'][number]} PhotoRequest
 */
const sharewiseBytes = sharewiseOnce(() => {
  /** As in generated/wire.js, which a content script cannot import; a test compares them. */
  const HEAD_BYTES = 57344;
  const PROOF_HEAD_BYTES = 8192;
  const TAIL_BYTES = 4096;
  const PART_BYTES = 196608;
  /** Bytes looked through at once for a needle. */
  const { BLOCK_BYTES: FIND_BLOCK_BYTES, BLOCKS_AHEAD } = sharewiseAhead();
  /** A picture that holds so many markers past its head is searched as the daemon asks. */
  const MARKERS_AHEAD = 256;
  /** From so many ranges on, those within so many bytes for each are read at once. */
  const FEW_RANGES = 8;
  const NEAR_BYTES = 1 << 17;
  /** Something went wrong whose code says what; codes as in the daemon's list. */
  class InspectionError extends Error {
    /**
     * @param {string} code
     * @param {string} message
     */
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  /**
   * @param {Uint8Array} bytes
   * @returns {string}
   */
  function toBase64(bytes) {
    const able = /** @type {{toBase64?: () => string}} */ (bytes);
    if (able.toBase64 !== undefined) return able.toBase64();
    // Chromium before 140, Firefox before 133.
    const parts = [];
    for (let at = 0; at < bytes.length; at += 0x6000) {
      parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x6000)));
    }
    return btoa(parts.join(""));
  }

  /**
   * @param {string} text
   * @returns {Uint8Array<ArrayBuffer>}
   */
  function fromBase64(text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
    return bytes;
  }

  /**
   * The bytes of [start, end).
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async function read(file, start, end) {
    const held = sharewiseAhead().part(file, start, end);
    // What did not arrive is asked for once more, which says what is wrong.
    return held === null ? readNow(file, start, end) : held.catch(() => readNow(file, start, end));
  }

  /**
   * @param {Blob} file that is looked at from now on
   * @returns {() => void} to be called when that is over
   */
  function readAhead(file) {
    const { size, type } = file;
    const { MAX_FILE_BYTES, begin, holds } = sharewiseAhead();
    const letGo = begin(file);
    let isOver = false;
    if (type === "image/jpeg" && size > HEAD_BYTES && size <= MAX_FILE_BYTES) {
      const isRead = "cloneInto" in globalThis || holds(file);
      const search = isRead ? markersUpTo(MARKERS_AHEAD) : arriving;
      sharewiseSearched().searchAhead(file, HEAD_BYTES, size, MARKERS_AHEAD, search);
    }
    if (type === "image/png" && size > HEAD_BYTES) {
      // Where it fails the daemon asks once more, and hears why.
      sharewiseInflating()
        .begin(file)
        .catch(() => undefined);
    }
    return () => {
      isOver = true;
      letGo();
    };

    /** @type {(of: Blob, start: number, end: number) => Promise<number[]>} */
    function arriving(of, start, end) {
      return findArrivingMarkers(of, start, end, MARKERS_AHEAD, () => isOver);
    }
  }

  /** @type {(file: Blob, start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>} */
  async function readNow(file, start, end) {
    const buffer = await unlessUnreadable(file.slice(start, end).arrayBuffer());
    if (buffer.byteLength !== end - start) {
      throw new InspectionError("file_changed", "The file changed; pick it again.");
    }
    return own(buffer);
  }

  /**
   * @template T
   * @param {Promise<T>} reading
   * @returns {Promise<T>}
   */
  async function unlessUnreadable(reading) {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof InspectionError) throw error;
      throw new InspectionError("unreadable", "The file can no longer be read; pick it again.");
    }
  }

  /**
   * The bytes of [start, end) in blocks, each with the first `overlap` bytes of the next. The next
   * few are read while one is looked through: a read waits for another process.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} overlap
   * @returns {AsyncGenerator<{at: number, block: Uint8Array<ArrayBuffer>}, void, void>}
   */
  async function* blocks(file, start, end, overlap) {
    /** @type {Array<{at: number, block: Promise<Uint8Array<ArrayBuffer>>}>} */
    const reads = [];
    let next = start;
    for (;;) {
      for (; next < end && reads.length <= BLOCKS_AHEAD; next += FIND_BLOCK_BYTES) {
        const block = read(file, next, Math.min(next + FIND_BLOCK_BYTES + overlap, end));
        // Whoever stops early does not wait for it, and is told nothing of its failure.
        block.catch(() => undefined);
        reads.push({ at: next, block });
      }
      const first = reads.shift();
      if (first === undefined) return;
      yield { at: first.at, block: await first.block };
    }
  }

  /**
   * Firefox makes a file's bytes in the page's realm, where each that we touch passes a check. A
   * copy in one go costs a twentieth of what `cloneInto` does.
   *
   * @param {ArrayBuffer} buffer
   * @returns {Uint8Array<ArrayBuffer>} in this world
   */
  function own(buffer) {
    const there = new Uint8Array(buffer);
    if (buffer instanceof ArrayBuffer) return there;
    const copy = new Uint8Array(there.length);
    copy.set(there);
    return copy;
  }

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
   * @param {number} offset
   * @param {number} length
   * @param {Blob} file
   */
  function checkInside(offset, length, file) {
    const isInside =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= file.size;
    if (!isInside) throw new InspectionError("invalid_params", "A range lies outside the file.");
  }

  /**
   * Where the first `limit` markers begin in a block; its last byte only ends one.
   *
   * Four bytes are looked at together, as most of a picture holds no FF. A word holds one if its
   * complement holds a 00, which a borrow out of that byte shows.
   *
   * @param {Uint8Array} block
   * @param {number} limit
   * @returns {number[]}
   */
  function markersIn(block, limit) {
    /** @type {number[]} */
    const found = [];
    const last = block.length - 1;
    const words = new Int32Array(block.buffer, block.byteOffset, block.length >> 2);
    for (let word = 0; word <= words.length; word += 1) {
      // Past the words there may be up to three bytes.
      const complement = word < words.length ? ~(words[word] ?? 0) : 0;
      if (((complement - 0x01010101) & ~complement & 0x80808080) === 0) continue;
      const stop = Math.min(word * 4 + 4, last);
      for (let i = word * 4; i < stop; i += 1) {
        if (block[i] !== 0xff) continue;
        if (isMarkerCode(block[i + 1]) && found.push(i) === limit) return found;
      }
    }
    return found;
  }

  /** @param {number | undefined} code what follows FF */
  function isMarkerCode(code = 0) {
    return code !== 0x00 && code !== 0xff && (code < 0xd0 || code > 0xd7);
  }

  /**
   * @param {{start: number, end: number}} range that may reach past the end
   * @param {Blob} file
   * @returns {[number, number]}
   */
  function within({ start, end }, file) {
    checkInside(start, 0, file);
    return [start, Math.max(start, Math.min(end, file.size))];
  }

  /** @param {number} length of a range that is asked for */
  function checkPart(length) {
    if (length <= PART_BYTES) return;
    throw new InspectionError("too_large", "More of the file was asked for than may leave.");
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
   * @returns {Promise<number[]>}
   */
  async function findMarkers(file, start, end, limit) {
    /** @type {number[]} */
    const found = [];
    if (limit < 1) return found;
    // One byte more than a block: what follows its last byte.
    for await (const { at, block } of blocks(file, start, end, 1)) {
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
   * @param {() => boolean} isOver whether nobody waits for it any more
   * @returns {Promise<number[]>}
   */
  async function findArrivingMarkers(file, start, end, limit, isOver) {
    /** @type {number[]} */
    const found = [];
    const reader = file.slice(start, end).stream().getReader();
    let at = start;
    let isBegun = false;
    while (found.length < limit && !isOver()) {
      const { done, value } = await reader.read();
      if (done) break;
      // What is looked at four bytes at a time has to begin at such a place.
      const block = value.byteOffset % 4 === 0 ? value : value.slice();
      if (isBegun && isMarkerCode(block[0])) found.push(at - 1);
      for (const index of markersIn(block, MARKERS_AHEAD)) found.push(at + index);
      isBegun = block.at(-1) === 0xff;
      at += block.length;
    }
    if (at === end) return found;
    await reader.cancel();
    if (found.length >= limit) return found.slice(0, limit);
    throw new InspectionError("file_changed", "The file changed; pick it again.");
  }

  /** @param {number} limit */
  function markersUpTo(limit) {
    /** @type {(file: Blob, start: number, end: number) => Promise<number[]>} */
    return (file, start, end) => findMarkers(file, start, end, limit);
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

  /**
   * The markers of a JPEG that the daemon is going to ask for, where that is no more work than
   * waiting for it to ask: they are known, or the file is small.
   *
   * @param {Blob} file
   * @param {Uint8Array} head its first bytes
   * @returns {Promise<string | null>} all from the last of these bytes on, in base64
   */
  async function foreseenMarkers(file, head) {
    if (head.length === file.size || head[0] !== 0xff || head[1] !== 0xd8) return null;
    const found = await sharewiseSearched().markers(
      file,
      head.length - 1,
      file.size,
      MARKERS_AHEAD,
      markersUpTo(MARKERS_AHEAD),
    );
    return found.length < MARKERS_AHEAD ? toBase64(packed(found)) : null;
  }

  /**
   * @param {Blob} file
   * @param {PhotoRequest} request
   * @returns {Promise<string | number | null>} bytes as base64
   */
  async function answer(file, request) {
    switch (request.ask) {
      case "range": {
        checkInside(request.offset, request.length, file);
        checkPart(request.length);
        return toBase64(await read(file, request.offset, request.offset + request.length));
      }
      case "find": {
        const needle = fromBase64(request.needle);
        const [start, end] = within(request, file);
        const what = `find ${request.needle}`;
        return sharewiseSearched().place(file, what, start, end, (source, from, to) =>
          findOffset(source, needle, from, to),
        );
      }
      case "find_markers": {
        const { limit } = request;
        const [start, end] = within(request, file);
        const found = await sharewiseSearched().markers(
          file,
          start,
          end,
          limit,
          markersUpTo(limit),
        );
        return toBase64(packed(found));
      }
      case "inflate": {
        const { spans, limit } = request;
        for (const { offset, length } of spans) checkInside(offset, length, file);
        return unlessUnreadable(sharewiseInflating().size(file, spans, limit));
      }
      case "find_nonzero": {
        const { start, end } = request;
        checkInside(start, end - start, file);
        return sharewiseSearched().place(file, "nonzero", start, end, findNonzero);
      }
      case "gif_blocks":
        checkInside(request.start, request.end - request.start, file);
        return toBase64(await gifBlocks(file, request.start, request.end, request.limit));
      default:
        throw new InspectionError("invalid_request", "The inspector asked for something unknown.");
    }
  }

  /**
   * Answer requests side by side. Many small ranges that lie near each other, as the headers of a
   * picture's chunks do, are read at once: in Chromium each read costs a millisecond.
   *
   * @param {Blob} file
   * @param {readonly PhotoRequest[]} requests
   * @returns {Promise<Array<string | number | null>>}
   */
  async function answerAll(file, requests) {
    const ranges = requests.filter((request) => request.ask === "range");
    for (const { offset, length } of ranges) checkInside(offset, length, file);
    const start = Math.min(...ranges.map(({ offset }) => offset));
    const end = Math.max(...ranges.map(({ offset, length }) => offset + length));
    const isNear = ranges.length >= FEW_RANGES && end - start <= ranges.length * NEAR_BYTES;
    if (!isNear || sharewiseAhead().holds(file)) {
      return Promise.all(requests.map((request) => answer(file, request)));
    }
    const bytes = await read(file, start, end);
    return Promise.all(
      requests.map((request) => {
        const { ask } = request;
        if (ask !== "range") return answer(file, request);
        checkPart(request.length);
        const at = request.offset - start;
        return toBase64(bytes.subarray(at, at + request.length));
      }),
    );
  }

  /**
   * The cleaned file; kept ranges stay references into the original.
   *
   * @param {File} file
   * @param {PhotoPlan} plan
   * @returns {File}
   */
  function carriedOut(file, plan) {
    const parts = pieces(file, plan);
    const { name, type, lastModified } = file;
    const cleaned = new File(parts, name, { type, lastModified });
    const sizes = parts.map((part) => ("size" in part ? part.size : part.length));
    sharewiseSearched().copied(cleaned, file, plan, sizes);
    return cleaned;
  }

  /**
   * The parts of the cleaned file, in order.
   *
   * @param {Blob} file
   * @param {PhotoPlan} plan
   * @returns {Array<Blob | Uint8Array<ArrayBuffer>>}
   */
  function pieces(file, plan) {
    return plan.map((step) => {
      switch (step.step) {
        case "keep":
          checkInside(step.offset, step.length, file);
          return file.slice(step.offset, step.offset + step.length);
        case "insert":
          return fromBase64(step.data);
        case "zeros":
          return new Uint8Array(step.length);
        default:
          throw new InspectionError("invalid_request", "The plan has a step that is unknown.");
      }
    });
  }

  return Object.freeze({
    HEAD_BYTES,
    PROOF_HEAD_BYTES,
    TAIL_BYTES,
    PART_BYTES,
    FIND_BLOCK_BYTES,
    InspectionError,
    toBase64,
    fromBase64,
    foreseenMarkers,
    read,
    readAhead,
    readNow,
    answer,
    answerAll,
    carriedOut,
  });
});
