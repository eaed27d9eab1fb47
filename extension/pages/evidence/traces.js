/**
 * The lines that a browser writes about our own pages in its history. Erasing them needs the
 * permission "history", which is asked for only when the person wants it, and can be given back;
 * the background does the erasing (background/own_rows.js).
 */

/** @type {{ permissions: ["history"] }} */
const HISTORY = { permissions: ["history"] };

/** @returns {Promise<boolean>} whether the lines are erased */
export function sendsRowsAway() {
  return chrome.permissions.contains(HISTORY);
}

/** Change it; call it from a click. */
export async function setRowsAway() {
  // `request` first, without waiting for anything: only so it counts as the person's own wish.
  const isOn = document.documentElement.dataset["rows"] === "away";
  if (isOn) await chrome.permissions.remove(HISTORY);
  else await chrome.permissions.request(HISTORY);
  await noteRows();
}

/** Keep at hand what `setRowsAway` must know without waiting. */
export async function noteRows() {
  document.documentElement.dataset["rows"] = (await sendsRowsAway()) ? "away" : "kept";
}
