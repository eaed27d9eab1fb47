import { base64OfDataUrl } from "../../shared/base64.js";
import { Failure } from "../../shared/failure.js";
import { boundedPage, columnsOf, placeOf, tileName } from "../../shared/tiles.js";
import { runInPage } from "../page_script.js";
import { captureTabOfBrowser, captureWindow } from "../screenshot.js";

/** @typedef {import("./artefact.js").CaptureContext} CaptureContext */
/** @typedef {import("./in_page/page_tools.js").Place} Place */

const MAX_VISITS = 40;
/** How often a tile is taken again because the person scrolled in between. */
const RETAKES = 3;

/** The whole page: in one piece where the browser can, else scrolled tile by tile. */
/** @type {import("./artefact.js").Artefact} */
export const FULL_PAGE = {
  step: "full_page",
  part: "screenshot-full.png",
  hasPictures: true,
  isAvailable: () => true,
  async take(context) {
    const captureTab = captureTabOfBrowser();
    const taken = captureTab ? takeInOnePiece(context, captureTab) : takeInTiles(context);
    // Before anything else is taken: the other artefacts want the page as the person left it.
    await taken.finally(() => runInPage(context.tab.id, putBack, context.token));
  },
};

/**
 * @param {CaptureContext} context
 * @param {import("../screenshot.js").CaptureTab} captureTab
 */
async function takeInOnePiece(context, captureTab) {
  const { viewport, device_pixel_ratio } = context.page;
  await visitPage(context);
  const page = context.page_size;
  const sharp = boundedPage(page, viewport, device_pixel_ratio);
  const plain = boundedPage(page, viewport, 1);
  // A long page is kept whole rather than at the doubled sharpness of a fine screen.
  const { width, height, is_cut } = sharp.is_cut ? plain : sharp;
  const scale = sharp.is_cut ? 1 : device_pixel_ratio;
  const rect = { x: 0, y: 0, width, height };
  const url = await captureTab(context.tab.id, { format: "png", rect, scale });
  await context.send(FULL_PAGE.part, { base64: base64OfDataUrl(url) });
  if (is_cut) context.miss(FULL_PAGE.part, "missing_page_cut", height, page.height);
}

/**
 * Scroll through the page, so that pictures are loaded which wait for that, and end at its top:
 * what is fixed to the screen is drawn where the page stands.
 * @param {CaptureContext} context
 */
async function visitPage(context) {
  const { viewport } = context.page;
  const rows = Math.min(Math.ceil(context.page_size.height / viewport.height), MAX_VISITS);
  for (let row = rows - 1; row >= 0; row -= 1) {
    context.check();
    await context.progress(rows - row - 1, rows);
    const at = await runInPage(
      context.tab.id,
      step,
      context.token,
      0,
      row * viewport.height,
      "only",
    );
    if (!at) throw pageChanged();
    context.scroll_steps += 1;
    context.page_size = at.page;
  }
}

/** @param {CaptureContext} context */
async function takeInTiles(context) {
  const { viewport, device_pixel_ratio } = context.page;
  let bounded = boundedPage(context.page_size, viewport, device_pixel_ratio);
  /** Sent while the next tile waits for its turn; one at a time, so memory holds two. */
  let sending = Promise.resolve();
  for (let y = 0; y < bounded.height; y += viewport.height) {
    const top = Math.max(0, Math.min(y, bounded.height - viewport.height));
    for (const x of columnsOf(bounded, viewport)) {
      context.check();
      const total = Math.ceil(bounded.height / viewport.height);
      await context.progress(Math.round(y / viewport.height), total);
      const place = placeOf(top, viewport.height, bounded.height);
      const { tile, base64, page } = await takeTile(context, x, top, place);
      await sending;
      context.tiles.push(tile);
      sending = context.send(tile.name, { base64 }).then(() => context.place(tile));
      // What is awaited a tile later must not count as unhandled until then.
      sending.catch(() => undefined);
      // Pages grow as their pictures arrive.
      bounded = boundedPage(page, viewport, device_pixel_ratio);
      context.page_size = page;
    }
  }
  await sending;
  if (bounded.is_cut) {
    context.miss(FULL_PAGE.part, "missing_page_cut", bounded.height, context.page_size.height);
  }
}

/**
 * @param {CaptureContext} context
 * @param {number} x
 * @param {number} y
 * @param {Place} place
 */
async function takeTile(context, x, y, place) {
  const { tab, token } = context;
  for (let attempt = 1; ; attempt += 1) {
    const at = await runInPage(tab.id, step, token, x, y, place);
    if (!at) throw pageChanged();
    const base64 = await captureWindow(tab);
    context.scroll_steps += 1;
    const now = await runInPage(tab.id, position, token);
    const stood = now?.x === at.x && now.y === at.y;
    if (!stood && attempt < RETAKES) continue;
    if (!stood) throw new Failure("busy", "The page was scrolled while it was saved.");
    const name = tileName(context.tiles.length + 1);
    return { tile: { name, x: Math.round(at.x), y: Math.round(at.y) }, base64, page: at.page };
  }
}

function pageChanged() {
  return new Failure("page_changed", "Another page was loaded while it was saved.");
}

/**
 * Runs in the page.
 * @param {string} token
 * @param {number} x
 * @param {number} y
 * @param {Place} place
 */
function step(token, x, y, place) {
  return globalThis.sharewiseScroll?.step(token, x, y, place) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function position(token) {
  return globalThis.sharewiseScroll?.position(token) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function putBack(token) {
  return globalThis.sharewiseScroll?.putBack(token) ?? false;
}
