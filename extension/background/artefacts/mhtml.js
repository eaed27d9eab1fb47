const MAX_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 6;
const PAUSE_MS = 150;

/** The page with its pictures and styles as the browser writes them; Chromium only. */
/** @type {import("./artefact.js").Artefact} */
export const MHTML = {
  step: "mhtml",
  part: "page.mhtml",
  hasPictures: true,
  isAvailable: () => "pageCapture" in chrome,
  async take(context) {
    const blob = await saveAsMhtml(context.tab.id);
    if (blob.size > MAX_BYTES) context.miss(MHTML.part, "missing_too_large");
    else await context.send(MHTML.part, blob);
  },
};

/**
 * The blob stands for a file that Chromium may have taken away before the worker reads it (seen in
 * Chromium 156: NotFoundError): it is read at once, and asked for again when it was gone.
 * @param {number} tabId
 * @returns {Promise<Blob>} in memory
 */
async function saveAsMhtml(tabId) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const file = await chrome.pageCapture.saveAsMHTML({ tabId });
      if (file === undefined || file.size === 0) throw new Error("the browser wrote no MHTML");
      return file.size > MAX_BYTES ? file : new Blob([await file.arrayBuffer()]);
    } catch (thrown) {
      if (attempt >= ATTEMPTS) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, attempt * PAUSE_MS));
    }
  }
}
