/* global sharewiseAhead, sharewiseOnce, sharewiseSearched */
/* exported sharewiseInflating */

/**
 * How many bytes a zlib stream in a file holds, and whether it ends where it should: nothing else
 * tells what stands behind the last row of a PNG. A large one takes longer than all else together,
 * so it is begun while the daemon is still asked about the first bytes.
 */
const sharewiseInflating = sharewiseOnce(() => {
  /** @typedef {{offset: number, length: number}} Span */

  /** What is inflated ahead is given up past this. */
  const MAX_AHEAD_BYTES = 1 << 28;
  /** More chunks than that are left to whoever asks. */
  const MAX_CHUNKS = 1 << 16;
  /** So much is inflated at a stretch. */
  const TURN_BYTES = 1 << 20;
  const SIGNATURE_BYTES = 8;
  const IDAT = 0x49444154;

  /**
   * @param {Blob} file
   * @param {readonly Span[]} spans
   * @param {number} limit
   * @returns {Promise<number | null>} null if these spans are not exactly one stream; Infinity if it
   *   holds more than `limit`. Rejects if the file cannot be read.
   */
  async function inflatedBytes(file, spans, limit) {
    const { readable, writable } = new DecompressionStream("deflate");
    const ahead = sharewiseAhead().pieces(file, spans);
    const feeding = ahead === null ? pour(file, spans, writable) : feed(ahead, writable);
    /** @type {Promise<never>} */
    const failing = new Promise((_, reject) => {
      feeding.catch(reject);
    });
    const reader = readable.getReader();
    try {
      return await Promise.race([countTo(reader, limit), failing]);
    } catch (error) {
      if (!isOfReading(error)) return null;
      reader.cancel().catch(() => undefined);
      throw error;
    }
  }

  /**
   * @param {ReadableStreamDefaultReader<Uint8Array>} reader
   * @param {number} limit
   * @returns {Promise<number>} the bytes that came; Infinity for more than `limit`
   */
  async function countTo(reader, limit) {
    let total = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      total += part.value.byteLength;
      if (total > limit) {
        await reader.cancel();
        return Infinity;
      }
    }
    return total;
  }

  /**
   * @param {Blob} file
   * @param {readonly Span[]} spans
   * @param {WritableStream<BufferSource>} sink
   * @returns {Promise<void>} rejects if the file cannot be read; what the sink does not take, whoever
   *   reads from it hears
   */
  async function pour(file, spans, sink) {
    const parts = spans.map(({ offset, length }) => file.slice(offset, offset + length));
    try {
      await new Blob(parts).stream().pipeTo(sink);
    } catch (error) {
      if (isOfReading(error)) throw error;
    }
  }

  /**
   * The same with what is read ahead: each of the slices above costs, and a PNG has many.
   *
   * @param {AsyncIterable<Uint8Array<ArrayBuffer>>} pieces
   * @param {WritableStream<BufferSource>} sink
   */
  async function feed(pieces, sink) {
    const writer = sink.getWriter();
    let fed = 0;
    for await (const piece of pieces) {
      try {
        await writer.write(piece);
      } catch {
        return;
      }
      fed += piece.byteLength;
      if (fed < TURN_BYTES) continue;
      fed = 0;
      // Else this would let nothing else come to its turn: not even the daemon.
      await turn();
    }
    await writer.close().catch(() => undefined);
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
   * @param {unknown} error of a stream
   * @returns {boolean} whether the file could not be read, by the browser or by `sharewiseAhead`
   */
  function isOfReading(error) {
    if (error instanceof DOMException) return error.name.startsWith("Not");
    const { code } = /** @type {{code?: unknown}} */ (error);
    return code === "unreadable" || code === "file_changed";
  }

  /**
   * The same, but for what is known already.
   *
   * @param {Blob} file
   * @param {readonly Span[]} spans inside the file
   * @param {number} limit
   * @returns {Promise<number | null>} null if these spans are not exactly one stream of at most
   *   `limit` bytes
   */
  async function size(file, spans, limit) {
    const known = await sharewiseSearched().size(file, "inflated", spans, () =>
      inflatedBytes(file, spans, limit),
    );
    // What was given up at a lower limit is not known.
    const bytes = known === Infinity ? await inflatedBytes(file, spans, limit) : known;
    return bytes !== null && bytes <= limit ? bytes : null;
  }

  /**
   * Begin with the picture of a PNG whose bytes are read ahead. What does not look like one is left
   * alone: the daemon will say what it is.
   *
   * @param {Blob} file
   * @returns {Promise<void>}
   */
  async function begin(file) {
    const spans = await pictureOf(file);
    if (spans === null) return;
    const look = () => inflatedBytes(file, spans, MAX_AHEAD_BYTES);
    await sharewiseSearched().size(file, "inflated", spans, look);
  }

  /**
   * @param {Blob} file
   * @returns {Promise<Span[] | null>} the data of its first IDAT chunks that follow each other
   */
  async function pictureOf(file) {
    /** @type {Span[]} */
    const spans = [];
    let at = SIGNATURE_BYTES;
    for (let count = 0; count < MAX_CHUNKS && at + 12 <= file.size; count += 1) {
      const head = await sharewiseAhead().part(file, at, at + 8);
      if (head === null) return null;
      const view = new DataView(head.buffer);
      const length = view.getUint32(0);
      const isPicture = view.getUint32(4) === IDAT;
      if (spans.length > 0 && !isPicture) return spans;
      if (at + 12 + length > file.size) return null;
      if (isPicture) spans.push({ offset: at + 8, length });
      at += 12 + length;
    }
    return null;
  }

  return Object.freeze({ begin, size });
});
