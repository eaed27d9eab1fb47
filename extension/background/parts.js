/**
 * What the guard needs in a frame as soon as files come near, in this order. Most frames never take
 * a file, so the manifest only lists what must be there before the page is: what holds a file.
 */
export const PARTS = [
  "content/ahead.js",
  "content/searched.js",
  "content/inflating.js",
  "content/reading.js",
  "content/searches.js",
  "content/bytes.js",
  "content/inspection.js",
  "content/naming.js",
  "content/words.js",
  "content/view.js",
  "content/card_style.js",
  "content/card_parts.js",
  "content/card_settling.js",
  "content/card_presses.js",
  "content/card.js",
  "content/top_card.js",
  "content/line.js",
  "content/review.js",
  "content/folders.js",
  "content/parts_end.js",
];

/**
 * Put these parts into the document at the other end of a port, and end the port, whether they are
 * there then or not: the guard there knows it by the last of them, and keeps what it holds.
 *
 * @param {Pick<chrome.runtime.Port, "sender" | "disconnect">} port of a guard
 */
export async function bringParts(port) {
  try {
    const target = targetOf(port.sender);
    if (target !== null) {
      await chrome.scripting.executeScript({ target, files: PARTS, injectImmediately: true });
    }
  } catch {
    // The document is gone, or the browser does not let us in any more.
  } finally {
    port.disconnect();
  }
}

/**
 * @param {chrome.runtime.MessageSender | undefined} sender
 * @returns {chrome.scripting.InjectionTarget | null} the document; where a browser does not name
 *   it, its frame: a document that came after it can do with the parts, too
 */
function targetOf({ tab, frameId, documentId } = {}) {
  if (tab?.id === undefined || frameId === undefined) return null;
  const tabId = tab.id;
  return documentId === undefined
    ? { tabId, frameIds: [frameId] }
    : { tabId, documentIds: [documentId] };
}
