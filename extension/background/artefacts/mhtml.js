const MAX_BYTES = 64 * 1024 * 1024;

/** The page with its pictures and styles as the browser writes them; Chromium only. */
/** @type {import("./artefact.js").Artefact} */
export const MHTML = {
  step: "mhtml",
  part: "page.mhtml",
  isAvailable: () => "pageCapture" in chrome,
  async take(context) {
    const blob = await chrome.pageCapture.saveAsMHTML({ tabId: context.tab.id });
    if (blob === undefined || blob.size === 0) throw new Error("the browser wrote no MHTML");
    if (blob.size > MAX_BYTES) context.miss(MHTML.part, "missing_too_large");
    else await context.send(MHTML.part, blob);
  },
};
