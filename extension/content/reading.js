/* global sharewiseAhead, sharewiseOnce */
/* exported sharewiseReading */

/**
 * Reads a file's bytes, into this world wherever the browser made them, and says in a code why it
 * cannot.
 */
const sharewiseReading = sharewiseOnce(() => {
  /** Bytes looked through at once. */
  const { BLOCK_BYTES: FIND_BLOCK_BYTES, BLOCKS_AHEAD } = sharewiseAhead();

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

  /** @type {(file: Blob, start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>} */
  async function readNow(file, start, end) {
    return own(await rawly(file, start, end));
  }

  /**
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @returns {Promise<ArrayBuffer>} of whatever realm the browser makes it in
   */
  async function rawly(file, start, end) {
    const buffer = await unlessUnreadable(file.slice(start, end).arrayBuffer());
    if (buffer.byteLength === end - start) return buffer;
    throw new InspectionError("file_changed", "The file changed; pick it again.");
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
   * The bytes of [start, end) in blocks, each with the first `overlap` bytes of the next, and each
   * until the next is asked for. The next few are read while one is looked through: a read waits for
   * another process.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} overlap
   * @returns {AsyncGenerator<{at: number, block: Uint8Array<ArrayBuffer>}, void, void>}
   */
  async function* blocks(file, start, end, overlap) {
    const readBlock = sharewiseAhead().holds(file) ? read : rawly;
    const copy = copier(Math.min(FIND_BLOCK_BYTES + overlap, end - start));
    /** @type {Array<{at: number, block: Promise<Uint8Array<ArrayBuffer> | ArrayBuffer>}>} */
    const reads = [];
    let next = start;
    for (;;) {
      for (; next < end && reads.length <= BLOCKS_AHEAD; next += FIND_BLOCK_BYTES) {
        const block = readBlock(file, next, Math.min(next + FIND_BLOCK_BYTES + overlap, end));
        // Whoever stops early does not wait for it, and is told nothing of its failure.
        block.catch(() => undefined);
        reads.push({ at: next, block });
      }
      const first = reads.shift();
      if (first === undefined) return;
      yield { at: first.at, block: copy(await first.block) };
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
    return copier(buffer.byteLength)(buffer);
  }

  /**
   * The same for one buffer after the other, each over the last: memory that is new costs more than
   * the copy.
   *
   * @param {number} bytes at most so many at once
   * @returns {(given: Uint8Array<ArrayBuffer> | ArrayBuffer) => Uint8Array<ArrayBuffer>}
   */
  function copier(bytes) {
    /** @type {Uint8Array<ArrayBuffer> | null} */
    let place = null;
    return (given) => {
      if (given instanceof Uint8Array) return given;
      const there = new Uint8Array(given);
      if (given instanceof ArrayBuffer) return there;
      place ??= new Uint8Array(bytes);
      place.set(there);
      return place.subarray(0, there.length);
    };
  }

  return Object.freeze({
    FIND_BLOCK_BYTES,
    InspectionError,
    blocks,
    read,
    readNow,
    unlessUnreadable,
  });
});
