/** Bytes as base64: they travel so, because neither browser carries an ArrayBuffer to the host. */

const CHUNK_BYTES = 0x8000;

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary);
}

/**
 * @param {string} url "data:image/png;base64,…", as the browsers give screenshots
 * @returns {string} the base64 alone
 */
export function base64OfDataUrl(url) {
  const comma = url.indexOf(",");
  if (comma < 0 || !url.slice(0, comma).endsWith(";base64")) {
    throw new TypeError("not a base64 data URL");
  }
  return url.slice(comma + 1);
}

/**
 * Cut base64 so that each piece is the base64 of `sizeBytes` bytes, the last of what is left.
 * @param {string} base64
 * @param {number} sizeBytes a multiple of 3
 * @returns {Generator<string, void>} one empty piece for no bytes: an empty part is a part
 */
export function* piecesOfBase64(base64, sizeBytes) {
  if (sizeBytes % 3 !== 0) throw new RangeError("pieces of base64 are multiples of 3 bytes");
  const length = (sizeBytes / 3) * 4;
  for (let at = 0; at < base64.length || at === 0; at += length) {
    yield base64.slice(at, at + length);
  }
}

/**
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
