/* exported sharewiseAhead */

/**
 * Bytes that are read ahead: of a picture that has to be searched from end to end, all of it, at
 * once and side by side, while the daemon is still asked about its first bytes. In Chromium each
 * read waits for another process.
 *
 * What is held is let go when the look is over; nothing of it leaves the page.
 */
const sharewiseAhead = (() => {
  const BLOCK_BYTES = 1 << 22;
  const STREAM_BLOCK_BYTES = 1 << 20;
  /** Larger files are read as they are asked for. */
  const MAX_FILE_BYTES = 1 << 25;
  /** So much is held for all files that are looked at. */
  const MAX_HELD_BYTES = 1 << 26;
  /** The kinds that are searched from end to end, as the browser names them; a wrong name costs time. */
  const SEARCHED = new Set(["image/jpeg", "image/png"]);

  /** @typedef {(file: Blob, start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>} Read */

  /** The blocks of each file. @type {Map<Blob, Array<Promise<Uint8Array<ArrayBuffer>>>>} */
  const held = new Map();
  let heldBytes = 0;

  /**
   * @param {Blob} file
   * @param {Read} readNow
   * @returns {() => void} to let go of it
   */
  function begin(file, readNow) {
    const { size, type } = file;
    // Firefox reads as quickly one by one, and copies what it read into this world: twice the work.
    if ("cloneInto" in globalThis) return () => undefined;
    const isFit = size <= MAX_FILE_BYTES && heldBytes + size <= MAX_HELD_BYTES;
    if (!SEARCHED.has(type) || !isFit || held.has(file)) return () => undefined;
    /** @type {Array<Promise<Uint8Array<ArrayBuffer>>>} */
    const blocks = [];
    for (let at = 0; at < size; at += BLOCK_BYTES) {
      const block = readNow(file, at, Math.min(at + BLOCK_BYTES, size));
      // Whoever asks for it hears of its failure.
      block.catch(() => undefined);
      blocks.push(block);
    }
    held.set(file, blocks);
    heldBytes += size;
    return () => {
      if (held.get(file) !== blocks) return;
      held.delete(file);
      heldBytes -= size;
    };
  }

  /**
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Uint8Array<ArrayBuffer>> | null} a copy; null if the file is not held
   */
  function part(file, start, end) {
    const blocks = held.get(file);
    if (blocks === undefined || start < 0 || end > file.size || start > end) return null;
    return joined(blocks, start, end);
  }

  /**
   * @param {ReadonlyArray<Promise<Uint8Array<ArrayBuffer>>>} blocks
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async function joined(blocks, start, end) {
    const whole = new Uint8Array(end - start);
    await fill(whole, blocks, start);
    return whole;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} target is filled
   * @param {ReadonlyArray<Promise<Uint8Array<ArrayBuffer>>>} blocks
   * @param {number} start of what it is filled with
   */
  async function fill(target, blocks, start) {
    const end = start + target.length;
    for (let at = start; at < end;) {
      const index = Math.floor(at / BLOCK_BYTES);
      const from = index * BLOCK_BYTES;
      const block = await /** @type {Promise<Uint8Array<ArrayBuffer>>} */ (blocks[index]);
      const stop = Math.min(end, from + BLOCK_BYTES);
      target.set(block.subarray(at - from, stop - from), at - start);
      at = stop;
    }
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
    const blocks = held.get(file);
    if (blocks === undefined) return null;
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
          const gap = piece.subarray(filled, filled + length - taken);
          await fill(gap, blocks, offset + taken);
          filled += gap.length;
          taken += gap.length;
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
    BLOCK_BYTES,
    MAX_FILE_BYTES,
    begin,
    part,
    stream,
    holds: (/** @type {Blob} */ file) => held.has(file),
  });
})();
