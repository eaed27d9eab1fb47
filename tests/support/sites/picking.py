"""What stands in for the window of the browser's own in which a person picks (Chromium)."""

KEPT_HANDLE = """{
  // The window in which a person picks cannot be driven without a screen: the page's own call gives
  // a handle of the same file that it was given before by a drop. All else is the browser's own.
  const kept = () => new Promise((resolve, reject) => {
    const request = indexedDB.open('handles');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const found = request.result.transaction('handles').objectStore('handles').get('one');
      found.onsuccess = () => resolve(found.result);
    };
  });
  const picking = {
    async showOpenFilePicker() { return [await kept()]; },
    async showDirectoryPicker() { return kept(); },
  };
  for (const [name, value] of Object.entries(picking)) {
    const descriptor = Object.getOwnPropertyDescriptor(window, name);
    Object.defineProperty(window, name, { ...descriptor, value });
  }
}"""
"""Run at the start of a page of a site that keeps a handle already: `way.html?way=keep-handle`."""
