const MAX_BYTES = 64 * 1024 * 1024;
/** The browser now and then gives up on a page that is still settling, and manages it at once after. */
const ATTEMPTS = 3;

/** The page with its pictures and styles as the browser writes them; Chromium only. */
/** @type {import("./artefact.js").Artefact} */
export const MHTML = {
  step: "mhtml",
  part: "page.mhtml",
  isAvailable: () => "pageCapture" in chrome,
  async take(context) {
    const blob = await saveAsMhtml(context.tab.id);
    if (blob.size > MAX_BYTES) context.miss(MHTML.part, "missing_too_large");
    else await context.send(MHTML.part, blob);
  },
};

/**
 * @param {number} tabId
 * @returns {Promise<Blob>}
 */
async function saveAsMhtml(tabId) {
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    const blob = await chrome.pageCapture.saveAsMHTML({ tabId }).catch(() => undefined);
    if (blob !== undefined && blob.size > 0) return blob;
  }
  const blob = await chrome.pageCapture.saveAsMHTML({ tabId });
  if (blob === undefined || blob.size === 0) throw new Error("the browser wrote no MHTML");
  return blob;
}
