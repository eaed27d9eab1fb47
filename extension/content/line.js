/* global sharewiseBytes, sharewiseOnce, sharewiseParts */
/* exported sharewiseLine */

/**
 * How the guard speaks with the background.
 *
 * @typedef {object} Line
 * @property {Ask} ask
 * @property {(counts: {found: number, cleaned: number}) => void} count has it taken down what was
 *   found and cleaned; nobody waits for it
 * @property {() => void} open
 * @property {() => number} cuts how often the browser ended it
 * @property {() => void} close
 */
const sharewiseLine = sharewiseOnce(() => {
  const { InspectionError } = sharewiseBytes();

  /**
   * A line to the background that is opened for one review, with its first question if not before,
   * and closed after it: nothing is opened by a page that takes no files.
   *
   * @returns {Line}
   */
  function openLine() {
    /** @type {Map<number, {resolve: (result: unknown) => void, reject: (error: Error) => void}>} */
    const waiting = new Map();
    /** @type {chrome.runtime.Port | null} */
    let port = null;
    let request = 0;
    let cuts = 0;
    let stopListening = () => {};

    /** @param {Error} error */
    function failAll(error) {
      port = null;
      stopListening();
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    }

    /** @returns {chrome.runtime.Port} */
    function connected() {
      if (port !== null) return port;
      const opened = chrome.runtime.connect({ name: "guard" });
      opened.onMessage.addListener((answer) => {
        const call = waiting.get(answer.request);
        if (call === undefined) return;
        waiting.delete(answer.request);
        if (answer.error === undefined) call.resolve(answer.result);
        else {
          const { code, message } = answer.error;
          call.reject(new InspectionError(code, message));
        }
      });
      opened.onDisconnect.addListener(() => {
        // Reading it keeps Chromium from reporting an error that is dealt with here.
        void chrome.runtime.lastError;
        onCut();
      });
      port = opened;
      stopListening = sharewiseParts().onReturn(() => {
        opened.disconnect();
        onCut();
      });
      return opened;
    }

    function onCut() {
      cuts += 1;
      const gone = "The browser closed the connection to Sharewise; try again.";
      failAll(new InspectionError("daemon_gone", gone));
    }

    return {
      ask: (method, params) =>
        new Promise((resolve, reject) => {
          request += 1;
          const number = request;
          waiting.set(number, { resolve, reject });
          try {
            connected().postMessage({ request: number, method, params });
          } catch {
            // The extension was updated or removed under this page: only a reload mends that.
            waiting.delete(number);
            const gone = "Sharewise was updated; reload the page.";
            reject(new InspectionError("daemon_gone", gone));
          }
        }),
      count: (counts) => {
        try {
          connected().postMessage({ counts });
        } catch {
          // The extension was updated or removed: there is nothing to count in.
        }
      },
      open: () => {
        try {
          connected();
        } catch {
          // The same: the first question says so.
        }
      },
      cuts: () => cuts,
      close: () => {
        port?.disconnect();
        failAll(new InspectionError("daemon_gone", "The review is over."));
      },
    };
  }

  /**
   * @param {string} method that the background answers itself
   * @param {object} params
   * @returns {Promise<unknown>} null if there is no answer to be had
   */
  async function tell(method, params) {
    try {
      const answer = await chrome.runtime.sendMessage({ method, params });
      return answer?.result ?? null;
    } catch {
      return null;
    }
  }

  return Object.freeze({ openLine, tell });
});
