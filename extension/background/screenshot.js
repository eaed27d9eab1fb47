/** A picture of what a tab shows, no oftener than the browser allows. */

import { Failure } from "../shared/failure.js";
import { base64OfDataUrl } from "../shared/base64.js";
import { Pacer } from "../shared/pacer.js";

/**
 * Chromium: at most two calls of captureVisibleTab a second, over all windows; the second begins
 * with the first of them, when it reaches the browser.
 */
const pacer = new Pacer({ calls: 2, windowMs: 1006, now: () => performance.now() });
/** After a call that came too early. */
const PAUSE_MS = 25;
const ATTEMPTS = 60;

/**
 * Firefox's captureTab: any tab, any part of the page, no limit of calls.
 * @typedef {(tabId: number, options: { format: "png", scale?: number,
 *   rect?: { x: number, y: number, width: number, height: number } }) => Promise<string>} CaptureTab
 */

/** @returns {CaptureTab | undefined} */
export function captureTabOfBrowser() {
  const { tabs } = /** @type {{ tabs: { captureTab?: CaptureTab } }} */ (
    /** @type {unknown} */ (chrome)
  );
  return tabs.captureTab?.bind(tabs);
}

/**
 * @param {{ id: number, windowId: number }} tab
 * @returns {Promise<string>} base64 of a PNG of what the tab shows
 */
export async function captureWindow(tab) {
  const captureTab = captureTabOfBrowser();
  if (captureTab) return base64OfDataUrl(await captureTab(tab.id, { format: "png" }));
  for (let attempt = 1; ; attempt += 1) {
    await pacer.turn();
    // The browser pictures the active tab of a window, whichever it is: ours must be it, before
    // and after, or a page that nobody meant would end up in the capture.
    await mustBeActive(tab);
    pacer.count();
    try {
      const url = await chrome.tabs.captureVisibleTab(tab.windowId, { format: "png" });
      await mustBeActive(tab);
      return base64OfDataUrl(url);
    } catch (thrown) {
      const isQuota = thrown instanceof Error && /PER_SECOND/.test(thrown.message);
      if (!isQuota || attempt >= ATTEMPTS) throw thrown;
      pacer.refused(PAUSE_MS);
    }
  }
}

/** @param {{ id: number }} tab */
async function mustBeActive({ id }) {
  const { active } = await chrome.tabs.get(id);
  if (!active) throw new Failure("page_hidden", "Another tab was opened in front of the page.");
}
