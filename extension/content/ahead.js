/* global sharewiseOnce */
/* exported sharewiseAhead */

/**
 * Bytes that are read ahead: of a PNG, which has to be inflated from end to end and asked about at
 * many places, all of it, from the first moment on, while the daemon is still asked about its first.
 *
 * What is held is let go when the look is over; nothing of it leaves the page.
 */
const sharewiseAhead = sharewiseOnce(() => {
  const STREAM_BLOCK_BYTES = 1 << 20;
  /** Larger files are read as they are asked for. */
  const MAX_FILE_BYTES = 1 << 25;
  /** So much is held for all files that are looked at. */
  const MAX_HELD_BYTES = 1 << 26;
  /** The kinds that are read so, as the browser names them; a wrong name costs time. */
  const SEARCHED = new Set(["image/png"]);

  /** A file that is being read from its start to its end. */
  class Reading {
    /** @param {number} size of the file */
    constructor(size) {
      this.bytes = new Uint8Array(size);
    }

    /** So many bytes from the start are there. */
    #arrived = 0;
    #isOver = false;
    /** @type {Array<{end: number, resolve: () => void, reject: (error: Error) => void}>} */
    #waiting = [];

    /** @param {Blob} file */
    async pour(file) {
      try {
        const reader = file.stream().getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          if (this.#isOver) {
            await reader.cancel();
            return;
          }
          // Throws where the file has grown.
          this.bytes.set(read.value, this.#arrived);
          this.#arrived += read.value.byteLength;
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
    until(end) {
      return new Promise((resolve, reject) => {
        this.#settle({ end, resolve, reject });
      });
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
    // Firefox reads as quickly one by one, and copies what it read into this world: twice the work.
    if ("cloneInto" in globalThis) return () => undefined;
    const isFit = size <= MAX_FILE_BYTES && heldBytes + size <= MAX_HELD_BYTES;
    if (!SEARCHED.has(type) || !isFit || held.has(file)) return () => undefined;
    const reading = new Reading(size);
    held.set(file, reading);
    heldBytes += size;
    void reading.pour(file);
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
    return reading.until(end).then(() => reading.bytes.slice(start, end));
  }

  /** @returns {Promise<void>} when what the browser has for this page had its turn */
  function turn() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(null);
    });
  }

  /**
   * @param {Blob} file
   * @param {ReadonlyArray<{offset: number, length: number}>} spans inside the file
   * @returns {ReadableStream<Uint8Array<ArrayBuffer>> | null} their bytes one after the other, as
   *   they arrive, in pieces larger than a Blob's, each of which costs; null if the file is not held
   */
  function stream(file, spans) {
    const reading = held.get(file);
    if (reading === undefined) return null;
    let left = spans.reduce((sum, { length }) => sum + length, 0);
    let index = 0;
    /** Bytes of the span at `index` that were taken. */
    let taken = 0;
    return new ReadableStream({
      async pull(controller) {
        if (left === 0) {
          controller.close();
          return;
        }
        const piece = new Uint8Array(Math.min(left, STREAM_BLOCK_BYTES));
        for (let filled = 0; filled < piece.length;) {
          const { offset, length } = /** @type {{offset: number, length: number}} */ (spans[index]);
          const from = offset + taken;
          const stop = Math.min(offset + length, from + piece.length - filled);
          await reading.until(stop);
          piece.set(reading.bytes.subarray(from, stop), filled);
          filled += stop - from;
          taken += stop - from;
          if (taken < length) break;
          index += 1;
          taken = 0;
        }
        left -= piece.length;
        controller.enqueue(piece);
        // Else a reader of this would let nothing else come to its turn: not even the daemon.
        await turn();
      },
    });
  }

  return Object.freeze({
    MAX_FILE_BYTES,
    begin,
    part,
    stream,
    holds: (/** @type {Blob} */ file) => held.has(file),
  });
});
