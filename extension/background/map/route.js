import { Failure } from "../../shared/failure.js";
import { pieceAround, readOutline } from "./outline.js";

/** @typedef {import("./outline.js").Place} Place */

const OUTLINE = "background/map/outline.bin";
const MAX_PLACES = 500;
const MAX_PIXELS = 2000;

/** @type {Promise<import("./outline.js").Outline> | null} read by the first card with a place */
let outline = null;

/**
 * Answer a card with the piece of the map around its places. Nothing is asked of anyone: the
 * outline lies in the add-on.
 *
 * @param {object} untrusted `places`, and `width` and `height` in pixels
 * @returns {Promise<import("./outline.js").MapPiece>} rejects with a Failure
 */
export async function mapAround(untrusted) {
  const { places, width, height } =
    /** @type {{ places?: unknown, width?: unknown, height?: unknown }} */ (untrusted);
  if (!Array.isArray(places) || !isSize(width) || !isSize(height)) {
    throw new Failure("invalid_request", "This is no map.");
  }
  const known = places.filter(isPlace).slice(0, MAX_PLACES);
  if (known.length === 0) throw new Failure("invalid_request", "There is no place.");
  outline ??= load();
  return pieceAround(await outline, known, width, height);
}

async function load() {
  const answer = await fetch(chrome.runtime.getURL(OUTLINE));
  return readOutline(new Uint8Array(await answer.arrayBuffer()));
}

/**
 * @param {unknown} value
 * @returns {value is Place}
 */
function isPlace(value) {
  const { latitude, longitude } = /** @type {Partial<Place>} */ (value ?? {});
  return isWithin(latitude, 90) && isWithin(longitude, 180);
}

/**
 * @param {unknown} value
 * @param {number} limit
 */
function isWithin(value, limit) {
  return typeof value === "number" && Math.abs(value) <= limit;
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isSize(value) {
  return typeof value === "number" && value >= 1 && value <= MAX_PIXELS;
}
