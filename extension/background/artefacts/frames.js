import { Failure } from "../../shared/failure.js";
import { frameName } from "../../shared/tiles.js";
import { loadIntoPage, runInPage } from "../page_script.js";
import { captureWindow } from "../screenshot.js";

/** @typedef {import("./artefact.js").CaptureContext} CaptureContext */
/** @typedef {import("./in_page/page_tools.js").PaneTarget} PaneTarget */

/** Half a minute in a browser that allows two pictures a second. */
const MAX_FRAMES = 60;
/** How often more is loaded above before it is left at that. */
const MAX_CLIMBS = 20;
/** Of what is kept when not all is: so much lies above where the person was. */
const SHARE_ABOVE = 0.7;
const RETAKES = 3;

/**
 * The part of a page that scrolls by itself, such as a chat, from its top to its end: pictures that
 * overlap, each of the whole window, so that it shows whose chat it is; and its words.
 */
/** @type {import("./artefact.js").Artefact} */
export const FRAMES = {
  step: "frames",
  part: "frames",
  // Where only text may be kept it takes the words and no picture.
  hasPictures: false,
  isAvailable: ({ page }) => page.has_inner_pane,
  async take(context) {
    const { tab, token } = context;
    await loadIntoPage(tab.id, "background/artefacts/in_page/pane.js");
    try {
      await stepThrough(context, await firstStep(context));
    } finally {
      context.pane_text = (await runInPage(tab.id, text, token).catch(() => null)) ?? "";
      await runInPage(tab.id, putBack, token).catch(() => undefined);
    }
  },
};

/**
 * @param {CaptureContext} context
 * @returns {Promise<number>} where to begin, in steps from the top
 */
async function firstStep(context) {
  for (let climb = 1; ; climb += 1) {
    context.check();
    await context.progress(0, 0);
    const at = await runInPage(context.tab.id, climbUp, context.token);
    if (!at) throw paneGone();
    const isEnough = at.is_at_top || climb >= MAX_CLIMBS || at.steps_above > MAX_FRAMES;
    if (!isEnough) continue;
    if (at.other_panes > 0) context.miss(FRAMES.part, "missing_other_panes", at.other_panes);
    const isWhole = at.steps < MAX_FRAMES;
    const first = isWhole ? 0 : Math.max(0, at.steps_above - Math.floor(MAX_FRAMES * SHARE_ABOVE));
    if (!at.is_at_top || first > 0) context.miss(FRAMES.part, "missing_frames_above");
    return first;
  }
}

/**
 * @param {CaptureContext} context
 * @param {number} first
 */
async function stepThrough(context, first) {
  let sending = Promise.resolve();
  /** @type {PaneTarget} */
  let to = { steps: first };
  for (let number = 1; number <= MAX_FRAMES; number += 1) {
    const { at, base64 } = await takeFrame(context, to);
    await sending;
    if (base64 !== null) {
      sending = context.send(frameName(number), { base64 });
      // What is awaited a frame later must not count as unhandled until then.
      sending.catch(() => undefined);
    }
    await context.progress(number, Math.min(MAX_FRAMES, at.steps - first + 1));
    to = "next";
    if (at.is_at_end) break;
    if (number === MAX_FRAMES) context.miss(FRAMES.part, "missing_frames_below");
  }
  await sending;
}

/**
 * @param {CaptureContext} context
 * @param {PaneTarget} to
 */
async function takeFrame(context, to) {
  const { tab, token } = context;
  let target = to;
  for (let attempt = 1; ; attempt += 1) {
    context.check();
    const at = await runInPage(tab.id, step, token, target);
    if (!at) throw paneGone();
    context.scroll_steps += 1;
    if (context.is_text_only) return { at, base64: null };
    const base64 = await captureWindow(tab);
    if ((await runInPage(tab.id, topNow, token)) === at.top) return { at, base64 };
    if (attempt >= RETAKES) {
      throw new Failure("busy", "The page was scrolled while it was saved.");
    }
    target = { top: at.top };
  }
}

/** Of another page it is told elsewhere; here the page has only replaced a part of itself. */
function paneGone() {
  return new Error("the part that scrolls by itself was replaced");
}

/**
 * Runs in the page.
 * @param {string} token
 */
function climbUp(token) {
  return globalThis.sharewisePane?.climb(token) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 * @param {PaneTarget} to
 */
function step(token, to) {
  return globalThis.sharewisePane?.step(token, to) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function topNow(token) {
  return globalThis.sharewisePane?.top(token) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function text(token) {
  return globalThis.sharewisePane?.text(token) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function putBack(token) {
  return globalThis.sharewisePane?.putBack(token);
}
