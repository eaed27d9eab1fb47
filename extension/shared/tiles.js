/** Where a page is photographed when it is larger than its window; CSS pixels throughout. */

/** As high as Firefox draws in one piece, so that both browsers keep the same. */
export const MAX_PAGE_HEIGHT = 40_000;
export const MAX_TILES = 100;
/** Of the stitched picture, in its own pixels: what a computer with little memory can hold. */
export const MAX_PICTURE_PIXELS = 120_000_000;
/** A page that is wider than its window by less than this is not photographed twice as often. */
const NARROW = 24;

/** @typedef {{ width: number, height: number }} Size */

/**
 * @param {Size} page
 * @param {Size} viewport
 * @param {number} pixelRatio device pixels a CSS pixel
 * @returns {{ width: number, height: number, is_cut: boolean }} the part that is photographed, from
 *   the upper left corner
 */
export function boundedPage(page, viewport, pixelRatio) {
  const columns = columnsOf(page, viewport).length;
  const width = columns === 1 ? Math.min(page.width, viewport.width) : page.width;
  const byPixels = Math.floor(MAX_PICTURE_PIXELS / (width * pixelRatio ** 2));
  const byTiles = Math.floor(MAX_TILES / columns) * viewport.height;
  const height = Math.max(
    viewport.height,
    Math.min(page.height, MAX_PAGE_HEIGHT, byPixels, byTiles),
  );
  return { width, height, is_cut: height < page.height };
}

/**
 * @param {Size} page
 * @param {Size} viewport
 * @returns {number[]} the x of each column of tiles; the last is flush with the page's edge
 */
export function columnsOf(page, viewport) {
  if (page.width - viewport.width < NARROW) return [0];
  const columns = [];
  for (let x = 0; x < page.width - viewport.width; x += viewport.width) columns.push(x);
  return [...columns, page.width - viewport.width];
}

/**
 * @param {number} number from 1
 * @returns {string}
 */
export function tileName(number) {
  return `tiles/${String(number).padStart(4, "0")}.png`;
}

/**
 * @param {number} number from 1
 * @returns {string}
 */
export function frameName(number) {
  return `frames/${String(number).padStart(4, "0")}.png`;
}

/**
 * @param {number} y top of the row
 * @param {number} viewportHeight
 * @param {number} pageHeight
 * @returns {import("../background/artefacts/in_page/page_tools.js").Place}
 */
export function placeOf(y, viewportHeight, pageHeight) {
  const isFirst = y === 0;
  const isLast = y + viewportHeight >= pageHeight;
  if (isFirst && isLast) return "only";
  if (isFirst) return "first";
  return isLast ? "last" : "middle";
}
