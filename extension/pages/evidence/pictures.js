/** Pictures of what was saved: decrypted for the moment in which they are shown, written nowhere. */

import { ask } from "../../shared/ask.js";
import { fromBase64 } from "../../shared/base64.js";

const MAX_THUMBNAILS = 150;
const AT_ONCE = 4;

/** Small pictures by the id of the capture; the oldest go first, and all of them on locking. */
export class Thumbnails {
  /** @type {Map<string, Promise<string | null>>} */
  #urls = new Map();
  #free = AT_ONCE;
  /** @type {(() => void)[]} */
  #waiting = [];
  /** What was asked for before the last release is thrown away when it comes. */
  #generation = 0;

  /**
   * @param {string} itemId
   * @returns {Promise<string | null>} an object URL, or null if it could not be had
   */
  of(itemId) {
    const known = this.#urls.get(itemId);
    if (known) return known;
    const asked = this.#load(itemId, this.#generation);
    this.#urls.set(itemId, asked);
    if (this.#urls.size > MAX_THUMBNAILS) {
      const [oldest] = this.#urls.keys();
      if (oldest !== undefined) this.#release(oldest);
    }
    return asked;
  }

  releaseAll() {
    this.#generation += 1;
    for (const itemId of [...this.#urls.keys()]) this.#release(itemId);
  }

  /** @param {string} itemId */
  #release(itemId) {
    const asked = this.#urls.get(itemId);
    this.#urls.delete(itemId);
    void asked?.then((url) => url && URL.revokeObjectURL(url));
  }

  /**
   * @param {string} itemId
   * @param {number} generation
   */
  async #load(itemId, generation) {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
    try {
      if (generation !== this.#generation) return null;
      const { media_type, data } = await ask("item.thumbnail", { item_id: itemId });
      return URL.createObjectURL(new Blob([fromBase64(data)], { type: media_type }));
    } catch {
      return null; // the row is there without it
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

/**
 * @param {(offset: number) => Promise<import("../../generated/wire.js").Piece>} read
 * @param {string} mediaType
 * @param {(share: number) => void} tell how far it is, 0 to 1
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>} in memory
 */
export async function readWhole(read, mediaType, tell, signal) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const pieces = [];
  let offset = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { data, size_bytes } = await read(offset);
    const bytes = fromBase64(data);
    pieces.push(bytes);
    offset += bytes.length;
    tell(size_bytes > 0 ? offset / size_bytes : 1);
    if (bytes.length === 0 && offset < size_bytes) throw new Error("a file ended too early");
    if (offset >= size_bytes) return new Blob(pieces, { type: mediaType });
  }
}

/**
 * @param {string} itemId
 * @param {import("../../generated/wire.js").ItemFile} file
 * @param {(share: number) => void} tell
 * @param {AbortSignal} [signal]
 */
export function readFile(itemId, { name, media_type }, tell, signal) {
  /** @param {number} offset */
  const read = (offset) => ask("item.read", { item_id: itemId, name, offset });
  return readWhole(read, media_type, tell, signal);
}
