/** Erases what the browser writes in its history about our own pages, where it may. */

/**
 * The permission may come and go while the browser runs, and `chrome.history` with it.
 * @param {string} root the address under which the pages of this extension lie
 */
export function eraseOwnRows(root) {
  let isListening = false;
  const listen = () => {
    if (isListening || !("history" in chrome) || !chrome.history) return;
    isListening = true;
    chrome.history.onVisited.addListener(({ url }) => {
      if (url?.startsWith(root)) void chrome.history.deleteUrl({ url });
    });
  };
  listen();
  chrome.permissions.onAdded.addListener(({ permissions }) => {
    if (!permissions?.includes("history")) return;
    listen();
    void eraseEarlier(root);
  });
  chrome.permissions.onRemoved.addListener(({ permissions }) => {
    if (permissions?.includes("history")) isListening = false;
  });
}

/** @param {string} root */
async function eraseEarlier(root) {
  const found = await chrome.history.search({ text: "", startTime: 0, maxResults: 100_000 });
  for (const { url } of found) {
    if (url?.startsWith(root)) await chrome.history.deleteUrl({ url });
  }
}
