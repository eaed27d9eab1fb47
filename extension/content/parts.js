/* global sharewiseOnce, sharewiseReview */
/* exported sharewiseParts */

/**
 * The parts of the guard that are only needed when files come: the background puts them into this
 * frame when it is asked to. Until they are there, and if they never come, what is held stays held.
 */
const sharewiseParts = sharewiseOnce(() => {
  /** So long a person waits before being told that nothing can be checked here. */
  const LIMIT_MS = 10_000;
  /** A browser may end its worker while that is at work; the next question starts it again. */
  const ATTEMPTS = 2;

  let areHere = false;
  let onArrival = () => {};
  /** @type {Promise<void>} */
  const arrival = new Promise((resolve) => {
    onArrival = resolve;
  });
  /** The question that is under way. @type {Promise<void> | null} */
  let asking = null;

  /** @returns {Promise<void>} when the background is done with this frame, or is gone */
  function asked() {
    return new Promise((resolve) => {
      const port = chrome.runtime.connect({ name: "parts" });
      const stopListening = onReturn(end);
      function end() {
        // Reading it keeps Chromium from reporting an error that is dealt with here.
        void chrome.runtime.lastError;
        stopListening();
        resolve();
      }
      port.onDisconnect.addListener(end);
    });
  }

  /**
   * Chromium closes the ports of a page that goes into the back/forward cache, and does not tell the
   * page when it comes back.
   *
   * @param {() => void} listener told each time the page has come back
   * @returns {() => void} to hear no more of it
   */
  function onReturn(listener) {
    /** @param {PageTransitionEvent} event */
    function onShown({ isTrusted, persisted }) {
      if (isTrusted && persisted) listener();
    }
    window.addEventListener("pageshow", onShown, true);
    return () => window.removeEventListener("pageshow", onShown, true);
  }

  async function askFor() {
    try {
      for (let attempt = 0; attempt < ATTEMPTS && !areHere; attempt += 1) await asked();
    } catch {
      // The extension was updated or removed under this page: nobody is left to ask.
    } finally {
      asking = null;
    }
  }

  /** @returns {Promise<void>} */
  function tooLate() {
    return new Promise((resolve) => {
      setTimeout(resolve, LIMIT_MS);
    });
  }

  /**
   * @returns {Promise<boolean>} whether the parts are there; false if they cannot be had now: the
   *   next file asks again
   */
  async function come() {
    if (!areHere) {
      asking ??= askFor();
      await Promise.race([arrival, asking, tooLate()]);
    }
    return areHere;
  }

  /** Called by the last part. */
  function arrive() {
    areHere = true;
    onArrival();
  }

  /** Have everything ready while the person still looks for the file. */
  function wake() {
    void come().then((isFine) => {
      if (isFine) sharewiseReview().wake();
    });
  }

  return Object.freeze({ areHere: () => areHere, arrive, come, onReturn, wake });
});
