/* global sharewiseOnce */
/* exported sharewiseAhead */

/**
 * Bytes that are read ahead: all of a small file, and of a PNG, which has to be inflated from end to
 * end and asked about at many places, from the first moment on, while the daemon is still asked about
 * its first.
 *
 * What is held is let go when the look is over; nothing of it leaves the page.
 */
const sharewiseAhead = sharewiseOnce(() => {
  /** Bytes read at once. Where they are copied into this world, smaller blocks are quicker. */
  const BLOCK_BYTES = "cloneInto" in globalThis ? 1 << 20 : 1 << 22;
  /** So many blocks are read ahead of the one that is looked at. */
  const BLOCKS_AHEAD = 3;
  /** Larger files are read as they are asked for. */
  const MAX_FILE_BYTES = 1 << 25;
  /** So much is held for all files that are looked at. */
  const MAX_HELD_BYTES = 1 << 26;
  /** Such a file is read at once, whatever it is: that costs no more than reading its ends. */
  const SMALL_BYTES = 1 << 20;
  /** The kinds that are read so, as the browser names them; a wrong name costs time. */
  const SEARCHED = new Set(["image/png"]);

  /**
   * Some of [start, end), which lies in [at, at + the buffer's length) in part; a view, whose bytes
   * may be another realm's.
   *
   * @param {ArrayBuffer} buffer
   * @param {number} at
   * @param {number} start
   * @param {number} end
   * @returns {Uint8Array<ArrayBuffer>}
   */
  function viewOf(buffer, at, start, end) {
    const from = Math.max(start - at, 0);
    const stop = Math.min(end - at, buffer.byteLength);
    return new Uint8Array(buffer, from, stop - from);
  }

  /** A file that is being read from its start to its end. */
  class Reading {
    /** @param {Blob} file */
    constructor(file) {
      this.#file = file;
      this.#size = file.size;
    }

    #file;
    #size;
    /** In order, each but the last of BLOCK_BYTES. In Firefox they are the page realm's. */
    /** @type {ArrayBuffer[]} */
    #blocks = [];
    /** So many bytes from the start are there. */
    #arrived = 0;
    #isOver = false;
    /** @type {Array<{end: number, resolve: () => void, reject: (error: Error) => void}>} */
    #waiting = [];

    async pour() {
      /** @type {Array<Promise<ArrayBuffer>>} */
      const reads = [];
      let next = 0;
      try {
        while (!this.#isOver) {
          for (; next < this.#size && reads.length <= BLOCKS_AHEAD; next += BLOCK_BYTES) {
            const block = this.#file.slice(next, next + BLOCK_BYTES).arrayBuffer();
            block.catch(() => undefined);
            reads.push(block);
          }
          const block = await reads.shift();
          // One that is shorter than the file was is no part of it.
          const expected = Math.min(BLOCK_BYTES, this.#size - this.#arrived);
          if (block === undefined || block.byteLength !== expected) break;
          this.#blocks.push(block);
          this.#arrived += block.byteLength;
          this.#tell();
        }
      } catch {
        // Whoever waits hears that there is no more.
      }
      this.stop();
    }

    /** No more is read; what has not arrived cannot be had. */
    stop() {
      this.#isOver = true;
      this.#tell();
    }

    #tell() {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const one of waiting) this.#settle(one);
    }

    /** @param {{end: number, resolve: () => void, reject: (error: Error) => void}} one */
    #settle(one) {
      if (one.end <= this.#arrived) one.resolve();
      else if (this.#isOver) one.reject(new DOMException("not all was read", "NotReadableError"));
      else this.#waiting.push(one);
    }

    /**
     * @param {number} end
     * @returns {Promise<void>} when all before it has arrived
     */
    #until(end) {
      return new Promise((resolve, reject) => {
        this.#settle({ end, resolve, reject });
      });
    }

    /**
     * @param {number} start
     * @param {number} end
     * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>} views, as they arrive
     */
    async *views(start, end) {
      for (let from = start; from < end;) {
        const index = Math.floor(from / BLOCK_BYTES);
        const at = index * BLOCK_BYTES;
        const stop = Math.min(end, at + BLOCK_BYTES);
        await this.#until(stop);
        yield viewOf(/** @type {ArrayBuffer} */ (this.#blocks[index]), at, from, stop);
        from = stop;
      }
    }
  }

  /** @type {Map<Blob, Reading>} */
  const held = new Map();
  let heldBytes = 0;

  /**
   * @param {Blob} file
   * @returns {() => void} to let go of it
   */
  function begin(file) {
    const { size, type } = file;
    const isWanted = size <= SMALL_BYTES || SEARCHED.has(type);
    const isFit = size <= MAX_FILE_BYTES && heldBytes + size <= MAX_HELD_BYTES;
    if (!isWanted || !isFit || held.has(file)) return () => undefined;
    const reading = new Reading(file);
    held.set(file, reading);
    heldBytes += size;
    void reading.pour();
    return () => {
      if (held.get(file) !== reading) return;
      held.delete(file);
      heldBytes -= size;
      reading.stop();
    };
  }

  /**
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Uint8Array<ArrayBuffer>> | null} a copy, which cannot be had of a file that
   *   changed or is gone; null if the file is not held
   */
  function part(file, start, end) {
    const reading = held.get(file);
    if (reading === undefined || start < 0 || end > file.size || start > end) return null;
    return copied(reading, start, end);
  }

  /**
   * @param {Reading} reading
   * @param {number} start
   * @param {number} end
   */
  async function copied(reading, start, end) {
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    for await (const view of reading.views(start, end)) {
      bytes.set(view, filled);
      filled += view.length;
    }
    return bytes;
  }

  /**
   * @param {Blob} file
   * @param {ReadonlyArray<{offset: number, length: number}>} spans inside the file
   * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> | null} their bytes one after the
   *   other, as they arrive and where they lie: only to be passed on; null if the file is not held
   */
  function pieces(file, spans) {
    const reading = held.get(file);
    return reading === undefined ? null : piecesOf(reading, spans);
  }

  /**
   * @param {Reading} reading
   * @param {ReadonlyArray<{offset: number, length: number}>} spans
   */
  async function* piecesOf(reading, spans) {
    for (const { offset, length } of spans) yield* reading.views(offset, offset + length);
  }

  return Object.freeze({
    BLOCK_BYTES,
    BLOCKS_AHEAD,
    MAX_FILE_BYTES,
    SMALL_BYTES,
    begin,
    part,
    pieces,
    holds: (/** @type {Blob} */ file) => held.has(file),
  });
});
