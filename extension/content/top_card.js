/* global sharewiseBytes, sharewiseCard, sharewiseCardParts, sharewiseOnce, sharewiseParts */
/* exported sharewiseTopCard */

/**
 * The card of a frame is shown in the top frame, where there is room for it; in the frame itself
 * only when the top frame does not answer. When the browser ends its worker, and with it the way
 * there, a card that was shown in the top frame is shown there again.
 *
 * A frame and its top frame may be of different sites, so the way between them is the background.
 * Small pictures are made in the frame: a File cannot travel.
 *
 * @typedef {{card: "open", view: View, pictures: string[]}
 *   | {card: "update", view: View}} CardMessage
 */
const sharewiseTopCard = sharewiseOnce(() => {
  /** Of a small picture, in pixels: enough for a card on a fine screen. */
  const PICTURE_WIDTH = 640;

  /**
   * @param {File} file
   * @returns {Promise<string>} a JPEG in base64; empty if there is no picture to be had
   */
  async function smallPicture(file) {
    if (file.size > sharewiseCardParts().PREVIEW_BYTES) return "";
    try {
      const image = await createImageBitmap(file);
      const scale = Math.min(1, PICTURE_WIDTH / image.width);
      const width = Math.max(1, Math.round(image.width * scale));
      const height = Math.max(1, Math.round(image.height * scale));
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext("2d")?.drawImage(image, 0, 0, width, height);
      image.close();
      const small = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
      return sharewiseBytes().toBase64(await sharewiseBytes().read(small, 0, small.size));
    } catch {
      return "";
    }
  }

  /**
   * @param {View} view
   * @param {readonly File[]} files
   * @returns {OpenCard}
   */
  function open(view, files) {
    if (globalThis.top === globalThis.self) return sharewiseCard().open(view, files);
    const replies = sharewiseCard().mailbox();
    let latest = view;
    let isOver = false;
    /** @type {OpenCard | null} */
    let own = null;
    let port = connectedTop();

    async function openHere() {
      own = sharewiseCard().open(latest, files);
      while (!isOver) replies.put(await own.reply());
    }

    async function openAtTop() {
      const way = port;
      const shown = files.slice(0, sharewiseCardParts().STRIP);
      const pictures = await Promise.all(shown.map(smallPicture));
      // What is not shown is counted.
      const rest = files.slice(shown.length).map(() => "");
      if (isOver || own !== null || way !== port) return;
      send({ card: "open", view: latest, pictures: [...pictures, ...rest] });
    }

    /** @param {CardMessage} message */
    function send(message) {
      try {
        port.postMessage(message);
      } catch {
        // The port is gone; whoever hears of that opens the card here.
      }
    }

    /** @returns {chrome.runtime.Port} to the top frame, by way of the background */
    function connectedTop() {
      const made = chrome.runtime.connect({ name: "guard" });
      let isShown = false;
      made.onMessage.addListener((message) => {
        if ("shown" in message) isShown = true;
        else replies.put(message.reply);
      });
      made.onDisconnect.addListener(() => {
        void chrome.runtime.lastError;
        if (isOver || own !== null || made !== port) return;
        if (!isShown) void openHere();
        else reopen();
      });
      return made;
    }

    /** The top frame has closed the card that nobody could answer. */
    function reopen() {
      try {
        port.disconnect();
        port = connectedTop();
        void openAtTop();
      } catch {
        // The extension was updated or removed: no worker will come again.
        void openHere();
      }
    }

    const stopListening = sharewiseParts().onReturn(() => {
      if (own === null) reopen();
    });
    void openAtTop();

    return {
      reply: replies.take,
      update: (next) => {
        latest = next;
        if (own === null) send({ card: "update", view: next });
        else own.update(next);
      },
      choose: (choice) => replies.put({ choice }),
      close: () => {
        isOver = true;
        stopListening();
        port.disconnect();
        own?.close();
      },
    };
  }

  /**
   * Show a card for a frame of this tab until either end is gone.
   *
   * @param {chrome.runtime.Port} port from the background
   */
  function serve(port) {
    /** @type {OpenCard | null} */
    let card = null;
    let isOver = false;
    /** @type {View | null} */
    let latest = null;
    /** @type {Promise<void>} when the frame, or the way to it, is gone */
    const gone = new Promise((resolve) => {
      const stopListening = sharewiseParts().onReturn(end);
      function end() {
        isOver = true;
        stopListening();
        resolve();
      }
      port.onDisconnect.addListener(end);
    });

    /** @param {object} message */
    function tell(message) {
      try {
        port.postMessage(message);
      } catch {
        // The frame gave up meanwhile.
      }
    }

    /** @param {string[]} pictures */
    async function show(pictures) {
      if (isOver || latest === null) return;
      const shown = sharewiseCard().open(
        latest,
        pictures.map((text) => new Blob([sharewiseBytes().fromBase64(text)])),
      );
      card = shown;
      tell({ shown: true });
      void passOn(shown);
      await gone;
      shown.close();
    }

    /** @param {OpenCard} shown */
    async function passOn(shown) {
      while (!isOver) {
        const reply = await shown.reply();
        if (!isOver) tell({ reply });
      }
    }

    port.onMessage.addListener((/** @type {CardMessage} */ message) => {
      latest = message.view;
      if (message.card === "open") void sharewiseCard().inTurn(() => show(message.pictures));
      else card?.update(message.view);
    });
    tell({ listens: true });
  }

  return Object.freeze({ open, serve });
});
