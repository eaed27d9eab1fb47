/**
 * Whether the guard is in the page: Chromium puts content scripts only into pages that are opened
 * after the extension came.
 */

import { byId } from "../../shared/dom.js";

/** Run in the page's isolated world. @returns {boolean} whether content/parts.js is there */
function isGuarded() {
  return typeof sharewiseParts === "function";
}

/**
 * Say it if files are not checked in a page, and offer to load it again.
 *
 * @param {number} tabId
 */
export async function showUnchecked(tabId) {
  byId("unchecked").hidden = !(await isUnchecked(tabId));
  byId("unchecked-reload").addEventListener("click", () => {
    byId("unchecked").hidden = true;
    void chrome.tabs.reload(tabId);
  });
}

/**
 * @param {number} tabId
 * @returns {Promise<boolean>} false where no extension may be
 */
async function isUnchecked(tabId) {
  try {
    const [found] = await chrome.scripting.executeScript({ target: { tabId }, func: isGuarded });
    return found?.result === false;
  } catch {
    return false;
  }
}
