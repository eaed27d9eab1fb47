/**
 * Whether the guard is in the page: Chromium puts content scripts only into pages that are opened
 * after the extension came, and both browsers let none into sites of their own.
 */

import { byId } from "../../shared/dom.js";

const ATTEMPTS = 2;

/** Run in the page's isolated world. @returns {boolean} whether content/parts.js is there */
function isGuarded() {
  return typeof sharewiseParts === "function";
}

/**
 * Say it if files are not checked in a page, and offer to load it again where that helps.
 *
 * @param {number} tabId
 */
export async function showUnchecked(tabId) {
  const state = await stateOf(tabId);
  byId("unchecked").hidden = state !== "unguarded";
  byId("unchecked-reload").addEventListener("click", () => {
    byId("unchecked").hidden = true;
    void chrome.tabs.reload(tabId);
  });
  byId("barred").hidden = state !== "barred";
  // What else is said of the site would promise a check.
  if (state === "barred") byId("site").hidden = true;
}

/**
 * @param {number} tabId
 * @returns {Promise<"guarded" | "unguarded" | "barred">} barred: no extension may be there, as on the
 *   browsers' own sites
 */
async function stateOf(tabId) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const [found] = await chrome.scripting.executeScript({ target: { tabId }, func: isGuarded });
      return found?.result === false ? "unguarded" : "guarded";
    } catch {
      // Or another page came into the tab just then.
    }
  }
  return "barred";
}
